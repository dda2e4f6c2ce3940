/*
 * csr: requests for certificates, of our own keys and of phones', for other CAs to sign.
 */
#ifndef PKI_CSR_H
#define PKI_CSR_H

#include "pki/key.h"
#include "pki/signer.h"

/* A PKCS#10 request in PEM that asks for what a certificate says: subject, usages, constraints and
 * alternative names of like, for key k, signed with SHA-256. Freed with bytes_free. */
must_use bool csr_make(
    const struct privkey *k, const struct cert *like, struct bytes *pem, struct err *e);

/* What csr_make is given for a request with further alternative names, DNS names or addresses:
 * like with them behind its own, each once. Its signature is that of like and fits it no more.
 * Freed with bytes_free. Errors: ERR_REFUSED (a name). */
must_use bool csr_like(const struct cert *like, const char *const *names, size_t count,
    struct bytes *der, struct err *e);

/* A PKCS#10 request in PEM for a phone's key, which only the phone could sign with: instead of a
 * signature it has the SHA-256 of itself under id-alg-noSignature (RFC 5272, appendix C), so that
 * nobody takes it for a proof. Asks for the LSC that lsc describes, validity and CRL apart. Freed
 * with bytes_free. Errors: ERR_CRYPTO, ERR_REFUSED (a name). */
must_use bool csr_for_phone(const struct signer_lsc *lsc, struct bytes *pem, struct err *e);

/* The public key alone, PEM. Freed with bytes_free. */
must_use bool csr_public_key(struct span spki, struct bytes *pem, struct err *e);

#endif
