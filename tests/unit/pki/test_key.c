#include "fixture.h"

#include <stdlib.h>

static void
key_of_every_vector_fits_its_certificate(void **state)
{
	(void)state;
	for (size_t i = 0; fixture_names[i] != NULL; i++) {
		struct privkey *k = fixture_key(fixture_names[i]);
		struct cert *c = fixture_cert(fixture_names[i]);

		if (!key_fits(k, c))
			fail_msg("%s does not fit", fixture_names[i]);
		assert_span_equal(key_spki(k), cert_spki(c));
		assert_int_equal(key_bits(k), cert_key_bits(c));
		assert_int_equal(key_is_rsa(k), cert_is_rsa(c));
		cert_free(c);
		key_free(k);
	}
}

static void
key_made_reads_back_from_pem_plain_and_locked(void **state)
{
	static const unsigned char password[] = { 'p', 0, 0xff, 'w' };
	struct span secret = span_of(password, sizeof password);
	struct err e = { 0 };
	struct privkey *k = key_make_for(PURPOSE_CALLMANAGER_EC, 2048, &e), *again;
	struct bytes pem, locked, der;

	(void)state;
	assert_non_null(k);
	assert_int_equal(key_bits(k), 384);
	assert_ok(key_to_pem(k, &pem, &e), e);
	again = key_from_pem(bytes_span(&pem), &e);
	assert_non_null(again);
	assert_span_equal(key_id(again), key_id(k));
	key_free(again);
	assert_ok(key_to_locked_pem(k, secret, &locked, &e), e);
	assert_non_null(strstr((const char *)locked.p, "ENCRYPTED"));
	assert_null(key_from_pem(bytes_span(&locked), &e));
	assert_null(key_from_locked_pem(bytes_span(&locked), span_str("other"), &e));
	assert_int_equal(e.code, ERR_CRYPTO);
	again = key_from_locked_pem(bytes_span(&locked), secret, &e);
	assert_non_null(again);
	assert_span_equal(key_id(again), key_id(k));
	assert_ok(key_to_der(k, &der, &e), e);
	assert_int_equal(der.p[0], 0x30);
	assert_fails(
	    key_to_locked_pem(k, span_str(""), &locked, &e), e, ERR_REFUSED, "password of 0");
	key_free(again);
	bytes_wipe(&der);
	bytes_wipe(&locked);
	bytes_wipe(&pem);
	key_free(k);
}

static void
key_make_refuses_sizes_that_phones_do_not_have(void **state)
{
	struct err e = { 0 };
	struct privkey *k;

	(void)state;
	assert_null(key_make_rsa(512, &e));
	assert_int_equal(e.code, ERR_REFUSED);
	assert_null(key_make_rsa(8192, &e));
	assert_null(key_make_ec(512, &e));
	assert_non_null(strstr(e.text, "521"));
	k = key_make_for(PURPOSE_TVS, 2048, &e);
	assert_non_null(k);
	assert_true(key_is_rsa(k));
	assert_int_equal(key_bits(k), 2048);
	key_free(k);
	key_free(NULL);
}

static void
key_from_pem_refuses_what_is_no_key(void **state)
{
	struct cert *c = fixture_cert("sast");
	struct err e = { 0 };
	char *pem = cert_to_pem(c);

	(void)state;
	assert_null(key_from_pem(span_str(pem), &e));
	assert_int_equal(e.code, ERR_CRYPTO);
	assert_null(key_from_pem(span_of(NULL, 0), &e));
	free(pem);
	cert_free(c);
}

static void
key_that_is_not_rsa_neither_signs_files_nor_decrypts(void **state)
{
	struct privkey *k = fixture_key("tftp-ec384");
	struct span s = span_str("x");
	struct bytes out;
	struct err e;

	(void)state;
	assert_fails(key_sign_rsa(k, DIGEST_SHA1, &s, 1, &out, &e), e, ERR_CRYPTO, "EC P-384");
	assert_fails(key_decrypt(k, s, &out, &e), e, ERR_CRYPTO, "EC P-384");
	key_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_of_every_vector_fits_its_certificate),
		cmocka_unit_test(key_made_reads_back_from_pem_plain_and_locked),
		cmocka_unit_test(key_make_refuses_sizes_that_phones_do_not_have),
		cmocka_unit_test(key_from_pem_refuses_what_is_no_key),
		cmocka_unit_test(key_that_is_not_rsa_neither_signs_files_nor_decrypts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
