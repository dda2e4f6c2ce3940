#include "pki/proof.h"

#include "pki/digest.h"
#include "pki/ossl.h"

#include <openssl/crypto.h>
#include <openssl/rsa.h>

#include <string.h>

#define PARTS      2
#define SIGNED_MAX 1024 /* an RSA signature of 8192 bits; ours and any phone's are smaller */

struct signed_parts {
	uint8_t id[4];
	struct span part[PARTS];
};

static void
device_parts(struct signed_parts *s, const char *device, const struct cert *c)
{
	s->part[0] = span_of((const uint8_t *)device, strlen(device) + 1);
	s->part[1] = cert_der(c);
}

static void
session_parts(struct signed_parts *s, uint32_t session, const struct cert *c)
{
	for (int i = 0; i < 4; i++)
		s->id[i] = (uint8_t)(session >> (8 * i));
	s->part[0] = span_of(s->id, sizeof s->id);
	s->part[1] = cert_der(c);
}

/* RSA recovers and compares, so that OpenSSL checks the padding whole. */
static bool
digest_fits(EVP_PKEY *pkey, bool rsa, enum digest_kind kind, struct span digest, struct span given)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	uint8_t plain[SIGNED_MAX];
	size_t n = sizeof plain;
	bool ok;

	if (ctx == NULL)
		return false;
	if (rsa)
		ok = EVP_PKEY_get_size(pkey) <= (int)sizeof plain &&
		     EVP_PKEY_verify_recover_init(ctx) == 1 &&
		     EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
		     EVP_PKEY_verify_recover(ctx, plain, &n, given.p, given.n) == 1 &&
		     n == digest.n && CRYPTO_memcmp(plain, digest.p, n) == 0;
	else
		ok = EVP_PKEY_verify_init(ctx) == 1 &&
		     EVP_PKEY_CTX_set_signature_md(ctx, digest_md(kind)) == 1 &&
		     EVP_PKEY_verify(ctx, given.p, given.n, digest.p, digest.n) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static bool
check_one(const struct cert *c, enum digest_kind kind, const char *name,
    const struct signed_parts *s, struct span given, struct err *e)
{
	struct digest d;

	if (given.n == 0)
		return err_set(e, ERR_CRYPTO, "C11: there is no %s signature", name);
	if (!digest_spans(kind, s->part, PARTS, &d, e))
		return false;
	return digest_fits(
		   X509_get0_pubkey(cert_x509(c)), cert_is_rsa(c), kind, digest_span(&d), given) ||
	       ossl_fail(e, ERR_CRYPTO, "C11: the %s signature does not fit the key of %s", name,
		   cert_subject_cucm(c));
}

static bool
check_both(const struct cert *c, const struct signed_parts *s, const struct proof *p, struct err *e)
{
	return check_one(c, DIGEST_SHA1, "SHA-1", s, p->sha1, e) &&
	       check_one(c, DIGEST_SHA512, "SHA-512", s, p->sha512, e);
}

bool
proof_check(const struct cert *c, const char *device, const struct proof *p, struct err *e)
{
	struct signed_parts s;

	device_parts(&s, device, c);
	return check_both(c, &s, p, e);
}

bool
proof_check_session(const struct cert *c, uint32_t session, const struct proof *p, struct err *e)
{
	struct signed_parts s;

	session_parts(&s, session, c);
	return check_both(c, &s, p, e);
}

static bool
make_one(const struct privkey *k, enum digest_kind kind, const struct signed_parts *s,
    struct bytes *out, struct err *e)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key_pkey(k), NULL);
	uint8_t made[SIGNED_MAX];
	size_t n = sizeof made;
	struct digest d;
	bool ok;

	ok = ctx != NULL && digest_spans(kind, s->part, PARTS, &d, e) &&
	     EVP_PKEY_sign_init(ctx) == 1 &&
	     (key_is_rsa(k) ? EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1
			    : EVP_PKEY_CTX_set_signature_md(ctx, digest_md(kind)) == 1) &&
	     EVP_PKEY_sign(ctx, made, &n, d.p, d.n) == 1;
	EVP_PKEY_CTX_free(ctx);
	if (!ok)
		return ossl_fail(e, ERR_CRYPTO, "the proof cannot be signed");
	*out = bytes_copy(span_of(made, n));
	return true;
}

static bool
make_both(
    const struct privkey *k, const struct signed_parts *s, struct proof_made *out, struct err *e)
{
	*out = (struct proof_made){ 0 };
	if (make_one(k, DIGEST_SHA1, s, &out->sha1, e) &&
	    make_one(k, DIGEST_SHA512, s, &out->sha512, e))
		return true;
	proof_free(out);
	return false;
}

bool
proof_make(const struct privkey *k, const struct cert *c, const char *device,
    struct proof_made *out, struct err *e)
{
	struct signed_parts s;

	device_parts(&s, device, c);
	return make_both(k, &s, out, e);
}

bool
proof_make_session(const struct privkey *k, const struct cert *c, uint32_t session,
    struct proof_made *out, struct err *e)
{
	struct signed_parts s;

	session_parts(&s, session, c);
	return make_both(k, &s, out, e);
}

void
proof_free(struct proof_made *p)
{
	bytes_free(&p->sha1);
	bytes_free(&p->sha512);
}
