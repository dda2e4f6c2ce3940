/*
 * crl: certificate revocation lists (RFC 5280, section 5).
 */
#ifndef PKI_CRL_H
#define PKI_CRL_H

#include "pki/key.h"
#include "pki/signer.h"

/* A complete list by issuer, whose key is k, signed with SHA-256, in DER. Freed with bytes_free.
 * Errors: ERR_REFUSED (the issuer's key usage lacks cRLSign; it ends before it begins), ERR_CRYPTO
 * (k is not the issuer's key). */
must_use bool crl_make(const struct privkey *k, const struct cert *issuer,
    const struct signer_crl *crl, struct bytes *der, struct err *e);

/* PEM text of a list; NULL with the error when it is none. free. */
char *crl_to_pem(struct span der, struct err *e);

/* By the name that RFC 5280, section 5.3.1, has for it: unspecified, keyCompromise,
 * affiliationChanged, superseded, cessationOfOperation or privilegeWithdrawn. */
bool crl_reason_from_name(const char *name, unsigned *out);

#endif
