#include "backend.h"

#define PHONE "SEP001122334455"
#define OTHER "SEP001122334456"

static struct span
hash_of(uint8_t key)
{
	static uint8_t hash[32];

	memset(hash, key, sizeof hash);
	return span_of(hash, sizeof hash);
}

static void
put(struct store *s, const char *device, uint8_t key, time_t now)
{
	struct err e = { 0 };

	assert_ok(store_request_put(s, device, span_str("a key"), hash_of(key), now, &e), e);
}

/* The state of the request for a key; -1: none. */
static int
state_of(struct store *s, uint8_t key, struct store_request *r)
{
	struct err e = { 0 };
	bool found;

	assert_ok(store_request_by_key(s, hash_of(key), r, &found, &e), e);
	if (found)
		assert_span_equal(bytes_span(&r->spki), span_str("a key"));
	store_request_free(r);
	return found ? (int)r->state : -1;
}

static void
a_request_waits_is_signed_and_is_gone_when_the_phone_has_its_certificate(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_request r;
	struct err e = { 0 };
	int64_t lsc;
	bool found;

	put(s, PHONE, 1, NOW);
	assert_int_equal(state_of(s, 1, &r), STORE_REQUEST_WAITING);
	assert_string_equal(r.device, PHONE);
	assert_int_equal(r.made, NOW);
	lsc = lsc_issue(s, PHONE, 1, "0a");
	assert_ok(store_request_signed(s, r.id, lsc, NOW + 1, &e), e);
	assert_fails(store_request_signed(s, r.id, lsc, NOW + 2, &e), e, ERR_UNKNOWN, "that waits");
	assert_ok(store_request_live(s, PHONE, &r, &found, &e), e);
	assert_true(found);
	assert_int_equal(r.lsc, lsc);
	assert_int_equal(r.changed, NOW + 1);
	store_request_free(&r);
	assert_ok(store_request_done(s, lsc, &e), e);
	assert_int_equal(state_of(s, 1, &r), -1);
}

static void
another_key_of_the_phone_makes_its_request_stale(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_request r;
	struct err e = { 0 };
	size_t count;

	put(s, PHONE, 1, NOW);
	put(s, OTHER, 3, NOW);
	put(s, PHONE, 1, NOW + 1);
	assert_int_equal(state_of(s, 1, &r), STORE_REQUEST_WAITING);
	assert_int_equal(r.made, NOW);
	put(s, PHONE, 2, NOW + 2);
	assert_int_equal(state_of(s, 1, &r), STORE_REQUEST_STALE);
	assert_int_equal(r.changed, NOW + 2);
	assert_int_equal(state_of(s, 2, &r), STORE_REQUEST_WAITING);
	assert_int_equal(state_of(s, 3, &r), STORE_REQUEST_WAITING);
	put(s, PHONE, 1, NOW + 3); /* the phone has found its first key again */
	assert_int_equal(state_of(s, 1, &r), STORE_REQUEST_WAITING);
	assert_int_equal(r.made, NOW + 3);
	assert_ok(store_request_forget(s, &count, &e), e);
	assert_int_equal(count, 2);
	assert_int_equal(state_of(s, 2, &r), -1);
	assert_int_equal(state_of(s, 1, &r), STORE_REQUEST_WAITING);
}

static void
a_request_that_is_withdrawn_is_stale(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_request r;
	struct err e = { 0 };
	bool found;

	put(s, PHONE, 1, NOW);
	put(s, OTHER, 3, NOW);
	assert_ok(store_request_withdraw(s, PHONE, NOW + 1, &e), e);
	assert_int_equal(state_of(s, 1, &r), STORE_REQUEST_STALE);
	assert_int_equal(state_of(s, 3, &r), STORE_REQUEST_WAITING);
	assert_ok(store_request_live(s, PHONE, &r, &found, &e), e);
	assert_false(found);
	store_request_free(&r);
}

struct seen {
	char names[4][DEVICE_NAME_MAX];
	int64_t last;
	size_t count;
};

static bool
see(void *arg, const struct store_request *r)
{
	struct seen *all = arg;

	assert_true(all->count < 4);
	memcpy(all->names[all->count++], r->device, DEVICE_NAME_MAX);
	all->last = r->id;
	return true;
}

static void
requests_are_listed_a_portion_at_a_time(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct seen all = { 0 };
	struct err e = { 0 };

	put(s, PHONE, 1, NOW);
	put(s, OTHER, 2, NOW);
	put(s, "SEP001122334457", 3, NOW);
	assert_ok(store_request_each(s, 0, 2, see, &all, &e), e);
	assert_int_equal(all.count, 2);
	assert_string_equal(all.names[1], OTHER);
	assert_ok(store_request_each(s, all.last, 2, see, &all, &e), e);
	assert_int_equal(all.count, 3);
	assert_string_equal(all.names[2], "SEP001122334457");
}

/* Those of other CAs may repeat each other's, and ours. */
static void
serials_of_another_ca_are_its_own(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_lsc l = { .external = true, .not_after = NOW + 9, .serial = "0a" };
	struct store_issuer issuer = { .der = span_str("a CA"),
		.sha256 = hash_of(7),
		.not_after = NOW + 9,
		.subject = "CN=CA" };
	struct err e = { 0 };

	(void)lsc_issue(s, PHONE, 1, "0a");
	strcpy(l.device, OTHER);
	l.der = bytes_copy(span_str("a certificate"));
	l.key_hash = bytes_copy(hash_of(2));
	assert_ok(store_issuer_number(s, &issuer, &l.issuer, &e), e);
	assert_ok(store_lsc_issue(s, &l, &e), e);
	assert_fails(store_lsc_issue(s, &l, &e), e, ERR_CONFLICT, "");
	store_lsc_free(&l);
}

static bool
note_issuer(void *arg, const struct store_issuer *i)
{
	struct bytes *der = arg;

	assert_null(der->p);
	*der = bytes_copy(i->der);
	assert_string_equal(i->subject, "CN=CA");
	assert_int_equal(i->live, 1);
	assert_int_equal(i->last_ends, NOW + 9);
	return true;
}

static void
an_issuer_has_one_number_and_its_lscs_are_counted(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_issuer issuer = { .der = span_str("a CA"),
		.sha256 = hash_of(7),
		.not_after = NOW + 9,
		.subject = "CN=CA" };
	struct store_lsc l = { .not_after = NOW + 9, .serial = "0a" }, back;
	struct bytes der = { 0 };
	int64_t again;
	struct err e = { 0 };
	bool found;

	strcpy(l.device, PHONE);
	l.der = bytes_copy(span_str("a certificate"));
	l.key_hash = bytes_copy(hash_of(2));
	assert_ok(store_issuer_number(s, &issuer, &l.issuer, &e), e);
	assert_true(l.issuer > 0);
	assert_ok(store_issuer_number(s, &issuer, &again, &e), e);
	assert_int_equal(again, l.issuer);
	assert_ok(store_lsc_issue(s, &l, &e), e);
	assert_ok(store_lsc_latest(s, PHONE, STORE_LSC_ISSUED, &back, &found, &e), e);
	assert_int_equal(back.issuer, l.issuer);
	assert_ok(store_issuer_each(s, NOW, note_issuer, &der, &e), e);
	assert_span_equal(bytes_span(&der), issuer.der);
	bytes_free(&der);
	store_lsc_free(&back);
	store_lsc_free(&l);
}

int
main(int argc, char **argv)
{
	struct run run = run_of(argc > 1 ? argv[1] : "");
	const struct CMUnitTest tests[] = {
		backend_test(
		    a_request_waits_is_signed_and_is_gone_when_the_phone_has_its_certificate, &run),
		backend_test(another_key_of_the_phone_makes_its_request_stale, &run),
		backend_test(a_request_that_is_withdrawn_is_stale, &run),
		backend_test(requests_are_listed_a_portion_at_a_time, &run),
		backend_test(serials_of_another_ca_are_its_own, &run),
		backend_test(an_issuer_has_one_number_and_its_lscs_are_counted, &run),
	};

	return cmocka_run_group_tests_name(run.backend->name, tests, NULL, NULL);
}
