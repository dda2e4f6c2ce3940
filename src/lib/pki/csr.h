/*
 * csr: requests for certificates of our own keys, for other CAs to sign.
 */
#ifndef PKI_CSR_H
#define PKI_CSR_H

#include "pki/key.h"

/* A PKCS#10 request in PEM that asks for what a certificate says: subject, usages, constraints and
 * alternative names of like, for key k, signed with SHA-256. Freed with bytes_free. */
must_use bool csr_make(
    const struct privkey *k, const struct cert *like, struct bytes *pem, struct err *e);

#endif
