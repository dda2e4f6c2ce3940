#include "../check.h"

#include "base/log.h"
#include "daemon/logbudget.h"

static char last[100];

static void
keep(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	snprintf(last, sizeof last, "%s", line);
}

static void
logbudget_ends_within_a_second_and_says_what_was_left_out(void **state)
{
	struct logbudget b = { 0 };

	(void)state;
	log_to(keep, NULL, LOG_DEBUG);
	for (int i = 0; i < LOGBUDGET_LINES; i++)
		assert_true(logbudget_take(&b, 1000));
	assert_false(logbudget_take(&b, 1000));
	assert_false(logbudget_take(&b, 1000));
	assert_string_equal(last, "");
	assert_true(logbudget_take(&b, 1001));
	assert_string_equal(last, "lines-left-out count=2");
	last[0] = '\0';
	assert_true(logbudget_take(&b, 1002));
	assert_string_equal(last, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logbudget_ends_within_a_second_and_says_what_was_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
