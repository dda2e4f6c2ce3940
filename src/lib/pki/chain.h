/*
 * chain: certificates from one's own up to a root.
 */
#ifndef PKI_CHAIN_H
#define PKI_CHAIN_H

#include "pki/cert.h"

#define CHAIN_MAX 8

/* Certificates in any order, or a chain: own first, root last. Starts zeroed. */
struct chain {
	struct cert *cert[CHAIN_MAX];
	size_t count;
};

/* Every certificate of a PEM text, 1 to CHAIN_MAX. Errors: ERR_MALFORMED (none, a broken one, the
 * same one twice), ERR_LIMIT. Freed with chain_free. */
must_use bool chain_from_pem(struct span pem, struct chain *out, struct err *e);

/* Takes a reference to one more; false: there is no room. */
must_use bool chain_add(struct chain *ch, const struct cert *c);

/* Leaves it empty. */
void chain_free(struct chain *ch);

/* The one of several that signed c, by name and signature; NULL: none, or c signed itself. */
const struct cert *chain_issuer(const struct cert *c, struct cert *const *among, size_t count);

/*
 * Whether OpenSSL takes target as a TLS client's certificate at a time, with the last one of the
 * chain as the only root and the others between: signatures, dates, basic constraints, path length
 * and usages. Errors: ERR_REFUSED with the certificate at fault and OpenSSL's reason.
 */
must_use bool chain_verify(
    const struct cert *target, const struct chain *ch, time_t now, struct err *e);

/* The same of an LSC, whose issuer is the first of the chain. That one's serverAuth is for its own
 * TLS server and does not limit what it issues: CAPF certificates have it alone
 * (doc/protocols/certificates.md). */
must_use bool chain_verify_lsc(
    const struct cert *lsc, const struct chain *ch, time_t now, struct err *e);

#endif
