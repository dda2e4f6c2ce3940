#include "../check.h"

#include "admin/sheet.h"

#include <stdlib.h>

#define PHONES 9

static const struct row {
	const char *name, *model, *how, *erase, *reset;
} rows[] = {
	{ "SEP001122334403", "8861", "menu", "Settings > Erase", "hold #" },
	{ "SEP001122334402", "", "unknown", NULL, NULL },
	{ "SEP001122334401", "3905", "factory-reset", "none", "hold #" },
	{ "SEP001122334400", "8861", "menu", "Settings > Erase", "hold #" },
};

static json_t *
phone(const struct row *r)
{
	return json_pack("{s:s, s:s, s:s, s:s?, s:s?}", "name", r->name, "model", r->model, "how",
	    r->how, "erase", r->erase, "factory_reset", r->reset);
}

/* *text is freed with free. */
static void
print(json_t *phones, char **text)
{
	size_t n = 0;
	FILE *out = open_memstream(text, &n);

	assert_non_null(out);
	sheet_print(out, phones);
	fclose(out);
	json_decref(phones);
}

static void
sheet_has_a_block_for_each_phone_with_the_keys_of_its_model(void **state)
{
	json_t *phones = json_array();
	char *text;
	const char *menu, *menu2, *factory, *unknown;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		json_array_append_new(phones, phone(&rows[i]));
	print(phones, &text);
	menu = strstr(text, "Phone SEP001122334400");
	menu2 = strstr(text, "Phone SEP001122334403");
	factory = strstr(text, "Phone SEP001122334401");
	unknown = strstr(text, "Phone SEP001122334402");
	assert_true(menu != NULL && menu2 > menu && factory > menu2 && unknown > factory);
	assert_non_null(strstr(menu, "1. At the phone, choose:\n        Settings > Erase\n"));
	assert_non_null(strstr(menu, "locked, reset the phone to factory:\n        hold #\n"));
	assert_non_null(strstr(factory, "[ ] Reset the phone to factory:\n        hold #\n"));
	assert_null(strstr(factory, "1. At the phone,"));
	assert_non_null(strstr(unknown, "Model not known"));
	assert_non_null(strstr(unknown, "as the manual"));
	free(text);
}

static void
sheet_divides_no_block_and_no_line_is_wider_than_the_page(void **state)
{
	json_t *phones = json_array();
	char *text, *page, *rest;
	size_t blocks = 0, pages = 0;

	(void)state;
	for (size_t i = 0; i < PHONES; i++)
		json_array_append_new(phones, phone(&rows[0]));
	print(phones, &text);
	for (page = strtok_r(text, "\f", &rest); page != NULL; page = strtok_r(NULL, "\f", &rest)) {
		int lines = 0;

		pages++;
		assert_int_equal(page[0], '-');
		for (const char *at = page; *at != '\0'; lines++) {
			size_t n = strcspn(at, "\n");

			assert_true(n <= SHEET_WIDTH);
			blocks += strncmp(at, "Done by", 7) == 0;
			at += n + 1;
		}
		assert_true(lines <= SHEET_LINES);
	}
	assert_int_equal(blocks, PHONES);
	assert_true(pages > 1);
	free(text);
}

static void
sheet_of_no_phones_is_empty(void **state)
{
	char *text;

	(void)state;
	print(json_array(), &text);
	assert_string_equal(text, "");
	free(text);
}

static void
sheet_lets_no_control_character_out(void **state)
{
	const struct row bad = { "SEP001122334400", "88\x1b[2J", "menu", "a\x07", "b" };
	json_t *phones = json_array();
	char *text;

	(void)state;
	json_array_append_new(phones, phone(&bad));
	print(phones, &text);
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\x07'));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sheet_has_a_block_for_each_phone_with_the_keys_of_its_model),
		cmocka_unit_test(sheet_divides_no_block_and_no_line_is_wider_than_the_page),
		cmocka_unit_test(sheet_of_no_phones_is_empty),
		cmocka_unit_test(sheet_lets_no_control_character_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
