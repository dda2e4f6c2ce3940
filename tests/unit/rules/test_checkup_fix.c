#include "checkup_rig.h"

#include <stdio.h>
#include <string.h>

static void
keep_fix(void *arg, const struct checkup_finding *f)
{
	snprintf(arg, CHECKUP_FIX_MAX, "%s", f->fix);
}

static void
a_fix_is_a_command_to_be_typed(void **state)
{
	struct rig *r = *state;
	const struct trustlist_plan plan = r->c.plan;
	char fix[CHECKUP_FIX_MAX] = "", hex[2 * 32 + 1];

	checkup_rig_begin(r);
	checkup_rig_web(r, NOW - 2 * DAY, NOW - DAY);
	checkup_judge(&r->c, keep_fix, fix);
	assert_string_equal(fix, "sealtone cert regenerate web");
	checkup_rig_end(r, &plan);
	checkup_rig_begin(r);
	checkup_rig_trust(r, NOW - 3 * DAY, NOW - DAY);
	checkup_judge(&r->c, keep_fix, fix);
	assert_int_equal(
	    sscanf(fix, "sealtone trust remove phone-sast-trust %64[0-9a-f], after", hex), 1);
	assert_int_equal(strlen(hex), 64);
	checkup_rig_end(r, &plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fix_is_a_command_to_be_typed),
	};

	return cmocka_run_group_tests_name(
	    "checkup_fix", tests, checkup_rig_setup, checkup_rig_teardown);
}
