#include "../check.h"

#include "daemon/core_renew.h"

#include <stdlib.h>

#define DAY_S            86400
#define MIDNIGHT         ((time_t)20000 * DAY_S)
#define AT(hour, minute) (MIDNIGHT + (hour)*3600 + (minute)*60)

static void
assert_window(time_t now, unsigned from, unsigned to, time_t want_begin, time_t want_end)
{
	time_t begin, end;

	core_renew_window(now, from, to, &begin, &end);
	assert_int_equal(begin, want_begin);
	assert_int_equal(end, want_end);
}

static void
core_renew_window_is_the_one_that_began_last(void **state)
{
	const unsigned from = 22 * 60, to = 5 * 60 + 30;

	(void)state;
	assert_window(AT(23, 0), from, to, AT(22, 0), AT(29, 30));
	assert_window(AT(22, 0), from, to, AT(22, 0), AT(29, 30));
	assert_window(AT(3, 0), from, to, AT(-2, 0), AT(5, 30));
	assert_window(AT(12, 0), from, to, AT(-2, 0), AT(5, 30));
	assert_window(AT(12, 0), to, from, AT(5, 30), AT(22, 0));
	assert_window(AT(12, 0), 0, 0, AT(0, 0), AT(24, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(core_renew_window_is_the_one_that_began_last),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
