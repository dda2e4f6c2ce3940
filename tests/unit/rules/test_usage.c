#include "../check.h"

#include "rules/usage.h"

/* One row per purpose: sign lists, sign files, issue, TLS. */
static const bool table[PURPOSE_COUNT][4] = {
	[PURPOSE_CALLMANAGER] = { true, true, false, true },
	[PURPOSE_CALLMANAGER_EC] = { false, false, false, true },
	[PURPOSE_TVS] = { false, false, false, true },
	[PURPOSE_CAPF] = { false, false, true, true },
	[PURPOSE_ITLRECOVERY] = { true, false, false, false },
	[PURPOSE_WEB] = { false, false, false, true },
	[PURPOSE_CAPF_ISSUER] = { false, false, true, false },
};

static void
usage_allows_each_purpose_what_its_row_says(void **state)
{
	struct err e;

	(void)state;
	for (enum purpose p = 0; p < PURPOSE_COUNT; p++)
		for (enum usage u = 0; u < 4; u++) {
			assert_int_equal(usage_allows(p, u), table[p][u]);
			assert_int_equal(usage_check(p, u, &e), table[p][u]);
		}
	assert_false(usage_allows(PURPOSE_COUNT, USAGE_TLS));
}

static void
usage_check_says_which_key_and_what_for(void **state)
{
	struct err e;

	(void)state;
	assert_fails(usage_check(PURPOSE_ITLRECOVERY, USAGE_SIGN_FILE, &e), e, ERR_REFUSED,
	    "the itlrecovery key may not sign files");
	assert_fails(usage_check(PURPOSE_TVS, USAGE_SIGN_LIST, &e), e, ERR_REFUSED,
	    "the tvs key may not sign trust lists");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usage_allows_each_purpose_what_its_row_says),
		cmocka_unit_test(usage_check_says_which_key_and_what_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
