/*
 * passphrase: what may be one. Whoever makes a file with it and whoever opens that must agree.
 */
#ifndef BASE_PASSPHRASE_H
#define BASE_PASSPHRASE_H

#include "base/err.h"
#include "base/span.h"

#define PASSPHRASE_MAX 1024

/* Errors: ERR_LIMIT, ERR_MALFORMED (NUL, not UTF-8). */
must_use bool passphrase_check(struct span s, struct err *e);

/* The first line of a file, a loan. Errors: those, and ERR_MALFORMED (it is empty). */
must_use bool passphrase_line(struct span text, struct span *out, struct err *e);

#endif
