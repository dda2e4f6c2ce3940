#include "../check.h"

#include "daemon/tvs_contacts.h"

#define NOW 1700000000

static void
what_is_heard_of_an_address_is_found_without_its_port_and_outlives_writing(void **state)
{
	struct tvs_contacts *t = tvs_contacts_new();
	const struct device d = { "SEP001122334455" };
	struct store_tvs_contact c;
	struct store *store;
	struct err e = { 0 };

	(void)state;
	assert_ok(store_open(":memory:", &store, &e), e);
	assert_ok(tvs_contacts_find(t, store, "192.0.2.7", &c, &e), e);
	assert_int_equal(c.question_at, 0);
	tvs_contacts_question(t, span_str("192.0.2.7:1024"), &d, span_str("CN=a\x1b"), true, NOW);
	tvs_contacts_alert(t, span_str("192.0.2.7:1025"), false, span_str("unknown ca"), NOW + 1);
	tvs_contacts_alert(
	    t, span_str("[2001:db8::1]:1024"), true, span_str("bad certificate"), NOW + 2);
	for (int i = 0; i < 2; i++) { /* from memory, then from the store */
		assert_ok(tvs_contacts_find(t, store, "192.0.2.7", &c, &e), e);
		assert_int_equal(c.question_at, NOW);
		assert_string_equal(c.device, d.name);
		assert_string_equal(c.certificate, "CN=a\\x1b");
		assert_string_equal(c.alert, "unknown ca");
		assert_int_equal(c.https_at, 0);
	}
	assert_ok(tvs_contacts_find(t, store, "2001:db8::1", &c, &e), e);
	assert_int_equal(c.https_at, NOW + 2);
	assert_int_equal(c.alert_at, 0);
	tvs_contacts_free(t);
	store_close(store);
}

static void
a_question_of_nobody_is_noted_without_a_name(void **state)
{
	struct tvs_contacts *t = tvs_contacts_new();
	struct store_tvs_contact c;
	struct store *store;
	struct err e = { 0 };

	(void)state;
	assert_ok(store_open(":memory:", &store, &e), e);
	tvs_contacts_question(t, span_str(""), NULL, span_str(""), false, NOW);
	tvs_contacts_question(t, span_str("192.0.2.7:1024"), NULL, span_str(""), false, NOW);
	assert_ok(tvs_contacts_write(t, store, &e), e);
	assert_ok(tvs_contacts_find(t, store, "192.0.2.7", &c, &e), e);
	assert_string_equal(c.device, "");
	assert_false(c.is_known);
	assert_int_equal(c.question_at, NOW);
	tvs_contacts_free(t);
	store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_heard_of_an_address_is_found_without_its_port_and_outlives_writing),
		cmocka_unit_test(a_question_of_nobody_is_noted_without_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
