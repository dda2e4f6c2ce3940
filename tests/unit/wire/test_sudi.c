#include "../check.h"

#include "wire/sudi.h"

static void
sudi_comes_back_as_it_was_written(void **state)
{
	const struct sudi in = { span_str("cert"), span_str("one"), span_str("three") };
	struct wr w = wr_new(100);
	struct sudi out;
	struct err e = { 0 };

	(void)state;
	assert_ok(sudi_encode(&in, &w, &e), e);
	assert_ok(sudi_parse(wr_view(&w), &out, &e), e);
	assert_span_equal(out.certificate, in.certificate);
	assert_span_equal(out.sha1, in.sha1);
	assert_span_equal(out.sha512, in.sha512);
	wr_free(&w);
}

static void
sudi_refuses_what_is_cut_short_empty_misordered_or_left_over(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {
		{ "", 0 },
		{ "\0\0\1c\1\0\1a\3\0\1", 11 },
		{ "\0\0\1c\1\0\1a\3\0\0", 11 },
		{ "\0\0\1c\3\0\1a\1\0\1b", 12 },
		{ "\0\0\1c\1\0\1a\3\0\1b\0", 13 },
		{ "\0\xff\xff"
		  "c\1\0\1a\3\0\1b",
		    12 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct span in = span_of((const uint8_t *)bad[i].bytes, bad[i].n);
		struct sudi out;
		struct err e;

		assert_fails(sudi_parse(in, &out, &e), e, ERR_MALFORMED, "C12");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sudi_comes_back_as_it_was_written),
		cmocka_unit_test(sudi_refuses_what_is_cut_short_empty_misordered_or_left_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
