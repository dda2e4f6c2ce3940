#include "fixture.h"

#include "base/mem.h"
#include "pki/seal.h"

#include <stdlib.h>

static void
seal_opens_what_it_closed_at_every_padding(void **state)
{
	struct cert *phone = fixture_cert("lsc");
	struct privkey *k = fixture_key("lsc");
	struct err e = { 0 };
	uint8_t *text = mem_new(40, 1);

	(void)state;
	for (size_t i = 0; i < 40; i++)
		text[i] = (uint8_t)i;
	for (size_t n = 0; n <= 33; n++) {
		enum digest_kind d = n % 2 == 0 ? DIGEST_SHA1 : DIGEST_SHA512;
		struct sealed s;
		struct bytes plain;

		assert_ok(seal_close(phone, d, span_of(text, n), &s, &e), e);
		assert_int_equal(s.padding, 16 - n % 16);
		assert_int_equal(s.body.n, n + s.padding);
		assert_int_equal(s.wrapped_key.n, 256);
		assert_int_equal(s.hash.n, d == DIGEST_SHA1 ? 20 : 64);
		assert_ok(seal_open(k, &s, &plain, &e), e);
		assert_span_equal(bytes_span(&plain), span_of(text, n));
		bytes_wipe(&plain);
		seal_free(&s);
	}
	free(text);
	key_free(k);
	cert_free(phone);
}

static void
seal_never_uses_a_key_or_vector_twice(void **state)
{
	struct cert *phone = fixture_cert("lsc4096");
	struct sealed a, b;
	struct err e = { 0 };

	(void)state;
	assert_ok(seal_close(phone, DIGEST_SHA1, span_str("same"), &a, &e), e);
	assert_ok(seal_close(phone, DIGEST_SHA1, span_str("same"), &b, &e), e);
	assert_false(span_eq(a.iv, b.iv));
	assert_false(span_eq(a.wrapped_key, b.wrapped_key));
	assert_false(span_eq(a.body, b.body));
	seal_free(&a);
	seal_free(&b);
	cert_free(phone);
}

static void
seal_open_refuses_other_keys_and_changed_files_by_rule(void **state)
{
	struct cert *phone = fixture_cert("lsc");
	struct privkey *k = fixture_key("lsc"), *other = fixture_key("mic");
	struct sealed s, bad;
	struct bytes plain;
	uint8_t hash[20] = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(seal_close(phone, DIGEST_SHA1, span_str("configuration"), &s, &e), e);
	assert_fails(seal_open(other, &s, &plain, &e), e, ERR_CRYPTO, "E");
	bad = s;
	bad.wrapped_key.n--;
	assert_fails(seal_open(k, &bad, &plain, &e), e, ERR_CRYPTO, "E7");
	bad = s;
	bad.hash = span_of(hash, sizeof hash);
	assert_fails(seal_open(k, &bad, &plain, &e), e, ERR_CRYPTO, "E8");
	bad = s;
	bad.iv = s.wrapped_key;
	bad.iv.n = SEAL_BLOCK;
	assert_fails(seal_open(k, &bad, &plain, &e), e, ERR_CRYPTO, "E8");
	bad = s;
	bad.body.n--;
	assert_fails(seal_open(k, &bad, &plain, &e), e, ERR_MALFORMED, "E3");
	bad = s;
	bad.body.n = 0;
	assert_fails(seal_open(k, &bad, &plain, &e), e, ERR_MALFORMED, "E3");
	bad = s;
	bad.padding = 0;
	assert_fails(seal_open(k, &bad, &plain, &e), e, ERR_MALFORMED, "E4");
	bad.padding = 17;
	assert_fails(seal_open(k, &bad, &plain, &e), e, ERR_MALFORMED, "E4");
	seal_free(&s);
	key_free(other);
	key_free(k);
	cert_free(phone);
}

static void
seal_close_refuses_phones_with_ec_keys(void **state)
{
	struct cert *phone = fixture_cert("lsc-ec384");
	struct sealed s;
	struct err e;

	(void)state;
	assert_fails(seal_close(phone, DIGEST_SHA1, span_str("x"), &s, &e), e, ERR_REFUSED, "RSA");
	cert_free(phone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seal_opens_what_it_closed_at_every_padding),
		cmocka_unit_test(seal_never_uses_a_key_or_vector_twice),
		cmocka_unit_test(seal_open_refuses_other_keys_and_changed_files_by_rule),
		cmocka_unit_test(seal_close_refuses_phones_with_ec_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
