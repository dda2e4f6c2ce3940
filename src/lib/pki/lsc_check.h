/*
 * lsc_check: whether a certificate of another CA can serve a phone as its LSC.
 */
#ifndef PKI_LSC_CHECK_H
#define PKI_LSC_CHECK_H

#include "pki/cert.h"

/*
 * It is no CA; where it names key usages, digital signature is one, and key encipherment for RSA
 * (without the two a phone registers without security: capf-operation.md 3.6); where it names
 * extended key usages, TLS client is one. Errors: ERR_REFUSED.
 */
must_use bool lsc_check(const struct cert *c, struct err *e);

#endif
