/*
 * certid: certificates as those name them who ask for their state (RFC 6960, section 4.1.1): by
 * hashes of the issuer, and the serial.
 */
#ifndef BASE_CERTID_H
#define BASE_CERTID_H

#include "base/span.h"

#define CERTID_HASH_MAX   64
#define CERTID_SERIAL_MAX 20 /* RFC 5280, section 4.1.2.2 */
#define CERTID_NONCE_MAX  32 /* RFC 8954 */
#define CERTID_QUERY_MAX  16

enum certid_hash { CERTID_SHA1 = 1, CERTID_SHA256, CERTID_SHA384, CERTID_SHA512 };

struct certid {
	enum certid_hash hash;
	struct span issuer_name, issuer_key; /* hashes of its subject and of its public key */
	struct span serial;                  /* magnitude, shortest form; 0 is one zero byte */
};

/* What is asked in one go. */
struct certid_query {
	struct certid id[CERTID_QUERY_MAX];
	size_t count;
	struct span nonce; /* to come back in the answer; empty: none */
};

/* 0: it is none of them. */
static inline size_t
certid_hash_size(enum certid_hash hash)
{
	switch (hash) {
	case CERTID_SHA1:
		return 20;
	case CERTID_SHA256:
		return 32;
	case CERTID_SHA384:
		return 48;
	case CERTID_SHA512:
		return 64;
	}
	return 0;
}

#endif
