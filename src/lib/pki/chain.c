#include "pki/chain.h"

#include "pki/bundle.h"
#include "pki/ossl.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <openssl/x509_vfy.h>

bool
chain_add(struct chain *ch, const struct cert *c)
{
	if (ch->count == CHAIN_MAX)
		return false;
	ch->cert[ch->count++] = cert_ref(c);
	return true;
}

void
chain_free(struct chain *ch)
{
	for (size_t i = 0; i < ch->count; i++)
		cert_free(ch->cert[i]);
	ch->count = 0;
}

bool
chain_from_pem(struct span pem, struct chain *out, struct err *e)
{
	struct bundle_certs all;
	bool ok = true;

	*out = (struct chain){ 0 };
	if (!bundle_from_pem(pem, CHAIN_MAX, &all, e))
		return false;
	for (size_t i = 0; i < all.count; i++)
		ok = chain_add(out, all.cert[i]) && ok;
	bundle_free(&all);
	return ok;
}

const struct cert *
chain_issuer(const struct cert *c, struct cert *const *among, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!span_eq(cert_der(c), cert_der(among[i])) &&
		    cert_is_issued_by(c, among[i], NULL))
			return among[i];
	return NULL;
}

static bool
run_verify(X509_STORE_CTX *ctx, struct err *e)
{
	X509 *at;
	char name[256] = "a certificate";

	if (X509_verify_cert(ctx) == 1)
		return true;
	at = X509_STORE_CTX_get_current_cert(ctx);
	if (at != NULL)
		X509_NAME_oneline(X509_get_subject_name(at), name, sizeof name);
	err_set(e, ERR_REFUSED, "%s: %s", name,
	    X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	ERR_clear_error();
	return false;
}

/* Of a CA that names serverAuth and not clientAuth OpenSSL would let no TLS client's certificate
 * pass. Whether it is a CA at all was asked before. */
static bool
is_for_servers(X509 *ca)
{
	uint32_t usages = ca != NULL ? X509_get_extended_key_usage(ca) : 0;

	return ca != NULL && X509_check_ca(ca) == 1 && (usages & XKU_SSL_SERVER) &&
	       !(usages & XKU_SSL_CLIENT);
}

static int
on_lsc_fault(int ok, X509_STORE_CTX *ctx)
{
	if (ok || X509_STORE_CTX_get_error(ctx) != X509_V_ERR_INVALID_PURPOSE ||
	    X509_STORE_CTX_get_error_depth(ctx) != 1 ||
	    !is_for_servers(X509_STORE_CTX_get_current_cert(ctx)))
		return ok;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

static bool
with_parts(const struct cert *target, const struct chain *ch, time_t now, bool is_lsc,
    X509_STORE *roots, STACK_OF(X509) * between, X509_STORE_CTX *ctx, struct err *e)
{
	if (roots == NULL || between == NULL || ctx == NULL ||
	    X509_STORE_add_cert(roots, cert_x509(ch->cert[ch->count - 1])) != 1)
		return ossl_fail(e, ERR_CRYPTO, "the chain cannot be verified");
	for (size_t i = 0; i + 1 < ch->count; i++)
		if (sk_X509_push(between, cert_x509(ch->cert[i])) <= 0)
			return ossl_fail(e, ERR_CRYPTO, "the chain cannot be verified");
	if (X509_STORE_CTX_init(ctx, roots, cert_x509(target), between) != 1 ||
	    X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_CLIENT) != 1)
		return ossl_fail(e, ERR_CRYPTO, "the chain cannot be verified");
	if (is_lsc)
		X509_STORE_CTX_set_verify_cb(ctx, on_lsc_fault);
	X509_STORE_CTX_set_time(ctx, 0, now);
	return run_verify(ctx, e);
}

static bool
verify(const struct cert *target, const struct chain *ch, time_t now, bool is_lsc, struct err *e)
{
	X509_STORE *roots = X509_STORE_new();
	STACK_OF(X509) *between = sk_X509_new_null();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool ok = with_parts(target, ch, now, is_lsc, roots, between, ctx, e);

	X509_STORE_CTX_free(ctx);
	sk_X509_free(between);
	X509_STORE_free(roots);
	return ok;
}

bool
chain_verify(const struct cert *target, const struct chain *ch, time_t now, struct err *e)
{
	return verify(target, ch, now, false, e);
}

bool
chain_verify_lsc(const struct cert *lsc, const struct chain *ch, time_t now, struct err *e)
{
	return verify(lsc, ch, now, true, e);
}
