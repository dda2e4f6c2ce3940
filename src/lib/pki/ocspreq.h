/*
 * ocspreq: what a stranger asks by OCSP (RFC 6960, section 4.1), read.
 *
 * Who signed the request is not looked at: everybody may ask.
 */
#ifndef PKI_OCSPREQ_H
#define PKI_OCSPREQ_H

#include "base/certid.h"
#include "base/err.h"

#define OCSPREQ_MAX 8192 /* bytes */

/* The spans of query are loans from kept: not to be copied. */
struct ocspreq {
	struct certid_query query;
	uint8_t
	    kept[CERTID_QUERY_MAX * (2 * CERTID_HASH_MAX + CERTID_SERIAL_MAX) + CERTID_NONCE_MAX];
	size_t kept_size;
};

/* One whole request, with nothing behind it. Errors: ERR_MALFORMED; ERR_LIMIT (too long, no or too
 * many certificates, an over-long serial, a nonce that is not of 1 to CERTID_NONCE_MAX bytes);
 * ERR_REFUSED: a critical extension that nobody here knows; ERR_UNKNOWN: an issuer that is named by
 * another hash than those of certid.h. */
must_use bool ocspreq_parse(struct span der, struct ocspreq *out, struct err *e);

#endif
