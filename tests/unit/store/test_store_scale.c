/* What is asked for all the time costs the same however many phones there are: no statement walks
 * through a table, and none does more steps with a hundred thousand phones than with few. */
#include "backend.h"

#include "store/store_sqlite.h"

#include <stdlib.h>

#define FEW    100
#define MANY   100000
#define MODELS 20

struct rig {
	struct store *s;
	size_t phones;
};

static void
phone_name(size_t i, char out[DEVICE_NAME_MAX])
{
	snprintf(out, DEVICE_NAME_MAX, "SEP%012zX", i);
}

static bool
put_phones(struct store *s, void *arg, struct err *e)
{
	struct rig *r = arg;

	for (; r->phones > 0; r->phones--) {
		struct device d;
		struct phone p;

		phone_name(r->phones, d.name);
		p = phone_new(&d, r->phones % 10 == 0 ? PHONE_SEEN : PHONE_ADDED);
		snprintf(p.model, sizeof p.model, "88%zu", r->phones % MODELS);
		snprintf(p.profile, sizeof p.profile, "%s", r->phones % 2 == 0 ? "secure" : "");
		if (!store_phone_put(s, &p, e))
			return false;
	}
	return true;
}

static struct store *
store_with(size_t phones)
{
	struct rig r = { .phones = phones };
	struct profile profile;
	struct err e = { 0 };

	assert_ok(store_open(":memory:", &r.s, &e), e);
	assert_ok(profile_new("secure", &profile, &e), e);
	assert_ok(store_profile_put(r.s, &profile, &e), e);
	assert_ok(store_change(r.s, put_phones, &r, &e), e);
	for (size_t i = 0; i < r.s->slot_count; i++)
		sqlite3_stmt_status(r.s->slot[i].stmt, SQLITE_STMTSTATUS_VM_STEP, true);
	return r.s;
}

/* --- the calls --- */

static bool
count_text(void *arg, const char *text)
{
	(void)text;
	++*(size_t *)arg;
	return true;
}

static void
ask_models(struct store *s)
{
	struct err e = { 0 };
	size_t n = 0;

	assert_ok(store_phone_models(s, count_text, &n, &e), e);
	assert_int_equal(n, MODELS - 2); /* two of them only among phones that were seen */
}

static void
ask_names(struct store *s)
{
	char name[DEVICE_NAME_MAX];
	struct err e = { 0 };
	size_t n = 0;

	phone_name(FEW / 2, name);
	assert_ok(store_phone_names_after(s, name, 10, count_text, &n, &e), e);
	assert_int_equal(n, 10);
}

static void
ask_counts(struct store *s)
{
	struct err e = { 0 };
	size_t n;

	assert_ok(store_phone_count(s, PHONE_SEEN, &n, &e), e);
	assert_ok(store_phone_count(s, PHONE_ADDED, &n, &e), e);
}

static void
ask_sightings(struct store *s)
{
	struct store_sighting seen = { .address = "192.0.2.1", .at = NOW };
	struct err e = { 0 };

	phone_name(FEW / 2, seen.device.name);
	assert_ok(store_phone_seen(s, &seen, 1, MANY, &e), e);
}

static void
ask_served(struct store *s)
{
	struct store_served served[10] = { 0 }, got;
	struct err e = { 0 };
	bool found;

	for (size_t i = 0; i < COUNT(served); i++) {
		phone_name(FEW / 2 + i, served[i].device);
		served[i].at = NOW;
	}
	assert_ok(store_served_put(s, served, COUNT(served), &e), e);
	assert_ok(store_served_get(s, served[0].device, &got, &found, &e), e);
	assert_true(found);
}

static bool
count_value(void *arg, const char *key, const char *value)
{
	(void)key, (void)value;
	++*(size_t *)arg;
	return true;
}

static void
ask_phone(struct store *s)
{
	char name[DEVICE_NAME_MAX];
	size_t values = 0;
	struct store_template t;
	struct phone p;
	struct err e = { 0 };
	bool found;

	phone_name(FEW / 2 + 1, name);
	assert_ok(store_phone_get(s, name, &p, &found, &e), e);
	assert_ok(store_phone_put(s, &p, &e), e);
	assert_ok(store_phone_value_set(s, name, "line1.name", "100", &e), e);
	assert_ok(store_phone_value_each(s, name, count_value, &values, &e), e);
	assert_int_equal(values, 1);
	assert_ok(store_template_of_model(s, "8861", "8800", &t, &found, &e), e);
	assert_ok(store_good_put(s, name, span_str("<device/>"), NOW, &e), e);
}

static bool
count_phone(void *arg, const struct phone *p)
{
	(void)p;
	++*(size_t *)arg;
	return true;
}

static bool
count_standing(void *arg, const struct store_standing *standing)
{
	(void)standing;
	++*(size_t *)arg;
	return true;
}

static void
ask_steps(struct store *s)
{
	struct err e = { 0 };
	size_t n = 0;

	assert_ok(store_phone_each_after(s, "SEP", 10, count_phone, &n, &e), e);
	assert_ok(store_standing_each(s, "SEP", 10, count_standing, &n, &e), e);
	assert_ok(store_phone_late(s, NOW, count_phone, &n, &e), e);
	assert_int_equal(n, 20);
}

/* Each LSC by its issuer is counted, and nothing else: here there is none. */
static void
ask_issuers(struct store *s)
{
	static const uint8_t sha256[32] = { 1 };
	struct err e = { 0 };
	size_t live;

	assert_ok(store_issuer_live(s, span_of(sha256, sizeof sha256), NOW, &live, &e), e);
	assert_int_equal(live, 0);
	assert_ok(store_issuer_live(s, (struct span){ 0 }, NOW, &live, &e), e);
	assert_int_equal(live, 0);
}

static bool
count_job(void *arg, const struct store_bulk *b)
{
	(void)b;
	++*(size_t *)arg;
	return true;
}

static bool
count_bulk_phone(void *arg, const struct store_bulk_phone *p)
{
	(void)p;
	++*(size_t *)arg;
	return true;
}

static void
ask_bulk(struct store *s)
{
	struct err e = { 0 };
	size_t n = 0;

	assert_ok(store_bulk_each(s, true, count_job, &n, &e), e);
	assert_ok(
	    store_bulk_phone_each(s, 1, STORE_BULK_GIVEN, "", 10, count_bulk_phone, &n, &e), e);
	assert_int_equal(n, 0);
}

static void
ask_renewal(struct store *s)
{
	struct err e = { 0 };
	size_t n = 0, open;

	assert_ok(store_renewal_each(s, NOW, NOW, NOW, 10, count_text, &n, &e), e);
	assert_ok(store_renewal_open(s, NOW, &open, &e), e);
	assert_int_equal(n + open, 0);
}

static void (*const calls[])(struct store *s) = { ask_models, ask_names, ask_counts, ask_sightings,
	ask_served, ask_phone, ask_steps, ask_issuers, ask_bulk, ask_renewal };

/* Steps of the database's machine that a call takes. */
static long
steps_of(struct store *s, void (*call)(struct store *s))
{
	long steps = 0;

	call(s);
	for (size_t i = 0; i < s->slot_count; i++)
		steps += sqlite3_stmt_status(s->slot[i].stmt, SQLITE_STMTSTATUS_VM_STEP, true);
	return steps;
}

static void
store_calls_take_as_many_steps_with_many_phones_as_with_few(void **state)
{
	struct store *few = store_with(FEW), *many = store_with(MANY);

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++) {
		long a = steps_of(few, calls[i]), b = steps_of(many, calls[i]);

		print_message("# call %zu: %ld steps, %ld with many\n", i, a, b);
		assert_true(a > 0);
		assert_true(b <= a + a / 10);
	}
	store_close(few);
	store_close(many);
}

/* --- plans --- */

/* The planner's words for the statement: phones and what they were served are never walked through.
 */
static void
assert_no_scan(struct store *s, const char *sql)
{
	char text[4096];
	sqlite3_stmt *plan;

	snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", sql);
	assert_int_equal(sqlite3_prepare_v2(s->db, text, -1, &plan, NULL), SQLITE_OK);
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(plan, 3);

		if (strncmp(detail, "SCAN p", 6) == 0 || strncmp(detail, "SCAN s", 6) == 0)
			fail_msg("%s: %s", sql, detail);
	}
	sqlite3_finalize(plan);
}

static void
store_statements_find_what_they_want_by_an_index(void **state)
{
	struct store *s = store_with(FEW);
	struct store_ec_phones ec;
	struct err e = { 0 };
	bool found;

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++)
		calls[i](s);
	assert_ok(store_profile_ec_phones(s, "secure", &ec, &e), e);
	assert_ok(store_phone_ec_only(s, "SEP000000000000", &found, &e), e);
	assert_fails(
	    store_profile_remove(s, "secure", &found, &e), e, ERR_CONFLICT, "50 phones have it");
	assert_ok(store_template_remove(s, "none", &found, &e), e);
	for (size_t i = 0; i < s->slot_count; i++)
		assert_no_scan(s, s->slot[i].sql);
	store_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(store_calls_take_as_many_steps_with_many_phones_as_with_few),
		cmocka_unit_test(store_statements_find_what_they_want_by_an_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
