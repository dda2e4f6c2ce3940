#include "../check.h"

#include "base/mem.h"
#include "daemon/front_files.h"
#include "daemon/sealedfile.h"
#include "tempdir.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#define MANY 16

/* What core was asked, and what each of those who asked was told. */
struct rig {
	struct event_base *base;
	struct front_files *files;
	struct ask asked[MANY];
	char name[MANY][64], peer[MANY][64];
	size_t asks;
	bool deaf;     /* core cannot be asked */
	unsigned told; /* answers in all */
	char said[MANY][64];
	unsigned polls;
	struct bytes served;
	unsigned served_messages;
};

static bool
on_ask(void *arg, const struct ask *ask)
{
	struct rig *r = arg;

	if (r->deaf)
		return false;
	assert_true(r->asks < MANY);
	r->asked[r->asks] = *ask;
	snprintf(r->name[r->asks], 64, "%.*s", (int)ask->name.n, (const char *)ask->name.p);
	snprintf(r->peer[r->asks], 64, "%.*s", (int)ask->peer.n, (const char *)ask->peer.p);
	r->asks++;
	return true;
}

static void
on_poll(void *arg)
{
	((struct rig *)arg)->polls++;
}

static void
on_served(void *arg, struct span message)
{
	struct rig *r = arg;

	bytes_free(&r->served);
	r->served = bytes_copy(message);
	r->served_messages++;
}

static void
on_done(void *arg, uint32_t id, const struct frontcopy *copy)
{
	struct rig *r = arg;
	struct span s = copy->body != NULL ? body_span(copy->body) : copy->text;

	assert_true(id < MANY);
	assert_string_equal(r->said[id], "");
	snprintf(
	    r->said[id], 64, "%s%.*s", copy->body != NULL ? "" : "! ", (int)s.n, (const char *)s.p);
	r->told++;
}

static int
setup(void **state)
{
	struct rig *r = mem_new(1, sizeof *r);
	const struct front_files_config config = { .cache_bytes = 1024 * 1024,
		.ask = on_ask,
		.poll = on_poll,
		.served = on_served,
		.arg = r };

	r->base = event_base_new();
	r->files = front_files_new(r->base, &config);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	front_files_free(r->files);
	bytes_free(&r->served);
	event_base_free(r->base);
	free(r);
	return 0;
}

static struct front_asker *
get_via(struct rig *r, enum ask_via via, uint32_t id, const char *name)
{
	char peer[32];
	struct front_wish wish = {
		.via = via, .name = span_str(name), .done = on_done, .arg = r, .id = id
	};

	snprintf(peer, sizeof peer, "192.0.2.%u:1000", id);
	wish.peer = span_str(peer);
	return front_files_get(r->files, &wish);
}

static struct front_asker *
get(struct rig *r, uint32_t id, const char *name)
{
	return get_via(r, ASK_VIA_TFTP, id, name);
}

/* Core answers its question number i. */
static void
answer(struct rig *r, size_t i, bool keep, const char *content)
{
	const struct answer a = { .kind = ASK_FILE,
		.id = r->asked[i].id,
		.ok = true,
		.keep = keep,
		.data = span_str(content),
		.version = span_str("config signed 3") };

	front_files_answer(r->files, &a, -1);
}

static void
refuse(struct rig *r, size_t i, bool keep)
{
	const struct answer a = { .kind = ASK_FILE,
		.id = r->asked[i].id,
		.keep = keep,
		.code = 1,
		.text = span_str("File not found") };

	front_files_answer(r->files, &a, -1);
}

static void
front_files_asks_core_once_for_what_may_be_kept(void **state)
{
	struct rig *r = *state;

	assert_non_null(get(r, 0, "a"));
	assert_non_null(get(r, 1, "a"));
	assert_int_equal(r->asks, 1);
	assert_string_equal(r->name[0], "a");
	assert_string_equal(r->peer[0], "192.0.2.0:1000");
	assert_int_equal(r->asked[0].via, ASK_VIA_TFTP);
	answer(r, 0, true, "one");
	assert_string_equal(r->said[0], "one");
	assert_string_equal(r->said[1], "one");
	assert_null(get(r, 2, "a"));
	assert_string_equal(r->said[2], "one");
	assert_null(get_via(r, ASK_VIA_HTTP, 3, "a"));
	assert_string_equal(r->said[3], "one");
	assert_int_equal(r->asks, 1);
}

static void
front_files_keeps_refusals_too(void **state)
{
	struct rig *r = *state;

	get(r, 0, "no");
	refuse(r, 0, true);
	assert_null(get(r, 1, "no"));
	assert_string_equal(r->said[1], "! File not found");
	assert_int_equal(r->asks, 1);
}

static void
front_files_asks_anew_over_https(void **state)
{
	struct rig *r = *state;

	get(r, 0, "a.cnf.xml.sgn");
	assert_non_null(get_via(r, ASK_VIA_HTTPS, 1, "a.cnf.xml.sgn"));
	assert_int_equal(r->asks, 2);
	assert_int_equal(r->asked[1].via, ASK_VIA_HTTPS);
	answer(r, 1, true, "plain");
	answer(r, 0, true, "signed");
	assert_string_equal(r->said[0], "signed");
	assert_string_equal(r->said[1], "plain");
}

/* It may be older than those who asked after it was put. */
static void
front_files_gives_an_answer_not_to_be_kept_only_to_who_asked_first(void **state)
{
	struct rig *r = *state;

	get(r, 0, "a");
	get(r, 1, "a");
	get(r, 2, "a");
	answer(r, 0, false, "one");
	assert_string_equal(r->said[0], "one");
	assert_int_equal(r->told, 1);
	assert_int_equal(r->asks, 2);
	assert_string_equal(r->peer[1], "192.0.2.1:1000");
	get(r, 3, "a");
	answer(r, 1, false, "two");
	assert_string_equal(r->said[1], "two");
	assert_string_equal(r->said[2], "two");
	assert_string_equal(r->said[3], "");
	assert_int_equal(r->asks, 3);
	refuse(r, 2, false);
	assert_string_equal(r->said[3], "! File not found");
	assert_non_null(get(r, 4, "a"));
	assert_int_equal(r->asks, 4);
}

static void
front_files_does_not_keep_what_was_dropped_while_it_was_under_way(void **state)
{
	struct rig *r = *state;

	get(r, 0, "SEP001122334455.cnf.xml");
	get(r, 1, "SEP001122334455.cnf.xml");
	front_files_forget(r->files, &(struct front_forget){ span_str("SEP001122334455\n") });
	get(r, 2, "SEP001122334455.cnf.xml");
	assert_int_equal(r->asks, 2);
	answer(r, 0, true, "old");
	assert_string_equal(r->said[0], "old");
	assert_string_equal(r->said[1], "old");
	assert_string_equal(r->said[2], "");
	answer(r, 1, true, "new");
	assert_string_equal(r->said[2], "new");
	assert_null(get(r, 3, "SEP001122334455.cnf.xml"));
	assert_string_equal(r->said[3], "new");
}

static void
front_files_joins_who_waits_to_the_newer_question(void **state)
{
	struct rig *r = *state;

	get(r, 0, "a");
	get(r, 1, "a");
	front_files_forget(r->files, &(struct front_forget){ { 0 } });
	get(r, 2, "a");
	answer(r, 0, false, "old");
	assert_string_equal(r->said[0], "old");
	assert_string_equal(r->said[1], "");
	assert_int_equal(r->asks, 2);
	answer(r, 1, false, "new");
	assert_string_equal(r->said[1], "new");
	assert_string_equal(r->said[2], "new");
	assert_int_equal(r->asks, 2);
}

static void
front_files_gives_who_waits_what_is_known_by_then(void **state)
{
	struct rig *r = *state;

	get(r, 0, "a");
	get(r, 1, "a");
	front_files_forget(r->files, &(struct front_forget){ { 0 } });
	get(r, 2, "a");
	answer(r, 1, true, "new");
	answer(r, 0, false, "old");
	assert_string_equal(r->said[0], "old");
	assert_string_equal(r->said[1], "new");
	assert_int_equal(r->asks, 2);
}

static void
front_files_forgets_who_goes_and_ignores_answers_to_nobody(void **state)
{
	struct rig *r = *state;
	struct front_asker *a = get(r, 0, "a"), *b = get(r, 1, "a");

	front_files_cancel(a);
	answer(r, 0, true, "one");
	assert_string_equal(r->said[0], "");
	assert_string_equal(r->said[1], "one");
	answer(r, 0, true, "again");
	assert_non_null(b);
	front_files_cancel(get(r, 2, "b"));
	answer(r, 1, true, "two");
	assert_null(get(r, 3, "b"));
	assert_string_equal(r->said[3], "two");
	get(r, 4, "c"); /* still waits when all ends */
}

static void
front_files_refuses_when_core_cannot_be_asked(void **state)
{
	struct rig *r = *state;

	r->deaf = true;
	assert_null(get(r, 0, "a"));
	assert_string_equal(r->said[0], "! Server error");
	r->deaf = false;
	get(r, 1, "a");
	get(r, 2, "a");
	r->deaf = true;
	answer(r, 0, false, "one");
	assert_string_equal(r->said[1], "one");
	assert_string_equal(r->said[2], "! Server error");
	r->deaf = false;
	assert_non_null(get(r, 3, "a"));
}

static void
front_files_takes_large_files_and_refuses_open_ones(void **state)
{
	struct rig *r = *state;
	int sealed = sealedfile_make(span_str("large"), NULL), pair[2];
	struct answer a = {
		.kind = ASK_FILE, .ok = true, .keep = true, .has_file = true, .file_size = 5
	};

	assert_int_equal(pipe(pair), 0);
	get(r, 0, "a");
	a.id = r->asked[0].id;
	front_files_answer(r->files, &a, sealed);
	assert_string_equal(r->said[0], "large");
	get(r, 1, "b");
	a.id = r->asked[1].id;
	front_files_answer(r->files, &a, pair[0]);
	assert_string_equal(r->said[1], "! Server error");
	assert_non_null(get(r, 2, "b"));
	close(sealed);
	close(pair[0]);
	close(pair[1]);
}

static void
put_file(const char *dir, const char *name, const char *content)
{
	char path[512];
	FILE *f;

	tempdir_path(dir, name, path, sizeof path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(content, f);
	fclose(f);
}

static void
front_files_hears_of_changed_files_before_it_answers(void **state)
{
	struct rig *r = *state;
	char dir[TEMPDIR_MAX];
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), number;

	tempdir_make(dir);
	put_file(dir, "a.xml", "one");
	number = inotify_add_watch(fd, dir, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_MODIFY);
	get(r, 0, "before");
	answer(r, 0, true, "dropped when the watches come");
	front_files_folder(r->files, &(struct front_folder){ (uint32_t)number, { 0 } }, fd);
	get(r, 1, "before");
	assert_int_equal(r->asks, 2);
	get(r, 2, "a.xml.sgn");
	get(r, 3, "b.xml");
	answer(r, 2, true, "one");
	answer(r, 3, true, "b");
	front_files_hear(r->files);
	assert_int_equal(r->polls, 1);
	assert_null(get(r, 4, "a.xml.sgn"));
	put_file(dir, "a.xml", "two");
	front_files_hear(r->files);
	assert_non_null(get(r, 5, "a.xml.sgn"));
	assert_null(get(r, 6, "b.xml"));
	put_file(dir, "a.xml", "three");
	front_files_hear(r->files);
	answer(r, 4, true, "two");
	assert_non_null(get(r, 7, "a.xml.sgn"));
	tempdir_remove(dir);
}

/* The next report of the message. */
static struct front_served
next_served(struct rd *in)
{
	struct front_served s;
	struct err e = { 0 };

	assert_ok(front_served_next(in, &s, &e), e);
	return s;
}

static void
front_files_tells_core_what_was_sent_to_whom(void **state)
{
	struct rig *r = *state;
	struct front_served s;
	struct rd in;

	get(r, 0, "a");
	answer(r, 0, true, "one");
	get(r, 1, "a");
	front_files_forget(r->files, &(struct front_forget){ { 0 } });
	front_files_ended(
	    r->files, true, span_str("192.0.2.0:1000"), span_str("a"), (struct span){ 0 });
	front_files_ended(
	    r->files, false, span_str("192.0.2.1:1000"), span_str("a"), span_str("gone"));
	front_files_ended(
	    r->files, true, span_str("192.0.2.1:1000"), span_str("a"), (struct span){ 0 });
	front_files_served(r->files, span_str("192.0.2.9:80"), span_str("b"), span_str("list 4"));
	assert_int_equal(r->served_messages, 0);
	event_base_loop(r->base, EVLOOP_ONCE);
	assert_int_equal(r->served_messages, 1);
	in = rd_open(bytes_span(&r->served));
	s = next_served(&in);
	assert_true(s.ok && span_is(s.version, "config signed 3") && span_is(s.name, "a"));
	s = next_served(&in);
	assert_true(!s.ok && span_is(s.version, "config signed 3") && span_is(s.text, "gone"));
	s = next_served(&in);
	assert_true(s.ok && s.version.n == 0);
	s = next_served(&in);
	assert_true(span_is(s.peer, "192.0.2.9:80") && span_is(s.version, "list 4"));
	assert_true(rd_end(&in));
}

static void
front_files_sends_full_messages_of_reports_at_once(void **state)
{
	static const uint8_t large[60000];
	struct rig *r = *state;

	for (int i = 0; i < 200; i++)
		front_files_served(
		    r->files, span_str("192.0.2.9:80"), span_str("b"), (struct span){ 0 });
	assert_int_equal(r->served_messages, 1);
	for (int i = 0; i < 3; i++)
		front_files_served(
		    r->files, span_str("x"), span_of(large, sizeof large), (struct span){ 0 });
	assert_int_equal(r->served_messages, 2);
}

#define WITH_RIG(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RIG(front_files_asks_core_once_for_what_may_be_kept),
		WITH_RIG(front_files_keeps_refusals_too),
		WITH_RIG(front_files_asks_anew_over_https),
		WITH_RIG(front_files_gives_an_answer_not_to_be_kept_only_to_who_asked_first),
		WITH_RIG(front_files_does_not_keep_what_was_dropped_while_it_was_under_way),
		WITH_RIG(front_files_joins_who_waits_to_the_newer_question),
		WITH_RIG(front_files_gives_who_waits_what_is_known_by_then),
		WITH_RIG(front_files_forgets_who_goes_and_ignores_answers_to_nobody),
		WITH_RIG(front_files_refuses_when_core_cannot_be_asked),
		WITH_RIG(front_files_takes_large_files_and_refuses_open_ones),
		WITH_RIG(front_files_hears_of_changed_files_before_it_answers),
		WITH_RIG(front_files_tells_core_what_was_sent_to_whom),
		WITH_RIG(front_files_sends_full_messages_of_reports_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
