#include "fixture.h"

#include "pki/verify.h"

static void
verify_rsa_takes_what_key_sign_rsa_made(void **state)
{
	static const char *const names[] = { "sast", "sast1024", "sast4096", "cucm-a-itlrecovery" };
	static const enum digest_kind kinds[] = { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA512 };
	const struct span parts[] = { span_str("head"), span_str("tail") };
	const struct span whole = span_str("headtail");
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct privkey *k = fixture_key(names[i]);
		struct cert *c = fixture_cert(names[i]);

		for (size_t d = 0; d < 3; d++) {
			struct bytes sig;

			assert_ok(key_sign_rsa(k, kinds[d], parts, 2, &sig, &e), e);
			assert_int_equal(sig.n, key_bits(k) / 8);
			assert_ok(verify_rsa(c, kinds[d], &whole, 1, bytes_span(&sig), &e), e);
			bytes_free(&sig);
		}
		cert_free(c);
		key_free(k);
	}
}

static void
verify_rsa_refuses_any_other_signature_digest_bytes_or_key(void **state)
{
	struct privkey *k = fixture_key("sast");
	struct cert *c = fixture_cert("sast"), *other = fixture_cert("sast2");
	struct cert *ec = fixture_cert("tftp-ec384");
	const struct span good = span_str("file"), bad = span_str("filf");
	struct bytes sig;
	struct err e = { 0 };

	(void)state;
	assert_ok(key_sign_rsa(k, DIGEST_SHA1, &good, 1, &sig, &e), e);
	for (size_t i = 0; i < sig.n; i += 17) {
		sig.p[i] ^= 0x10;
		assert_fails(verify_rsa(c, DIGEST_SHA1, &good, 1, bytes_span(&sig), &e), e,
		    ERR_CRYPTO, "does not fit the key of CN=SAST");
		sig.p[i] ^= 0x10;
	}
	assert_false(verify_rsa(c, DIGEST_SHA512, &good, 1, bytes_span(&sig), &e));
	assert_false(verify_rsa(c, DIGEST_SHA1, &bad, 1, bytes_span(&sig), &e));
	assert_false(verify_rsa(c, DIGEST_SHA1, &good, 1, span_of(sig.p, sig.n - 1), &e));
	assert_false(verify_rsa(c, DIGEST_SHA1, &good, 1, span_of(sig.p, 0), &e));
	assert_false(verify_rsa(other, DIGEST_SHA1, &good, 1, bytes_span(&sig), &e));
	assert_fails(
	    verify_rsa(ec, DIGEST_SHA1, &good, 1, bytes_span(&sig), &e), e, ERR_CRYPTO, "EC P-384");
	bytes_free(&sig);
	cert_free(ec);
	cert_free(other);
	cert_free(c);
	key_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verify_rsa_takes_what_key_sign_rsa_made),
		cmocka_unit_test(verify_rsa_refuses_any_other_signature_digest_bytes_or_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
