#include "fixture.h"

#include "cluster/cluster_renew.h"
#include "keys/signer_pem.h"

static void
cluster_renew_retires_the_old_certificate_and_keeps_its_key(void **state)
{
	struct fixture *f = *state;
	struct cert *old = cert_ref(cluster_cert(f->cluster, PURPOSE_TVS));
	struct trustlist list;
	struct cluster_list held;
	struct err e = { 0 };
	bool listed = false;

	assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + DAY, &e), e);
	assert_false(span_eq(cert_der(old), cert_der(cluster_cert(f->cluster, PURPOSE_TVS))));
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 2);
	assert_true(fixture_version(f->cluster, STORE_LIST_EMPTY) == 1);
	assert_ok(signer_has(cluster_signer(f->cluster), cert_key_id(old), &e), e);
	assert_null(trustview_find_der(cluster_view(f->cluster), cert_der(old)));
	list = fixture_list(f->cluster, STORE_LIST_ITL, &held);
	for (size_t i = 0; i < list.count; i++)
		listed = listed || span_eq(list.records[i].serial,
				       cert_serial(cluster_cert(f->cluster, PURPOSE_TVS)));
	assert_true(listed);
	trustlist_free(&list);
	cert_free(old);
	fixture_reopen(f);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 2);
}

static void
cluster_renew_of_capf_goes_on_vouching_for_the_old_one(void **state)
{
	struct fixture *f = *state;
	struct cert *old = cert_ref(cluster_cert(f->cluster, PURPOSE_CAPF));
	const struct trustview_entry *entry;
	struct err e = { 0 };

	assert_ok(fixture_renew(f->cluster, PURPOSE_CAPF, NOW + DAY, &e), e);
	entry = trustview_find_der(cluster_view(f->cluster), cert_der(old));
	assert_non_null(entry);
	assert_int_equal(entry->role_count, 1);
	assert_int_equal(entry->roles[0], FUNCTION_CAPF);
	assert_string_not_equal(
	    cert_common_name(old), cert_common_name(cluster_cert(f->cluster, PURPOSE_CAPF)));
	cert_free(old);
}

static void
cluster_renew_that_fails_leaves_no_key(void **state)
{
	struct fixture *f = *state;
	char keys[PATH_LEN], path[PATH_LEN];
	struct bytes id = bytes_copy(cert_key_id(cluster_cert(f->cluster, PURPOSE_ITLRECOVERY)));
	struct err e = { 0 };
	int before;

	tempdir_path(f->path, "keys", keys, sizeof keys);
	fixture_key_path(f, PURPOSE_ITLRECOVERY, path);
	assert_ok(signer_remove(cluster_signer(f->cluster), bytes_span(&id), &e), e);
	before = tempdir_count(keys);
	assert_false(fixture_renew(f->cluster, PURPOSE_TVS, NOW + DAY, &e));
	assert_int_equal(tempdir_count(keys), before);
	bytes_free(&id);
}

static void
cluster_renew_many_makes_one_list(void **state)
{
	static const enum purpose three[] = { PURPOSE_CAPF, PURPOSE_WEB, PURPOSE_TVS };
	struct fixture *f = *state;
	struct cert *before[PURPOSE_COUNT] = { 0 };
	struct err e = { 0 };

	for (int p = 0; p < PURPOSE_CAPF_ISSUER; p++)
		before[p] = cert_ref(cluster_cert(f->cluster, (enum purpose)p));
	assert_ok(cluster_renew_many(f->cluster, three, 3, 3072, NOW + DAY, &e), e);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 2);
	for (int p = 0; p < PURPOSE_CAPF_ISSUER; p++) {
		const struct cert *now = cluster_cert(f->cluster, (enum purpose)p);
		bool is_new = p == PURPOSE_CAPF || p == PURPOSE_WEB || p == PURPOSE_TVS;

		assert_true(span_eq(cert_der(now), cert_der(before[p])) != is_new);
		assert_true(!is_new || cert_key_bits(now) == 3072);
		cert_free(before[p]);
	}
}

static void
cluster_renew_many_that_is_refused_leaves_all_as_it_was(void **state)
{
	static const enum purpose twice[] = { PURPOSE_WEB, PURPOSE_TVS, PURPOSE_WEB };
	struct fixture *f = *state;
	char keys[PATH_LEN];
	struct err e = { 0 };
	int before;

	tempdir_path(f->path, "keys", keys, sizeof keys);
	before = tempdir_count(keys);
	assert_fails(cluster_renew_many(f->cluster, twice, 3, 0, NOW, &e), e, ERR_REFUSED,
	    "web: is named twice");
	assert_fails(cluster_renew_many(f->cluster, twice, 1, 1024, NOW, &e), e, ERR_REFUSED,
	    "RSA keys of 1024 bits: must be 2048, 3072 or 4096");
	assert_fails(cluster_renew_many(
			 f->cluster, &(enum purpose){ PURPOSE_CALLMANAGER_EC }, 1, 2048, NOW, &e),
	    e, ERR_REFUSED, "callmanager-ec: has an EC key");
	assert_fails(cluster_renew_many(
			 f->cluster, &(enum purpose){ PURPOSE_CALLMANAGER }, 1, 3072, NOW, &e),
	    e, ERR_REFUSED, "callmanager: signs what phones read");
	assert_fails(cluster_renew_many(f->cluster, twice, 0, 0, NOW, &e), e, ERR_REFUSED,
	    "no purpose is named");
	assert_int_equal(tempdir_count(keys), before);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 1);
}

static void
cluster_trust_add_and_remove_change_what_tvs_vouches_for(void **state)
{
	struct fixture *f = *state;
	struct cert *web = cert_ref(cluster_cert(f->cluster, PURPOSE_WEB));
	struct cert *const two[] = { cert_ref(cluster_cert(f->cluster, PURPOSE_TVS)), web };
	const struct trustview_entry *entry;
	struct err e = { 0 };

	assert_ok(cluster_trust_add(f->cluster, TRUST_PHONE_SAST, &web, 1, NOW, &e), e);
	entry = trustview_find_der(cluster_view(f->cluster), cert_der(web));
	assert_int_equal(entry->role_count, 3);
	assert_true(cluster_generation(f->cluster) == 2);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 1);
	assert_fails(cluster_trust_add(f->cluster, TRUST_PHONE_SAST, &web, 1, NOW, &e), e,
	    ERR_CONFLICT, "phone-sast-trust");
	assert_fails(cluster_trust_add(f->cluster, TRUST_PHONE_SAST, two, 2, NOW, &e), e,
	    ERR_CONFLICT, cert_subject_cucm(web));
	entry = trustview_find_der(cluster_view(f->cluster), cert_der(two[0]));
	assert_int_equal(entry->role_count, 1); /* the first of the two did not stay */
	assert_fails(cluster_trust_remove(f->cluster, TRUST_TVS, cert_sha256(web), &e), e,
	    ERR_UNKNOWN, "tvs-trust");
	assert_ok(cluster_trust_remove(f->cluster, TRUST_PHONE_SAST, cert_sha256(web), &e), e);
	entry = trustview_find_der(cluster_view(f->cluster), cert_der(web));
	assert_int_equal(entry->role_count, 1);
	cert_free(two[0]);
	cert_free(web);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(cluster_renew_retires_the_old_certificate_and_keeps_its_key),
		WITH_COPY(cluster_renew_of_capf_goes_on_vouching_for_the_old_one),
		WITH_COPY(cluster_renew_that_fails_leaves_no_key),
		WITH_COPY(cluster_renew_many_makes_one_list),
		WITH_COPY(cluster_renew_many_that_is_refused_leaves_all_as_it_was),
		WITH_COPY(cluster_trust_add_and_remove_change_what_tvs_vouches_for),
	};

	return cmocka_run_group_tests(tests, fixture_group_setup, fixture_group_teardown);
}
