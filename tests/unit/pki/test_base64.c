#include "../check.h"

#include "pki/base64.h"

#include <stdlib.h>

/* RFC 4648, section 10. */
static const struct {
	const char *bytes, *text;
} rows[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xfe", "+//+" },
};

#define ROWS (sizeof rows / sizeof rows[0])

static void
base64_text_is_that_of_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		char *text = base64_text(span_str(rows[i].bytes));

		assert_string_equal(text, rows[i].text);
		free(text);
	}
}

static void
base64_bytes_are_those_of_the_rfc(void **state)
{
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct bytes out;

		assert_ok(base64_bytes(span_str(rows[i].text), &out, &e), e);
		assert_span_equal(bytes_span(&out), span_str(rows[i].bytes));
		bytes_free(&out);
	}
}

static void
base64_bytes_refuses_what_is_not_exactly_it(void **state)
{
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zm9vY", "Zg== ", " Zg=", "Zm9v\nZm9",
		"Zm9v----", "----", "=m9v", "Z=9v", "Zm=v", "Z===", "====", "Zm9_", "Zm9*",
		"Zm9v\r\n", "Zm9v\xc3\xa9Zg" };
	struct bytes out;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_fails(
		    base64_bytes(span_str(bad[i]), &out, &e), e, ERR_MALFORMED, "not base64");
	assert_fails(base64_bytes(span_of("Zg\0=", 4), &out, &e), e, ERR_MALFORMED, "not base64");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_text_is_that_of_the_rfc),
		cmocka_unit_test(base64_bytes_are_those_of_the_rfc),
		cmocka_unit_test(base64_bytes_refuses_what_is_not_exactly_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
