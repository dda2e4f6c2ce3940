#include "../check.h"

#include "cluster/reset_job.h"

#define NOW 1700000000

struct rig {
	struct store *s;
	struct phonefilter *all;
};

static void
put(struct rig *r, const char *name, const char *model, enum phone_origin origin)
{
	struct device d;
	struct phone p;
	struct err e = { 0 };

	snprintf(d.name, sizeof d.name, "%s", name);
	p = phone_new(&d, origin);
	snprintf(p.model, sizeof p.model, "%s", model);
	assert_ok(store_phone_put(r->s, &p, &e), e);
}

static int
setup(void **state)
{
	static struct rig r;
	struct err e = { 0 };
	char name[DEVICE_NAME_MAX];

	assert_ok(store_open(":memory:", &r.s, &e), e);
	assert_ok(phonefilter_parse("", NOW, &r.all, &e), e);
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof name, "SEP00112233440%d", i);
		put(&r, name, i < 3 ? "7965" : "8861", PHONE_ADDED);
	}
	put(&r, "SEPAABBCCDDEEFF", "8861", PHONE_SEEN);
	*state = &r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	phonefilter_free(r->all);
	store_close(r->s);
	return 0;
}

static void
phones_that_were_added_wait_in_their_waves(void **state)
{
	struct rig *r = *state;
	struct reset_job_settings how = reset_job_default();
	struct reset_job_progress progress;
	struct store_reset job;
	size_t phones, n[STORE_RESET_PHONE_STATES];
	struct err e = { 0 };

	how.plan = (struct resetwave_plan){ .canary = 10, .wave = 6 };
	assert_ok(reset_job_add(r->s, r->all, false, "all", &how, NOW, &job, &phones, &e), e);
	assert_int_equal(phones, 10);
	assert_int_equal(job.waves, 3);
	assert_int_equal(job.state, STORE_RESET_RUNNING);
	for (unsigned wave = 1; wave <= 3; wave++) {
		assert_ok(store_reset_counts(r->s, job.id, wave, n, &e), e);
		assert_int_equal(n[STORE_RESET_WAITING], wave == 1 ? 1 : wave == 2 ? 6 : 3);
	}
	assert_ok(reset_job_state(r->s, job.id, &progress, &e), e);
	assert_int_equal(progress.phones, 10);
	assert_int_equal(progress.open, 10);
	assert_int_equal(progress.state, STORE_RESET_RUNNING);
	assert_fails(reset_job_state(r->s, 77, &progress, &e), e, ERR_UNKNOWN, "no reset job 77");
}

static void
phones_of_a_list_wait_in_their_order(void **state)
{
	static const struct device some[] = { { .name = "SEP001122334407" },
		{ .name = "SEP001122334402" } };
	struct rig *r = *state;
	struct reset_job_settings how = reset_job_default();
	struct store_reset job, back;
	struct store_reset_phone p;
	bool found;
	struct err e = { 0 };

	how.plan = (struct resetwave_plan){ .canary = 0, .wave = 1 };
	how.again = RESET_JOB_AGAIN_MAX;
	assert_ok(reset_job_add_phones(r->s, some, 2, "some", &how, NOW, &job, &e), e);
	assert_ok(store_reset_get(r->s, job.id, &back, &found, &e), e);
	assert_int_equal(back.waves, 2);
	assert_int_equal(back.again, RESET_JOB_AGAIN_MAX);
	assert_ok(store_reset_phone_get(r->s, job.id, some[1].name, &p, &found, &e), e);
	assert_true(found);
	assert_int_equal(p.wave, 2);
	how.again++;
	assert_fails(reset_job_add_phones(r->s, some, 2, "some", &how, NOW, &job, &e), e,
	    ERR_MALFORMED, "again");
}

static void
a_phone_that_was_only_seen_is_reset_when_it_is_meant(void **state)
{
	struct rig *r = *state;
	const struct reset_job_settings how = reset_job_default();
	struct store_reset job;
	size_t phones;
	struct err e = { 0 };

	assert_ok(reset_job_add(r->s, r->all, true, "all", &how, NOW, &job, &phones, &e), e);
	assert_int_equal(phones, 11);
}

static void
nothing_is_left_of_a_job_that_fits_nobody_or_cannot_be(void **state)
{
	struct rig *r = *state;
	struct reset_job_settings how = reset_job_default();
	struct reset_job_progress progress;
	struct phonefilter *none;
	struct store_reset job;
	size_t phones;
	struct err e = { 0 };

	assert_ok(phonefilter_parse("model is exactly 9999", NOW, &none, &e), e);
	assert_fails(reset_job_add(r->s, none, false, "none", &how, NOW, &job, &phones, &e), e,
	    ERR_UNKNOWN, "no phone fits");
	phonefilter_free(none);
	how.plan.canary = 101;
	assert_fails(reset_job_add(r->s, r->all, false, "", &how, NOW, &job, &phones, &e), e,
	    ERR_MALFORMED, "0 to 100 percent");
	how = reset_job_default();
	how.wait_s = 0;
	assert_fails(reset_job_add(r->s, r->all, false, "", &how, NOW, &job, &phones, &e), e,
	    ERR_MALFORMED, "wait: must be 1 to 2592000");
	assert_fails(reset_job_state(r->s, 1, &progress, &e), e, ERR_UNKNOWN, "no reset job");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    phones_of_a_list_wait_in_their_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    phones_that_were_added_wait_in_their_waves, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_phone_that_was_only_seen_is_reset_when_it_is_meant, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    nothing_is_left_of_a_job_that_fits_nobody_or_cannot_be, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
