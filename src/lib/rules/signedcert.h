/*
 * signedcert: whether a certificate that another CA has made for a key of ours fits its purpose.
 *
 * Usages: Unified CM's table of CSR key usages (doc/protocols/certificates.md). Chain and dates are
 * OpenSSL's to judge (pki/chain.h).
 */
#ifndef RULES_SIGNEDCERT_H
#define RULES_SIGNEDCERT_H

#include "base/err.h"
#include "base/purpose.h"
#include "pki/certusage.h"

/* May be signed by another CA: every purpose but itlrecovery, which outlives every CA's
 * certificates and is known to phones as it is; Unified CM has no request for it either. Errors:
 * ERR_REFUSED. */
must_use bool signedcert_may(enum purpose p, struct err *e);

/* The usages of a purpose, whether it may be a CA, and how it was signed. Errors: ERR_REFUSED, with
 * what is missing and what for. */
must_use bool signedcert_usages(
    enum purpose p, const struct certusage *u, bool is_rsa, struct err *e);

/* The names of now, the active certificate, are those of own: the same common name, and a host name
 * of TLS servers, whose alternative names host must be in. Errors: ERR_REFUSED. */
must_use bool signedcert_names(enum purpose p, const struct cert *own, const struct cert *now,
    const char *host, struct err *e);

#endif
