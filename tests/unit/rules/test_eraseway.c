#include "../check.h"

#include "rules/eraseway.h"

static const struct row {
	const char *erase, *reset;
	enum eraseway way;
	const char *name;
} rows[] = {
	{ "Settings > Erase", "hold #", ERASEWAY_MENU, "menu" },
	{ "Settings > Erase", "", ERASEWAY_MENU, "menu" },
	{ "none: it keeps no lists", "hold #", ERASEWAY_FACTORY, "factory-reset" },
	{ "", "hold #", ERASEWAY_FACTORY, "factory-reset" },
	{ "none", "none", ERASEWAY_UNKNOWN, "unknown" },
	{ "", "", ERASEWAY_UNKNOWN, "unknown" },
};

static void
eraseway_of_a_model_is_its_menu_or_else_a_factory_reset(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct model m = { .name = "1" };

		strcpy(m.cell[MODELTABLE_ERASE].value, rows[i].erase);
		strcpy(m.cell[MODELTABLE_RESET].value, rows[i].reset);
		assert_int_equal(eraseway_of(&m), rows[i].way);
		assert_string_equal(eraseway_name(rows[i].way), rows[i].name);
	}
	assert_int_equal(eraseway_of(NULL), ERASEWAY_UNKNOWN);
}

static void
eraseway_of_the_models_that_come_along_is_known(void **state)
{
	struct modeltable *t = modeltable_builtin();

	(void)state;
	assert_int_equal(eraseway_of(modeltable_find(t, "8861")), ERASEWAY_MENU);
	assert_int_equal(eraseway_of(modeltable_find(t, "3905")), ERASEWAY_FACTORY);
	for (size_t i = 0; i < modeltable_count(t); i++)
		assert_int_not_equal(eraseway_of(modeltable_at(t, i)), ERASEWAY_UNKNOWN);
	modeltable_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eraseway_of_a_model_is_its_menu_or_else_a_factory_reset),
		cmocka_unit_test(eraseway_of_the_models_that_come_along_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
