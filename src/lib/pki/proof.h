/*
 * proof: that whoever shows a certificate in CAPF has its private key.
 *
 * Two signatures over the same bytes, one with SHA-1 and one with SHA-512; both must fit. RSA signs
 * the bare digest, without DigestInfo, with PKCS#1 v1.5 padding; EC makes ordinary ECDSA signatures
 * in DER. Facts: doc/protocols/capf.md, section 5.5.
 */
#ifndef PKI_PROOF_H
#define PKI_PROOF_H

#include "base/bytes.h"
#include "base/err.h"
#include "pki/cert.h"
#include "pki/key.h"

/* Spans are loans. */
struct proof {
	struct span sha1, sha512;
};

/* Signatures made by us. */
struct proof_made {
	struct bytes sha1, sha512;
};

/* Over device name, one NUL, DER of the certificate (tags 6 and 20). RSA: the padding is checked
 * whole. Errors: ERR_CRYPTO, naming the signature that does not fit. */
must_use bool proof_check(
    const struct cert *c, const char *device, const struct proof *p, struct err *e);

/* Over the session id in little-endian and the DER (tag 16). The same checks. */
must_use bool proof_check_session(
    const struct cert *c, uint32_t session, const struct proof *p, struct err *e);

/* The other side. Freed with proof_free. Errors: ERR_CRYPTO (the key is too small for SHA-512). */
must_use bool proof_make(const struct privkey *k, const struct cert *c, const char *device,
    struct proof_made *out, struct err *e);
must_use bool proof_make_session(const struct privkey *k, const struct cert *c, uint32_t session,
    struct proof_made *out, struct err *e);

void proof_free(struct proof_made *p);

#endif
