#include "pki/trustset.h"

#include "base/mem.h"
#include "pki/ossl.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <stdlib.h>

struct trustset {
	X509_STORE *x509;
};

struct trustset *
trustset_new(struct err *e)
{
	struct trustset *s = mem_new(1, sizeof *s);

	s->x509 = X509_STORE_new();
	if (s->x509 != NULL)
		return s;
	ossl_fail(e, ERR_CRYPTO, "there is no room for trusted certificates");
	trustset_free(s);
	return NULL;
}

bool
trustset_add(struct trustset *s, const struct cert *c, struct err *e)
{
	return X509_STORE_add_cert(s->x509, cert_x509(c)) == 1 ||
	       ossl_fail(e, ERR_CRYPTO, "%s cannot be trusted", cert_subject_cucm(c));
}

/* OpenSSL demands basic constraints only of version 3 certificates below the top; a self-signed
 * version 1 root or one with nothing but keyUsage would pass. */
static bool
issuers_are_ca(X509_STORE_CTX *ctx)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);

	for (int i = 1; i < sk_X509_num(chain); i++)
		if (X509_check_ca(sk_X509_value(chain, i)) != 1)
			return false;
	return sk_X509_num(chain) > 1;
}

static bool
verify(struct trustset *s, X509_STORE_CTX *ctx, const struct cert *c, struct err *e)
{
	X509_VERIFY_PARAM *param;

	if (X509_STORE_CTX_init(ctx, s->x509, cert_x509(c), NULL) != 1)
		return ossl_fail(e, ERR_CRYPTO, "the chain cannot be checked");
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_auth_level(param, 0);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
	if (X509_verify_cert(ctx) != 1)
		return ossl_fail(e, ERR_REFUSED, "%s: %s", cert_subject_cucm(c),
		    X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	return issuers_are_ca(ctx) ||
	       err_set(e, ERR_REFUSED, "%s: not issued by a trusted CA", cert_subject_cucm(c));
}

bool
trustset_check(struct trustset *s, const struct cert *c, struct err *e)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool ok = ctx != NULL ? verify(s, ctx, c, e)
			      : ossl_fail(e, ERR_CRYPTO, "the chain cannot be checked");

	X509_STORE_CTX_free(ctx);
	return ok;
}

void
trustset_free(struct trustset *s)
{
	if (s == NULL)
		return;
	X509_STORE_free(s->x509);
	free(s);
}
