#include "../check.h"

#include "daemon/askbudget.h"

static unsigned
take(struct askbudget *b, const char *host, time_t now)
{
	unsigned taken = 0;

	while (taken < 1000 && askbudget_take(b, span_str(host), now))
		taken++;
	return taken;
}

static void
askbudget_leaves_something_for_others(void **state)
{
	struct askbudget b = { 0 };

	(void)state;
	assert_int_equal(take(&b, "192.0.2.1", 1000), ASKBUDGET_ONE);
	assert_int_equal(take(&b, "192.0.2.2", 1000), ASKBUDGET_ALL - ASKBUDGET_ONE);
	assert_int_equal(take(&b, "192.0.2.3", 1000), 0);
}

static void
askbudget_begins_anew_each_second(void **state)
{
	struct askbudget b = { 0 };

	(void)state;
	assert_int_equal(take(&b, "192.0.2.1", 1000), ASKBUDGET_ONE);
	assert_int_equal(take(&b, "192.0.2.1", 1001), ASKBUDGET_ONE);
	assert_int_equal(take(&b, "192.0.2.1", 999), ASKBUDGET_ONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(askbudget_leaves_something_for_others),
		cmocka_unit_test(askbudget_begins_anew_each_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
