#include "backend.h"

#define PHONE "SEP001122334455"
#define OTHER "SEP001122334456"

static struct store_reset
job_add(struct store *s)
{
	struct store_reset r = { .made = NOW,
		.filter = "all",
		.kind = RESET_RESTART,
		.plan = { .canary = 5, .wave = 10, .tolerance = 20 },
		.wait_s = 600,
		.now = 1,
		.waves = 2 };
	struct err e = { 0 };

	assert_ok(store_reset_add(s, &r, &e), e);
	return r;
}

static void
place_put(struct store *s, int64_t job, const char *name, unsigned wave,
    enum store_reset_phone_state state, time_t asked)
{
	struct store_reset_phone p = { .wave = wave,
		.state = state,
		.status = state == STORE_RESET_FAILED ? 3 : -1,
		.asked = asked,
		.at = asked };
	struct err e = { 0 };

	snprintf(p.name, sizeof p.name, "%s", name);
	snprintf(p.reason, sizeof p.reason, "%s", state == STORE_RESET_FAILED ? "why" : "");
	assert_ok(store_reset_phone_put(s, job, &p, &e), e);
}

static struct store_reset_phone
place_get(struct store *s, int64_t job, const char *name)
{
	struct store_reset_phone p;
	struct err e = { 0 };
	bool found;

	assert_ok(store_reset_phone_get(s, job, name, &p, &found, &e), e);
	assert_true(found);
	return p;
}

static void
a_job_comes_back_as_it_was_added_and_changed(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_reset r = job_add(s), back;
	struct err e = { 0 };
	bool found;

	r.state = STORE_RESET_STOPPED;
	r.now = 2;
	r.accepted = 1;
	snprintf(r.reason, sizeof r.reason, "two are lost");
	assert_ok(store_reset_put(s, &r, &e), e);
	assert_ok(store_reset_get(s, r.id, &back, &found, &e), e);
	assert_true(found);
	assert_memory_equal(&back, &r, sizeof r);
	assert_ok(store_reset_get(s, r.id + 1, &back, &found, &e), e);
	assert_false(found);
}

static bool
count_job(void *arg, const struct store_reset *r)
{
	(*(int *)arg) += (int)r->id;
	return true;
}

static void
open_jobs_are_those_that_are_not_done(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_reset first = job_add(s), second = job_add(s);
	struct err e = { 0 };
	int sum = 0;

	first.state = STORE_RESET_DONE;
	assert_ok(store_reset_put(s, &first, &e), e);
	assert_ok(store_reset_each(s, true, count_job, &sum, &e), e);
	assert_int_equal(sum, second.id);
	sum = 0;
	assert_ok(store_reset_each(s, false, count_job, &sum, &e), e);
	assert_int_equal(sum, first.id + second.id);
}

static void
phones_are_counted_by_wave_and_for_the_rules(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_reset r = job_add(s);
	size_t n[STORE_RESET_PHONE_STATES];
	struct resetwave_tally t;
	struct err e = { 0 };
	bool over;

	assert_ok(store_reset_is_over(s, r.id, &over, &e), e);
	assert_true(over);
	for (int i = 0; i < STORE_RESET_PHONE_STATES; i++) {
		char name[DEVICE_NAME_MAX];

		snprintf(name, sizeof name, "SEP0011223344%02X", i);
		place_put(s, r.id, name, i < 4 ? 1 : 2, (enum store_reset_phone_state)i, NOW);
	}
	assert_ok(store_reset_counts(s, r.id, 1, n, &e), e);
	assert_int_equal(n[STORE_RESET_WAITING] + n[STORE_RESET_OWN], 2);
	assert_int_equal(n[STORE_RESET_BACK], 0);
	assert_ok(store_reset_tally(s, r.id, 0, &t, &e), e);
	assert_int_equal(t.waiting, 1);
	assert_int_equal(t.open, 3);
	assert_int_equal(t.back, 1);
	assert_ok(store_reset_is_over(s, r.id, &over, &e), e);
	assert_false(over);
	assert_int_equal(t.bad, 2); /* the one that was skipped is in nobody's way */
}

static bool
collect_seen(void *arg, const struct store_reset_phone *p, time_t seen)
{
	char *text = arg;
	size_t n = strlen(text);

	snprintf(text + n, 256 - n, "%s %s %d;", p->name + 13,
	    store_reset_phone_state_name(p->state), (int)(seen > 0 ? seen - NOW : -1));
	return true;
}

static void
who_may_still_come_back_is_looked_for_with_its_last_visit(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_reset r = job_add(s);
	struct store_sighting seen = { .at = NOW + 5 };
	struct err e = { 0 };
	char text[256] = "";

	phone_put(s, PHONE);
	phone_put(s, OTHER);
	snprintf(seen.device.name, sizeof seen.device.name, "%s", PHONE);
	assert_ok(store_phone_seen(s, &seen, 1, 10, &e), e);
	place_put(s, r.id, PHONE, 1, STORE_RESET_SENT, NOW);
	place_put(s, r.id, OTHER, 1, STORE_RESET_FAILED, NOW);
	place_put(s, r.id, "SEP001122334457", 1, STORE_RESET_MISSING, NOW); /* was deleted */
	place_put(s, r.id, "SEP001122334458", 1, STORE_RESET_BACK, NOW);
	assert_ok(store_reset_phone_look(s, r.id, "", 10, collect_seen, text, &e), e);
	assert_string_equal(text, "55 sent 5;56 failed -1;57 missing -1;");
	text[0] = '\0';
	assert_ok(store_reset_phone_look(s, r.id, PHONE, 1, collect_seen, text, &e), e);
	assert_string_equal(text, "56 failed -1;");
}

static void
a_later_job_takes_a_phone_over(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_reset first = job_add(s), second = job_add(s);
	struct store_reset_phone p;
	struct err e = { 0 };
	int64_t id;
	bool found;

	place_put(s, first.id, PHONE, 1, STORE_RESET_SENT, NOW);
	place_put(s, first.id, OTHER, 1, STORE_RESET_BACK, NOW);
	assert_ok(store_reset_supersede(s, PHONE, second.id, NOW + 1, &e), e);
	assert_ok(store_reset_supersede(s, OTHER, second.id, NOW + 1, &e), e);
	place_put(s, second.id, PHONE, 1, STORE_RESET_WAITING, 0);
	p = place_get(s, first.id, PHONE);
	assert_int_equal(p.state, STORE_RESET_SKIPPED);
	assert_string_equal(p.reason, "reset job 2 has it");
	assert_int_equal(place_get(s, first.id, OTHER).state, STORE_RESET_BACK);
	assert_ok(store_reset_phone_last(s, PHONE, &id, &p, &found, &e), e);
	assert_true(found);
	assert_int_equal(id, second.id);
	assert_int_equal(p.status, -1);
	assert_ok(store_reset_phone_last(s, "SEP001122334499", &id, &p, &found, &e), e);
	assert_false(found);
}

static void
a_wave_is_tried_again_and_so_are_hooks_that_were_interrupted(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_reset r = job_add(s);
	struct err e = { 0 };

	place_put(s, r.id, PHONE, 2, STORE_RESET_FAILED, NOW);
	place_put(s, r.id, OTHER, 1, STORE_RESET_MISSING, NOW);
	place_put(s, r.id, "SEP001122334457", 2, STORE_RESET_ASKED, NOW);
	assert_int_equal(place_get(s, r.id, PHONE).status, 3);
	assert_ok(store_reset_retry(s, r.id, 2, NOW, &e), e);
	assert_int_equal(place_get(s, r.id, PHONE).state, STORE_RESET_WAITING);
	assert_int_equal(place_get(s, r.id, PHONE).status, -1);
	assert_int_equal(place_get(s, r.id, OTHER).state, STORE_RESET_MISSING);
	assert_ok(store_reset_interrupted(s, NOW, &e), e);
	assert_int_equal(place_get(s, r.id, "SEP001122334457").state, STORE_RESET_WAITING);
}

int
main(int argc, char **argv)
{
	struct run run = run_of(argc > 1 ? argv[1] : "");
	const struct CMUnitTest tests[] = {
		backend_test(a_job_comes_back_as_it_was_added_and_changed, &run),
		backend_test(open_jobs_are_those_that_are_not_done, &run),
		backend_test(phones_are_counted_by_wave_and_for_the_rules, &run),
		backend_test(who_may_still_come_back_is_looked_for_with_its_last_visit, &run),
		backend_test(a_later_job_takes_a_phone_over, &run),
		backend_test(a_wave_is_tried_again_and_so_are_hooks_that_were_interrupted, &run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
