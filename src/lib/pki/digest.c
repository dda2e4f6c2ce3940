#include "pki/digest.h"

#include "pki/ossl.h"

/* Fetched once and kept: looked for by name, each hash of a few bytes takes twice the time. */
const EVP_MD *
digest_md(enum digest_kind kind)
{
	static const char *const names[] = { [DIGEST_MD5] = "MD5",
		[DIGEST_SHA1] = "SHA1",
		[DIGEST_SHA256] = "SHA256",
		[DIGEST_SHA512] = "SHA512" };
	static EVP_MD *fetched[sizeof names / sizeof names[0]];

	if (fetched[kind] == NULL)
		fetched[kind] = EVP_MD_fetch(NULL, names[kind], NULL);
	return fetched[kind];
}

bool
digest_spans(enum digest_kind kind, const struct span *parts, size_t count, struct digest *out,
    struct err *e)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned n = 0;
	bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, digest_md(kind), NULL) == 1;

	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].p, parts[i].n) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out->p, &n) == 1;
	EVP_MD_CTX_free(ctx);
	out->n = n;
	return ok || ossl_fail(e, ERR_CRYPTO, "cannot hash");
}

bool
digest_of(enum digest_kind kind, struct span s, struct digest *out, struct err *e)
{
	return digest_spans(kind, &s, 1, out, e);
}
