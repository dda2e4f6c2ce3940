#include "backend.h"

#define ADDRESS "192.0.2.7"

static struct store_tvs_contact
contact_of(struct store *s, const char *address, bool expected)
{
	struct store_tvs_contact c;
	struct err e = { 0 };
	bool found;

	assert_ok(store_tvs_contact_get(s, address, &c, &found, &e), e);
	assert_int_equal(found, expected);
	return c;
}

static void
a_contact_is_kept_as_it_was_put(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	const struct store_tvs_contact put = { .address = ADDRESS,
		.question_at = NOW,
		.device = "SEP001122334455",
		.certificate = "CN=a;OU=b",
		.is_known = true,
		.alert_at = NOW + 1,
		.alert = "unknown ca",
		.https_at = NOW + 2,
		.https = "bad certificate" };
	struct store_tvs_contact got;
	struct err e = { 0 };

	assert_int_equal(contact_of(s, ADDRESS, false).question_at, 0);
	assert_ok(store_tvs_contact_put(s, &put, 1, &e), e);
	got = contact_of(s, ADDRESS, true);
	assert_string_equal(got.address, ADDRESS);
	assert_int_equal(got.question_at, NOW);
	assert_string_equal(got.device, put.device);
	assert_string_equal(got.certificate, put.certificate);
	assert_true(got.is_known);
	assert_int_equal(got.alert_at, NOW + 1);
	assert_string_equal(got.alert, put.alert);
	assert_int_equal(got.https_at, NOW + 2);
	assert_string_equal(got.https, put.https);
}

/* What was not heard this time leaves what was heard before. */
static void
each_part_of_a_contact_is_replaced_by_itself(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	const struct store_tvs_contact question = { .address = ADDRESS,
		.question_at = NOW,
		.device = "SEP001122334455",
		.certificate = "CN=a" },
				       alert = { .address = ADDRESS,
					       .alert_at = NOW + 1,
					       .alert = "unknown ca" },
				       https = { .address = ADDRESS,
					       .https_at = NOW + 2,
					       .https = "bad certificate" },
				       next = { .address = ADDRESS,
					       .question_at = NOW + 3,
					       .certificate = "CN=b",
					       .is_known = true };
	const struct store_tvs_contact all[] = { question, alert, https, next };
	struct store_tvs_contact got;
	struct err e = { 0 };

	assert_ok(store_tvs_contact_put(s, all, 3, &e), e);
	got = contact_of(s, ADDRESS, true);
	assert_int_equal(got.question_at, NOW);
	assert_string_equal(got.device, "SEP001122334455");
	assert_string_equal(got.alert, "unknown ca");
	assert_string_equal(got.https, "bad certificate");
	assert_ok(store_tvs_contact_put(s, &all[3], 1, &e), e);
	got = contact_of(s, ADDRESS, true);
	assert_int_equal(got.question_at, NOW + 3);
	assert_string_equal(got.device, "");
	assert_string_equal(got.certificate, "CN=b");
	assert_true(got.is_known);
	assert_int_equal(got.alert_at, NOW + 1);
	assert_int_equal(got.https_at, NOW + 2);
}

static void
the_oldest_addresses_make_room(void **state)
{
	enum { PART = 1000, MORE = 10 };
	struct store *s = ((struct run *)*state)->s;
	static struct store_tvs_contact all[PART];
	char address[PHONE_ADDRESS_MAX];
	struct err e = { 0 };

	for (unsigned n = 0; n < STORE_TVS_MAX + MORE; n += PART) {
		for (unsigned i = 0; i < PART; i++) {
			snprintf(all[i].address, sizeof all[i].address, "host-%u", n + i);
			all[i].alert_at = NOW + n + i;
		}
		assert_ok(store_tvs_contact_put(s, all, PART, &e), e);
	}
	snprintf(address, sizeof address, "host-%u", PART - 2);
	(void)contact_of(s, address, false);
	snprintf(address, sizeof address, "host-%u", STORE_TVS_MAX);
	(void)contact_of(s, address, true);
}

int
main(int argc, char **argv)
{
	struct run run = run_of(argc > 1 ? argv[1] : "");
	const struct CMUnitTest tests[] = {
		backend_test(a_contact_is_kept_as_it_was_put, &run),
		backend_test(each_part_of_a_contact_is_replaced_by_itself, &run),
		backend_test(the_oldest_addresses_make_room, &run),
	};

	return cmocka_run_group_tests_name(run.backend->name, tests, NULL, NULL);
}
