#include "pki/verify.h"

#include "pki/ossl.h"

static bool
fits(EVP_MD_CTX *ctx, EVP_PKEY *pkey, enum digest_kind digest, const struct span *parts,
    size_t count, struct span signature)
{
	if (EVP_DigestVerifyInit(ctx, NULL, digest_md(digest), NULL, pkey) != 1)
		return false;
	for (size_t i = 0; i < count; i++)
		if (EVP_DigestVerifyUpdate(ctx, parts[i].p, parts[i].n) != 1)
			return false;
	return EVP_DigestVerifyFinal(ctx, signature.p, signature.n) == 1;
}

bool
verify_rsa(const struct cert *c, enum digest_kind digest, const struct span *parts, size_t count,
    struct span signature, struct err *e)
{
	EVP_MD_CTX *ctx;
	bool ok;

	if (!cert_is_rsa(c))
		return err_set(e, ERR_CRYPTO, "files are signed with RSA; the key of %s is %s",
		    cert_subject_cucm(c), cert_key_text(c));
	ctx = EVP_MD_CTX_new();
	ok = ctx != NULL &&
	     fits(ctx, X509_get0_pubkey(cert_x509(c)), digest, parts, count, signature);
	EVP_MD_CTX_free(ctx);
	return ok || ossl_fail(e, ERR_CRYPTO, "the signature does not fit the key of %s",
			 cert_subject_cucm(c));
}
