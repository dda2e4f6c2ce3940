#include "backend.h"

#define PHONE "SEP001122334455"

/* The state of the device's LSC made with key, as store_lsc_by_key sees it; -1: none. */
static int
state_by_key(struct store *s, uint8_t key)
{
	uint8_t hash[32];
	struct store_lsc l;
	struct err e = { 0 };
	bool found;
	int state;

	memset(hash, key, sizeof hash);
	assert_ok(store_lsc_by_key(s, PHONE, span_of(hash, sizeof hash), &l, &found, &e), e);
	state = found ? (int)l.state : -1;
	if (found) {
		assert_span_equal(bytes_span(&l.der), span_str("a certificate"));
		assert_int_equal(l.key_hash.n, 32);
	}
	store_lsc_free(&l);
	return state;
}

static void
assert_serial(struct store *s, const char *want)
{
	struct phone p;
	struct err e = { 0 };
	bool found;

	assert_ok(store_phone_get(s, PHONE, &p, &found, &e), e);
	assert_string_equal(p.lsc_serial, want);
	assert_int_equal(p.lsc_not_after, want[0] != '\0' ? NOW + 86400 : 0);
}

static void
store_lsc_belongs_to_the_phone_once_it_is_confirmed(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct err e = { 0 };
	int64_t one, two;

	phone_put(s, PHONE);
	one = lsc_issue(s, PHONE, 1, "0a");
	assert_serial(s, "");
	assert_int_equal(state_by_key(s, 1), STORE_LSC_ISSUED);
	assert_ok(store_lsc_confirm(s, one, NOW + 1, &e), e);
	assert_ok(store_lsc_confirm(s, one, NOW + 2, &e), e);
	assert_serial(s, "0a");
	two = lsc_issue(s, PHONE, 2, "0b");
	assert_serial(s, "0a");
	assert_ok(store_lsc_confirm(s, two, NOW + 3, &e), e);
	assert_serial(s, "0b");
	assert_int_equal(state_by_key(s, 1), -1);
	assert_int_equal(state_by_key(s, 2), STORE_LSC_CONFIRMED);
	assert_fails(store_lsc_confirm(s, one, NOW, &e), e, ERR_REFUSED, "is superseded");
	assert_fails(store_lsc_confirm(s, 99, NOW, &e), e, ERR_UNKNOWN, "no LSC 99");
}

static void
store_lsc_issue_refuses_a_serial_that_another_has(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_lsc l = { .der = BYTES("a certificate"),
		.key_hash = BYTES("0123456789abcdef0123456789abcdef"),
		.device = "SEP00AABBCCDDEE",
		.serial = "0a",
		.not_after = NOW,
		.issued = NOW };
	struct err e;

	(void)lsc_issue(s, PHONE, 1, "0a");
	assert_fails(store_lsc_issue(s, &l, &e), e, ERR_CONFLICT, "LSC of SEP00AABBCCDDEE");
}

struct revoked {
	char text[256];
};

static bool
on_revoked(void *arg, const struct store_revoked *r)
{
	struct revoked *all = arg;
	size_t n = strlen(all->text);

	snprintf(all->text + n, sizeof all->text - n, "%s %s %lld;", r->serial, r->reason,
	    (long long)(r->at - NOW));
	return true;
}

static void
assert_revoked(struct store *s, time_t now, const char *want)
{
	struct revoked all = { 0 };
	struct err e = { 0 };

	assert_ok(store_revoked_each(s, now, on_revoked, &all, &e), e);
	assert_string_equal(all.text, want);
}

static void
store_revoked_each_gives_superseded_deleted_and_revoked_ones(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct err e = { 0 };
	int64_t before, after;
	size_t count;

	phone_put(s, PHONE);
	assert_ok(store_revocations_number(s, &before, &e), e);
	assert_ok(store_lsc_confirm(s, lsc_issue(s, PHONE, 1, "0a"), NOW, &e), e);
	assert_revoked(s, NOW, "");
	assert_ok(store_lsc_confirm(s, lsc_issue(s, PHONE, 2, "0b"), NOW + 1, &e), e);
	assert_ok(store_lsc_delete(s, PHONE, NOW + 2, &e), e);
	(void)lsc_issue(s, PHONE, 3, "0c");
	assert_ok(store_lsc_revoke(s, "0c", "keyCompromise", NOW + 3, &count, &e), e);
	assert_int_equal(count, 1);
	assert_ok(store_lsc_revoke(s, PHONE, "keyCompromise", NOW + 4, &count, &e), e);
	assert_int_equal(count, 0);
	assert_revoked(s, NOW, "0a superseded 1;0b cessationOfOperation 2;0c keyCompromise 3;");
	assert_revoked(s, NOW + 86400, "");
	assert_ok(store_revocations_number(s, &after, &e), e);
	assert_int_equal(after - before, 3);
	assert_ok(store_revocations_next(s, &after, &e), e);
	assert_int_equal(after - before, 4);
}

static void
assert_verdict(
    struct store *s, const char *serial, time_t at, const char *reason, const char *issuer)
{
	struct store_lsc_verdict is;
	struct err e = { 0 };
	bool found;

	assert_ok(store_lsc_verdict(s, serial, &is, &found, &e), e);
	assert_true(found);
	assert_true(is.revoked_at == at);
	assert_string_equal(is.reason, reason);
	assert_span_equal(bytes_span(&is.issuer), span_str(issuer));
	bytes_free(&is.issuer);
}

static void
store_lsc_verdict_says_who_issued_it_and_whether_it_is_revoked(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	const struct store_issuer issuer = { .der = span_str("an issuer"),
		.sha256 = span_str("0123456789abcdef0123456789abcdef"),
		.subject = "CN=CAPF",
		.not_after = NOW };
	struct store_lsc external = { .der = BYTES("a certificate"),
		.key_hash = BYTES("0123456789abcdef0123456789abcdef"),
		.device = PHONE,
		.serial = "0d",
		.not_after = NOW,
		.issued = NOW,
		.external = true };
	struct store_lsc known = external;
	struct store_lsc_verdict is;
	struct err e = { 0 };
	size_t count;
	bool found;

	phone_put(s, PHONE);
	(void)lsc_issue(s, PHONE, 1, "0a");
	known.external = false;
	strcpy(known.serial, "0b");
	assert_ok(store_issuer_number(s, &issuer, &known.issuer, &e), e);
	assert_ok(store_lsc_issue(s, &known, &e), e);
	assert_ok(store_lsc_revoke(s, "0b", "keyCompromise", NOW + 3, &count, &e), e);
	assert_ok(store_lsc_issue(s, &external, &e), e);
	assert_verdict(s, "0a", 0, "", "");
	assert_verdict(s, "0b", NOW + 3, "keyCompromise", "an issuer");
	assert_ok(store_lsc_verdict(s, "0c", &is, &found, &e), e);
	assert_false(found);
	assert_ok(store_lsc_verdict(s, "0d", &is, &found, &e), e);
	assert_false(found); /* another CA's serial */
}

static void
store_lsc_by_key_gives_the_newest_of_that_key(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	uint8_t hash[32];
	struct store_lsc l;
	struct err e = { 0 };
	bool found;
	int64_t again;

	lsc_issue(s, PHONE, 1, "01");
	again = lsc_issue(s, PHONE, 1, "02");
	lsc_issue(s, "SEP000000000000", 1, "03");
	memset(hash, 1, sizeof hash);
	assert_ok(store_lsc_by_key(s, PHONE, span_of(hash, sizeof hash), &l, &found, &e), e);
	assert_true(found);
	assert_int_equal(l.id, again);
	assert_string_equal(l.serial, "02");
	assert_int_equal(l.issued, NOW);
	store_lsc_free(&l);
	assert_int_equal(state_by_key(s, 9), -1);
}

static bool
lsc_collect(void *arg, const struct store_lsc *l)
{
	int *counts = arg;

	assert_string_equal(l->device, PHONE);
	counts[l->state]++;
	return true;
}

static void
store_lsc_delete_ends_all_live_ones(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_lsc l;
	struct err e = { 0 };
	int counts[4] = { 0 };
	bool found;

	phone_put(s, PHONE);
	assert_ok(store_lsc_confirm(s, lsc_issue(s, PHONE, 1, "01"), NOW, &e), e);
	assert_ok(store_lsc_confirm(s, lsc_issue(s, PHONE, 2, "02"), NOW + 7, &e), e);
	lsc_issue(s, PHONE, 3, "03");
	lsc_issue(s, "SEP000000000000", 1, "04");
	assert_ok(store_lsc_latest(s, PHONE, STORE_LSC_CONFIRMED, &l, &found, &e), e);
	assert_true(found);
	assert_string_equal(l.serial, "02");
	assert_int_equal(l.confirmed, NOW + 7);
	store_lsc_free(&l);
	assert_ok(store_lsc_delete(s, PHONE, NOW + 8, &e), e);
	assert_serial(s, "");
	assert_ok(store_lsc_each(s, PHONE, lsc_collect, counts, &e), e);
	assert_int_equal(counts[STORE_LSC_DELETED], 2);
	assert_int_equal(counts[STORE_LSC_SUPERSEDED], 1);
	assert_int_equal(counts[STORE_LSC_ISSUED] + counts[STORE_LSC_CONFIRMED], 0);
	assert_ok(store_lsc_latest(s, PHONE, STORE_LSC_ISSUED, &l, &found, &e), e);
	assert_false(found);
	assert_ok(store_lsc_latest(s, "SEP000000000000", STORE_LSC_ISSUED, &l, &found, &e), e);
	assert_true(found);
	store_lsc_free(&l);
}

static void
store_lsc_stays_on_record_without_its_phone(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct err e = { 0 };
	int counts[4] = { 0 };
	bool found;

	phone_put(s, PHONE);
	assert_ok(store_lsc_confirm(s, lsc_issue(s, PHONE, 1, "01"), NOW, &e), e);
	assert_ok(store_phone_remove(s, PHONE, &found, &e), e);
	assert_ok(store_lsc_each(s, PHONE, lsc_collect, counts, &e), e);
	assert_int_equal(counts[STORE_LSC_CONFIRMED], 1);
}

static void
store_lsc_issue_refuses_what_is_no_lsc(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_lsc good = { .device = PHONE,
		.der = BYTES("x"),
		.serial = "0a",
		.key_hash = BYTES("0123456789abcdef0123456789abcdef") };
	struct store_lsc bad[] = { good, good, good, good };
	struct err e;

	strcpy(bad[0].device, "a b");
	bad[1].der.n = 0;
	bad[2].key_hash.n = 20;
	strcpy(bad[3].serial, "0A");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_fails(
		    store_lsc_issue(s, &bad[i], &e), e, ERR_STORE, "CHECK constraint failed");
}

/* --- the audit log --- */

struct events {
	size_t count;
	char texts[64];
};

static bool
event_collect(void *arg, const struct store_event *ev)
{
	struct events *all = arg;

	all->count++;
	strncat(all->texts, ev->text, sizeof all->texts - strlen(all->texts) - 1);
	assert_int_equal(ev->at, NOW);
	assert_string_equal(ev->actor, "cli:root");
	return true;
}

static void
store_event_each_gives_the_newest_first(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_event ev = { .at = NOW, .actor = "cli:root", .event = "phone-set" };
	static const char *const texts[] = { "a", "b", "c", "d" };
	struct events all = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < COUNT(texts); i++) {
		ev.object = i % 2 == 0 ? PHONE : NULL;
		ev.text = texts[i];
		assert_ok(store_event_add(s, &ev, &e), e);
	}
	assert_ok(store_event_each(s, NULL, SIZE_MAX, event_collect, &all, &e), e);
	assert_string_equal(all.texts, "dcba");
	all = (struct events){ 0 };
	assert_ok(store_event_each(s, NULL, 2, event_collect, &all, &e), e);
	assert_string_equal(all.texts, "dc");
	all = (struct events){ 0 };
	assert_ok(store_event_each(s, PHONE, 10, event_collect, &all, &e), e);
	assert_string_equal(all.texts, "ca");
	ev.event = "";
	assert_fails(store_event_add(s, &ev, &e), e, ERR_STORE, "event: database: CHECK");
}

int
main(int argc, char **argv)
{
	struct run run = run_of(argc > 1 ? argv[1] : "");
	const struct CMUnitTest tests[] = {
		backend_test(store_lsc_belongs_to_the_phone_once_it_is_confirmed, &run),
		backend_test(store_lsc_issue_refuses_a_serial_that_another_has, &run),
		backend_test(store_revoked_each_gives_superseded_deleted_and_revoked_ones, &run),
		backend_test(store_lsc_verdict_says_who_issued_it_and_whether_it_is_revoked, &run),
		backend_test(store_lsc_by_key_gives_the_newest_of_that_key, &run),
		backend_test(store_lsc_delete_ends_all_live_ones, &run),
		backend_test(store_lsc_stays_on_record_without_its_phone, &run),
		backend_test(store_lsc_issue_refuses_what_is_no_lsc, &run),
		backend_test(store_event_each_gives_the_newest_first, &run),
	};

	return cmocka_run_group_tests_name(run.backend->name, tests, NULL, NULL);
}
