#include "pki/key.h"

#include "base/mem.h"
#include "pki/ossl.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdlib.h>

struct privkey {
	EVP_PKEY *pkey; /* owned */
	struct bytes spki;
	struct digest id;
	char text[80];
};

/* Takes over pkey, also on failure. */
static struct privkey *
privkey_wrap(EVP_PKEY *pkey, struct err *e)
{
	struct privkey *k = mem_new(1, sizeof *k);

	k->pkey = pkey;
	if (!ossl_key_text(pkey, k->text, sizeof k->text, e) || !ossl_spki(pkey, &k->spki, e) ||
	    !digest_of(DIGEST_SHA256, bytes_span(&k->spki), &k->id, e)) {
		key_free(k);
		return NULL;
	}
	return k;
}

/* Gives OpenSSL the password that arg, a struct span, holds. */
static int
give_password(char *buf, int size, int rwflag, void *arg)
{
	const struct span *password = arg;

	(void)rwflag;
	if (password->n > (size_t)size)
		return -1;
	memcpy(buf, password->p, password->n);
	return (int)password->n;
}

static struct privkey *
read_pem(struct span pem, pem_password_cb *password, void *arg, const char *what, struct err *e)
{
	BIO *bio = ossl_bio(pem, e);
	EVP_PKEY *pkey;

	if (bio == NULL)
		return NULL;
	pkey = PEM_read_bio_PrivateKey(bio, NULL, password, arg);
	BIO_free(bio);
	if (pkey == NULL) {
		ossl_fail(e, ERR_CRYPTO, "no PEM private key %s", what);
		return NULL;
	}
	return privkey_wrap(pkey, e);
}

struct privkey *
key_from_pem(struct span pem, struct err *e)
{
	return read_pem(pem, ossl_no_password, NULL, "without a password", e);
}

struct privkey *
key_from_locked_pem(struct span pem, struct span password, struct err *e)
{
	return read_pem(pem, give_password, &password, "that the password opens", e);
}

struct privkey *
key_make_rsa(unsigned bits, struct err *e)
{
	EVP_PKEY *pkey;

	if (bits < KEY_RSA_BITS_MIN || bits > KEY_RSA_BITS_MAX || bits % 8 != 0) {
		err_set(e, ERR_REFUSED, "RSA key of %u bits: %d to %d in steps of 8 are allowed",
		    bits, KEY_RSA_BITS_MIN, KEY_RSA_BITS_MAX);
		return NULL;
	}
	pkey = EVP_RSA_gen(bits);
	if (pkey == NULL) {
		ossl_fail(e, ERR_CRYPTO, "cannot make an RSA key of %u bits", bits);
		return NULL;
	}
	return privkey_wrap(pkey, e);
}

struct privkey *
key_make_ec(unsigned curve_bits, struct err *e)
{
	const char *curve = curve_bits == 256   ? "P-256"
			    : curve_bits == 384 ? "P-384"
			    : curve_bits == 521 ? "P-521"
						: NULL;
	EVP_PKEY *pkey;

	if (curve == NULL) {
		err_set(
		    e, ERR_REFUSED, "EC key of %u bits: 256, 384 or 521 are allowed", curve_bits);
		return NULL;
	}
	pkey = EVP_EC_gen(curve);
	if (pkey == NULL) {
		ossl_fail(e, ERR_CRYPTO, "cannot make a key on %s", curve);
		return NULL;
	}
	return privkey_wrap(pkey, e);
}

struct privkey *
key_make_for(enum purpose purpose, unsigned rsa_bits, struct err *e)
{
	return purpose == PURPOSE_CALLMANAGER_EC ? key_make_ec(384, e) : key_make_rsa(rsa_bits, e);
}

/* What was written to a secure memory BIO, which is freed. */
static bool
take_written(BIO *bio, bool written, struct bytes *out, struct err *e)
{
	char *p = NULL;
	long n = written ? BIO_get_mem_data(bio, &p) : 0;

	if (n > 0)
		*out = bytes_copy(span_of(p, (size_t)n));
	BIO_free(bio);
	return n > 0 || ossl_fail(e, ERR_CRYPTO, "cannot write the private key");
}

bool
key_to_pem(const struct privkey *k, struct bytes *out, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	bool ok = bio != NULL &&
		  PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL, NULL) == 1;

	return take_written(bio, ok, out, e);
}

bool
key_to_locked_pem(const struct privkey *k, struct span password, struct bytes *out, struct err *e)
{
	BIO *bio;
	bool ok;

	if (password.n == 0 || password.n > KEY_PASSWORD_MAX)
		return err_set(e, ERR_REFUSED, "password of %zu bytes; 1 to %d are taken",
		    password.n, KEY_PASSWORD_MAX);
	bio = BIO_new(BIO_s_secmem());
	ok = bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, EVP_aes_256_cbc(), NULL, 0,
				give_password, &password) == 1;
	return take_written(bio, ok, out, e);
}

bool
key_to_der(const struct privkey *k, struct bytes *out, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	bool ok =
	    bio != NULL && i2d_PKCS8PrivateKey_bio(bio, k->pkey, NULL, NULL, 0, NULL, NULL) == 1;

	return take_written(bio, ok, out, e);
}

void
key_free(struct privkey *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	bytes_free(&k->spki);
	free(k);
}

EVP_PKEY *
key_pkey(const struct privkey *k)
{
	return k->pkey;
}

struct span
key_id(const struct privkey *k)
{
	return digest_span(&k->id);
}

struct span
key_spki(const struct privkey *k)
{
	return bytes_span(&k->spki);
}

bool
key_is_rsa(const struct privkey *k)
{
	return EVP_PKEY_is_a(k->pkey, "RSA");
}

unsigned
key_bits(const struct privkey *k)
{
	return (unsigned)EVP_PKEY_get_bits(k->pkey);
}

bool
key_fits(const struct privkey *k, const struct cert *c)
{
	return span_eq(key_id(k), cert_key_id(c));
}

static bool
sign_with(EVP_MD_CTX *ctx, const struct privkey *k, enum digest_kind digest,
    const struct span *parts, size_t count, struct bytes *signature)
{
	size_t n = 0;

	if (EVP_DigestSignInit(ctx, NULL, digest_md(digest), NULL, k->pkey) != 1)
		return false;
	for (size_t i = 0; i < count; i++)
		if (EVP_DigestSignUpdate(ctx, parts[i].p, parts[i].n) != 1)
			return false;
	if (EVP_DigestSignFinal(ctx, NULL, &n) != 1)
		return false;
	*signature = (struct bytes){ mem_new(n, 1), n };
	return EVP_DigestSignFinal(ctx, signature->p, &signature->n) == 1;
}

bool
key_sign_rsa(const struct privkey *k, enum digest_kind digest, const struct span *parts,
    size_t count, struct bytes *signature, struct err *e)
{
	struct bytes made = { 0 };
	EVP_MD_CTX *ctx;
	bool ok;

	if (!key_is_rsa(k))
		return err_set(e, ERR_CRYPTO, "files are signed with RSA; the key is %s", k->text);
	ctx = EVP_MD_CTX_new();
	ok = ctx != NULL && sign_with(ctx, k, digest, parts, count, &made);
	EVP_MD_CTX_free(ctx);
	if (!ok) {
		bytes_free(&made);
		return ossl_fail(e, ERR_CRYPTO, "cannot sign with the %s key", k->text);
	}
	*signature = made;
	return true;
}

bool
key_decrypt(const struct privkey *k, struct span wrapped, struct bytes *plain, struct err *e)
{
	EVP_PKEY_CTX *ctx;
	struct bytes made = { 0 };
	bool ok;

	if (!key_is_rsa(k))
		return err_set(e, ERR_CRYPTO, "an RSA key is needed; the key is %s", k->text);
	ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	made.n = (size_t)EVP_PKEY_get_size(k->pkey);
	made.p = mem_new(made.n, 1);
	ok = ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 &&
	     EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
	     EVP_PKEY_decrypt(ctx, made.p, &made.n, wrapped.p, wrapped.n) == 1;
	EVP_PKEY_CTX_free(ctx);
	if (!ok) {
		bytes_wipe(&made);
		return ossl_fail(e, ERR_CRYPTO, "cannot decrypt with the %s key", k->text);
	}
	*plain = made;
	return true;
}
