/*
 * key: a private key in memory.
 *
 * Only for what holds keys: the key-file signer, the offline `file` commands and the simulated
 * phone. Everybody else talks to pki/signer.h.
 */
#ifndef PKI_KEY_H
#define PKI_KEY_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/purpose.h"
#include "pki/cert.h"
#include "pki/digest.h"

#define PKI_PEM_MAX (8 * 1024 * 1024) /* 1,000 certificates with what openssl writes before each \
				       */

#define KEY_RSA_BITS_MIN 1024
#define KEY_RSA_BITS_MAX 4096
#define KEY_PASSWORD_MAX 1000

struct privkey;

/* The first private key of a PEM text, RSA or EC on a named curve. Owned by the caller: key_free.
 * Errors: ERR_CRYPTO (no key, another kind, encrypted with a password). */
must_use struct privkey *key_from_pem(struct span pem, struct err *e);

/* A new RSA key of KEY_RSA_BITS_MIN to KEY_RSA_BITS_MAX bits, exponent 65537. */
must_use struct privkey *key_make_rsa(unsigned bits, struct err *e);

/* A new key on P-256, P-384 or P-521: curve_bits 256, 384 or 521. */
must_use struct privkey *key_make_ec(unsigned curve_bits, struct err *e);

/* A new key of the kind that a purpose has: P-384 for callmanager-ec, else RSA. */
must_use struct privkey *key_make_for(enum purpose purpose, unsigned rsa_bits, struct err *e);

/* The same from PKCS#8 PEM that key_to_locked_pem wrote. Errors: the password does not open it. */
must_use struct privkey *key_from_locked_pem(struct span pem, struct span password, struct err *e);

/* PKCS#8 PEM, as it is or encrypted with AES-256 under a password of 1 to KEY_PASSWORD_MAX bytes;
 * PKCS#8 DER. Freed with bytes_wipe. */
must_use bool key_to_pem(const struct privkey *k, struct bytes *out, struct err *e);
must_use bool key_to_locked_pem(
    const struct privkey *k, struct span password, struct bytes *out, struct err *e);
must_use bool key_to_der(const struct privkey *k, struct bytes *out, struct err *e);

/* Wipes it. Safe with NULL. */
void key_free(struct privkey *k);

/* Loans, good as long as the key. */
struct span key_id(const struct privkey *k);   /* as cert_key_id of its certificates, 32 bytes */
struct span key_spki(const struct privkey *k); /* SubjectPublicKeyInfo DER of its public half */

bool key_is_rsa(const struct privkey *k);
unsigned key_bits(const struct privkey *k);

/* The certificate is for this key. */
bool key_fits(const struct privkey *k, const struct cert *c);

/* RSASSA-PKCS1-v1_5 over count spans, one behind the other. Freed with bytes_free.
 * Errors: ERR_CRYPTO (not an RSA key, key too small for the digest). */
must_use bool key_sign_rsa(const struct privkey *k, enum digest_kind digest,
    const struct span *parts, size_t count, struct bytes *signature, struct err *e);

/* Undoes RSA encryption with PKCS#1 v1.5 padding. Freed with bytes_wipe. */
must_use bool key_decrypt(
    const struct privkey *k, struct span wrapped, struct bytes *plain, struct err *e);

#endif
