#include "backend.h"

#include <stdlib.h>

#define PHONE "SEP001122334455"

/* --- records --- */

static struct phone
phone_of(struct store *s, const char *name)
{
	struct phone p;
	struct err e = { 0 };
	bool found;

	assert_ok(store_phone_get(s, name, &p, &found, &e), e);
	if (!found)
		fail_msg("%s is not there", name);
	return p;
}

static void
assert_phones_equal(const struct phone *a, const struct phone *b)
{
	assert_string_equal(a->device.name, b->device.name);
	assert_int_equal(a->origin, b->origin);
	assert_string_equal(a->model, b->model);
	assert_string_equal(a->group, b->group);
	assert_int_equal(a->operation, b->operation);
	assert_string_equal(a->operation_status, b->operation_status);
	assert_int_equal(a->operation_changed, b->operation_changed);
	assert_int_equal(a->auth_mode, b->auth_mode);
	assert_string_equal(a->auth_string, b->auth_string);
	assert_int_equal(a->key_order, b->key_order);
	assert_int_equal(a->rsa_size, b->rsa_size);
	assert_int_equal(a->ec_size, b->ec_size);
	assert_int_equal(a->complete_by, b->complete_by);
	assert_int_equal(a->released, b->released);
	assert_int_equal(a->first_seen, b->first_seen);
	assert_int_equal(a->last_seen, b->last_seen);
	assert_string_equal(a->last_address, b->last_address);
}

static void
store_phone_put_keeps_every_field(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct phone p = { .device = { PHONE },
		.origin = PHONE_ADDED,
		.model = "Cisco 8861",
		.group = "D\303\274sseldorf '1'",
		.operation = PHONE_OPERATION_TROUBLESHOOT,
		.operation_status = "Operation Pending",
		.operation_changed = NOW,
		.auth_mode = PHONE_AUTH_STRING,
		.auth_string = "0123456789",
		.key_order = PHONE_KEY_EC_PREFERRED,
		.rsa_size = 4096,
		.ec_size = 521,
		.complete_by = NOW + 1,
		.released = true,
		.first_seen = NOW - 9,
		.last_seen = NOW - 8,
		.last_address = "2001:db8::1" };
	struct phone q;
	struct err e = { 0 };

	assert_ok(store_phone_put(s, &p, &e), e);
	q = phone_of(s, PHONE);
	assert_phones_equal(&p, &q);
	assert_string_equal(q.lsc_serial, "");
	p = phone_new(&p.device, PHONE_SEEN);
	strcpy(q.lsc_serial, "ff");
	assert_ok(store_phone_put(s, &p, &e), e);
	q = phone_of(s, PHONE);
	assert_phones_equal(&p, &q);
}

static void
store_phone_operation_put_writes_what_comes_of_an_operation(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct phone p, want, back;
	struct err e = { 0 };

	phone_put(s, PHONE);
	phone_put(s, "SEP001122334456");
	want = p = phone_of(s, PHONE);
	p.operation = want.operation = PHONE_OPERATION_DELETE;
	strcpy(p.operation_status, "Operation Pending");
	strcpy(p.auth_string, "1234");
	memcpy(want.operation_status, p.operation_status, sizeof want.operation_status);
	memcpy(want.auth_string, p.auth_string, sizeof want.auth_string);
	p.operation_changed = want.operation_changed = NOW + 1;
	p.complete_by = want.complete_by = NOW + 2;
	p.auth_failures = want.auth_failures = 3;
	strcpy(p.model, "another");
	p.last_seen = NOW + 3;
	assert_ok(store_phone_operation_put(s, &p, &e), e);
	back = phone_of(s, PHONE);
	assert_phones_equal(&back, &want);
	assert_int_equal(back.auth_failures, 3);
	assert_int_equal(phone_of(s, "SEP001122334456").operation, PHONE_OPERATION_NONE);
	strcpy(p.device.name, "SEP001122334457");
	assert_fails(store_phone_operation_put(s, &p, &e), e, ERR_UNKNOWN, "no phone");
}

static void
store_phone_put_refuses_what_no_phone_can_be(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct phone good = phone_new(&(struct device){ PHONE }, PHONE_ADDED);
	struct phone bad[6];
	struct err e;

	for (size_t i = 0; i < COUNT(bad); i++)
		bad[i] = good;
	strcpy(bad[0].device.name, "../x");
	strcpy(bad[1].device.name, "");
	strcpy(bad[2].auth_string, "12a4");
	bad[3].rsa_size = 768;
	bad[4].operation = (enum phone_operation)7;
	bad[5].origin = (enum phone_origin)7;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_fails(store_phone_put(s, &bad[i], &e), e, ERR_STORE, "CHECK constraint");
}

static void
store_phone_remove_forgets_what_hangs_on_it(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t list = list_add(s, node_put(s, "pub", true), STORE_LIST_ITL, "list");
	struct phone p;
	struct err e = { 0 };
	bool found;

	phone_put(s, PHONE);
	assert_ok(store_belief_add(s, PHONE, list, "192.0.2.1", NOW, &e), e);
	assert_ok(store_phone_remove(s, PHONE, &found, &e), e);
	assert_true(found);
	assert_ok(store_phone_remove(s, PHONE, &found, &e), e);
	assert_false(found);
	assert_ok(store_phone_get(s, PHONE, &p, &found, &e), e);
	assert_false(found);
	assert_fails(store_belief_add(s, PHONE, list, "", NOW, &e), e, ERR_UNKNOWN,
	    PHONE ": refers to what does not exist");
}

struct names {
	size_t count, stop_at;
	char last[DEVICE_NAME_MAX];
};

static bool
name_collect(void *arg, const struct phone *p)
{
	struct names *all = arg;

	assert_true(strcmp(all->last, p->device.name) < 0);
	strcpy(all->last, p->device.name);
	all->count++;
	return all->count != all->stop_at;
}

#define MANY 10000

static bool
put_many(struct store *s, void *arg, struct err *e)
{
	struct device d;
	struct phone p;

	(void)arg;
	for (size_t i = MANY; i-- > 0;) {
		snprintf(d.name, sizeof d.name, "SEP%012zX", i);
		p = phone_new(&d, PHONE_ADDED);
		if (!store_phone_put(s, &p, e))
			return false;
	}
	return true;
}

static void
store_phone_each_walks_ten_thousand_in_order_of_name(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct names all = { 0 };
	struct err e = { 0 };

	assert_ok(store_change(s, put_many, NULL, &e), e);
	assert_ok(store_phone_each(s, name_collect, &all, &e), e);
	assert_int_equal(all.count, MANY);
	all = (struct names){ .stop_at = 3 };
	assert_ok(store_phone_each(s, name_collect, &all, &e), e);
	assert_string_equal(all.last, "SEP000000000002");
}

static void
store_phone_each_after_goes_in_steps(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct names all = { 0 };
	struct err e = { 0 };

	assert_ok(store_change(s, put_many, NULL, &e), e);
	assert_ok(store_phone_each_after(s, "", 3, name_collect, &all, &e), e);
	assert_string_equal(all.last, "SEP000000000002");
	assert_ok(store_phone_each_after(s, all.last, 5, name_collect, &all, &e), e);
	assert_int_equal(all.count, 8);
	assert_string_equal(all.last, "SEP000000000007");
}

static void
store_phone_late_finds_the_deadlines_that_passed(void **state)
{
	static const struct {
		const char *name;
		time_t complete_by;
		enum phone_operation operation;
	} phones[] = { { "SEP000000000001", NOW - 1, PHONE_OPERATION_INSTALL },
		{ "SEP000000000002", NOW, PHONE_OPERATION_INSTALL },
		{ "SEP000000000003", 0, PHONE_OPERATION_INSTALL },
		{ "SEP000000000004", NOW - 1, PHONE_OPERATION_NONE } };
	struct store *s = ((struct run *)*state)->s;
	struct names late = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < COUNT(phones); i++) {
		struct device d = { "" };
		struct phone p;

		snprintf(d.name, sizeof d.name, "%s", phones[i].name);
		p = phone_new(&d, PHONE_ADDED);
		p.operation = phones[i].operation;
		p.complete_by = phones[i].complete_by;
		assert_ok(store_phone_put(s, &p, &e), e);
	}
	assert_ok(store_phone_late(s, NOW, name_collect, &late, &e), e);
	assert_int_equal(late.count, 1);
	assert_string_equal(late.last, phones[0].name);
}

static void
store_phone_mic_is_kept_beside_the_record(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct bytes der;
	struct err e = { 0 };

	assert_fails(store_phone_mic_set(s, PHONE, span_str("x"), &e), e, ERR_UNKNOWN, PHONE);
	assert_fails(store_phone_mic_get(s, PHONE, &der, &e), e, ERR_UNKNOWN, PHONE);
	phone_put(s, PHONE);
	assert_ok(store_phone_mic_get(s, PHONE, &der, &e), e);
	assert_int_equal(der.n, 0);
	assert_ok(store_phone_mic_set(s, PHONE, span_str("the MIC"), &e), e);
	phone_put(s, PHONE);
	assert_ok(store_phone_mic_get(s, PHONE, &der, &e), e);
	assert_span_equal(bytes_span(&der), span_str("the MIC"));
	bytes_free(&der);
	assert_ok(store_phone_mic_set(s, PHONE, span_of(NULL, 0), &e), e);
	assert_ok(store_phone_mic_get(s, PHONE, &der, &e), e);
	assert_int_equal(der.n, 0);
}

/* --- sightings --- */

static void
store_phone_seen_makes_records_up_to_its_limit(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_sighting seen[] = {
		{ { PHONE }, "192.0.2.1", NOW },
		{ { "SEP000000000001" }, "192.0.2.2", NOW + 1 },
		{ { "SEP000000000001" }, "192.0.2.3", NOW + 2 },
		{ { "SEP000000000002" }, "192.0.2.4", NOW + 3 },
		{ { "SEP000000000003" }, "192.0.2.5", NOW + 4 },
	};
	struct phone p;
	struct err e = { 0 };
	size_t count;
	bool found;

	phone_put(s, PHONE);
	assert_ok(store_phone_seen(s, seen, COUNT(seen), 2, &e), e);
	assert_ok(store_phone_count(s, PHONE_SEEN, &count, &e), e);
	assert_int_equal(count, 2);
	assert_ok(store_phone_count(s, PHONE_ADDED, &count, &e), e);
	assert_int_equal(count, 1);
	p = phone_of(s, PHONE);
	assert_int_equal(p.origin, PHONE_ADDED);
	assert_int_equal(p.first_seen, NOW);
	p = phone_of(s, "SEP000000000001");
	assert_int_equal(p.origin, PHONE_SEEN);
	assert_int_equal(p.first_seen, NOW + 1);
	assert_int_equal(p.last_seen, NOW + 2);
	assert_string_equal(p.last_address, "192.0.2.3");
	assert_ok(store_phone_get(s, "SEP000000000003", &p, &found, &e), e);
	assert_false(found);
}

static void
store_phone_seen_does_not_turn_the_clock_back(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_sighting seen = { { PHONE }, "192.0.2.1", NOW };
	struct phone p;
	struct err e = { 0 };

	assert_ok(store_phone_seen(s, &seen, 1, 10, &e), e);
	seen = (struct store_sighting){ { PHONE }, "192.0.2.9", NOW - 5 };
	assert_ok(store_phone_seen(s, &seen, 1, 10, &e), e);
	p = phone_of(s, PHONE);
	assert_int_equal(p.first_seen, NOW - 5);
	assert_int_equal(p.last_seen, NOW);
	assert_string_equal(p.last_address, "192.0.2.1");
}

static void
store_phone_seen_takes_thousands_in_one_go(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_sighting *seen = calloc(MANY, sizeof *seen);
	struct err e = { 0 };
	size_t count;

	assert_non_null(seen);
	for (size_t i = 0; i < MANY; i++) {
		snprintf(seen[i].device.name, sizeof seen[i].device.name, "SEP%012zX", i);
		strcpy(seen[i].address, "192.0.2.1");
		seen[i].at = NOW;
	}
	assert_ok(store_phone_seen(s, seen, MANY, MANY, &e), e);
	assert_ok(store_phone_seen(s, seen, MANY, MANY, &e), e);
	assert_ok(store_phone_count(s, PHONE_SEEN, &count, &e), e);
	assert_int_equal(count, MANY);
	strcpy(seen[MANY - 1].device.name, "no/phone");
	seen[0].at = NOW + 1;
	assert_fails(store_phone_seen(s, seen, MANY, MANY + 1, &e), e, ERR_STORE, "phone no/phone");
	assert_int_equal(phone_of(s, "SEP000000000000").last_seen, NOW);
	free(seen);
}

int
main(int argc, char **argv)
{
	struct run run = run_of(argc > 1 ? argv[1] : "");
	const struct CMUnitTest tests[] = {
		backend_test(store_phone_put_keeps_every_field, &run),
		backend_test(store_phone_operation_put_writes_what_comes_of_an_operation, &run),
		backend_test(store_phone_put_refuses_what_no_phone_can_be, &run),
		backend_test(store_phone_remove_forgets_what_hangs_on_it, &run),
		backend_test(store_phone_each_walks_ten_thousand_in_order_of_name, &run),
		backend_test(store_phone_each_after_goes_in_steps, &run),
		backend_test(store_phone_late_finds_the_deadlines_that_passed, &run),
		backend_test(store_phone_mic_is_kept_beside_the_record, &run),
		backend_test(store_phone_seen_makes_records_up_to_its_limit, &run),
		backend_test(store_phone_seen_does_not_turn_the_clock_back, &run),
		backend_test(store_phone_seen_takes_thousands_in_one_go, &run),
	};

	return cmocka_run_group_tests_name(run.backend->name, tests, NULL, NULL);
}
