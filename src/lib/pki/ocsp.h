/*
 * ocsp: answers of OCSP (RFC 6960, section 4.2).
 */
#ifndef PKI_OCSP_H
#define PKI_OCSP_H

#include "pki/key.h"
#include "pki/signer.h"

/* A certificate that the id names would have been issued by this one. */
bool ocsp_is_issuer(const struct cert *issuer, const struct certid *id);

/* An answer by the issuer, whose key is k, signed with SHA-256, in DER. It names its signer by the
 * key and brings its certificate. Freed with bytes_free. When it was made OpenSSL says by its own
 * clock. Errors: ERR_REFUSED (it ends before it begins; it says of a certificate of another issuer
 * more than that it is not known; it says nothing), ERR_CRYPTO (k is not the issuer's key). */
must_use bool ocsp_make(const struct privkey *k, const struct cert *issuer,
    const struct signer_ocsp *what, struct bytes *der, struct err *e);

/* Answers that nobody signs, with the numbers of the RFC. */
enum ocsp_fault {
	OCSP_FAULT_MALFORMED = 1,
	OCSP_FAULT_INTERNAL = 2,
	OCSP_FAULT_TRY_LATER = 3,
	OCSP_FAULT_UNAUTHORIZED = 6, /* of certificates of that issuer this one does not speak */
};

#define OCSP_FAULT_SIZE 5

/* Such an answer, in DER. */
void ocsp_fault(enum ocsp_fault fault, uint8_t out[OCSP_FAULT_SIZE]);

#endif
