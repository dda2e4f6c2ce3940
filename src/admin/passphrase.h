/*
 * passphrase: the one that a file which holds or may hold secrets is made with.
 */
#ifndef ADMIN_PASSPHRASE_H
#define ADMIN_PASSPHRASE_H

#include "admin/command.h"
#include "base/bytes.h"

/* The first line of --passphrase-file, else SEALTONE_PASSPHRASE; empty when neither is given. Freed
 * with bytes_wipe. Errors: ERR_IO, ERR_MALFORMED (an empty first line, NUL, not UTF-8), ERR_LIMIT.
 */
must_use bool passphrase_get(const struct invocation *in, struct bytes *out, struct err *e);

/* A new one that can be typed: groups of letters, of more than 110 random bits. Freed with
 * bytes_wipe. */
must_use bool passphrase_new(struct bytes *out, struct err *e);

#endif
