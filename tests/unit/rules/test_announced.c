#include "../check.h"

#include "rules/announced.h"

static void
announced_keys_are_known_by_all_that_a_phone_may_hold_or_by_a_boot(void **state)
{
	static const struct {
		const char *what;
		struct announced_phone p;
		bool boots;
		enum announced_state is;
	} rows[] = {
		{ "its only list names them", { 1, 1, false, false }, false, ANNOUNCED_KNOWN },
		{ "each of its lists does", { 2, 2, false, false }, true, ANNOUNCED_KNOWN },
		{ "one of two does", { 2, 1, false, false }, true, ANNOUNCED_TAKING },
		{ "one does, with which it booted", { 2, 1, true, false }, true, ANNOUNCED_KNOWN },
		{ "the same, where boots do not count", { 2, 1, true, false }, false,
		    ANNOUNCED_TAKING },
		{ "none does", { 2, 0, false, false }, true, ANNOUNCED_MISSING },
		{ "no ITL at all", { 0, 0, false, false }, true, ANNOUNCED_MISSING },
		{ "it takes nothing", { 2, 1, false, true }, true, ANNOUNCED_LOST },
		{ "it took it in spite of that", { 2, 1, true, true }, true, ANNOUNCED_KNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (announced_judge(&rows[i].p, rows[i].boots) != rows[i].is)
			fail_msg("%s", rows[i].what);
}

static void
announced_keys_count_when_a_share_of_the_phones_knows_them(void **state)
{
	static const struct {
		size_t phones[ANNOUNCED_STATES]; /* known, taking, missing, lost */
		unsigned percent;
		bool reached;
	} rows[] = {
		{ { 0, 0, 0, 0 }, 100, false },
		{ { 0, 0, 0, 0 }, 1, false },
		{ { 0, 0, 0, 5 }, 100, false },
		{ { 1, 0, 0, 0 }, 100, true },
		{ { 9, 1, 0, 0 }, 100, false },
		{ { 9, 0, 1, 0 }, 90, true },
		{ { 9, 0, 1, 0 }, 91, false },
		{ { 9, 0, 0, 7 }, 100, true },
		{ { 99999, 1, 0, 0 }, 100, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(
		    announced_is_reached(rows[i].phones, rows[i].percent), rows[i].reached);
}

static void
each_state_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(announced_state_name(ANNOUNCED_TAKING), "taking");
	for (int i = 0; i < ANNOUNCED_STATES; i++)
		assert_non_null(announced_state_name((enum announced_state)i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    announced_keys_are_known_by_all_that_a_phone_may_hold_or_by_a_boot),
		cmocka_unit_test(announced_keys_count_when_a_share_of_the_phones_knows_them),
		cmocka_unit_test(each_state_has_a_name),
	};

	return cmocka_run_group_tests_name("announced", tests, NULL, NULL);
}
