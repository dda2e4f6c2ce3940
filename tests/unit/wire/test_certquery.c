#include "../check.h"

#include "wire/certquery.h"

#define QUERY_MAX 4096

static const uint8_t zeros[CERTID_HASH_MAX];

static struct certid
one(enum certid_hash hash, const char *serial)
{
	size_t n = certid_hash_size(hash);

	return (struct certid){ hash, span_of(zeros, n), span_of(zeros, n), span_str(serial) };
}

static void
assert_same(const struct certid_query *a, const struct certid_query *b)
{
	assert_span_equal(a->nonce, b->nonce);
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->id[i].hash, b->id[i].hash);
		assert_span_equal(a->id[i].issuer_name, b->id[i].issuer_name);
		assert_span_equal(a->id[i].issuer_key, b->id[i].issuer_key);
		assert_span_equal(a->id[i].serial, b->id[i].serial);
	}
}

static struct certid_query
full(void)
{
	struct certid_query q = { .count = CERTID_QUERY_MAX,
		.nonce = span_str("01234567890123456789012345678901") };

	for (size_t i = 0; i < q.count; i++)
		q.id[i] = one(1 + i % 4, "01234567890123456789");
	return q;
}

static void
certquery_comes_back_as_it_was(void **state)
{
	const struct certid_query rows[] = { { { one(CERTID_SHA1, "\x7f") }, 1, { 0 } },
		{ { one(CERTID_SHA512, "1"), one(CERTID_SHA256, "22") }, 2, span_str("n") },
		full() };
	struct wr w = wr_new(QUERY_MAX);
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct certid_query out;

		wr_reset(&w);
		assert_ok(certquery_encode(&rows[i], &w, &e), e);
		assert_ok(certquery_parse(wr_view(&w), &out, &e), e);
		assert_same(&out, &rows[i]);
	}
	wr_free(&w);
}

static void
certquery_refuses_what_is_cut_short_or_left_over(void **state)
{
	const struct certid_query q = { { one(CERTID_SHA1, "1"), one(CERTID_SHA384, "22") }, 2,
		span_str("nonce") };
	struct wr w = wr_new(QUERY_MAX);
	struct certid_query out;
	struct err e = { 0 };
	struct span all;

	(void)state;
	assert_ok(certquery_encode(&q, &w, &e), e);
	all = wr_view(&w);
	for (size_t n = 0; n < all.n; n++)
		assert_fails(
		    certquery_parse(span_of(all.p, n), &out, &e), e, ERR_MALFORMED, "cut short");
	wr_u8(&w, 0);
	assert_fails(certquery_parse(wr_view(&w), &out, &e), e, ERR_MALFORMED, "1 bytes left over");
	wr_free(&w);
}

static void
certquery_refuses_what_no_front_would_ask(void **state)
{
	struct certid_query odd = { { one(CERTID_SHA1, "1") }, 1, { 0 } };
	const struct certid_query sample = odd;
	struct wr w = wr_new(QUERY_MAX);
	struct err e = { 0 };

	(void)state;
	odd.count = 0;
	assert_fails(certquery_encode(&odd, &w, &e), e, ERR_LIMIT, "0 certificates");
	odd.count = CERTID_QUERY_MAX + 1;
	assert_fails(certquery_encode(&odd, &w, &e), e, ERR_LIMIT, "17 certificates");
	odd = sample;
	odd.nonce = span_of(zeros, CERTID_NONCE_MAX + 1);
	assert_fails(certquery_encode(&odd, &w, &e), e, ERR_LIMIT, "nonce of 33");
	odd = sample;
	odd.id[0].hash = CERTID_SHA512 + 1;
	assert_fails(certquery_encode(&odd, &w, &e), e, ERR_MALFORMED, "hash 5");
	odd = sample;
	odd.id[0].issuer_key.n--;
	assert_fails(certquery_encode(&odd, &w, &e), e, ERR_MALFORMED, "20 and 19 bytes");
	odd = sample;
	odd.id[0].serial.n = 0;
	assert_fails(certquery_encode(&odd, &w, &e), e, ERR_LIMIT, "serial of 0");
	odd.id[0].serial = span_of(zeros, CERTID_SERIAL_MAX + 1);
	assert_fails(certquery_encode(&odd, &w, &e), e, ERR_LIMIT, "serial of 21");
	wr_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certquery_comes_back_as_it_was),
		cmocka_unit_test(certquery_refuses_what_is_cut_short_or_left_over),
		cmocka_unit_test(certquery_refuses_what_no_front_would_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
