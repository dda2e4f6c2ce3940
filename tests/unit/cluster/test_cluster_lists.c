#include "fixture.h"

#include "base/mem.h"
#include "files/wholefile.h"
#include "keys/signer_pem.h"
#include "rules/signedfile.h"

#include <dirent.h>
#include <stdlib.h>

static size_t
count_function(const struct cluster *c, enum function function)
{
	struct cluster_list held;
	struct trustlist list = fixture_list(c, STORE_LIST_ITL, &held);
	size_t n = 0;

	for (size_t i = 0; i < list.count; i++)
		n += list.records[i].function == function;
	trustlist_free(&list);
	return n;
}

/* Without our own code: what the file says is covered by the signature, under the certificate. */
static void
cluster_list_is_verified_by_openssl(void **state)
{
	const struct fixture *f = *state;
	char body[PATH_LEN], sig[PATH_LEN], pem[PATH_LEN], command[5 * PATH_LEN];
	struct cluster_list held;
	struct trustlist list = fixture_list(f->cluster, STORE_LIST_ITL, &held);
	char *text = cert_to_pem(cluster_cert(f->cluster, PURPOSE_ITLRECOVERY));
	size_t at = (size_t)(list.env.signature.p - held.file.p) - 3;
	size_t after = at + 3 + list.env.signature.n;
	struct bytes covered = { mem_new(held.file.n, 1), held.file.n - (after - at) };
	struct err e = { 0 };

	memcpy(covered.p, held.file.p, at);
	memcpy(covered.p + at, held.file.p + after, held.file.n - after);
	tempdir_path(f->path, "body", body, sizeof body);
	tempdir_path(f->path, "sig", sig, sizeof sig);
	tempdir_path(f->path, "pem", pem, sizeof pem);
	assert_ok(wholefile_write_new(body, bytes_span(&covered), 0600, &e), e);
	assert_ok(wholefile_write_new(sig, list.env.signature, 0600, &e), e);
	assert_ok(wholefile_write_new(pem, span_str(text), 0600, &e), e);
	snprintf(command, sizeof command,
	    "openssl x509 -in '%s' -noout -pubkey > '%s.pub' && "
	    "openssl dgst -sha1 -verify '%s.pub' -signature '%s' '%s' >/dev/null",
	    pem, pem, pem, sig, body);
	assert_int_equal(system(command), 0);
	bytes_free(&covered);
	free(text);
	trustlist_free(&list);
}

static void
cluster_publish_of_the_same_publishes_nothing(void **state)
{
	struct fixture *f = *state;
	char warning[ERR_TEXT_MAX];
	bool changed = true;
	struct err e = { 0 };

	assert_ok(cluster_publish(f->cluster, NOW + 5, &changed, warning, &e), e);
	assert_false(changed);
	assert_string_equal(warning, "");
	fixture_reopen(f);
	assert_ok(cluster_publish(f->cluster, NOW + 10, &changed, warning, &e), e);
	assert_false(changed);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 1);
	assert_true(cluster_generation(f->cluster) == 1);
}

static void
cluster_set_role_makes_the_next_list(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	assert_ok(cluster_set_role(f->cluster, "capf", false, NOW + 5, &e), e);
	assert_false(cluster_node(f->cluster)->capf);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 2);
	assert_true(fixture_version(f->cluster, STORE_LIST_EMPTY) == 2);
	assert_int_equal(count_function(f->cluster, FUNCTION_CAPF), 0);
	assert_true(cluster_generation(f->cluster) == 2);
	fixture_reopen(f);
	assert_false(cluster_node(f->cluster)->capf);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 2);
	assert_true(cluster_generation(f->cluster) == 2);
	assert_ok(cluster_set_role(f->cluster, "capf", false, NOW + 6, &e), e);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 2);
	assert_ok(cluster_set_role(f->cluster, "tvs", false, NOW + 7, &e), e);
	assert_int_equal(count_function(f->cluster, FUNCTION_TVS), 0);
	assert_true(fixture_version(f->cluster, STORE_LIST_EMPTY) == 2);
	assert_ok(cluster_set_role(f->cluster, "tftp", false, NOW + 8, &e), e);
	assert_int_equal(count_function(f->cluster, FUNCTION_TFTP), 0);
	assert_fails(cluster_set_role(f->cluster, "web", false, NOW, &e), e, ERR_UNKNOWN,
	    "tftp, tvs, capf or callmanager");
}

/* The list cannot be signed: the role stays as it was, in memory and on the disk. */
static void
cluster_set_role_without_a_signer_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct bytes id = bytes_copy(cert_key_id(cluster_cert(f->cluster, PURPOSE_ITLRECOVERY)));
	char path[PATH_LEN];
	struct bytes text;
	struct err e = { 0 };

	fixture_key_path(f, PURPOSE_ITLRECOVERY, path);
	assert_ok(wholefile_read(path, 65536, &text, &e), e);
	assert_ok(signer_remove(cluster_signer(f->cluster), bytes_span(&id), &e), e);
	assert_fails(cluster_set_role(f->cluster, "capf", false, NOW + 5, &e), e, ERR_IO, path);
	assert_true(cluster_node(f->cluster)->capf);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 1);
	assert_true(cluster_generation(f->cluster) == 1);
	assert_ok(wholefile_write_new(path, bytes_span(&text), 0600, &e), e);
	fixture_reopen(f);
	assert_true(cluster_node(f->cluster)->capf);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 1);
	bytes_free(&text);
	bytes_free(&id);
}

static struct cluster_list
current_list(const struct cluster *c, enum store_list_kind kind, enum envelope_digest digest)
{
	struct cluster_list held;
	struct trustlist list;
	struct err e = { 0 };

	assert_true(cluster_list(c, kind, digest, &held));
	assert_int_equal(held.digest, digest);
	assert_ok(trustlist_parse(held.file, &list, &e), e);
	assert_int_equal(list.env.digest, digest);
	assert_ok(signedfile_check_list(&list, cluster_cert(c, PURPOSE_ITLRECOVERY), &e), e);
	trustlist_free(&list);
	return held;
}

static bool
publish(struct fixture *f, time_t now)
{
	char warning[ERR_TEXT_MAX];
	bool changed = false;
	struct err e = { 0 };

	assert_ok(cluster_publish(f->cluster, now, &changed, warning, &e), e);
	return changed;
}

/* The SHA-1 list stays the one that phones hold already. */
static void
cluster_publish_in_sha512_publishes_each_list_in_both_digests(void **state)
{
	struct fixture *f = *state;
	int64_t sha1 = current_list(f->cluster, STORE_LIST_ITL, ENVELOPE_SHA1).id;
	struct cluster_list held;

	assert_false(cluster_list(f->cluster, STORE_LIST_ITL, ENVELOPE_SHA512, &held));
	fixture_set(f, "digest = sha1", "digest = sha512");
	fixture_reopen(f);
	assert_true(publish(f, NOW + 5));
	assert_true(current_list(f->cluster, STORE_LIST_ITL, ENVELOPE_SHA1).id == sha1);
	held = current_list(f->cluster, STORE_LIST_ITL, ENVELOPE_SHA512);
	assert_true(held.version == 2);
	(void)current_list(f->cluster, STORE_LIST_EMPTY, ENVELOPE_SHA512);
	assert_true(cluster_list_is_current(f->cluster, STORE_LIST_ITL, sha1));
	assert_true(cluster_list_is_current(f->cluster, STORE_LIST_ITL, held.id));
	assert_false(cluster_list_is_current(f->cluster, STORE_LIST_EMPTY, held.id));
	fixture_reopen(f);
	assert_false(publish(f, NOW + 6));
	assert_true(current_list(f->cluster, STORE_LIST_ITL, ENVELOPE_SHA512).id == held.id);
}

/* Who was handed the other digest is behind only when the lists say something else. */
static void
cluster_list_of_a_digest_not_wished_any_more_is_current_until_the_next_change(void **state)
{
	struct fixture *f = *state;
	struct cluster_list held;
	int64_t sha512;
	struct err e = { 0 };

	fixture_set(f, "digest = sha1", "digest = sha512");
	assert_ok(cluster_reload(f->cluster, NOW + 5, &e), e);
	sha512 = current_list(f->cluster, STORE_LIST_ITL, ENVELOPE_SHA512).id;
	fixture_set(f, "digest = sha512", "digest = sha1");
	assert_ok(cluster_reload(f->cluster, NOW + 6, &e), e);
	assert_false(cluster_list(f->cluster, STORE_LIST_ITL, ENVELOPE_SHA512, &held));
	assert_true(cluster_list_is_current(f->cluster, STORE_LIST_ITL, sha512));
	assert_ok(cluster_set_role(f->cluster, "capf", false, NOW + 7, &e), e);
	assert_false(cluster_list_is_current(f->cluster, STORE_LIST_ITL, sha512));
	assert_false(cluster_list_is_current(f->cluster, STORE_LIST_ITL, 0));
}

static void
cluster_reload_takes_what_needs_no_new_socket(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	fixture_set(f, "digest = sha1", "digest = sha512");
	fixture_set(f, "capf-port = 20004", "capf-port = 20009");
	fixture_set(f, "lsc-validity = 1825", "lsc-validity = 365");
	assert_ok(cluster_reload(f->cluster, NOW + 5, &e), e);
	assert_int_equal(cluster_digest(f->cluster), ENVELOPE_SHA512);
	assert_int_equal(cluster_conf(f->cluster)->lsc_days, 365);
	assert_int_equal(cluster_conf(f->cluster)->ports.capf, 20004);
	assert_true(current_list(f->cluster, STORE_LIST_ITL, ENVELOPE_SHA512).version == 2);
	assert_ok(cluster_reload(f->cluster, NOW + 6, &e), e);
	assert_true(current_list(f->cluster, STORE_LIST_ITL, ENVELOPE_SHA512).version == 2);
}

static void
cluster_reload_of_a_broken_file_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	fixture_set(f, "digest = sha1", "digest = sha512");
	fixture_set(f, "lsc-validity = 1825", "lsc-validity = 1826");
	assert_fails(cluster_reload(f->cluster, NOW + 5, &e), e, ERR_MALFORMED,
	    "[capf] lsc-validity: must be 1 to 1825 days");
	assert_int_equal(cluster_digest(f->cluster), ENVELOPE_SHA1);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 1);
}

/* ITLRecovery signs, and TVS speaks for its new certificate; when TVS has another one too, a phone
 * that still holds the first list has nobody left to believe. */
static void
cluster_publishes_no_list_that_a_phone_would_refuse(void **state)
{
	struct fixture *f = *state;
	struct cert *tvs;
	struct err e = { 0 };

	fixture_no_bridges(f);
	fixture_holder(f, "SEP001122334455", fixture_list_id(f->cluster));
	fixture_holder(f, "SEP001122334466", fixture_list_id(f->cluster));
	assert_ok(fixture_renew(f->cluster, PURPOSE_ITLRECOVERY, NOW + DAY, &e), e);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 2);
	tvs = cert_ref(cluster_cert(f->cluster, PURPOSE_TVS));
	assert_fails(fixture_renew(f->cluster, PURPOSE_TVS, NOW + 2 * DAY, &e), e, ERR_REFUSED,
	    "2 phones would be cut off (");
	assert_span_equal(
	    cert_der(tvs), cert_der(cluster_cert(f->cluster, PURPOSE_TVS))); /* all is as before */
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 2);
	cert_free(tvs);
}

static void
cluster_forced_publishes_it_all_the_same(void **state)
{
	struct fixture *f = *state;
	struct forecast got;
	struct err e = { 0 };

	fixture_no_bridges(f);
	fixture_holder(f, "SEP001122334455", fixture_list_id(f->cluster));
	assert_ok(fixture_renew(f->cluster, PURPOSE_ITLRECOVERY, NOW + DAY, &e), e);
	cluster_force(f->cluster, true);
	assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + 2 * DAY, &e), e);
	cluster_force(f->cluster, false);
	assert_ok(cluster_forecast(f->cluster, &got, &e), e);
	assert_int_equal(got.phones[HANDOUT_LOST], 1);
	assert_int_equal(got.newly_lost, 0);
	forecast_free(&got);
	/* what is lost already keeps nothing else from being changed */
	assert_ok(fixture_renew(f->cluster, PURPOSE_WEB, NOW + 3 * DAY, &e), e);
}

/* The list is signed by a new key, and nobody whom the phone believes speaks for it; but it knows
 * the key of CallManager, which is there still. */
static void
cluster_hands_a_bridge_to_a_phone_that_would_refuse_the_list(void **state)
{
	struct fixture *f = *state;
	const struct handout *h;
	struct cluster_list first, bridge, again;
	struct trustlist held;
	struct err e = { 0 };
	char lists[24];

	fixture_holder(f, "SEP001122334455", fixture_list_id(f->cluster));
	assert_true(cluster_list(f->cluster, STORE_LIST_ITL, ENVELOPE_SHA1, &first));
	snprintf(lists, sizeof lists, "%lld", (long long)first.id);
	assert_ok(fixture_renew(f->cluster, PURPOSE_ITLRECOVERY, NOW + DAY, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + 2 * DAY, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_CALLMANAGER, NOW + 3 * DAY, &e), e);
	assert_ok(cluster_handout(f->cluster, lists, false, &h, &e), e);
	assert_int_equal(h->outcome, HANDOUT_RETIRED_KEY);
	assert_non_null(h->tftp);
	assert_ok(cluster_bridge(
		      f->cluster, h, STORE_LIST_ITL, ENVELOPE_SHA1, NOW + 4 * DAY, &bridge, &e),
	    e);
	assert_ok(trustlist_parse(bridge.file, &held, &e), e);
	assert_ok(signedfile_check_list(&held, h->signer, &e), e);
	assert_int_equal(held.count, 6); /* SAST and TFTP twice, TVS, CAPF */
	trustlist_free(&held);
	/* the same is not published twice, and a phone that has taken it goes on to the list */
	assert_ok(
	    cluster_bridge(f->cluster, h, STORE_LIST_ITL, ENVELOPE_SHA1, NOW + 5 * DAY, &again, &e),
	    e);
	assert_true(again.id == bridge.id);
	snprintf(lists, sizeof lists, "%lld", (long long)bridge.id);
	assert_ok(cluster_handout(f->cluster, lists, false, &h, &e), e);
	assert_int_equal(h->outcome, HANDOUT_KEEPS);
	assert_null(h->signer);
}

static bool
renew_itlrecovery(void *arg, struct err *e)
{
	return fixture_renew(arg, PURPOSE_ITLRECOVERY, NOW + DAY, e);
}

static size_t
files_of(const struct fixture *f, const char *folder)
{
	char path[PATH_LEN];
	struct dirent *one;
	DIR *d;
	size_t n = 0;

	tempdir_path(f->path, folder, path, sizeof path);
	d = opendir(path);
	assert_non_null(d);
	while ((one = readdir(d)) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
cluster_rehearse_says_what_would_come_and_changes_nothing(void **state)
{
	struct fixture *f = *state;
	size_t keys = files_of(f, "keys");
	struct forecast got;
	struct err e = { 0 };

	fixture_holder(f, "SEP001122334455", fixture_list_id(f->cluster));
	assert_ok(cluster_rehearse(f->cluster, renew_itlrecovery, f->cluster, &got, &e), e);
	assert_int_equal(got.phones[HANDOUT_TVS], 1);
	forecast_free(&got);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 1);
	assert_int_equal(files_of(f, "keys"), keys);
}

static void
cluster_publishes_what_nobody_would_refuse(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	fixture_holder(f, "SEP001122334455", fixture_list_id(f->cluster));
	assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + DAY, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_CALLMANAGER, NOW + 2 * DAY, &e), e);
	assert_true(fixture_version(f->cluster, STORE_LIST_ITL) == 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(cluster_list_is_verified_by_openssl),
		WITH_COPY(cluster_publish_of_the_same_publishes_nothing),
		WITH_COPY(cluster_set_role_makes_the_next_list),
		WITH_COPY(cluster_set_role_without_a_signer_changes_nothing),
		WITH_COPY(cluster_publish_in_sha512_publishes_each_list_in_both_digests),
		WITH_COPY(
		    cluster_list_of_a_digest_not_wished_any_more_is_current_until_the_next_change),
		WITH_COPY(cluster_reload_takes_what_needs_no_new_socket),
		WITH_COPY(cluster_reload_of_a_broken_file_changes_nothing),
		WITH_COPY(cluster_publishes_no_list_that_a_phone_would_refuse),
		WITH_COPY(cluster_forced_publishes_it_all_the_same),
		WITH_COPY(cluster_hands_a_bridge_to_a_phone_that_would_refuse_the_list),
		WITH_COPY(cluster_rehearse_says_what_would_come_and_changes_nothing),
		WITH_COPY(cluster_publishes_what_nobody_would_refuse),
	};

	return cmocka_run_group_tests(tests, fixture_group_setup, fixture_group_teardown);
}
