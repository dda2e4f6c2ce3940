/* A process that dies, or a disk that is full, in the middle of a change. */
#include "backend.h"

#include "store/store_sqlite.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PHONE "SEP001122334455"

/* --- one change of many parts --- */

struct change {
	int64_t node, lsc;
	int die_before; /* the step that is not reached; -1: none */
};

static bool
step_settings(struct store *s, const struct change *c, struct err *e)
{
	(void)c;
	return store_setting_set(s, "generation", "2", e);
}

static bool
step_cert(struct store *s, const struct change *c, struct err *e)
{
	struct store_cert cert = { .node = c->node, .purpose = PURPOSE_CAPF, .der = BYTES("new") };

	return store_cert_activate(s, &cert, NOW, e);
}

static bool
step_list(struct store *s, const struct change *c, struct err *e)
{
	struct store_list l = { .node = c->node,
		.digest = ENVELOPE_SHA1,
		.made = NOW,
		.file = BYTES("new list"),
		.signer = BYTES("0123456789abcdef0123456789abcdef") };
	bool ok = store_list_add(s, &l, e);

	bytes_free(&l.sha256);
	return ok;
}

static bool
step_lsc(struct store *s, const struct change *c, struct err *e)
{
	return store_lsc_confirm(s, c->lsc, NOW, e);
}

static bool
step_phone(struct store *s, const struct change *c, struct err *e)
{
	struct store_sighting seen = { { "SEP000000000001" }, "192.0.2.1", NOW };

	(void)c;
	return store_phone_seen(s, &seen, 1, 10, e);
}

static bool
step_event(struct store *s, const struct change *c, struct err *e)
{
	struct store_event ev = { .at = NOW, .event = "changed" };

	(void)c;
	return store_event_add(s, &ev, e);
}

static bool (*const steps[])(struct store *s, const struct change *c, struct err *e) = {
	step_settings,
	step_cert,
	step_list,
	step_lsc,
	step_phone,
	step_event,
};

static void
die(void)
{
	kill(getpid(), SIGKILL);
}

static bool
change_all(struct store *s, void *arg, struct err *e)
{
	const struct change *c = arg;

	for (int i = 0; i < (int)COUNT(steps); i++) {
		if (i == c->die_before)
			die();
		if (!steps[i](s, c, e))
			return false;
	}
	if (c->die_before == (int)COUNT(steps))
		die();
	return true;
}

static struct change
start_state(struct store *s)
{
	struct change c = { .node = node_put(s, "pub", true), .die_before = -1 };
	struct store_cert cert = { .node = c.node, .purpose = PURPOSE_CAPF, .der = BYTES("old") };
	struct err e = { 0 };

	assert_ok(store_setting_set(s, "generation", "1", &e), e);
	assert_ok(store_cert_activate(s, &cert, NOW, &e), e);
	list_add(s, c.node, STORE_LIST_ITL, "old list");
	phone_put(s, PHONE);
	c.lsc = lsc_issue(s, PHONE, 1, "0a");
	return c;
}

static bool
cert_count(void *arg, const struct store_cert *c)
{
	(void)c;
	(*(size_t *)arg)++;
	return true;
}

static bool
event_count(void *arg, const struct store_event *ev)
{
	(void)ev;
	(*(size_t *)arg)++;
	return true;
}

/* The store is in the state before, or in the one after; nothing of one in the other. */
static void
assert_state(struct store *s, const struct change *c, bool after)
{
	struct err e = { 0 };
	struct store_list l;
	struct phone p;
	char value[STORE_VALUE_MAX];
	size_t certs = 0, events = 0, seen;
	bool found;

	assert_ok(store_setting_get(s, "generation", value, &found, &e), e);
	assert_string_equal(value, after ? "2" : "1");
	assert_ok(store_cert_each(s, cert_count, &certs, &e), e);
	assert_int_equal(certs, after ? 2 : 1);
	l = list_latest(s, c->node, STORE_LIST_ITL, ENVELOPE_SHA1);
	assert_int_equal(l.version, after ? 2 : 1);
	store_list_free(&l);
	assert_ok(store_phone_get(s, PHONE, &p, &found, &e), e);
	assert_string_equal(p.lsc_serial, after ? "0a" : "");
	assert_ok(store_phone_count(s, PHONE_SEEN, &seen, &e), e);
	assert_int_equal(seen, after ? 1 : 0);
	assert_ok(store_event_each(s, NULL, 10, event_count, &events, &e), e);
	assert_int_equal(events, after ? 1 : 0);
}

/* --- killed --- */

static int
die_in_commit(void *arg)
{
	(void)arg;
	die();
	return 0;
}

static int
die_after_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
	(void)arg;
	(void)db;
	(void)name;
	(void)pages;
	die();
	return SQLITE_OK;
}

enum death { IN_CHANGE, IN_COMMIT, AFTER_COMMIT };

/* A process opens the store, makes the change, and is killed on the way. */
static void
change_and_die(const char *path, struct change c, enum death when)
{
	pid_t child = fork();
	struct store *s;
	struct err e;
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		if (!store_open(path, &s, &e))
			_exit(1);
		if (when == IN_COMMIT)
			sqlite3_commit_hook(s->db, die_in_commit, NULL);
		if (when == AFTER_COMMIT)
			sqlite3_wal_hook(s->db, die_after_commit, NULL);
		_exit(store_change(s, change_all, &c, &e) ? 2 : 3);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
store_change_is_before_or_after_when_the_process_is_killed(void **state)
{
	struct run *r = *state;
	struct change c = start_state(r->s);
	struct err e = { 0 };
	char path[PATH_MAX + 16];

	snprintf(path, sizeof path, "%s/sealtone.db", r->dir);
	for (int step = 0; step <= (int)COUNT(steps); step++) {
		store_close(r->s);
		r->s = NULL;
		c.die_before = step;
		change_and_die(path, c, IN_CHANGE);
		assert_ok(store_open(path, &r->s, &e), e);
		assert_state(r->s, &c, false);
	}
	store_close(r->s);
	r->s = NULL;
	c.die_before = -1;
	change_and_die(path, c, IN_COMMIT);
	assert_ok(store_open(path, &r->s, &e), e);
	assert_state(r->s, &c, false);
	store_close(r->s);
	r->s = NULL;
	change_and_die(path, c, AFTER_COMMIT);
	assert_ok(store_open(path, &r->s, &e), e);
	assert_state(r->s, &c, true);
}

static bool
count_up(struct store *s, void *arg, struct err *e)
{
	char text[16];

	snprintf(text, sizeof text, "%u", *(unsigned *)arg);
	return store_setting_set(s, "a", text, e) && store_setting_set(s, "b", text, e);
}

/* Counts as fast as it can and tells each number once it is kept. */
static void
count_forever(const char *path, int out)
{
	struct store *s;
	struct err e;

	if (!store_open(path, &s, &e))
		_exit(1);
	for (unsigned n = 1;; n++)
		if (!store_change(s, count_up, &n, &e) || write(out, &n, sizeof n) < 0)
			_exit(2);
}

static unsigned
number_of(struct store *s, const char *name)
{
	char value[STORE_VALUE_MAX];
	struct err e = { 0 };
	bool found;

	assert_ok(store_setting_get(s, name, value, &found, &e), e);
	return (unsigned)strtoul(value, NULL, 10);
}

static void
store_change_that_was_answered_outlives_the_process(void **state)
{
	struct run *r = *state;
	struct err e = { 0 };
	char path[PATH_MAX + 16];

	snprintf(path, sizeof path, "%s/sealtone.db", r->dir);
	for (int round = 0; round < 12; round++) {
		unsigned told = 0, n;
		int ends[2];
		pid_t child;

		store_close(r->s);
		r->s = NULL;
		assert_int_equal(pipe(ends), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			count_forever(path, ends[1]);
		close(ends[1]);
		assert_int_equal(read(ends[0], &told, sizeof told), sizeof told);
		nanosleep(&(struct timespec){ .tv_nsec = round * 1700000L }, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		while (read(ends[0], &n, sizeof n) == sizeof n)
			told = n;
		close(ends[0]);
		assert_ok(store_open(path, &r->s, &e), e);
		assert_int_equal(number_of(r->s, "a"), number_of(r->s, "b"));
		assert_in_range(number_of(r->s, "a"), told, told + 1);
	}
}

/* --- full --- */

static bool
add_lists(struct store *s, void *arg, struct err *e)
{
	const struct change *c = arg;
	static const char big[60000] = { 1 };
	struct store_list l = { .node = c->node,
		.digest = ENVELOPE_SHA1,
		.file = bytes_lent(big, sizeof big),
		.signer = BYTES("0123456789abcdef0123456789abcdef") };
	bool ok = store_setting_set(s, "generation", "2", e);

	for (int i = 0; ok && i < 40; i++) {
		ok = store_list_add(s, &l, e);
		bytes_free(&l.sha256);
	}
	return ok;
}

static bool
add_lists_and_go_on(struct store *s, void *arg, struct err *e)
{
	if (add_lists(s, arg, e))
		return false;
	(void)!store_setting_set(s, "generation", "3", e);
	return true;
}

static void
store_change_undoes_everything_when_the_disk_is_full(void **state)
{
	struct run *r = *state;
	struct change c = start_state(r->s);
	struct err e = { 0 };
	int64_t pages;

	/* The database's own limit stands in for the disk's. */
	assert_ok(store_number(r->s, "PRAGMA page_count", &pages, &e), e);
	assert_true(pages < 200);
	assert_ok(store_exec(r->s, "PRAGMA max_page_count = 200", &e), e);
	assert_fails(store_change(r->s, add_lists, &c, &e), e, ERR_STORE, "full");
	assert_state(r->s, &c, false);
	e = (struct err){ 0 };
	if (store_change(r->s, add_lists_and_go_on, &c, &e))
		assert_int_equal(number_of(r->s, "generation"), 3);
	else
		assert_state(r->s, &c, false);
	assert_ok(store_exec(r->s, "PRAGMA max_page_count = 100000", &e), e);
	assert_ok(store_change(r->s, add_lists, &c, &e), e);
	assert_int_equal(number_of(r->s, "generation"), 2);
}

int
main(void)
{
	struct run run = run_of("file");
	const struct CMUnitTest tests[] = {
		backend_test(store_change_is_before_or_after_when_the_process_is_killed, &run),
		backend_test(store_change_that_was_answered_outlives_the_process, &run),
		backend_test(store_change_undoes_everything_when_the_disk_is_full, &run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
