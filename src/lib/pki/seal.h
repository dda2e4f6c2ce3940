/*
 * seal: configuration that only one phone can read.
 *
 * AES-128-CBC under a fresh key, which is wrapped with the phone's RSA key (PKCS#1 v1.5).
 * Facts: doc/protocols/files.md, section 4, captured; E7 and E8 in errors are its rules.
 */
#ifndef PKI_SEAL_H
#define PKI_SEAL_H

#include "base/bytes.h"
#include "base/err.h"
#include "pki/cert.h"
#include "pki/digest.h"
#include "pki/key.h"

#define SEAL_BLOCK     16
#define SEAL_KEY       16
#define SEAL_PAD_BYTE  0x0d
#define SEAL_PLAIN_MAX (16 * 1024 * 1024)

/* What an encrypted file says: from seal_close, or filled by hand from a parsed file. */
struct sealed {
	struct span iv;          /* SEAL_BLOCK bytes */
	unsigned padding;        /* 1 to SEAL_BLOCK */
	struct span wrapped_key; /* as long as the RSA modulus */
	enum digest_kind digest; /* of hash */
	struct span hash;        /* of the plaintext without padding */
	struct span body;        /* whole blocks */
	struct bytes owned;      /* where the spans of seal_close lie; else empty */
};

/* Encrypts plain for the key of a phone's certificate, LSC or MIC. Freed with seal_free.
 * Errors: ERR_REFUSED (the key is not RSA), ERR_LIMIT (over SEAL_PLAIN_MAX). */
must_use bool seal_close(const struct cert *phone, enum digest_kind digest, struct span plain,
    struct sealed *out, struct err *e);

/* Decrypts with the phone's key. Freed with bytes_wipe. Errors: ERR_CRYPTO with E7 (the key does
 * not open it) or E8 (the hash does not fit), ERR_MALFORMED with E3 or E4. */
must_use bool seal_open(
    const struct privkey *k, const struct sealed *s, struct bytes *plain, struct err *e);

void seal_free(struct sealed *s);

#endif
