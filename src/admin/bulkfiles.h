/*
 * bulkfiles: the files in which clusters give each other their certificates (rules/bulkcert.h).
 */
#ifndef ADMIN_BULKFILES_H
#define ADMIN_BULKFILES_H

#include "base/bytes.h"
#include "rules/bulkcert.h"

struct bulkfiles_item {
	char *source;      /* name of its file */
	struct cert *cert; /* NULL: the file, or what it is, cannot be told: fault */
	enum bulkcert_type type;
	char *whose; /* host or common name, printable */
	char *fault; /* NULL when there is a certificate */
};

struct bulkfiles {
	struct bulkfiles_item *item;
	size_t count;
};

/*
 * A file, or every file of a folder, in order of name, that ends in .p12, .pkcs12, .pfx, .pem,
 * .crt, .cer or .der. The type of a certificate is the one given (NULL: none); else what its label
 * says, else the name of its file. The same certificate of the same type is there once. A file that
 * cannot be used is an item with a fault. Freed with bulkfiles_free. Errors: the path cannot be
 * read, or there is no such file.
 */
must_use bool bulkfiles_read(const char *path, struct span passphrase,
    const enum bulkcert_type *type, struct bulkfiles *out, struct err *e);

/* One more; cert is taken over, or NULL with a fault. */
void bulkfiles_add(struct bulkfiles *b, const char *source, enum bulkcert_type type,
    struct cert *cert, const char *whose, const char *fault);

/* The certificates of one type, or of all (NULL), as a PKCS#12 file, written whole or not at all.
 * *count: how many; when there are none, none is written. */
must_use bool bulkfiles_write(const struct bulkfiles *b, const enum bulkcert_type *type,
    struct span passphrase, const char *path, size_t *count, struct err *e);

void bulkfiles_free(struct bulkfiles *b);

/* The path ends as a PKCS#12 file does. */
bool bulkfiles_is_p12(const char *path);

/* DIR/TYPE_WHOSE.p12, the caller's. */
char *bulkfiles_path(const char *dir, enum bulkcert_type type, const char *whose);

#endif
