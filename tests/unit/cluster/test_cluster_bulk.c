#include "fixture.h"

#include "cluster/cluster_bulk.h"
#include "vectors.h"

static struct cert *
vector_cert(const char *path)
{
	struct bytes pem;
	struct err e = { 0 };
	struct cert *c;

	assert_true(vectors_read(path, &pem));
	c = cert_from_pem(bytes_span(&pem), &e);
	assert_ok(c != NULL, e);
	bytes_free(&pem);
	return c;
}

static size_t
roles_of(const struct cluster *c, const struct cert *cert)
{
	const struct trustview_entry *entry = trustview_find_der(cluster_view(c), cert_der(cert));

	return entry != NULL ? entry->role_count : 0;
}

static void
cluster_bulk_import_says_of_each_what_became_of_it(void **state)
{
	struct fixture *f = *state;
	struct cert *signer = vector_cert("keys/cucm-a-itlrecovery.pem");
	struct cert *ca = vector_cert("keys/corpca.pem");
	struct cert *own = cert_ref(cluster_cert(f->cluster, PURPOSE_CALLMANAGER));
	struct cluster_bulk_item items[] = {
		{ .type = BULKCERT_ITLRECOVERY, .cert = signer },
		{ .type = BULKCERT_CALLMANAGER, .cert = signer },
		{ .type = BULKCERT_CALLMANAGER, .cert = ca },
		{ .type = BULKCERT_CALLMANAGER, .cert = own },
		{ .type = BULKCERT_CAPF, .cert = ca },
	};
	static const enum cluster_bulk_outcome want[] = { CLUSTER_BULK_TAKEN, CLUSTER_BULK_ALREADY,
		CLUSTER_BULK_REFUSED, CLUSTER_BULK_ALREADY, CLUSTER_BULK_TAKEN };
	struct err e = { 0 };

	for (int dry_run = 1; dry_run >= 0; dry_run--) {
		assert_ok(
		    cluster_bulk_import(f->cluster, items, 5, dry_run == 1, NOW + DAY, &e), e);
		for (size_t i = 0; i < 5; i++)
			assert_int_equal(items[i].outcome, want[i]);
		assert_true(items[0].added[TRUST_PHONE_SAST] && items[0].added[TRUST_CALLMANAGER]);
		assert_non_null(strstr(items[2].reason, "is a CA's"));
		assert_string_equal(items[3].reason, "callmanager of this cluster");
		assert_int_equal(roles_of(f->cluster, signer), dry_run ? 0 : 3);
		assert_int_equal(roles_of(f->cluster, ca), dry_run ? 0 : 1);
	}
	assert_ok(cluster_bulk_import(f->cluster, items, 5, false, NOW + DAY, &e), e);
	assert_int_equal(items[0].outcome, CLUSTER_BULK_ALREADY);
	assert_false(items[0].added[TRUST_PHONE_SAST]);
	cert_free(signer);
	cert_free(ca);
	cert_free(own);
}

static void
cluster_bulk_import_fills_the_store_that_lacks_it_and_changes_no_list(void **state)
{
	struct fixture *f = *state;
	struct cert *signer = vector_cert("keys/cucm-a-callmanager.pem");
	struct cert *const one[] = { signer };
	struct cluster_bulk_item item = { .type = BULKCERT_CALLMANAGER, .cert = signer };
	uint64_t version = fixture_version(f->cluster, STORE_LIST_ITL);
	struct err e = { 0 };

	assert_ok(cluster_trust_add(f->cluster, TRUST_CALLMANAGER, one, 1, NOW, &e), e);
	assert_ok(cluster_bulk_import(f->cluster, &item, 1, false, NOW, &e), e);
	assert_int_equal(item.outcome, CLUSTER_BULK_TAKEN);
	assert_true(item.added[TRUST_PHONE_SAST] && !item.added[TRUST_CALLMANAGER]);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == version);
	cert_free(signer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(cluster_bulk_import_says_of_each_what_became_of_it),
		WITH_COPY(cluster_bulk_import_fills_the_store_that_lacks_it_and_changes_no_list),
	};

	return cmocka_run_group_tests(tests, fixture_group_setup, fixture_group_teardown);
}
