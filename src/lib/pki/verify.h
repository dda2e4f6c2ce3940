/*
 * verify: whether a certificate's key made a signature.
 */
#ifndef PKI_VERIFY_H
#define PKI_VERIFY_H

#include "base/err.h"
#include "base/span.h"
#include "pki/cert.h"
#include "pki/digest.h"

/* RSASSA-PKCS1-v1_5 over count spans, one behind the other (doc/protocols/files.md, section 1.3).
 * Any RSA size and digest is taken: what is too weak is for rules to say.
 * Errors: ERR_CRYPTO (not an RSA key, the signature does not fit). */
must_use bool verify_rsa(const struct cert *c, enum digest_kind digest, const struct span *parts,
    size_t count, struct span signature, struct err *e);

#endif
