#include "fixture.h"

#include "base/text.h"
#include "cluster/cluster_takeover.h"
#include "cluster/handouts.h"
#include "vectors.h"

#include <stdlib.h>

/* Another cluster's signer. */
struct other {
	struct bytes pem;
	struct cert *cert;
};

static struct other
other_read(const char *path)
{
	struct other o;
	struct err e = { 0 };

	assert_true(vectors_read(path, &o.pem));
	o.cert = cert_from_pem(bytes_span(&o.pem), &e);
	assert_non_null(o.cert);
	return o;
}

static void
other_free(struct other *o)
{
	cert_free(o->cert);
	bytes_wipe(&o->pem);
}

static int
keys(const struct fixture *f)
{
	char path[PATH_LEN];

	tempdir_path(f->path, "keys", path, sizeof path);
	return tempdir_count(path);
}

static bool
on_cert(void *arg, const struct store_cert *sc)
{
	size_t *retired = arg;

	*retired += sc->retired == NOW;
	return true;
}

static size_t
retired(const struct fixture *f)
{
	size_t n = 0;
	struct err e = { 0 };

	assert_ok(store_cert_each(cluster_store(f->cluster), on_cert, &n, &e), e);
	return n;
}

static void
cluster_take_over_keeps_the_key_and_says_nothing_of_it_in_lists(void **state)
{
	struct other o = other_read("keys/sast.pem");
	struct fixture *f = *state;
	const int before = keys(f);
	struct err e = { 0 };

	assert_ok(
	    cluster_take_over(f->cluster, PURPOSE_ITLRECOVERY, bytes_span(&o.pem), o.cert, NOW, &e),
	    e);
	assert_int_equal(keys(f), before + 1);
	assert_int_equal(retired(f), 1);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 1);
	fixture_reopen(f);
	assert_fails(
	    cluster_take_over(f->cluster, PURPOSE_ITLRECOVERY, bytes_span(&o.pem), o.cert, NOW, &e),
	    e, ERR_CONFLICT, "the key is here already");
	assert_int_equal(keys(f), before + 1);
	other_free(&o);
}

struct act {
	struct fixture *f;
	const struct other *o;
};

static bool
act(void *arg, struct err *e)
{
	const struct act *a = arg;

	return cluster_take_over(
	    a->f->cluster, PURPOSE_ITLRECOVERY, bytes_span(&a->o->pem), a->o->cert, NOW, e);
}

static void
cluster_take_over_that_is_rehearsed_or_refused_leaves_no_key(void **state)
{
	struct other o = other_read("keys/sast.pem");
	struct fixture *f = *state;
	struct act a = { f, &o };
	const int before = keys(f);
	struct forecast forecast;
	struct err e = { 0 };

	assert_ok(cluster_rehearse(f->cluster, act, &a, &forecast, &e), e);
	forecast_free(&forecast);
	assert_int_equal(keys(f), before);
	assert_int_equal(retired(f), 0);
	assert_fails(
	    cluster_take_over(f->cluster, PURPOSE_TVS, bytes_span(&o.pem), o.cert, NOW, &e), e,
	    ERR_REFUSED, "tvs signs no trust lists");
	assert_fails(cluster_take_over(f->cluster, PURPOSE_CALLMANAGER, bytes_span(&o.pem),
			 cluster_cert(f->cluster, PURPOSE_TVS), NOW, &e),
	    e, ERR_REFUSED, "the certificate is for another key");
	assert_int_equal(keys(f), before);
	other_free(&o);
}

static void
taking(struct fixture *f, struct span key_id)
{
	struct err e = { 0 };
	char *hex = text_hex(key_id);

	assert_ok(store_setting_set(cluster_store(f->cluster), "key-taking", hex, &e), e);
	free(hex);
}

static void
cluster_take_over_that_was_interrupted_is_undone_at_the_next_start(void **state)
{
	struct other o = other_read("keys/sast.pem");
	struct fixture *f = *state;
	const int before = keys(f);
	struct err e = { 0 };

	taking(f, cert_key_id(o.cert));
	assert_ok(signer_keep(cluster_signer(f->cluster), PURPOSE_ITLRECOVERY, bytes_span(&o.pem),
		      cert_der(o.cert), &e),
	    e);
	assert_int_equal(keys(f), before + 1);
	fixture_reopen(f);
	assert_int_equal(keys(f), before);
	taking(f, cert_key_id(o.cert)); /* before its key was there */
	fixture_reopen(f);
	assert_ok(
	    cluster_take_over(f->cluster, PURPOSE_ITLRECOVERY, bytes_span(&o.pem), o.cert, NOW, &e),
	    e);
	fixture_reopen(f);
	assert_int_equal(keys(f), before + 1);
	other_free(&o);
}

static void
a_key_that_a_certificate_names_is_never_removed_by_it(void **state)
{
	struct fixture *f = *state;
	const int before = keys(f);

	taking(f, cert_key_id(cluster_cert(f->cluster, PURPOSE_CALLMANAGER)));
	fixture_reopen(f);
	assert_int_equal(keys(f), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(cluster_take_over_keeps_the_key_and_says_nothing_of_it_in_lists),
		WITH_COPY(cluster_take_over_that_is_rehearsed_or_refused_leaves_no_key),
		WITH_COPY(cluster_take_over_that_was_interrupted_is_undone_at_the_next_start),
		WITH_COPY(a_key_that_a_certificate_names_is_never_removed_by_it),
	};

	return cmocka_run_group_tests(tests, fixture_group_setup, fixture_group_teardown);
}
