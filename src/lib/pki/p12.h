/*
 * p12: certificates, without keys, as a PKCS#12 file, and those of one; the key of one.
 */
#ifndef PKI_P12_H
#define PKI_P12_H

#include "base/bytes.h"
#include "base/err.h"
#include "pki/cert.h"

struct p12;

/* An empty file. Freed with p12_free. */
must_use struct p12 *p12_new(struct err *e);

/* One more certificate, PEM, under a name (UTF-8), which other programs show and Java takes for its
 * alias: two with one name are one there. It is marked as trusted for Java, which passes over
 * certificates without that mark. It is put in as it stands: whether it is a good one is for who
 * has it. Errors: ERR_MALFORMED (no PEM, or no whole DER in it), ERR_CRYPTO. */
must_use bool p12_add(struct p12 *p, struct span pem, const char *name, struct err *e);

/*
 * The file's bytes. With a passphrase the certificates are encrypted (AES-256) and their integrity
 * is proven by it; with the empty span they are readable, and the proof is by the empty passphrase,
 * as programs ask for one. Errors: ERR_CRYPTO.
 */
must_use bool p12_write(
    const struct p12 *p, struct span passphrase, struct bytes *out, struct err *e);

/* Safe with NULL. */
void p12_free(struct p12 *p);

struct p12_certs {
	struct p12_cert {
		struct cert *cert;
		char *name; /* friendly name, printable (text_printable); "" when it has none */
	} * item;
	size_t count;
	size_t keys;      /* private keys beside them */
	struct bytes key; /* p12_read_key: the only one, PKCS#8 PEM; else empty */
};

/*
 * The certificates of a file, at most max, in their order. Files of older programs, which encrypt
 * with RC2 or triple DES, are read where OpenSSL's legacy provider is installed. Freed with
 * p12_certs_free. Errors: ERR_MALFORMED (no PKCS#12, broken, without certificates), ERR_CRYPTO
 * (another passphrase; a cipher that is not there), ERR_LIMIT.
 */
must_use bool p12_read(
    struct span file, struct span passphrase, size_t max, struct p12_certs *out, struct err *e);

/* The same with the private key, which must be one. ERR_MALFORMED also when there is none, or
 * several. */
must_use bool p12_read_key(
    struct span file, struct span passphrase, size_t max, struct p12_certs *out, struct err *e);

/* Leaves it empty; wipes the key. */
void p12_certs_free(struct p12_certs *c);

#endif
