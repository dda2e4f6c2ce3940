#include "../check.h"

#include "base/text.h"

#include <stdlib.h>

static void
text_hex_and_unhex_are_inverse(void **state)
{
	static const uint8_t raw[] = { 0, 0x7f, 0xff, 0xa0 };
	char *hex = text_hex(span_of(raw, sizeof raw));
	struct bytes back;
	struct err e = { 0 };

	(void)state;
	assert_string_equal(hex, "007fffa0");
	assert_ok(text_unhex(span_str(hex), &back, &e), e);
	assert_span_equal(bytes_span(&back), span_of(raw, sizeof raw));
	bytes_free(&back);
	free(hex);
	hex = text_hex_sep(span_of(raw, sizeof raw), ':');
	assert_string_equal(hex, "00:7F:FF:A0");
	free(hex);
}

static void
text_unhex_refuses_odd_digits_and_other_characters(void **state)
{
	struct bytes b;
	struct err e;

	(void)state;
	assert_fails(text_unhex(span_str("abc"), &b, &e), e, ERR_MALFORMED, "odd");
	assert_fails(text_unhex(span_str("0g"), &b, &e), e, ERR_MALFORMED, "character 1");
}

static void
text_printable_escapes_and_cuts(void **state)
{
	char out[12];

	(void)state;
	assert_string_equal(text_printable(span_str("a\nb"), out, sizeof out), "a\\x0ab");
	assert_string_equal(
	    text_printable(span_str("0123456789abc"), out, sizeof out), "01234567...");
	assert_string_equal(
	    text_printable(span_str("\x1b[2J\x1b[2J"), out, sizeof out), "\\x1b[2J...");
	assert_string_equal(
	    text_printable(span_str("01234567890"), out, sizeof out), "01234567890");
}

static void
text_is_utf8_refuses_overlong_forms_and_surrogates(void **state)
{
	(void)state;
	assert_true(text_is_utf8(span_str("T\xc3\xa9l\xe6\x97\xa5\xf0\x9f\x93\x9e")));
	assert_false(text_is_utf8(span_str("\xc0\x80")));
	assert_false(text_is_utf8(span_str("\xe0\x80\x80")));
	assert_false(text_is_utf8(span_str("\xed\xa0\x80")));
	assert_false(text_is_utf8(span_str("\xf4\x90\x80\x80")));
	assert_false(text_is_utf8(span_str("\xe6\x97")));
	assert_false(text_is_utf8(span_str("\x80")));
}

static void
text_number_takes_only_plain_digits_in_range(void **state)
{
	unsigned long v;

	(void)state;
	assert_true(text_number("69", 1, 65535, &v));
	assert_int_equal(v, 69);
	assert_false(text_number("0", 1, 65535, &v));
	assert_false(text_number("65536", 1, 65535, &v));
	assert_false(text_number("-1", 0, 10, &v));
	assert_false(text_number(" 1", 0, 10, &v));
	assert_false(text_number("1x", 0, 10, &v));
	assert_false(text_number("", 0, 10, &v));
	assert_false(text_number("99999999999999999999999", 0, 10, &v));
}

static void
text_time_writes_utc(void **state)
{
	char out[TEXT_TIME_MAX];

	(void)state;
	assert_string_equal(text_time(0, out), "1970-01-01T00:00:00Z");
	assert_string_equal(text_time(1700000000, out), "2023-11-14T22:13:20Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_hex_and_unhex_are_inverse),
		cmocka_unit_test(text_unhex_refuses_odd_digits_and_other_characters),
		cmocka_unit_test(text_printable_escapes_and_cuts),
		cmocka_unit_test(text_is_utf8_refuses_overlong_forms_and_surrogates),
		cmocka_unit_test(text_number_takes_only_plain_digits_in_range),
		cmocka_unit_test(text_time_writes_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
