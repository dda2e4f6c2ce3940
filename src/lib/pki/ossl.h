/*
 * ossl: the OpenSSL objects behind our types. For the files of this folder alone.
 */
#ifndef PKI_OSSL_H
#define PKI_OSSL_H

#include "pki/cert.h"
#include "pki/digest.h"
#include "pki/key.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

/* Sets the error, adds the reason OpenSSL gave last, and empties OpenSSL's queue. Always false. */
bool ossl_fail(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A BIO that reads pem; NULL with ERR_LIMIT when it is larger than PKI_PEM_MAX. BIO_free. */
must_use BIO *ossl_bio(struct span pem, struct err *e);

/* What was written to a memory BIO, which is freed; NULL when written is false. mem_text. */
char *ossl_bio_text(BIO *bio, bool written);

/* The password callback of all PEM reading: there is none, and nobody is asked at a terminal. */
int ossl_no_password(char *buf, int size, int rwflag, void *arg);

/* DER of a public key as SubjectPublicKeyInfo. Freed with bytes_free. */
must_use bool ossl_spki(EVP_PKEY *pkey, struct bytes *out, struct err *e);

/* What stands in a SubjectPublicKeyInfo; neither RSA nor EC: nothing. */
struct ossl_spki_parts {
	bool is_rsa, is_ec;
	BIGNUM *n, *e;      /* RSA */
	int curve;          /* EC: its NID, NID_undef when OpenSSL has no name for it */
	struct bytes point; /* EC: as it is encoded, uncompressed */
};

/* Takes apart one whole SubjectPublicKeyInfo as everybody writes it: DER, also inside; NULL as
 * RSA's parameter, a named curve and an uncompressed point for EC. OpenSSL's decoder would make a
 * key of it, with twenty times the work. ossl_spki_drop. Errors: ERR_REFUSED, "public key: ...". */
must_use bool ossl_spki_take(struct span spki, struct ossl_spki_parts *out, struct err *e);
void ossl_spki_drop(struct ossl_spki_parts *parts);

/* Puts a SubjectPublicKeyInfo of an RSA or EC key into a certificate that is being made, as it
 * stands: X509_set_pubkey would encode the key and decode it again, which takes a third of a
 * signature. Errors: ERR_CRYPTO. */
must_use bool ossl_spki_put(X509 *x509, struct span spki, struct err *e);

/* "RSA 2048", "EC P-384" into out. Errors: neither RSA nor EC on a named curve. */
must_use bool ossl_key_text(EVP_PKEY *pkey, char *out, size_t out_max, struct err *e);

/* Loans, good as long as the object. */
X509 *cert_x509(const struct cert *c);
EVP_PKEY *key_pkey(const struct privkey *k);

const EVP_MD *digest_md(enum digest_kind kind);

#endif
