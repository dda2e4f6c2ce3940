/*
 * keyfile: one key in one file: what it is for, its certificate, and the key under a passphrase.
 *
 * The first line is "purpose: tvs"; the certificate and the encrypted PKCS#8 key follow as PEM, so
 * that openssl reads the file too. Internal to keys.
 */
#ifndef KEYS_KEYFILE_H
#define KEYS_KEYFILE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/purpose.h"
#include "pki/cert.h"
#include "pki/key.h"

#define KEYFILE_MAX (64 * 1024)

struct keyfile {
	enum purpose purpose;
	struct privkey *key;
	struct cert *cert;
};

/* The text of the file. Freed with bytes_wipe. */
must_use bool keyfile_encode(
    const struct keyfile *f, struct span passphrase, struct bytes *out, struct err *e);

/* Reads such a text; key and certificate must belong together, and an RSA key has made a signature
 * that its certificate verifies. Freed with keyfile_free. Errors: ERR_MALFORMED (no purpose),
 * ERR_CRYPTO (passphrase, key or certificate). */
must_use bool keyfile_parse(
    struct span text, struct span passphrase, struct keyfile *out, struct err *e);

/* Wipes the key. */
void keyfile_free(struct keyfile *f);

#endif
