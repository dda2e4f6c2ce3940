#include "backend.h"

#define PHONE   "SEP001122334455"
#define OTHER   "SEP001122334456"
#define HISTORY 50 /* of a phone */

/* --- the last attempt --- */

static void
reach(struct store *s, enum store_capf_step step, const char *reason, time_t at)
{
	const struct store_reached r = { step, span_str(reason), span_str("192.0.2.7:1024"), at };
	struct err e = { 0 };

	assert_ok(store_attempt_reached(s, PHONE, &r, &e), e);
}

static struct store_attempt
attempt_of(struct store *s, const char *phone)
{
	struct store_attempt a;
	struct err e = { 0 };

	assert_ok(store_attempt_get(s, phone, &a, &e), e);
	return a;
}

static void
an_attempt_is_kept_as_it_was_put(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_attempt a = { .step = STORE_CAPF_CA,
		.reason = "no key",
		.address = "192.0.2.7:1024",
		.at = NOW,
		.keygen_failures = 2,
		.broken = 3,
		.ec_failed = true };
	struct store_attempt back;
	struct err e = { 0 };

	phone_put(s, PHONE);
	assert_int_equal(attempt_of(s, PHONE).at, 0);
	assert_ok(store_attempt_put(s, PHONE, &a, &e), e);
	back = attempt_of(s, PHONE);
	assert_int_equal(back.step, STORE_CAPF_CA);
	assert_string_equal(back.reason, "no key");
	assert_string_equal(back.address, "192.0.2.7:1024");
	assert_int_equal(back.at, NOW);
	assert_int_equal(back.keygen_failures, 2);
	assert_int_equal(back.broken, 3);
	assert_true(back.ec_failed);
	a.ec_failed = false;
	a.broken = 0;
	assert_ok(store_attempt_put(s, PHONE, &a, &e), e);
	back = attempt_of(s, PHONE);
	assert_int_equal(back.broken, 0);
	assert_false(back.ec_failed);
}

static void
a_step_leaves_what_is_counted_until_the_session_ends_well(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	const struct store_attempt before = { .step = STORE_CAPF_CA,
		.at = NOW,
		.keygen_failures = 2,
		.broken = 3,
		.ec_failed = true };
	struct store_attempt a;
	struct err e = { 0 };

	phone_put(s, PHONE);
	assert_ok(store_attempt_put(s, PHONE, &before, &e), e);
	reach(s, STORE_CAPF_KEYGEN, "a\nreason", NOW + 1);
	a = attempt_of(s, PHONE);
	assert_int_equal(a.step, STORE_CAPF_KEYGEN);
	assert_null(strchr(a.reason, '\n'));
	assert_string_equal(a.address, "192.0.2.7:1024");
	assert_int_equal(a.at, NOW + 1);
	assert_int_equal(a.keygen_failures, 2);
	assert_int_equal(a.broken, 3);
	assert_true(a.ec_failed);
	reach(s, STORE_CAPF_DONE, "", NOW + 2);
	a = attempt_of(s, PHONE);
	assert_int_equal(a.step, STORE_CAPF_DONE);
	assert_string_equal(a.reason, "");
	assert_int_equal(a.keygen_failures, 0);
	assert_int_equal(a.broken, 0);
	assert_true(a.ec_failed);
}

static void
the_first_step_begins_with_nothing_counted(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_attempt a;

	phone_put(s, PHONE);
	reach(s, STORE_CAPF_AUTHENTICATION, "wrong string", NOW);
	a = attempt_of(s, PHONE);
	assert_int_equal(a.step, STORE_CAPF_AUTHENTICATION);
	assert_string_equal(a.reason, "wrong string");
	assert_int_equal(a.keygen_failures, 0);
	assert_int_equal(a.broken, 0);
	assert_false(a.ec_failed);
}

static void
what_is_too_long_of_a_step_is_cut_off(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	char reason[2 * STORE_CAUSE_MAX];

	memset(reason, 'r', sizeof reason);
	reason[sizeof reason - 1] = '\0';
	phone_put(s, PHONE);
	reach(s, STORE_CAPF_CA, reason, NOW);
	assert_int_equal(strlen(attempt_of(s, PHONE).reason), STORE_CAUSE_MAX - 1);
}

static void
each_step_has_a_name_and_comes_back(void **state)
{
	struct store *s = ((struct run *)*state)->s;

	phone_put(s, PHONE);
	for (int step = STORE_CAPF_NONE; step <= STORE_CAPF_DONE; step++) {
		reach(s, (enum store_capf_step)step, "", NOW);
		assert_int_equal(attempt_of(s, PHONE).step, step);
		for (int other = STORE_CAPF_NONE; other < step; other++)
			assert_string_not_equal(store_capf_step_name((enum store_capf_step)step),
			    store_capf_step_name((enum store_capf_step)other));
	}
}

/* --- history --- */

struct told {
	size_t count;
	time_t first, last;
	char status[PHONE_STATUS_MAX], cause[2 * STORE_CAUSE_MAX];
};

static bool
tell(void *arg, const struct store_history *h)
{
	struct told *t = arg;

	if (t->count++ == 0) {
		t->first = h->at;
		snprintf(t->status, sizeof t->status, "%s", h->status);
		snprintf(t->cause, sizeof t->cause, "%s", h->cause);
	}
	t->last = h->at;
	return true;
}

static struct told
history_of(struct store *s, const char *phone)
{
	struct told t = { 0 };
	struct err e = { 0 };

	assert_ok(store_history_each(s, phone, tell, &t, &e), e);
	return t;
}

static void
remember(struct store *s, const char *phone, time_t at, const char *status, const char *cause)
{
	const struct store_history h = { at, status, cause };
	struct err e = { 0 };

	assert_ok(store_history_add(s, phone, &h, &e), e);
}

static void
the_history_has_the_newest_first(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct told t;

	phone_put(s, PHONE);
	phone_put(s, OTHER);
	remember(s, PHONE, NOW, "Operation Pending", "set");
	remember(s, OTHER, NOW + 9, "Operation Pending", "another");
	remember(s, PHONE, NOW + 1, "Upgrade Success", "its\tend");
	t = history_of(s, PHONE);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.first, NOW + 1);
	assert_int_equal(t.last, NOW);
	assert_string_equal(t.status, "Upgrade Success");
	assert_null(strchr(t.cause, '\t'));
}

static void
the_history_of_a_phone_has_a_cap_of_its_own(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct told t;

	phone_put(s, PHONE);
	phone_put(s, OTHER);
	remember(s, OTHER, NOW, "Operation Pending", "");
	for (int i = 0; i < HISTORY + 3; i++)
		remember(s, PHONE, NOW + i, "Operation Pending", "");
	t = history_of(s, PHONE);
	assert_int_equal(t.count, HISTORY);
	assert_int_equal(t.first, NOW + HISTORY + 2);
	assert_int_equal(t.last, NOW + 3);
	assert_int_equal(history_of(s, OTHER).count, 1);
}

static void
a_long_cause_is_cut_off(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	char cause[2 * STORE_CAUSE_MAX];

	memset(cause, 'c', sizeof cause);
	cause[sizeof cause - 1] = '\0';
	phone_put(s, PHONE);
	remember(s, PHONE, NOW, "Operation Pending", cause);
	assert_int_equal(strlen(history_of(s, PHONE).cause), STORE_CAUSE_MAX - 1);
}

/* --- certificates that were fetched --- */

struct kinds {
	size_t count;
	time_t at[2];
	struct bytes der[2]; /* LSC and MIC */
};

static bool
keep(void *arg, const struct store_fetched *f)
{
	struct kinds *k = arg;

	k->count++;
	k->at[f->is_mic] = f->at;
	k->der[f->is_mic] = bytes_copy(f->der);
	return true;
}

static struct kinds
fetched_of(struct store *s, const char *phone)
{
	struct kinds k = { 0 };
	struct err e = { 0 };

	assert_ok(store_fetched_each(s, phone, keep, &k, &e), e);
	return k;
}

static void
kinds_free(struct kinds *k)
{
	bytes_free(&k->der[0]);
	bytes_free(&k->der[1]);
}

static void
fetch(struct store *s, bool is_mic, time_t at, const char *der)
{
	const struct store_fetched f = { is_mic, at, span_str(der) };
	struct err e = { 0 };

	assert_ok(store_fetched_put(s, PHONE, &f, &e), e);
}

static void
the_last_certificate_of_each_kind_is_kept(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct kinds k;

	phone_put(s, PHONE);
	fetch(s, false, NOW, "an LSC");
	fetch(s, true, NOW + 1, "a MIC");
	fetch(s, false, NOW + 2, "another LSC");
	k = fetched_of(s, PHONE);
	assert_int_equal(k.count, 2);
	assert_int_equal(k.at[0], NOW + 2);
	assert_int_equal(k.at[1], NOW + 1);
	assert_span_equal(bytes_span(&k.der[0]), span_str("another LSC"));
	assert_span_equal(bytes_span(&k.der[1]), span_str("a MIC"));
	kinds_free(&k);
}

/* --- all of it --- */

static void
nothing_is_kept_of_a_phone_without_a_record(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	const struct store_attempt a = { .step = STORE_CAPF_CA, .at = NOW };
	struct err e = { 0 };

	reach(s, STORE_CAPF_CA, "", NOW);
	assert_ok(store_attempt_put(s, PHONE, &a, &e), e);
	remember(s, PHONE, NOW, "Operation Pending", "");
	fetch(s, true, NOW, "a MIC");
	phone_put(s, PHONE);
	assert_int_equal(attempt_of(s, PHONE).at, 0);
	assert_int_equal(history_of(s, PHONE).count, 0);
	assert_int_equal(fetched_of(s, PHONE).count, 0);
}

static void
all_of_it_goes_with_the_record(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct err e = { 0 };
	bool found;

	phone_put(s, PHONE);
	reach(s, STORE_CAPF_CA, "", NOW);
	remember(s, PHONE, NOW, "Operation Pending", "");
	fetch(s, true, NOW, "a MIC");
	assert_ok(store_phone_remove(s, PHONE, &found, &e), e);
	assert_true(found);
	phone_put(s, PHONE);
	assert_int_equal(attempt_of(s, PHONE).at, 0);
	assert_int_equal(history_of(s, PHONE).count, 0);
	assert_int_equal(fetched_of(s, PHONE).count, 0);
}

int
main(int argc, char **argv)
{
	struct run run = run_of(argc > 1 ? argv[1] : "");
	const struct CMUnitTest tests[] = {
		backend_test(an_attempt_is_kept_as_it_was_put, &run),
		backend_test(a_step_leaves_what_is_counted_until_the_session_ends_well, &run),
		backend_test(the_first_step_begins_with_nothing_counted, &run),
		backend_test(what_is_too_long_of_a_step_is_cut_off, &run),
		backend_test(each_step_has_a_name_and_comes_back, &run),
		backend_test(the_history_has_the_newest_first, &run),
		backend_test(the_history_of_a_phone_has_a_cap_of_its_own, &run),
		backend_test(a_long_cause_is_cut_off, &run),
		backend_test(the_last_certificate_of_each_kind_is_kept, &run),
		backend_test(nothing_is_kept_of_a_phone_without_a_record, &run),
		backend_test(all_of_it_goes_with_the_record, &run),
	};

	return cmocka_run_group_tests_name(run.backend->name, tests, NULL, NULL);
}
