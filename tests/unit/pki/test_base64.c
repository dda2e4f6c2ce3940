#include "../check.h"

#include "pki/base64.h"

#include <stdlib.h>

/* RFC 4648, section 10. */
static void
base64_text_is_that_of_the_rfc(void **state)
{
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

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *text = base64_text(span_str(rows[i].bytes));

		assert_string_equal(text, rows[i].text);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(base64_text_is_that_of_the_rfc) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
