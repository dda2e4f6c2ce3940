#include "../check.h"

#include "admin/command.h"

#include <stdlib.h>

static const struct command_option options[] = {
	{ "rsa-size", "BITS", "" },
	{ "staged", NULL, "" },
	{ "value", "TEXT", "" },
	{ 0 },
};

static const struct command command = { .name = "cert regenerate", .options = options };

/* Words and options as typed, each with a value, "" for none; ends with NULL. */
struct row {
	const char *word[3];
	const char *option[3][2];
	const char *text;
};

static void
invocation_text_is_what_a_shell_takes(void **state)
{
	static const struct row rows[] = {
		{ { NULL }, { { NULL } }, "cert regenerate" },
		{ { "tvs", "callmanager", NULL }, { { NULL } }, "cert regenerate tvs callmanager" },
		{ { "tvs", NULL }, { { "rsa-size", "2048" }, { "staged", "" }, { NULL } },
		    "cert regenerate tvs --rsa-size 2048 --staged" },
		{ { NULL }, { { "value", "" }, { NULL } }, "cert regenerate --value ''" },
		{ { "model is exactly 8861", "$HOME", NULL }, { { NULL } },
		    "cert regenerate 'model is exactly 8861' '$HOME'" },
		{ { "it's", "", NULL }, { { NULL } }, "cert regenerate 'it'\\''s' ''" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *word[3];
		struct invocation in = { .command = &command, .word = word };
		char *text;

		while (rows[i].word[in.words] != NULL) {
			word[in.words] = rows[i].word[in.words];
			in.words++;
		}
		while (rows[i].option[in.given_count][0] != NULL) {
			in.given[in.given_count].name = rows[i].option[in.given_count][0];
			in.given[in.given_count].value = rows[i].option[in.given_count][1];
			in.given_count++;
		}
		text = invocation_text(&in);
		assert_string_equal(text, rows[i].text);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invocation_text_is_what_a_shell_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
