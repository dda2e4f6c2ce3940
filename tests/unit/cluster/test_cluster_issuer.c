#include "fixture.h"

#include <stdlib.h>

static void
edit_conf(const struct fixture *f, const char *section, const char *from, const char *to)
{
	char command[2 * PATH_LEN];

	snprintf(command, sizeof command, "sed -i '/^\\[%s\\]/,$ s/^%s$/%s/' '%s/sealtone.conf'",
	    section, from, to, f->path);
	assert_int_equal(system(command), 0);
}

static void
reload(struct fixture *f)
{
	struct err e = { 0 };

	assert_ok(cluster_reload(f->cluster, NOW + DAY, &e), e);
}

static void
cluster_issuer_is_capf_unless_something_else_is_wanted(void **state)
{
	struct fixture *f = *state;

	assert_null(cluster_cert(f->cluster, PURPOSE_CAPF_ISSUER));
	assert_ptr_equal(cluster_issuer(f->cluster), cluster_cert(f->cluster, PURPOSE_CAPF));
}

/* Its key is another than the one that old phones' RSA key exchange is undone with. */
static void
cluster_issuer_is_its_own_where_old_tls_is_on_for_capf(void **state)
{
	struct fixture *f = *state;
	struct cert *made;
	const struct trustview_entry *entry;

	edit_conf(f, "capf", "old-tls = no", "old-tls = yes");
	reload(f);
	made = cert_ref(cluster_issuer(f->cluster));
	assert_ptr_equal(cluster_issuer(f->cluster), cluster_cert(f->cluster, PURPOSE_CAPF_ISSUER));
	assert_memory_equal(cert_subject_cucm(made), "CN=CAPF-ISSUER-", 15);
	assert_true(cert_is_ca(made));
	assert_false(
	    span_eq(cert_key_id(made), cert_key_id(cluster_cert(f->cluster, PURPOSE_CAPF))));
	entry = trustview_find_der(cluster_view(f->cluster), cert_der(made));
	assert_non_null(entry);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 1); /* which does not name it */
	fixture_reopen(f);
	assert_true(span_eq(cert_der(made), cert_der(cluster_issuer(f->cluster))));
	edit_conf(f, "capf", "old-tls = yes", "old-tls = no");
	reload(f);
	assert_ptr_equal(cluster_issuer(f->cluster), cluster_cert(f->cluster, PURPOSE_CAPF));
	cert_free(made);
}

static void
cluster_issuer_is_made_when_a_cluster_that_wants_it_is_opened(void **state)
{
	struct fixture *f = *state;

	edit_conf(f, "capf", "lsc-issuer = auto", "lsc-issuer = own");
	fixture_reopen(f);
	assert_ptr_equal(cluster_issuer(f->cluster), cluster_cert(f->cluster, PURPOSE_CAPF_ISSUER));
}

static void
cluster_reload_refuses_old_tls_with_the_key_that_signs(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	edit_conf(f, "capf", "old-tls = no", "old-tls = yes");
	edit_conf(f, "capf", "lsc-issuer = auto", "lsc-issuer = capf");
	assert_fails(cluster_reload(f->cluster, NOW, &e), e, ERR_MALFORMED,
	    "[capf] lsc-issuer = capf: does not go with old-tls = yes");
	assert_null(cluster_cert(f->cluster, PURPOSE_CAPF_ISSUER));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(cluster_issuer_is_capf_unless_something_else_is_wanted),
		WITH_COPY(cluster_issuer_is_its_own_where_old_tls_is_on_for_capf),
		WITH_COPY(cluster_issuer_is_made_when_a_cluster_that_wants_it_is_opened),
		WITH_COPY(cluster_reload_refuses_old_tls_with_the_key_that_signs),
	};

	return cmocka_run_group_tests(tests, fixture_group_setup, fixture_group_teardown);
}
