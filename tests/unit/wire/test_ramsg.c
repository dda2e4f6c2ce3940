#include "../check.h"

#include "wire/ramsg.h"

static struct ra_ask
question(void)
{
	return (struct ra_ask){ .id = 0x01020304,
		.timeout_s = 10,
		.url = span_str("http://192.0.2.1/cmp"),
		.reference = span_str("ra1"),
		.secret = span_str("secret"),
		.csr = span_str("a request"),
		.trusted = { span_str("a CA"), span_str("another") },
		.trusted_count = 2 };
}

static void
ra_ask_travels_with_its_trusted_certificates(void **state)
{
	const struct ra_ask q = question();
	struct wr w = wr_new(RAMSG_MAX);
	struct ra_ask out;
	struct err e = { 0 };

	(void)state;
	assert_ok(ra_ask_encode(&q, &w, &e), e);
	assert_ok(ra_ask_parse(wr_view(&w), &out, &e), e);
	assert_int_equal(out.id, q.id);
	assert_int_equal(out.timeout_s, 10);
	assert_span_equal(out.url, q.url);
	assert_span_equal(out.reference, q.reference);
	assert_span_equal(out.secret, q.secret);
	assert_span_equal(out.csr, q.csr);
	assert_int_equal(out.trusted_count, 2);
	assert_span_equal(out.trusted[1], q.trusted[1]);
	for (size_t n = 0; n < w.n; n++)
		assert_fails(
		    ra_ask_parse(span_of(w.p, n), &out, &e), e, ERR_MALFORMED, "cut short");
	wr_u8(&w, 0);
	assert_fails(ra_ask_parse(wr_view(&w), &out, &e), e, ERR_MALFORMED, "too long");
	wr_free(&w);
}

static void
ra_ask_refuses_what_lacks_a_part(void **state)
{
	struct ra_ask rows[5];
	static const char *const why[] = { "URL of 0 bytes", "secret of 256 bytes",
		"reference holds a NUL", "without request", "65 trusted" };
	static const char long_text[RAMSG_TEXT_MAX + 1] = { [0 ... RAMSG_TEXT_MAX - 1] = 'x' };
	struct wr w = wr_new(RAMSG_MAX);

	(void)state;
	for (size_t i = 0; i < 5; i++)
		rows[i] = question();
	rows[0].url.n = 0;
	rows[1].secret = span_str(long_text);
	rows[2].reference = span_of("a\0b", 3);
	rows[3].csr.n = 0;
	rows[4].trusted_count = RAMSG_TRUSTED_MAX + 1;
	for (size_t i = 0; i < 5; i++) {
		struct err one = { 0 };

		assert_false(ra_ask_encode(&rows[i], &w, &one));
		assert_non_null(strstr(one.text, why[i]));
	}
	wr_free(&w);
}

static void
ra_answer_is_a_certificate_or_a_reason(void **state)
{
	const struct ra_answer good[] = {
		{ .id = 1, .outcome = RA_CERTIFIED, .certificate = span_str("a certificate") },
		{ .id = 2, .outcome = RA_REJECTED, .text = span_str("bad template") },
	};
	const struct ra_answer bad[] = {
		{ .outcome = RA_CERTIFIED },
		{ .outcome = RA_NO_ANSWER, .certificate = span_str("a certificate") },
		{ .outcome = RA_CERTIFIED, .certificate = span_str("c"), .text = span_str("t") },
		{ .outcome = RA_OUTCOMES, .text = span_str("t") },
		{ .outcome = RA_REJECTED, .text = span_str("\xff") },
	};
	struct wr w = wr_new(RAMSG_MAX);
	struct ra_answer out;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		wr_reset(&w);
		assert_ok(ra_answer_encode(&good[i], &w, &e), e);
		assert_ok(ra_answer_parse(wr_view(&w), &out, &e), e);
		assert_int_equal(out.id, good[i].id);
		assert_int_equal(out.outcome, good[i].outcome);
		assert_span_equal(out.certificate, good[i].certificate);
		assert_span_equal(out.text, good[i].text);
		for (size_t n = 0; n < w.n; n++)
			assert_fails(ra_answer_parse(span_of(w.p, n), &out, &e), e, ERR_MALFORMED,
			    "cut short");
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_fails(ra_answer_encode(&bad[i], &w, &e), e, ERR_MALFORMED, "RA");
	wr_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ra_ask_travels_with_its_trusted_certificates),
		cmocka_unit_test(ra_ask_refuses_what_lacks_a_part),
		cmocka_unit_test(ra_answer_is_a_certificate_or_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
