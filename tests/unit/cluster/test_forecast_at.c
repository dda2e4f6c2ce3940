#include "fixture.h"

#include <time.h>

#define YEAR (366L * DAY)

static void
who_depends_on_an_expired_tvs_is_unknown_and_nobody_else(void **state)
{
	static const struct row {
		bool renewed; /* the signer, after the phone was handed its list */
		long years;   /* from now; certificates of TVS are good for five */
		enum handout_outcome outcome;
		const char *reason;
	} rows[] = {
		{ false, 0, HANDOUT_KEEPS, "" },
		{ false, 30, HANDOUT_KEEPS, "" },
		{ true, 0, HANDOUT_TVS, "TVS trusts" },
		{ true, 30, HANDOUT_UNKNOWN, "depends on its firmware" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct forecast got;
		struct err e = { 0 };

		if (i > 0) {
			fixture_teardown(state);
			fixture_setup(state);
		}
		fixture_holder(f, "SEP001122334455", fixture_list_id(f->cluster));
		if (rows[i].renewed)
			assert_ok(
			    fixture_renew(f->cluster, PURPOSE_ITLRECOVERY, time(NULL), &e), e);
		assert_ok(
		    cluster_forecast_at(f->cluster, time(NULL) + rows[i].years * YEAR, &got, &e),
		    e);
		assert_int_equal(got.phones[rows[i].outcome], 1);
		assert_int_equal(got.newly_lost, 0);
		assert_int_equal(got.count, 1);
		assert_non_null(strstr(got.group[0].reason, rows[i].reason));
		forecast_free(&got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(who_depends_on_an_expired_tvs_is_unknown_and_nobody_else),
	};

	return cmocka_run_group_tests(tests, fixture_group_setup, fixture_group_teardown);
}
