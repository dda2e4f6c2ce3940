#include "../check.h"

#include "admin/output.h"

#include <stdlib.h>

static const struct {
	const char *text, *shown;
	int width;
} texts[] = {
	{ "plain", "plain", 5 },
	{ "caf\xc3\xa9", "caf\xc3\xa9", 4 },
	{ "a\x1b[2Jb", "a\\x1b[2Jb", 9 },
	{ "a\nb\x7f", "a\\x0ab\\x7f", 10 },
	{ "\xc2\x9b"
	  "31m",
	    "\\x9b31m", 7 }, /* CSI in one character */
	{ "\xc2\xa0", "\xc2\xa0", 1 },
	{ "\xc2", "\xc2", 1 },
};

static void
output_clean_lets_no_control_character_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		char *shown = NULL;
		size_t n = 0;
		FILE *out = open_memstream(&shown, &n);

		assert_int_equal(output_clean(NULL, texts[i].text), texts[i].width);
		assert_int_equal(output_clean(out, texts[i].text), texts[i].width);
		fclose(out);
		assert_string_equal(shown, texts[i].shown);
		free(shown);
	}
}

static void
output_string_takes_any_bytes(void **state)
{
	json_t *good = output_string(span_str("caf\xc3\xa9")),
	       *bad = output_string(span_str("\xe9t\xe9"));

	(void)state;
	assert_string_equal(json_string_value(good), "caf\xc3\xa9");
	assert_string_equal(json_string_value(bad), "\\xe9t\\xe9");
	json_decref(good);
	json_decref(bad);
}

static void
output_text_keeps_the_last_eight_numbers_apart(void **state)
{
	const char *shown[OUTPUT_TEXTS];
	char want[8];

	(void)state;
	for (int i = 0; i < OUTPUT_TEXTS; i++) {
		json_t *number = json_integer(100 + i);

		shown[i] = output_text(number);
		json_decref(number);
	}
	for (int i = 0; i < OUTPUT_TEXTS; i++) {
		snprintf(want, sizeof want, "%d", 100 + i);
		assert_string_equal(shown[i], want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_clean_lets_no_control_character_out),
		cmocka_unit_test(output_string_takes_any_bytes),
		cmocka_unit_test(output_text_keeps_the_last_eight_numbers_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
