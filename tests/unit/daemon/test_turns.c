#include "../check.h"

#include "daemon/turns.h"

#define PHONE "SEP001122334455"
#define OTHER "SEP001122334466"
#define FIRST 5

static void
a_turn_lasts_for_a_boot(void **state)
{
	struct turns *t = turns_new(FIRST);

	(void)state;
	for (size_t boot = FIRST; boot < FIRST + 3; boot++) {
		assert_int_equal(turns_next(t, PHONE), boot);
		for (int list = 0; list < 3; list++) /* its CTL, its ITL; strangers ask too */
			assert_int_equal(turns_list(t, PHONE), boot);
		assert_int_equal(turns_next(t, PHONE), boot);
		for (int file = 0; file < 2; file++) {
			assert_int_equal(turns_now(t, PHONE), boot);
			turns_config(t, PHONE);
		}
	}
	assert_int_equal(turns_now(t, PHONE), FIRST + 2);
	assert_int_equal(turns_next(t, PHONE), FIRST + 3);
	turns_free(t);
}

static void
each_phone_has_turns_of_its_own(void **state)
{
	struct turns *t = turns_new(FIRST);

	(void)state;
	assert_int_equal(turns_list(t, PHONE), FIRST);
	turns_config(t, PHONE);
	turns_config(t, OTHER); /* it is handed nothing in turn */
	assert_int_equal(turns_next(t, OTHER), FIRST);
	assert_int_equal(turns_list(t, OTHER), FIRST);
	assert_int_equal(turns_list(t, PHONE), FIRST + 1);
	turns_end(t, PHONE);
	turns_end(t, PHONE);
	assert_int_equal(turns_now(t, PHONE), FIRST);
	turns_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_turn_lasts_for_a_boot),
		cmocka_unit_test(each_phone_has_turns_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
