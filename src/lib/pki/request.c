#include "pki/request.h"

#include "pki/ossl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

#define EXPONENT_MIN      3
#define EXPONENT_BITS_MAX 64

static bool
check_rsa_numbers(const BIGNUM *n, const BIGNUM *exponent, struct err *e)
{
	if (!BN_is_odd(n))
		return err_set(e, ERR_REFUSED, "public key: the RSA modulus is even");
	if (!BN_is_odd(exponent) || BN_num_bits(exponent) > EXPONENT_BITS_MAX ||
	    BN_cmp(exponent, BN_value_one()) <= 0)
		return err_set(e, ERR_REFUSED,
		    "public key: the RSA exponent must be odd, at least %d and at most %d bits",
		    EXPONENT_MIN, EXPONENT_BITS_MAX);
	return true;
}

static bool
check_rsa(EVP_PKEY *pkey, struct err *e)
{
	int bits = EVP_PKEY_get_bits(pkey);
	BIGNUM *n = NULL, *exponent = NULL;
	bool ok;

	if (bits < REQUEST_RSA_BITS_MIN || bits > REQUEST_RSA_BITS_MAX)
		return err_set(e, ERR_REFUSED, "public key: RSA of %d bits; %d to %d are allowed",
		    bits, REQUEST_RSA_BITS_MIN, REQUEST_RSA_BITS_MAX);
	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1)
		ok = check_rsa_numbers(n, exponent, e);
	else
		ok = ossl_fail(e, ERR_REFUSED, "public key: the RSA numbers cannot be read");
	BN_free(n);
	BN_free(exponent);
	return ok;
}

static bool
check_ec(EVP_PKEY *pkey, struct err *e)
{
	char text[80];
	EVP_PKEY_CTX *ctx;
	bool ok;

	if (!ossl_key_text(pkey, text, sizeof text, e))
		return err_set(e, ERR_REFUSED, "public key: not on a named curve");
	if (strcmp(text, "EC P-256") != 0 && strcmp(text, "EC P-384") != 0 &&
	    strcmp(text, "EC P-521") != 0)
		return err_set(
		    e, ERR_REFUSED, "public key: %s; P-256, P-384 and P-521 are allowed", text);
	ctx = EVP_PKEY_CTX_new(pkey, NULL);
	ok = ctx != NULL && EVP_PKEY_public_check(ctx) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok || ossl_fail(e, ERR_REFUSED, "public key: not a point of %s", text);
}

/* The decoder takes more than DER. */
static bool
check_exact(struct span spki, struct err *e)
{
	return ossl_spki_is_exact(spki) ||
	       err_set(e, ERR_REFUSED, "public key: not one whole SubjectPublicKeyInfo in DER");
}

static EVP_PKEY *
spki_read(struct span spki, struct err *e)
{
	EVP_PKEY *pkey = NULL;

	if (spki.n > 0 && spki.n <= REQUEST_SPKI_MAX)
		pkey = ossl_spki_read(spki);
	if (pkey == NULL)
		ossl_fail(e, ERR_REFUSED, "public key: not a SubjectPublicKeyInfo");
	return pkey;
}

bool
request_spki_kind(struct span spki, bool *rsa, unsigned *bits, struct err *e)
{
	EVP_PKEY *pkey = spki_read(spki, e);
	bool known;

	if (pkey == NULL)
		return false;
	*rsa = EVP_PKEY_is_a(pkey, "RSA") == 1;
	known = *rsa || EVP_PKEY_is_a(pkey, "EC") == 1;
	*bits = (unsigned)EVP_PKEY_get_bits(pkey);
	EVP_PKEY_free(pkey);
	return known || err_set(e, ERR_REFUSED, "public key: neither RSA nor EC");
}

bool
request_check_spki(struct span spki, struct err *e)
{
	EVP_PKEY *pkey = spki_read(spki, e);
	bool ok;

	if (pkey == NULL)
		return false;
	if (EVP_PKEY_is_a(pkey, "RSA"))
		ok = check_exact(spki, e) && check_rsa(pkey, e);
	else if (EVP_PKEY_is_a(pkey, "EC"))
		ok = check_exact(spki, e) && check_ec(pkey, e);
	else
		ok = err_set(e, ERR_REFUSED, "public key: neither RSA nor EC");
	EVP_PKEY_free(pkey);
	return ok;
}
