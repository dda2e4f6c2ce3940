#include "fixture.h"

#include "cluster/cluster_ctl.h"
#include "cluster/cluster_recovery.h"
#include "rules/signedfile.h"

#define PHONE "SEP001122334455"

static void
set_mode(const struct fixture *f, bool mixed, time_t now)
{
	struct err e = { 0 };

	assert_ok(cluster_ctl_set_mode(f->cluster, mixed, now, &e), e);
}

static bool
has_ctl(const struct fixture *f)
{
	struct cluster_list held;

	return cluster_list(f->cluster, STORE_LIST_CTL, ENVELOPE_SHA1, &held);
}

static void
assert_functions(const struct fixture *f, const uint16_t *want, size_t count)
{
	struct cluster_list held;
	struct trustlist list = fixture_list(f->cluster, STORE_LIST_CTL, &held);
	struct err e = { 0 };

	assert_ok(
	    signedfile_check_list(&list, cluster_cert(f->cluster, PURPOSE_ITLRECOVERY), &e), e);
	assert_true(trustlist_is_ctl(&list));
	assert_true(cluster_list_is_ctl(f->cluster, held.id));
	assert_int_equal(list.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(list.records[i].function, want[i]);
	trustlist_free(&list);
}

static void
a_new_cluster_is_in_non_secure_mode_and_has_no_ctl(void **state)
{
	struct fixture *f = *state;
	bool changed;
	struct err e;

	assert_int_equal(cluster_security(f->cluster), CLUSTER_NEVER_MIXED);
	assert_string_equal(cluster_security_name(cluster_security(f->cluster)), "non-secure");
	assert_false(has_ctl(f));
	assert_fails(cluster_ctl_update(f->cluster, NOW, &changed, &e), e, ERR_REFUSED,
	    "set-cluster mixed-mode");
	assert_fails(cluster_ctl_delete(f->cluster, NOW, &e), e, ERR_UNKNOWN, "no CTL");
	set_mode(f, false, NOW);
	assert_int_equal(cluster_security(f->cluster), CLUSTER_NEVER_MIXED);
}

static void
mixed_mode_publishes_a_ctl_that_outlives_a_restart(void **state)
{
	static const uint16_t want[] = { FUNCTION_SAST, FUNCTION_SAST, FUNCTION_CCM_TFTP,
		FUNCTION_TFTP, FUNCTION_CAPF };
	struct fixture *f = *state;
	struct cluster_list held;
	struct trustlist list;
	bool changed;
	struct err e = { 0 };

	set_mode(f, true, NOW + 5);
	assert_functions(f, want, 5);
	list = fixture_list(f->cluster, STORE_LIST_CTL, &held);
	assert_span_equal(
	    list.records[2].certificate, cert_der(cluster_cert(f->cluster, PURPOSE_CALLMANAGER)));
	trustlist_free(&list);
	fixture_reopen(f);
	assert_int_equal(cluster_security(f->cluster), CLUSTER_MIXED);
	assert_functions(f, want, 5);
	assert_ok(cluster_ctl_update(f->cluster, NOW + 6, &changed, &e), e);
	assert_false(changed);
	set_mode(f, true, NOW + 7);
	assert_true(fixture_version(f->cluster, STORE_LIST_CTL) == 1);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 1);
	assert_fails(cluster_ctl_delete(f->cluster, NOW, &e), e, ERR_REFUSED, "non-secure-mode");
}

static void
a_new_certificate_is_in_the_ctl_in_the_same_change(void **state)
{
	struct fixture *f = *state;
	struct cluster_list held;
	struct trustlist list;
	struct err e = { 0 };

	set_mode(f, true, NOW + 5);
	assert_ok(fixture_renew(f->cluster, PURPOSE_CALLMANAGER, NOW + 6, &e), e);
	assert_true(fixture_version(f->cluster, STORE_LIST_CTL) == 2);
	list = fixture_list(f->cluster, STORE_LIST_CTL, &held);
	assert_span_equal(
	    list.records[2].certificate, cert_der(cluster_cert(f->cluster, PURPOSE_CALLMANAGER)));
	trustlist_free(&list);
	assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + 7, &e), e); /* never in a CTL */
	assert_true(fixture_version(f->cluster, STORE_LIST_CTL) == 2);
	assert_ok(cluster_set_role(f->cluster, "capf", false, NOW + 8, &e), e);
	assert_true(fixture_version(f->cluster, STORE_LIST_CTL) == 3);
}

static void
non_secure_mode_leaves_the_ctl_with_emptied_records(void **state)
{
	static const uint16_t want[] = { FUNCTION_SAST, FUNCTION_SAST, FUNCTION_CCM_TFTP,
		FUNCTION_CAPF };
	struct fixture *f = *state;
	struct cluster_list held;
	struct trustlist list;
	struct err e = { 0 };

	set_mode(f, true, NOW + 5);
	set_mode(f, false, NOW + 6);
	assert_int_equal(cluster_security(f->cluster), CLUSTER_MIXED_BEFORE);
	assert_functions(f, want, 4);
	list = fixture_list(f->cluster, STORE_LIST_CTL, &held);
	assert_int_equal(list.records[2].certificate.n, 0);
	assert_int_equal(list.records[2].ip_address.n, 4);
	trustlist_free(&list);
	assert_ok(cluster_ctl_delete(f->cluster, NOW + 7, &e), e);
	assert_false(has_ctl(f));
	fixture_reopen(f);
	assert_false(has_ctl(f));
	set_mode(f, true, NOW + 8);
	assert_true(fixture_version(f->cluster, STORE_LIST_CTL) == 3);
}

static void
a_reset_signs_the_ctl_with_the_other_key_until_an_update(void **state)
{
	struct fixture *f = *state;
	struct cluster_list held;
	struct trustlist list;
	bool changed;
	struct err e = { 0 };

	assert_fails(cluster_ctl_reset(f->cluster, true, NOW, &e), e, ERR_REFUSED, "no CTL");
	assert_fails(cluster_ctl_reset(f->cluster, false, NOW, &e), e, ERR_CONFLICT, "no reset");
	set_mode(f, true, NOW + 5);
	assert_ok(cluster_ctl_reset(f->cluster, true, NOW + 6, &e), e);
	fixture_reopen(f);
	assert_fails(cluster_ctl_reset(f->cluster, true, NOW, &e), e, ERR_CONFLICT, "since");
	assert_fails(cluster_generation_set(f->cluster, GENERATION_G10, NOW, &e), e, ERR_CONFLICT,
	    "ctl reset end");
	list = fixture_list(f->cluster, STORE_LIST_CTL, &held);
	assert_ok(
	    signedfile_check_list(&list, cluster_cert(f->cluster, PURPOSE_CALLMANAGER), &e), e);
	trustlist_free(&list);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 1);
	assert_ok(cluster_ctl_update(f->cluster, NOW + 7, &changed, &e), e);
	assert_true(changed);
	list = fixture_list(f->cluster, STORE_LIST_CTL, &held);
	assert_ok(
	    signedfile_check_list(&list, cluster_cert(f->cluster, PURPOSE_ITLRECOVERY), &e), e);
	trustlist_free(&list);
	assert_ok(cluster_ctl_reset(f->cluster, true, NOW + 8, &e), e);
	set_mode(f, false, NOW + 9);
	assert_ok(cluster_ctl_delete(f->cluster, NOW + 10, &e), e);
	assert_fails(cluster_ctl_reset(f->cluster, false, NOW, &e), e, ERR_CONFLICT, "no reset");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(a_new_cluster_is_in_non_secure_mode_and_has_no_ctl),
		WITH_COPY(mixed_mode_publishes_a_ctl_that_outlives_a_restart),
		WITH_COPY(a_new_certificate_is_in_the_ctl_in_the_same_change),
		WITH_COPY(a_reset_signs_the_ctl_with_the_other_key_until_an_update),
		WITH_COPY(non_secure_mode_leaves_the_ctl_with_emptied_records),
	};

	return cmocka_run_group_tests_name(
	    "cluster_ctl", tests, fixture_group_setup, fixture_group_teardown);
}
