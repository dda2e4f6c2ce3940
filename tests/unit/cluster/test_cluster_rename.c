#include "fixture.h"

#include "cluster/cluster_rename.h"

static bool
is_changed(const struct fixture *f, struct cert *const before[PURPOSE_COUNT], enum purpose p)
{
	return !span_eq(cert_der(before[p]), cert_der(cluster_cert(f->cluster, p)));
}

static void
keep(const struct fixture *f, struct cert *out[PURPOSE_COUNT])
{
	for (int p = 0; p < PURPOSE_CAPF_ISSUER; p++)
		out[p] = cert_ref(cluster_cert(f->cluster, (enum purpose)p));
}

static void
let_go(struct cert *certs[PURPOSE_COUNT])
{
	for (int p = 0; p < PURPOSE_CAPF_ISSUER; p++)
		cert_free(certs[p]);
}

static void
cluster_node_rename_makes_what_names_the_node_anew(void **state)
{
	static const char *const addresses[] = { "192.0.2.99", "2001:db8::99", NULL };
	struct fixture *f = *state;
	struct cert *before[PURPOSE_COUNT];
	const struct cert *tvs;
	struct err e = { 0 };

	keep(f, before);
	assert_ok(
	    cluster_node_rename(f->cluster, "new.example.test", addresses, false, NOW, &e), e);
	for (int p = 0; p < PURPOSE_CAPF_ISSUER; p++)
		assert_int_equal(is_changed(f, before, (enum purpose)p),
		    p != PURPOSE_CAPF && p != PURPOSE_ITLRECOVERY);
	tvs = cluster_cert(f->cluster, PURPOSE_TVS);
	assert_true(cert_names_host(tvs, "new.example.test"));
	assert_true(cert_names_address(tvs, "192.0.2.99"));
	assert_true(cert_names_address(tvs, "2001:db8::99"));
	assert_string_equal(cluster_node(f->cluster)->addresses, "192.0.2.99 2001:db8::99");
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 2);
	let_go(before);
	fixture_reopen(f);
	assert_string_equal(cluster_node(f->cluster)->name, "new.example.test");
}

static void
cluster_node_rename_leaves_what_is_not_given(void **state)
{
	static const char *const address[] = { "192.0.2.99", NULL };
	struct fixture *f = *state;
	struct store_node was = *cluster_node(f->cluster);
	struct err e = { 0 };

	assert_ok(cluster_node_rename(f->cluster, NULL, address, true, NOW, &e), e);
	assert_string_equal(cluster_node(f->cluster)->name, was.name);
	assert_string_equal(cluster_node(f->cluster)->addresses, "192.0.2.99");
	assert_ok(cluster_node_rename(f->cluster, "b.example.test", NULL, false, NOW, &e), e);
	assert_string_equal(cluster_node(f->cluster)->addresses, "192.0.2.99");
	assert_true(cert_names_address(cluster_cert(f->cluster, PURPOSE_WEB), "192.0.2.99"));
	assert_fails(cluster_node_rename(f->cluster, "b.example.test", address, false, NOW, &e), e,
	    ERR_CONFLICT, "has this name and these addresses already");
}

static void
cluster_node_rename_that_is_refused_leaves_no_key(void **state)
{
	static const char *const none[] = { NULL }, *const words[] = { "192.0.2.1", "here", NULL };
	struct fixture *f = *state;
	struct store_node was = *cluster_node(f->cluster);
	char keys[PATH_LEN];
	int before;
	struct err e = { 0 };

	tempdir_path(f->path, "keys", keys, sizeof keys);
	before = tempdir_count(keys);
	assert_fails(cluster_node_rename(f->cluster, "a_b", NULL, false, NOW, &e), e, ERR_REFUSED,
	    "is not a host name");
	assert_fails(cluster_node_rename(f->cluster, NULL, none, false, NOW, &e), e, ERR_REFUSED,
	    "at least one address");
	assert_fails(cluster_node_rename(f->cluster, NULL, words, false, NOW, &e), e, ERR_REFUSED,
	    "address here");
	assert_int_equal(tempdir_count(keys), before);
	assert_string_equal(cluster_node(f->cluster)->addresses, was.addresses);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(cluster_node_rename_makes_what_names_the_node_anew),
		WITH_COPY(cluster_node_rename_leaves_what_is_not_given),
		WITH_COPY(cluster_node_rename_that_is_refused_leaves_no_key),
	};

	return cmocka_run_group_tests(tests, fixture_group_setup, fixture_group_teardown);
}
