#include "../check.h"

#include "rules/belief.h"

static void
belief_verdict_follows_from_what_was_handed_out_and_proven(void **state)
{
	static const struct {
		struct belief belief;
		time_t proof;
		const char *want;
	} rows[] = {
		{ { 0, 0, 0, 0 }, 0, "unknown" },
		{ { 0, 0, 0, 0 }, 50, "unknown" },
		{ { 1, 0, 100, 0 }, 0, "unknown" },
		{ { 1, 0, 100, 0 }, 110, "current" },
		{ { 0, 1, 0, 100 }, 110, "behind" },
		{ { 1, 1, 100, 90 }, 110, "unknown" },
		{ { 1, 1, 90, 100 }, 110, "behind" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(belief_verdict(&rows[i].belief, rows[i].proof), rows[i].want);
}

static void
belief_add_keeps_the_newest_time_of_each_kind(void **state)
{
	struct belief b = { 0 };

	(void)state;
	belief_add(&b, true, 20);
	belief_add(&b, true, 10);
	belief_add(&b, false, 5);
	assert_int_equal(b.current, 2);
	assert_int_equal(b.current_last, 20);
	assert_int_equal(b.other, 1);
	assert_int_equal(b.other_last, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(belief_verdict_follows_from_what_was_handed_out_and_proven),
		cmocka_unit_test(belief_add_keeps_the_newest_time_of_each_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
