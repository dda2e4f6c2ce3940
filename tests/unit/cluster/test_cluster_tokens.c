#include "fixture.h"

#include "cluster/cluster_ctl.h"
#include "cluster/cluster_internal.h"
#include "cluster/cluster_tokens.h"
#include "pki/issue.h"
#include "pki/key.h"
#include "rules/signedfile.h"

/* Two keys that stand for tokens. */
struct token {
	struct privkey *key;
	struct cert *cert;
};

static struct token
token_make(const char *name)
{
	const struct signer_template t = { .purpose = PURPOSE_ITLRECOVERY,
		.common_name = name,
		.not_before = NOW - DAY,
		.not_after = NOW + 1000 * DAY,
		.rsa_bits = 2048 };
	struct token out = { .key = key_make_rsa(2048, NULL) };
	struct bytes der;
	struct err e = { 0 };

	assert_non_null(out.key);
	assert_ok(issue_self(out.key, &t, &der, &e), e);
	out.cert = cert_parse(bytes_span(&der), &e);
	assert_non_null(out.cert);
	bytes_free(&der);
	return out;
}

static void
token_drop(struct token *t)
{
	key_free(t->key);
	cert_free(t->cert);
}

static void
add(struct fixture *f, const struct token *t)
{
	struct err e = { 0 };

	assert_ok(cluster_token_add(f->cluster, t->cert, NOW, &e), e);
}

static struct bytes
signed_draft(struct fixture *f, const struct token *t, time_t now)
{
	struct bytes draft, file;
	struct err e = { 0 };

	assert_ok(
	    cluster_token_draft(f->cluster, cert_sha256(t->cert), ENVELOPE_SHA1, now, &draft, &e),
	    e);
	assert_ok(signedfile_sign(bytes_span(&draft), t->key, &file, &e), e);
	bytes_free(&draft);
	return file;
}

static void
publish(struct fixture *f, const struct token *t, time_t now)
{
	struct bytes file = signed_draft(f, t, now);
	const struct span span = bytes_span(&file);
	struct err e = { 0 };

	assert_ok(cluster_token_publish(f->cluster, cert_sha256(t->cert), &span, 1, now, &e), e);
	bytes_free(&file);
}

static void
a_signed_draft_is_served_and_waits_for_a_token_after_a_change(void **state)
{
	struct fixture *f = *state;
	struct token one = token_make("one"), two = token_make("two");
	struct cluster_list held;
	struct trustlist list;
	struct err e = { 0 };
	size_t count;

	add(f, &one);
	add(f, &two);
	publish(f, &two, NOW + 1);
	fixture_reopen(f);
	assert_true(cluster_tokens_sign(f->cluster));
	assert_int_equal(cluster_security(f->cluster), CLUSTER_MIXED);
	assert_span_equal(
	    cert_sha256(cluster_tokens(f->cluster, &count)[0]), cert_sha256(two.cert));
	assert_int_equal(count, 2);
	assert_false(cluster_tokens_stale(f->cluster, NOW));
	list = fixture_list(f->cluster, STORE_LIST_CTL, &held);
	assert_ok(signedfile_check_list(&list, two.cert, &e), e);
	trustlist_free(&list);
	assert_ok(fixture_renew(f->cluster, PURPOSE_CALLMANAGER, NOW + 2, &e), e);
	assert_true(cluster_tokens_stale(f->cluster, NOW));
	assert_true(fixture_version(f->cluster, STORE_LIST_CTL) == 1);
	publish(f, &one, NOW + 3);
	assert_false(cluster_tokens_stale(f->cluster, NOW));
	assert_ok(cluster_token_end(f->cluster, NOW + 4, &e), e);
	list = fixture_list(f->cluster, STORE_LIST_CTL, &held);
	assert_ok(
	    signedfile_check_list(&list, cluster_cert(f->cluster, PURPOSE_ITLRECOVERY), &e), e);
	trustlist_free(&list);
	token_drop(&one);
	token_drop(&two);
}

static void
what_is_handed_back_must_be_the_draft_of_now_signed_by_that_token(void **state)
{
	struct fixture *f = *state;
	struct token one = token_make("one"), two = token_make("two");
	struct bytes file;
	struct span span;
	struct err e = { 0 };

	add(f, &one);
	assert_fails(
	    cluster_token_draft(f->cluster, cert_sha256(one.cert), ENVELOPE_SHA1, NOW, &file, &e),
	    e, ERR_REFUSED, "2 security tokens");
	add(f, &two);
	assert_fails(cluster_token_add(f->cluster, one.cert, NOW, &e), e, ERR_CONFLICT, "known");
	file = signed_draft(f, &one, NOW);
	span = bytes_span(&file);
	assert_fails(cluster_token_publish(f->cluster, cert_sha256(two.cert), &span, 1, NOW, &e), e,
	    ERR_CRYPTO, "");
	assert_fails(cluster_token_publish(f->cluster, cert_sha256(one.cert), NULL, 0, NOW, &e), e,
	    ERR_MALFORMED, "missing");
	assert_ok(fixture_renew(f->cluster, PURPOSE_CAPF, NOW + 1, &e), e);
	assert_fails(cluster_token_publish(f->cluster, cert_sha256(one.cert), &span, 1, NOW, &e), e,
	    ERR_CONFLICT, "sign again");
	file.p[file.n - 1] ^= 1;
	assert_false(cluster_token_publish(f->cluster, cert_sha256(one.cert), &span, 1, NOW, &e));
	assert_int_equal(cluster_security(f->cluster), CLUSTER_NEVER_MIXED);
	bytes_free(&file);
	token_drop(&one);
	token_drop(&two);
}

static void
a_token_may_go_only_while_two_are_left(void **state)
{
	struct fixture *f = *state;
	struct token t[3] = { token_make("one"), token_make("two"), token_make("three") };
	struct err e = { 0 };
	bool changed;

	for (int i = 0; i < 3; i++)
		add(f, &t[i]);
	publish(f, &t[0], NOW);
	assert_fails(cluster_trust_remove(f->cluster, TRUST_PHONE_SAST, cert_sha256(t[1].cert), &e),
	    e, ERR_REFUSED, "token delete");
	assert_ok(cluster_token_delete(f->cluster, cert_sha256(t[0].cert), NOW, &e), e);
	assert_true(cluster_tokens_stale(f->cluster, NOW));
	assert_fails(cluster_token_delete(f->cluster, cert_sha256(t[0].cert), NOW, &e), e,
	    ERR_UNKNOWN, "token list");
	assert_fails(cluster_token_delete(f->cluster, cert_sha256(t[1].cert), NOW, &e), e,
	    ERR_REFUSED, "get lost");
	assert_fails(cluster_ctl_update(f->cluster, NOW, &changed, &e), e, ERR_REFUSED, "token");
	assert_fails(cluster_ctl_reset(f->cluster, true, NOW, &e), e, ERR_REFUSED, "token");
	assert_ok(cluster_ctl_set_mode(f->cluster, false, NOW, &e), e);
	assert_false(cluster_tokens_sign(f->cluster));
	assert_fails(cluster_token_end(f->cluster, NOW, &e), e, ERR_CONFLICT, "own keys");
	assert_ok(cluster_token_delete(f->cluster, cert_sha256(t[1].cert), NOW, &e), e);
	for (int i = 0; i < 3; i++)
		token_drop(&t[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(a_signed_draft_is_served_and_waits_for_a_token_after_a_change),
		WITH_COPY(what_is_handed_back_must_be_the_draft_of_now_signed_by_that_token),
		WITH_COPY(a_token_may_go_only_while_two_are_left),
	};

	return cmocka_run_group_tests_name(
	    "cluster_tokens", tests, fixture_group_setup, fixture_group_teardown);
}
