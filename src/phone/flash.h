/*
 * flash: what a phone keeps through a power cut, as plain files in one folder.
 *
 * A file is replaced whole or not at all. Nobody but the owner may read them: one is a private key.
 */
#ifndef PHONE_FLASH_H
#define PHONE_FLASH_H

#include "base/bytes.h"
#include "base/err.h"

#define FLASH_NAME_MAX 64

struct flash {
	int dir; /* descriptor of the folder; -1: closed */
};

/* Opens the folder, and makes it and those above it when absent. Errors: ERR_IO. */
must_use bool flash_open(struct flash *f, const char *path, struct err *e);

void flash_close(struct flash *f);

/* A whole file of at most max bytes. Freed with bytes_free. Errors: ERR_UNKNOWN (there is none),
 * ERR_LIMIT, ERR_IO. name is a plain name without a slash, here and below. */
must_use bool flash_read(
    const struct flash *f, const char *name, size_t max, struct bytes *out, struct err *e);

/* Replaces a file; when it returns true, a power cut does not take it back. */
must_use bool flash_write(const struct flash *f, const char *name, struct span data, struct err *e);

/* Gives a file another name, in place of what had that name. Errors: ERR_UNKNOWN, ERR_IO. */
must_use bool flash_rename(const struct flash *f, const char *from, const char *to, struct err *e);

/* Removes a file; that there is none is no error. *was, which may be NULL: there was one. */
must_use bool flash_remove(const struct flash *f, const char *name, bool *was, struct err *e);

#endif
