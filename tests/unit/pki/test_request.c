#include "fixture.h"

#include "pki/request.h"
#include "vectors.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

/* SubjectPublicKeyInfo of RSA with a modulus of that many bits, and exponent; they need not make
 * a key. */
static struct bytes
rsa_spki(int bits, bool odd, unsigned long exponent)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_new(), *exp = BN_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params;
	unsigned char *der = NULL;
	struct bytes out;
	int size;

	BN_set_bit(n, bits - 1);
	if (odd)
		BN_set_bit(n, 0);
	BN_set_word(exp, exponent);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, exp);
	params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_fromdata_init(ctx);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params), 1);
	size = i2d_PUBKEY(pkey, &der);
	assert_true(size > 0);
	out = bytes_copy(span_of(der, (size_t)size));
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(exp);
	BN_free(n);
	return out;
}

static const struct {
	int bits;
	bool odd;
	unsigned long exponent;
	const char *reason; /* NULL: taken */
} rsa_rows[] = {
	{ 1024, true, 3, NULL },
	{ 4096, true, 65537, NULL },
	{ 2048, true, 17, NULL },
	{ 512, true, 65537, NULL },
	{ 511, true, 65537, "512 to 4096 are allowed" },
	{ 4097, true, 65537, "RSA of 4097 bits" },
	{ 2048, false, 65537, "modulus is even" },
	{ 2048, true, 1, "exponent" },
	{ 2048, true, 2, "exponent" },
	{ 2048, true, 65536, "exponent" },
};

static void
request_check_spki_judges_rsa_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rsa_rows / sizeof rsa_rows[0]; i++) {
		struct bytes spki =
		    rsa_spki(rsa_rows[i].bits, rsa_rows[i].odd, rsa_rows[i].exponent);
		struct err e = { 0 };

		if (rsa_rows[i].reason == NULL)
			assert_ok(request_check_spki(bytes_span(&spki), &e), e);
		else
			assert_fails(request_check_spki(bytes_span(&spki), &e), e, ERR_REFUSED,
			    rsa_rows[i].reason);
		bytes_free(&spki);
	}
}

static void
request_check_spki_wants_a_point_on_an_allowed_curve(void **state)
{
	struct privkey *k = fixture_key("lsc-ec384");
	struct bytes spki = bytes_copy(key_spki(k));
	EVP_PKEY *pkey = EVP_EC_gen("secp256k1");
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(pkey, &der);
	struct err e = { 0 };

	(void)state;
	assert_ok(request_check_spki(bytes_span(&spki), &e), e);
	spki.p[spki.n - 1] ^= 1;
	assert_fails(request_check_spki(bytes_span(&spki), &e), e, ERR_REFUSED, "public key");
	assert_fails(request_check_spki(span_of(der, (size_t)n), &e), e, ERR_REFUSED,
	    "EC secp256k1; P-256, P-384 and P-521 are allowed");
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	der = NULL;
	n = i2d_PUBKEY(pkey, &der);
	assert_fails(
	    request_check_spki(span_of(der, (size_t)n), &e), e, ERR_REFUSED, "neither RSA nor EC");
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	bytes_free(&spki);
	key_free(k);
}

/* Points as P-256 keys have them: 04, 32 bytes of x, 32 of y. */
static void
request_check_spki_refuses_what_encodes_no_point(void **state)
{
	struct privkey *k = fixture_key("ccm-ec256");
	struct span good = key_spki(k);
	struct bytes far = bytes_copy(good), hybrid = bytes_copy(good);
	/* y is cut off; the three lengths before are 30 59 30 13 ... 03 42 00 04 */
	struct bytes short_one = bytes_copy(span_of(good.p, good.n - 32));
	struct err e;

	(void)state;
	assert_int_equal(good.n, 91);
	memset(far.p + 27, 0xff, 32); /* more than the field has */
	assert_fails(
	    request_check_spki(bytes_span(&far), &e), e, ERR_REFUSED, "not a point of P-256");
	hybrid.p[26] = 0x06;
	assert_fails(request_check_spki(bytes_span(&hybrid), &e), e, ERR_REFUSED, "one whole");
	short_one.p[1] = 0x59 - 32;
	short_one.p[24] = 0x42 - 32;
	assert_fails(
	    request_check_spki(bytes_span(&short_one), &e), e, ERR_REFUSED, "not a point of P-256");
	bytes_free(&short_one);
	bytes_free(&hybrid);
	bytes_free(&far);
	key_free(k);
}

static const struct {
	const char *key;
	bool rsa;
	unsigned bits;
} kind_rows[] = {
	{ "lsc", true, 2048 },
	{ "lsc1024", true, 1024 },
	{ "lsc4096", true, 4096 },
	{ "ccm-ec256", false, 256 },
	{ "lsc-ec384", false, 384 },
	{ "app-ec521", false, 521 },
};

static void
request_spki_kind_tells_family_and_size(void **state)
{
	struct err e;
	unsigned bits;
	bool rsa;

	(void)state;
	for (size_t i = 0; i < sizeof kind_rows / sizeof kind_rows[0]; i++) {
		struct privkey *k = fixture_key(kind_rows[i].key);

		assert_ok(request_spki_kind(key_spki(k), &rsa, &bits, &e), e);
		assert_int_equal(rsa, kind_rows[i].rsa);
		assert_int_equal(bits, kind_rows[i].bits);
		key_free(k);
	}
	assert_fails(request_spki_kind(span_str("x"), &rsa, &bits, &e), e, ERR_REFUSED,
	    "not a SubjectPublicKeyInfo");
}

static void
request_check_spki_refuses_all_but_one_whole_der(void **state)
{
	struct privkey *k = fixture_key("lsc");
	struct span spki = key_spki(k);
	struct bytes longer = vectors_splice(spki, spki.n, 0, span_str("x"));
	struct err e;

	(void)state;
	for (size_t n = 0; n < spki.n; n++) {
		struct bytes cut = vectors_splice(spki, n, spki.n - n, span_of(NULL, 0));

		assert_fails(
		    request_check_spki(bytes_span(&cut), &e), e, ERR_REFUSED, "public key");
		bytes_free(&cut);
	}
	assert_fails(request_check_spki(bytes_span(&longer), &e), e, ERR_REFUSED, "one whole");
	bytes_free(&longer);
	key_free(k);
}

static void
request_check_spki_refuses_forms_that_only_decoders_take(void **state)
{
	struct privkey *k = fixture_key("lsc");
	/* 30 82 nn nn 30 0d 06 09 rsaEncryption 05 00 03 ... */
	struct bytes bare = vectors_splice(key_spki(k), 17, 2, span_of(NULL, 0));
	EVP_PKEY *ec = EVP_EC_gen("P-256");
	unsigned char *der = NULL;
	struct err e;
	int n;

	(void)state;
	assert_int_equal(bare.p[5], 0x0d);
	bare.p[3] = (uint8_t)(bare.p[3] - 2);
	bare.p[5] = 0x0b;
	assert_fails(request_check_spki(bytes_span(&bare), &e), e, ERR_REFUSED, "one whole");
	bytes_free(&bare);
	key_free(k);
	assert_int_equal(EVP_PKEY_set_utf8_string_param(ec, "point-format", "compressed"), 1);
	n = i2d_PUBKEY(ec, &der);
	assert_true(n > 0);
	assert_fails(request_check_spki(span_of(der, (size_t)n), &e), e, ERR_REFUSED, "one whole");
	OPENSSL_free(der);
	EVP_PKEY_free(ec);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_check_spki_judges_rsa_numbers),
		cmocka_unit_test(request_check_spki_wants_a_point_on_an_allowed_curve),
		cmocka_unit_test(request_check_spki_refuses_what_encodes_no_point),
		cmocka_unit_test(request_spki_kind_tells_family_and_size),
		cmocka_unit_test(request_check_spki_refuses_all_but_one_whole_der),
		cmocka_unit_test(request_check_spki_refuses_forms_that_only_decoders_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
