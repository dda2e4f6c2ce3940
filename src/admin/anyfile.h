/*
 * anyfile: a file of whichever of the three kinds, read and parsed, for the file commands.
 */
#ifndef ADMIN_ANYFILE_H
#define ADMIN_ANYFILE_H

#include "admin/command.h"
#include "rules/signedfile.h"

struct anyfile {
	struct bytes raw;
	enum signedfile_kind kind;
	struct trustlist list; /* by kind, one of these */
	struct sgn sgn;
	struct encfile enc;
};

/* Reads and parses path. Errors name it. Freed with anyfile_free. */
must_use bool anyfile_read(const char *path, struct anyfile *out, struct err *e);
void anyfile_free(struct anyfile *f);

/* The header, whatever the kind. */
const struct envelope *anyfile_envelope(const struct anyfile *f);

/* Judges the signature by --cert, by a TFTP or CCM+TFTP record of --trust, or a list by itself.
 * required: neither given is wrong usage for a file that is no list. *judged: a signature was
 * checked. */
must_use bool anyfile_verify(
    struct invocation *in, const struct anyfile *f, bool required, bool *judged, struct err *e);

/* Where what is made from the file goes: --out, else its name without suffix; without both wrong
 * usage. *path is the caller's. */
must_use bool anyfile_target(struct invocation *in, const char *suffix, char **path, struct err *e);

#endif
