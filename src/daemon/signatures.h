/*
 * signatures: the signatures on files that were made, so that a file that is built again need not
 * be signed again.
 *
 * A table within a cap: a short hash of the name, the time stamp and the signature, 276 bytes for
 * RSA 2048. What it says is a hint: who takes a signature from it verifies it against the file. So
 * nothing here ever has to be forgotten.
 */
#ifndef DAEMON_SIGNATURES_H
#define DAEMON_SIGNATURES_H

#include "base/err.h"
#include "base/span.h"

#define SIGNATURES_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define SIGNATURES_SIZE_MAX  512 /* RSA 4096 */

struct signatures;

struct signatures *signatures_new(size_t bytes_max);
void signatures_free(struct signatures *s); /* safe with NULL */

struct signatures_one {
	uint32_t timestamp;
	struct span signature; /* from find: a loan until the next put */
};

/* The last one put under that name, if it is still known. */
bool signatures_find(const struct signatures *s, const char *name, struct signatures_one *out);

/* Remembers a signature of at most SIGNATURES_SIZE_MAX bytes. One of another size than those before
 * is that of another key: they are forgotten. When there is no room, an older one goes. */
void signatures_put(struct signatures *s, const char *name, const struct signatures_one *one);

/* How many are known. */
size_t signatures_count(const struct signatures *s);

#endif
