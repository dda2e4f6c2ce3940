/*
 * sealedfile: what is too large for a message goes to another process of ours as a memory file that
 * nobody can change or shorten any more.
 */
#ifndef DAEMON_SEALEDFILE_H
#define DAEMON_SEALEDFILE_H

#include "base/bytes.h"
#include "base/err.h"

/* A descriptor with this content, the caller's to close; -1 with ERR_IO when there is no memory
 * file to be had. */
must_use int sealedfile_make(struct span content, struct err *e);

/* All of one that came from another process; fd stays the caller's. Freed with bytes_free. Errors:
 * ERR_REFUSED (not sealed, or not of that size), ERR_LIMIT (over max bytes), ERR_IO. */
must_use bool sealedfile_read(
    int fd, uint64_t size, uint64_t max, struct bytes *out, struct err *e);

#endif
