#include "fixture.h"

#include "cluster/cluster_recovery.h"
#include "rules/signedfile.h"
#include "rules/trustlist_build.h"

#include <stdlib.h>

#define PHONE "SEP001122334455"
#define YEAR  (365 * DAY)

static void
assert_signed_by(const struct fixture *f, enum purpose p, uint64_t version)
{
	for (int kind = STORE_LIST_ITL; kind <= STORE_LIST_EMPTY; kind++) {
		struct cluster_list held;
		struct trustlist list = fixture_list(f->cluster, (enum store_list_kind)kind, &held);
		struct err e = { 0 };

		assert_ok(signedfile_check_list(&list, cluster_cert(f->cluster, p), &e), e);
		if (kind == STORE_LIST_ITL)
			assert_true(held.version == version);
		trustlist_free(&list);
	}
	assert_int_equal(cluster_list_signer(f->cluster), p);
}

static size_t
records(const struct fixture *f)
{
	struct cluster_list held;
	struct trustlist list = fixture_list(f->cluster, STORE_LIST_ITL, &held);
	size_t n = list.count;

	trustlist_free(&list);
	return n;
}

static struct bytes
current(const struct fixture *f)
{
	struct cluster_list held;

	assert_true(cluster_list(f->cluster, STORE_LIST_ITL, ENVELOPE_SHA1, &held));
	return bytes_copy(held.file);
}

/* --- generation --- */

static void
cluster_generation_set_changes_signer_and_records_in_one_step(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	fixture_holder(f, PHONE, fixture_list_id(f->cluster));
	assert_signed_by(f, PURPOSE_ITLRECOVERY, 1);
	assert_int_equal(records(f), 6);
	assert_ok(cluster_generation_set(f->cluster, GENERATION_G10, NOW + 1, &e), e);
	assert_signed_by(f, PURPOSE_CALLMANAGER, 2);
	assert_int_equal(records(f), 6);
	assert_ok(cluster_generation_set(f->cluster, GENERATION_G8, NOW + 2, &e), e);
	assert_signed_by(f, PURPOSE_CALLMANAGER, 3);
	assert_int_equal(records(f), 4); /* without ITLRecovery and EC */
	assert_ok(cluster_generation_set(f->cluster, GENERATION_G8, NOW + 3, &e), e);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 3);
	fixture_reopen(f);
	assert_int_equal(cluster_recovery(f->cluster)->generation, GENERATION_G8);
	assert_ok(cluster_generation_set(f->cluster, GENERATION_G12, NOW + 4, &e), e);
	assert_signed_by(f, PURPOSE_ITLRECOVERY, 4);
}

/* What was kept in sealtone.conf goes over into the store once; then the file says nothing more. */
static void
a_store_of_before_takes_the_generation_of_the_configuration_once(void **state)
{
	struct fixture *f = *state;
	char command[3 * PATH_LEN];
	bool changed;
	char warning[ERR_TEXT_MAX];
	struct err e = { 0 };

	cluster_close(f->cluster);
	f->cluster = NULL;
	snprintf(command, sizeof command,
	    "cd '%s' && sed -i 's/^generation = .*/generation = G10/' sealtone.conf && python3 -c "
	    "\"import sqlite3; d = sqlite3.connect('sealtone.db'); d.execute(\\\"DELETE FROM "
	    "settings WHERE name = 'list-generation'\\\"); d.commit()\"",
	    f->path);
	assert_int_equal(system(command), 0);
	assert_ok(cluster_open(f->path, &f->cluster, &e), e);
	assert_ok(cluster_publish(f->cluster, NOW + 1, &changed, warning, &e), e);
	assert_true(changed);
	assert_signed_by(f, PURPOSE_CALLMANAGER, 2);
	snprintf(command, sizeof command,
	    "sed -i 's/^generation = .*/generation = G12/' '%s/sealtone.conf'", f->path);
	assert_int_equal(system(command), 0);
	fixture_reopen(f);
	assert_ok(cluster_publish(f->cluster, NOW + 2, &changed, warning, &e), e);
	assert_false(changed);
}

static void
a_setting_that_nobody_wrote_is_named(void **state)
{
	static const struct {
		const char *name, *value, *good;
	} rows[] = {
		{ "list-generation", "G9", "G12" },
		{ "itl-reset-since", "yes", "0" },
		{ "rollback-since", "-1", "0" },
	};
	struct fixture *f = *state;
	char text[64];
	struct err e = { 0 };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct store *s = cluster_store(f->cluster);

		snprintf(
		    text, sizeof text, "%s in the database is \"%s\"", rows[i].name, rows[i].value);
		assert_ok(store_setting_set(s, rows[i].name, rows[i].value, &e), e);
		assert_fails(
		    cluster_set_role(f->cluster, "capf", false, NOW, &e), e, ERR_STORE, text);
		assert_ok(store_setting_set(s, rows[i].name, rows[i].good, &e), e);
	}
	assert_ok(cluster_set_role(f->cluster, "capf", false, NOW, &e), e);
}

/* --- reset --- */

static void
cluster_itl_reset_signs_with_the_other_sast_key_until_it_ends(void **state)
{
	static const struct {
		enum generation generation;
		enum purpose signer, other;
	} rows[] = {
		{ GENERATION_G12, PURPOSE_ITLRECOVERY, PURPOSE_CALLMANAGER },
		{ GENERATION_G10, PURPOSE_CALLMANAGER, PURPOSE_ITLRECOVERY },
	};
	struct fixture *f = *state;
	uint64_t version = 0;
	struct err e = { 0 };

	fixture_holder(f, PHONE, fixture_list_id(f->cluster));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_ok(cluster_generation_set(f->cluster, rows[i].generation, NOW + 1, &e), e);
		version = fixture_version(f->cluster, STORE_LIST_ITL);
		assert_fails(cluster_itl_reset(f->cluster, false, NOW + 2, &e), e, ERR_CONFLICT,
		    "no reset is in force");
		assert_ok(cluster_itl_reset(f->cluster, true, NOW + 3, &e), e);
		assert_signed_by(f, rows[i].other, version + 1);
		assert_fails(cluster_itl_reset(f->cluster, true, NOW + 4, &e), e, ERR_CONFLICT,
		    "in force since 2023-11-14T22:13:23Z");
		assert_fails(cluster_generation_set(f->cluster, GENERATION_G8, NOW + 4, &e), e,
		    ERR_CONFLICT, "sealtone itl reset end");
		fixture_reopen(f);
		assert_signed_by(f, rows[i].other, version + 1);
		assert_int_equal(cluster_recovery(f->cluster)->reset_since, NOW + 3);
		assert_ok(cluster_itl_reset(f->cluster, false, NOW + 5, &e), e);
		assert_signed_by(f, rows[i].signer, version + 2);
		assert_int_equal(cluster_recovery(f->cluster)->reset_since, 0);
	}
}

static void
cluster_itl_reset_of_generation_g8_is_refused(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	assert_ok(cluster_generation_set(f->cluster, GENERATION_G8, NOW + 1, &e), e);
	assert_fails(
	    cluster_itl_reset(f->cluster, true, NOW + 2, &e), e, ERR_REFUSED, "no other SAST key");
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 2);
}

/* operations 4.9, the other way round: nobody has to ask TVS. */
static void
a_reset_leads_phones_from_one_itlrecovery_to_the_next(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	fixture_no_bridges(f);
	assert_ok(cluster_set_role(f->cluster, "tvs", false, NOW, &e), e);
	fixture_holder(f, PHONE, fixture_list_id(f->cluster));
	assert_fails(fixture_renew(f->cluster, PURPOSE_ITLRECOVERY, NOW + 1, &e), e, ERR_REFUSED,
	    "1 phone would be cut off");
	assert_ok(cluster_itl_reset(f->cluster, true, NOW + 2, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_ITLRECOVERY, NOW + 3, &e), e);
	assert_fails(cluster_itl_reset(f->cluster, false, NOW + 4, &e), e, ERR_REFUSED,
	    "1 phone would be cut off"); /* it has not been seen since */
	assert_int_equal(cluster_recovery(f->cluster)->reset_since, NOW + 2);
}

/* --- rollback --- */

static void
cluster_rollback_hands_out_the_empty_list_until_it_ends(void **state)
{
	struct fixture *f = *state;
	int64_t full = fixture_list_id(f->cluster), empty;
	struct err e = { 0 };

	fixture_holder(f, PHONE, full);
	assert_fails(cluster_rollback_set(f->cluster, false, NOW + 1, &e), e, ERR_CONFLICT,
	    "rollback is not prepared");
	assert_ok(cluster_rollback_set(f->cluster, true, NOW + 1, &e), e);
	empty = fixture_list_id(f->cluster);
	assert_true(empty != full);
	assert_int_equal(records(f), 3); /* SAST twice, CAPF */
	assert_true(cluster_list_is_current(f->cluster, STORE_LIST_ITL, empty));
	assert_false(cluster_list_is_current(f->cluster, STORE_LIST_ITL, full));
	assert_fails(cluster_rollback_set(f->cluster, true, NOW + 2, &e), e, ERR_CONFLICT,
	    "prepared since 2023-11-14T22:13:21Z");
	fixture_reopen(f);
	assert_true(fixture_list_id(f->cluster) == empty);
	assert_ok(cluster_rollback_set(f->cluster, false, NOW + 3, &e), e);
	assert_true(fixture_list_id(f->cluster) == full);
	assert_int_equal(cluster_recovery(f->cluster)->rollback_since, 0);
}

/* It refuses the empty list as it refuses the full one. */
static void
cluster_rollback_is_not_kept_up_by_a_phone_that_is_lost_already(void **state)
{
	struct fixture *f = *state;
	int64_t first = fixture_list_id(f->cluster);
	struct err e = { 0 };

	fixture_no_bridges(f);
	assert_ok(fixture_renew(f->cluster, PURPOSE_ITLRECOVERY, NOW + 1, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_CALLMANAGER, NOW + 2, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + 3, &e), e);
	fixture_holder(f, PHONE, first);
	assert_ok(cluster_rollback_set(f->cluster, true, NOW + 4, &e), e);
	assert_int_equal(cluster_recovery(f->cluster)->rollback_since, NOW + 4);
}

/* --- revert --- */

static void
cluster_itl_revert_publishes_the_records_of_an_earlier_list_again(void **state)
{
	struct fixture *f = *state;
	struct bytes first = current(f), now;
	struct err e = { 0 };

	assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + 1, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_CALLMANAGER, NOW + 2, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_CAPF, NOW + 3, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_CALLMANAGER_EC, NOW + 4, &e), e);
	assert_ok(cluster_itl_revert(f->cluster, 1, NOW + 5, &e), e);
	now = current(f);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 6);
	assert_true(trustlist_same(bytes_span(&first), bytes_span(&now)));
	assert_fails(cluster_itl_revert(f->cluster, 1, NOW + 6, &e), e, ERR_CONFLICT,
	    "version 1 names the certificates that are active now");
	bytes_free(&now);
	fixture_reopen(f);
	assert_ok(cluster_itl_revert(f->cluster, 3, NOW + 7, &e), e); /* and forth */
	now = current(f);
	assert_false(trustlist_same(bytes_span(&first), bytes_span(&now)));
	bytes_free(&now);
	bytes_free(&first);
}

static void
cluster_itl_revert_says_of_each_record_why_it_cannot_be(void **state)
{
	struct fixture *f = *state;
	struct bytes key = bytes_copy(cert_key_id(cluster_cert(f->cluster, PURPOSE_TVS)));
	struct cert *tvs;
	struct err e = { 0 };

	assert_fails(
	    cluster_itl_revert(f->cluster, 9, NOW, &e), e, ERR_UNKNOWN, "no ITL of version 9");
	assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + 1, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_CAPF, NOW + 2, &e), e);
	assert_fails(cluster_itl_revert(f->cluster, 1, NOW + 6 * YEAR, &e), e, ERR_REFUSED,
	    "TVS record of CN=cm1.example.com");
	assert_non_null(strstr(e.text, "CAPF record of CN=CAPF-"));
	assert_non_null(strstr(e.text, "it has expired"));
	assert_ok(signer_remove(cluster_signer(f->cluster), bytes_span(&key), &e), e);
	tvs = cert_ref(cluster_cert(f->cluster, PURPOSE_TVS));
	assert_fails(cluster_itl_revert(f->cluster, 1, NOW + 3, &e), e, ERR_REFUSED,
	    "its private key is gone");
	assert_null(strstr(e.text, "CAPF record"));
	assert_span_equal(cert_der(tvs), cert_der(cluster_cert(f->cluster, PURPOSE_TVS)));
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 3);
	cert_free(tvs);
	bytes_free(&key);
}

/* Of a phone that holds the list of now, nobody speaks for the keys of before. */
static void
cluster_itl_revert_is_refused_when_a_phone_would_refuse_the_list(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	fixture_no_bridges(f);
	assert_ok(fixture_renew(f->cluster, PURPOSE_ITLRECOVERY, NOW + 1, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_CALLMANAGER, NOW + 2, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + 3, &e), e);
	fixture_holder(f, PHONE, fixture_list_id(f->cluster));
	assert_fails(cluster_itl_revert(f->cluster, 1, NOW + 4, &e), e, ERR_REFUSED,
	    "1 phone would be cut off");
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(cluster_generation_set_changes_signer_and_records_in_one_step),
		WITH_COPY(a_store_of_before_takes_the_generation_of_the_configuration_once),
		WITH_COPY(a_setting_that_nobody_wrote_is_named),
		WITH_COPY(cluster_itl_reset_signs_with_the_other_sast_key_until_it_ends),
		WITH_COPY(cluster_itl_reset_of_generation_g8_is_refused),
		WITH_COPY(a_reset_leads_phones_from_one_itlrecovery_to_the_next),
		WITH_COPY(cluster_rollback_hands_out_the_empty_list_until_it_ends),
		WITH_COPY(cluster_rollback_is_not_kept_up_by_a_phone_that_is_lost_already),
		WITH_COPY(cluster_itl_revert_publishes_the_records_of_an_earlier_list_again),
		WITH_COPY(cluster_itl_revert_says_of_each_record_why_it_cannot_be),
		WITH_COPY(cluster_itl_revert_is_refused_when_a_phone_would_refuse_the_list),
	};

	return cmocka_run_group_tests(tests, fixture_group_setup, fixture_group_teardown);
}
