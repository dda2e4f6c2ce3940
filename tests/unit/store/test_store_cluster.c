#include "backend.h"

/* --- settings and nodes --- */

static void
store_setting_keeps_the_last_value(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	char value[STORE_VALUE_MAX], longest[STORE_VALUE_MAX + 1];
	struct err e = { 0 };
	bool found;

	assert_ok(store_setting_get(s, "serve-lists", value, &found, &e), e);
	assert_false(found);
	assert_string_equal(value, "");
	assert_ok(store_setting_set(s, "serve-lists", "known", &e), e);
	assert_ok(store_setting_set(s, "serve-lists", "all'; DROP TABLE settings; --", &e), e);
	assert_ok(store_setting_get(s, "serve-lists", value, &found, &e), e);
	assert_true(found);
	assert_string_equal(value, "all'; DROP TABLE settings; --");
	memset(longest, 'x', sizeof longest);
	longest[STORE_VALUE_MAX - 1] = '\0';
	assert_ok(store_setting_set(s, "long", longest, &e), e);
	assert_ok(store_setting_get(s, "long", value, &found, &e), e);
	assert_string_equal(value, longest);
	longest[STORE_VALUE_MAX - 1] = 'x';
	longest[STORE_VALUE_MAX] = '\0';
	assert_fails(store_setting_set(s, "long", longest, &e), e, ERR_LIMIT, "1024 bytes");
	assert_fails(store_setting_set(s, "", "x", &e), e, ERR_LIMIT, "name of 0");
}

struct nodes {
	size_t count, stop_at;
	struct store_node last;
};

static bool
node_collect(void *arg, const struct store_node *n)
{
	struct nodes *all = arg;

	all->count++;
	all->last = *n;
	return all->count != all->stop_at;
}

static void
store_node_put_makes_and_changes_nodes(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct nodes all = { 0 };
	struct err e = { 0 };
	struct store_node n = { .id = node_put(s, "pub.example.com", true),
		.name = "pub2",
		.addresses = "192.0.2.1 2001:db8::1",
		.publisher = true,
		.tvs = true,
		.capf = true };

	assert_ok(store_node_put(s, &n, &e), e);
	assert_ok(store_node_each(s, node_collect, &all, &e), e);
	assert_int_equal(all.count, 1);
	assert_memory_equal(&all.last, &n, sizeof n);
	node_put(s, "sub", false);
	all = (struct nodes){ .stop_at = 1 };
	assert_ok(store_node_each(s, node_collect, &all, &e), e);
	assert_int_equal(all.count, 1);
}

static void
store_node_put_refuses_a_second_publisher_and_a_name_twice(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_node n = { .name = "pub" };
	struct err e;

	node_put(s, "pub", true);
	assert_fails(store_node_put(s, &n, &e), e, ERR_CONFLICT, "node pub: exists already");
	n = (struct store_node){ .name = "other", .publisher = true };
	assert_fails(store_node_put(s, &n, &e), e, ERR_CONFLICT, "node other");
	n = (struct store_node){ .id = 77, .name = "none" };
	assert_fails(store_node_put(s, &n, &e), e, ERR_UNKNOWN, "no node 77");
	n = (struct store_node){ 0 };
	assert_fails(store_node_put(s, &n, &e), e, ERR_STORE, "CHECK constraint failed");
}

/* --- certificates and trust stores --- */

struct certs {
	size_t count, active;
	struct store_cert last;
	char last_der[16];
};

static bool
cert_collect(void *arg, const struct store_cert *c)
{
	struct certs *all = arg;

	all->count++;
	all->active += c->active;
	all->last = *c;
	snprintf(
	    all->last_der, sizeof all->last_der, "%.*s", (int)c->der.n, (const char *)c->der.p);
	return true;
}

static bool
cert_first(void *arg, const struct store_cert *c)
{
	*(struct store_cert *)arg = *c;
	return false;
}

static void
store_cert_activate_retires_the_one_before(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_cert c = {
		.node = node_put(s, "pub", true), .purpose = PURPOSE_CAPF, .der = BYTES("first")
	};
	struct store_cert first;
	struct certs all = { 0 };
	struct err e = { 0 };

	assert_ok(store_cert_activate(s, &c, NOW, &e), e);
	assert_true(c.active);
	c.der = BYTES("second");
	assert_ok(store_cert_activate(s, &c, NOW + 5, &e), e);
	c = (struct store_cert){ .node = c.node, .purpose = PURPOSE_WEB, .der = BYTES("third") };
	assert_ok(store_cert_activate(s, &c, NOW + 6, &e), e);
	assert_ok(store_cert_each(s, cert_collect, &all, &e), e);
	assert_int_equal(all.count, 3);
	assert_int_equal(all.active, 2);
	assert_int_equal(all.last.id, c.id);
	assert_int_equal(all.last.purpose, PURPOSE_WEB);
	assert_int_equal(all.last.made, NOW + 6);
	assert_string_equal(all.last_der, "third");
	assert_ok(store_cert_each(s, cert_first, &first, &e), e);
	assert_false(first.active);
	assert_int_equal(first.made, NOW);
	assert_int_equal(first.retired, NOW + 5);
}

static void
store_cert_activate_leaves_the_old_one_when_the_new_one_does_not_fit(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_cert c = { .node = node_put(s, "pub", true), .der = BYTES("first") };
	struct certs all = { 0 };
	struct err e = { 0 };

	assert_ok(store_cert_activate(s, &c, NOW, &e), e);
	c.der = (struct bytes){ 0 };
	assert_fails(store_cert_activate(s, &c, NOW, &e), e, ERR_STORE,
	    "certificate for callmanager: database: CHECK constraint failed");
	assert_ok(store_cert_each(s, cert_collect, &all, &e), e);
	assert_int_equal(all.count, 1);
	assert_int_equal(all.active, 1);
	c = (struct store_cert){ .node = 99, .der = BYTES("x") };
	assert_fails(store_cert_activate(s, &c, NOW, &e), e, ERR_UNKNOWN, "does not exist");
}

static bool
cert_note(void *arg, const struct store_cert *c)
{
	struct store_cert *at = arg;

	at[c->id - 1] = *c;
	return true;
}

static void
store_cert_reactivate_retires_the_one_that_was(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_cert c = {
		.node = node_put(s, "pub", true), .purpose = PURPOSE_TVS, .der = BYTES("first")
	};
	struct store_cert all[3];
	struct err e = { 0 };

	assert_ok(store_cert_activate(s, &c, NOW, &e), e);
	c.der = BYTES("second");
	assert_ok(store_cert_activate(s, &c, NOW + 5, &e), e);
	c.purpose = PURPOSE_WEB;
	assert_ok(store_cert_activate(s, &c, NOW + 6, &e), e);
	for (int i = 0; i < 2; i++) { /* the second time it is active already */
		assert_ok(store_cert_reactivate(s, 1, NOW + 9, &e), e);
		assert_ok(store_cert_each(s, cert_note, all, &e), e);
		assert_true(all[0].active && !all[1].active && all[2].active);
		assert_int_equal(all[0].retired, 0);
		assert_int_equal(all[0].made, NOW);
		assert_int_equal(all[1].retired, NOW + 9);
	}
	assert_fails(store_cert_reactivate(s, 9, NOW, &e), e, ERR_UNKNOWN, "no certificate 9");
}

static bool
trust_collect(void *arg, const struct store_trust *t)
{
	size_t *count = arg;

	(*count)++;
	assert_true((unsigned)t->store < TRUST_STORE_COUNT);
	assert_span_equal(bytes_span(&t->der), span_str("root"));
	assert_int_equal(t->added, NOW);
	return true;
}

static void
store_trust_holds_a_certificate_once_per_store(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_trust t = { .der = BYTES("root"), .added = NOW };
	struct err e = { 0 };
	size_t count = 0;

	for (int i = 0; i < TRUST_STORE_COUNT; i++) {
		t.store = (enum trust_store)i;
		assert_ok(store_trust_add(s, &t, &e), e);
	}
	assert_fails(store_trust_add(s, &t, &e), e, ERR_CONFLICT, "phone-trust: exists already");
	assert_ok(store_trust_remove(s, t.id, &e), e);
	assert_fails(store_trust_remove(s, t.id, &e), e, ERR_UNKNOWN, "no trusted certificate");
	assert_ok(store_trust_each(s, trust_collect, &count, &e), e);
	assert_int_equal(count, TRUST_STORE_COUNT - 1);
	assert_ok(store_trust_add(s, &t, &e), e);
}

/* --- trust lists --- */

static bool
list_count(void *arg, const struct store_list *l)
{
	size_t *count = arg;

	(*count)++;
	assert_int_equal(l->signer.n, 32);
	return true;
}

static void
store_list_add_counts_versions_per_node_and_kind(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t pub = node_put(s, "pub", true), sub = node_put(s, "sub", false);
	int64_t first = list_add(s, pub, STORE_LIST_ITL, "abc");
	struct store_list l;
	struct err e = { 0 };
	size_t count = 0;

	list_add(s, pub, STORE_LIST_ITL, "list 2");
	list_add(s, pub, STORE_LIST_EMPTY, "empty 1");
	list_add(s, sub, STORE_LIST_ITL, "list 1 of sub");
	l = list_latest(s, pub, STORE_LIST_ITL, ENVELOPE_SHA1);
	assert_int_equal(l.version, 2);
	assert_span_equal(bytes_span(&l.file), span_str("list 2"));
	assert_int_equal(l.made, NOW);
	store_list_free(&l);
	l = list_latest(s, sub, STORE_LIST_ITL, ENVELOPE_SHA1);
	assert_int_equal(l.version, 1);
	store_list_free(&l);
	assert_int_equal(list_latest(s, sub, STORE_LIST_CTL, ENVELOPE_SHA1).version, 0);
	assert_ok(store_list_get(s, first, &l, &e), e);
	assert_int_equal(l.kind, STORE_LIST_ITL);
	/* SHA-256 of "abc": FIPS 180-2, appendix B.1 */
	assert_span_equal(bytes_span(&l.sha256),
	    span_of("\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"
		    "\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad",
		32));
	store_list_free(&l);
	assert_ok(store_list_each(s, list_count, &count, &e), e);
	assert_int_equal(count, 4);
	assert_fails(store_list_get(s, 99, &l, &e), e, ERR_UNKNOWN, "no trust list 99");
}

/* Versions of both digests stand in one row, so that none is named twice. */
static void
store_list_add_keeps_the_lists_of_both_digests(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t pub = node_put(s, "pub", true);
	struct store_list l = { .node = pub,
		.kind = STORE_LIST_ITL,
		.digest = ENVELOPE_SHA512,
		.file = BYTES("in SHA-512"),
		.signer = BYTES("0123456789abcdef0123456789abcdef") };
	struct err e = { 0 };

	list_add(s, pub, STORE_LIST_ITL, "in SHA-1");
	assert_ok(store_list_add(s, &l, &e), e);
	assert_int_equal(l.version, 2);
	bytes_free(&l.sha256);
	l = list_latest(s, pub, STORE_LIST_ITL, ENVELOPE_SHA1);
	assert_span_equal(bytes_span(&l.file), span_str("in SHA-1"));
	assert_int_equal(l.digest, ENVELOPE_SHA1);
	store_list_free(&l);
	l = list_latest(s, pub, STORE_LIST_ITL, ENVELOPE_SHA512);
	assert_span_equal(bytes_span(&l.file), span_str("in SHA-512"));
	assert_int_equal(l.digest, ENVELOPE_SHA512);
	l.digest = (enum envelope_digest)2;
	assert_fails(store_list_add(s, &l, &e), e, ERR_BUG, "digest 2");
	store_list_free(&l);
}

static void
store_list_add_refuses_what_is_no_list(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_list l = { .node = node_put(s, "pub", true),
		.digest = ENVELOPE_SHA1,
		.file = BYTES("x"),
		.signer = BYTES("short") };
	struct err e;

	assert_fails(store_list_add(s, &l, &e), e, ERR_STORE, "trust list: database: CHECK");
	assert_null(l.sha256.p);
	l.signer = BYTES("0123456789abcdef0123456789abcdef");
	l.file = (struct bytes){ 0 };
	assert_fails(store_list_add(s, &l, &e), e, ERR_STORE, "CHECK");
	l.file = BYTES("x");
	l.node = 99;
	assert_fails(store_list_add(s, &l, &e), e, ERR_UNKNOWN, "does not exist");
}

/* --- transactions --- */

static bool
set_two(struct store *s, void *arg, struct err *e)
{
	const char *const *values = arg;

	return store_setting_set(s, "a", values[0], e) && store_setting_set(s, "b", values[1], e);
}

static bool
set_two_and_fail(struct store *s, void *arg, struct err *e)
{
	return set_two(s, arg, e) && err_set(e, ERR_REFUSED, "changed my mind");
}

static bool
set_outer_and_try_inner(struct store *s, void *arg, struct err *e)
{
	(void)!store_change(s, set_two_and_fail, arg, e);
	return store_setting_set(s, "outer", "yes", e);
}

static void
assert_setting(struct store *s, const char *name, const char *want)
{
	char value[STORE_VALUE_MAX];
	struct err e = { 0 };
	bool found;

	assert_ok(store_setting_get(s, name, value, &found, &e), e);
	assert_string_equal(value, want);
}

static void
store_change_keeps_all_or_nothing(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	const char *old[] = { "1", "2" }, *new[] = { "3", "4" };
	struct err e = { 0 };

	assert_ok(store_change(s, set_two, old, &e), e);
	assert_fails(store_change(s, set_two_and_fail, new, &e), e, ERR_REFUSED, "changed my mind");
	assert_setting(s, "a", "1");
	assert_setting(s, "b", "2");
	assert_ok(store_change(s, set_outer_and_try_inner, new, &e), e);
	assert_setting(s, "a", "1");
	assert_setting(s, "outer", "yes");
	assert_ok(store_change_soon(s, set_two, new, &e), e);
	assert_setting(s, "b", "4");
}

static bool
view_two(struct store *s, void *arg, struct err *e)
{
	const char **want = arg;

	(void)e;
	assert_setting(s, "a", want[0]);
	assert_setting(s, "b", want[1]);
	return true;
}

static bool
view_and_fail(struct store *s, void *arg, struct err *e)
{
	return store_view(s, view_two, arg, e) && err_set(e, ERR_REFUSED, "seen enough");
}

static bool
set_two_and_view(struct store *s, void *arg, struct err *e)
{
	return set_two(s, arg, e) && store_view(s, view_two, arg, e);
}

static void
store_view_reads_what_is_there_and_ends(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	const char *old[] = { "1", "2" }, *new[] = { "3", "4" };
	struct err e = { 0 };

	assert_ok(store_change(s, set_two, old, &e), e);
	assert_ok(store_view(s, view_two, old, &e), e);
	assert_fails(store_view(s, view_and_fail, old, &e), e, ERR_REFUSED, "seen enough");
	assert_ok(store_change(s, set_two_and_view, new, &e), e);
	assert_ok(store_view(s, view_two, new, &e), e);
}

static bool
node_put_in_each(void *arg, const struct store_node *n)
{
	struct store *s = arg;
	struct store_node changed = *n;
	struct nodes inner = { 0 };
	struct err e = { 0 };

	changed.capf = true;
	assert_ok(store_node_put(s, &changed, &e), e);
	assert_ok(store_node_each(s, node_collect, &inner, &e), e);
	assert_int_equal(inner.count, 2);
	return true;
}

static void
store_node_each_lets_the_store_be_used_inside(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct nodes all = { 0 };
	struct err e = { 0 };

	node_put(s, "pub", true);
	node_put(s, "sub", false);
	assert_ok(store_node_each(s, node_put_in_each, s, &e), e);
	assert_ok(store_node_each(s, node_collect, &all, &e), e);
	assert_true(all.last.capf);
}

int
main(int argc, char **argv)
{
	struct run run = run_of(argc > 1 ? argv[1] : "");
	const struct CMUnitTest tests[] = {
		backend_test(store_setting_keeps_the_last_value, &run),
		backend_test(store_node_put_makes_and_changes_nodes, &run),
		backend_test(store_node_put_refuses_a_second_publisher_and_a_name_twice, &run),
		backend_test(store_cert_activate_retires_the_one_before, &run),
		backend_test(
		    store_cert_activate_leaves_the_old_one_when_the_new_one_does_not_fit, &run),
		backend_test(store_cert_reactivate_retires_the_one_that_was, &run),
		backend_test(store_trust_holds_a_certificate_once_per_store, &run),
		backend_test(store_list_add_counts_versions_per_node_and_kind, &run),
		backend_test(store_list_add_keeps_the_lists_of_both_digests, &run),
		backend_test(store_list_add_refuses_what_is_no_list, &run),
		backend_test(store_change_keeps_all_or_nothing, &run),
		backend_test(store_view_reads_what_is_there_and_ends, &run),
		backend_test(store_node_each_lets_the_store_be_used_inside, &run),
	};

	return cmocka_run_group_tests_name(run.backend->name, tests, NULL, NULL);
}
