/*
 * signatures: the signatures on files that were made, so that a file that is built again need not
 * be signed again.
 *
 * A table within a cap: short hashes of the name and of what was signed, the time stamp and the
 * signature, 292 bytes for RSA 2048. A signature is only given for what it was made for, so nothing
 * here ever has to be forgotten.
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

/* What a signature is for: a hash of everything that it follows from, but for name and time stamp.
 */
struct signatures_subject {
	uint8_t hash[16];
};

/* The last one put under that name, if it is still known and is for the same. */
bool signatures_find(const struct signatures *s, const char *name,
    const struct signatures_subject *of, struct signatures_one *out);

/* Remembers a signature of at most SIGNATURES_SIZE_MAX bytes. One of another size than those before
 * is that of another key: they are forgotten. When there is no room, an older one goes. */
void signatures_put(struct signatures *s, const char *name, const struct signatures_subject *of,
    const struct signatures_one *one);

/* How many are known. */
size_t signatures_count(const struct signatures *s);

#endif
