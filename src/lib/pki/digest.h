/*
 * digest: hashes of bytes that lie in one or several places.
 */
#ifndef PKI_DIGEST_H
#define PKI_DIGEST_H

#include "base/err.h"
#include "base/span.h"

#define DIGEST_MAX 64

enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA512 };

struct digest {
	uint8_t p[DIGEST_MAX];
	size_t n;
};

/* The hash of one span. Errors: ERR_CRYPTO, when OpenSSL does not have the algorithm. */
must_use bool digest_of(enum digest_kind kind, struct span s, struct digest *out, struct err *e);

/* The hash of count spans, one behind the other. */
must_use bool digest_spans(enum digest_kind kind, const struct span *parts, size_t count,
    struct digest *out, struct err *e);

/* A loan of the hash. */
static inline struct span
digest_span(const struct digest *d)
{
	return (struct span){ d->p, d->n };
}

#endif
