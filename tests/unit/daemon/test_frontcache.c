#include "../check.h"

#include "base/mem.h"
#include "daemon/frontcache.h"

#include <stdlib.h>

#define CAP (80 * 1024)

struct rig {
	struct frontcache *cache;
	void *dropped[8];
	size_t dropped_count;
};

static void
on_dropped(void *arg, void *question)
{
	struct rig *r = arg;

	assert_true(r->dropped_count < 8);
	r->dropped[r->dropped_count++] = question;
}

static int
setup(void **state)
{
	struct rig *r = mem_new(1, sizeof *r);

	r->cache = frontcache_new(CAP, on_dropped, r);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	frontcache_free(r->cache);
	free(r);
	return 0;
}

static struct frontcache_key
key_of(const char *name)
{
	return (struct frontcache_key){ .name = span_str(name) };
}

static void
keep_copy(struct rig *r, const struct frontcache_key *key, const struct frontcopy *copy)
{
	int question;

	frontcache_ask(r->cache, key, &question);
	frontcache_answer(r->cache, key, copy);
}

static void
keep_file(struct rig *r, const char *name, struct span content)
{
	const struct frontcache_key key = key_of(name);
	struct frontcopy copy = { .body = body_copy(content) };

	keep_copy(r, &key, &copy);
	body_unref(copy.body);
}

static void
keep_refusal(struct rig *r, const char *name)
{
	const struct frontcache_key key = key_of(name);

	keep_copy(r, &key, &(struct frontcopy){ .code = 1, .text = span_str("File not found") });
}

static bool
knows(struct rig *r, const char *name)
{
	const struct frontcache_key key = key_of(name);

	return frontcache_find(r->cache, &key) != NULL;
}

static void
frontcache_gives_back_all_of_an_answer(void **state)
{
	struct rig *r = *state;
	char version[] = "config signed 17";
	const struct frontcache_key key = key_of("SEP001122334455.cnf.xml.sgn");
	struct frontcopy in = { .body = body_copy(span_str("<device/>")),
		.etag = span_str("5f3a"),
		.modified = 1700000000,
		.version = span_str(version) };
	const struct frontcopy *out;

	keep_copy(r, &key, &in);
	body_unref(in.body);
	memset(version, 0, sizeof version);
	out = frontcache_find(r->cache, &key);
	assert_non_null(out);
	assert_span_equal(body_span(out->body), span_str("<device/>"));
	assert_span_equal(out->etag, span_str("5f3a"));
	assert_span_equal(out->version, span_str("config signed 17"));
	assert_int_equal(out->modified, 1700000000);
	assert_int_equal(frontcache_stats(r->cache).hits, 1);
}

static void
frontcache_keeps_refusals_with_code_text_and_elsewhere(void **state)
{
	struct rig *r = *state;
	const struct frontcache_key key = key_of("missing");
	const struct frontcopy in = { .code = 1,
		.text = span_str("File not found"),
		.elsewhere = span_str("tftp://192.0.2.1:69\n") };
	const struct frontcopy *out;

	keep_copy(r, &key, &in);
	out = frontcache_find(r->cache, &key);
	assert_non_null(out);
	assert_null(out->body);
	assert_int_equal(out->code, 1);
	assert_span_equal(out->text, in.text);
	assert_span_equal(out->elsewhere, in.elsewhere);
	assert_int_equal(frontcache_stats(r->cache).refusals, 1);
	assert_false(knows(r, "missin"));
	assert_int_equal(frontcache_stats(r->cache).misses, 1);
}

static void
frontcache_knows_https_apart_from_the_rest(void **state)
{
	struct rig *r = *state;
	struct frontcache_key key = key_of("a.cnf.xml.sgn");

	keep_copy(r, &key, &(struct frontcopy){ .code = 1 });
	key.https = true;
	assert_null(frontcache_find(r->cache, &key));
	keep_copy(r, &key, &(struct frontcopy){ .code = 2 });
	assert_int_equal(frontcache_find(r->cache, &key)->code, 2);
	frontcache_drop_path(r->cache, "a.cnf.xml");
	assert_null(frontcache_find(r->cache, &key));
	assert_false(knows(r, "a.cnf.xml.sgn"));
}

static void
frontcache_tells_questions_from_answers(void **state)
{
	struct rig *r = *state;
	const struct frontcache_key key = key_of("a");
	int question;

	assert_null(frontcache_question(r->cache, &key));
	frontcache_ask(r->cache, &key, &question);
	assert_ptr_equal(frontcache_question(r->cache, &key), &question);
	assert_null(frontcache_find(r->cache, &key));
	frontcache_answer(r->cache, &key, NULL);
	assert_null(frontcache_question(r->cache, &key));
	assert_null(frontcache_find(r->cache, &key));
	assert_int_equal(frontcache_stats(r->cache).bytes, 0);
	assert_int_equal(r->dropped_count, 0);
}

static void
frontcache_never_knows_names_that_core_refuses(void **state)
{
	struct rig *r = *state;
	char name[202];

	memset(name, 'x', sizeof name);
	name[201] = '\0';
	keep_refusal(r, name);
	assert_false(knows(r, name));
	keep_refusal(r, "");
	assert_false(knows(r, ""));
	name[200] = '\0';
	keep_refusal(r, name);
	assert_true(knows(r, name));
	frontcache_drop_path(r->cache, name);
	assert_false(knows(r, name));
}

static void
frontcache_drop_path_drops_every_form_of_a_file(void **state)
{
	static const struct {
		const char *path;
		const char *gone[4], *stays[4];
	} rows[] = {
		{ "a.xml", { "a.xml", "a.xml.sgn", "a.xml.enc.sgn" },
		    { "a.xm", "a.xml.sgn.sgn", "b.xml", "d/a.xml" } },
		{ "a.xml.sgn", { "a.xml.sgn", "a.xml", "a.xml.sgn.sgn" }, { "a.xml.enc.sgn" } },
		{ "d/a.xml", { "d/a.xml", "d/a.xml.sgn" }, { "a.xml", "d", "d/b.xml" } },
		{ ".sgn", { NULL }, { "a.xml", "a.xml.sgn" } },
		{ "", { "a.xml", "d/a.xml", "SEP001122334455.cnf.xml" }, { NULL } },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (size_t k = 0; k < 4; k++) {
			if (rows[i].gone[k] != NULL)
				keep_refusal(r, rows[i].gone[k]);
			if (rows[i].stays[k] != NULL)
				keep_file(r, rows[i].stays[k], span_str("x"));
		}
		frontcache_drop_path(r->cache, rows[i].path);
		for (size_t k = 0; k < 4; k++) {
			if (rows[i].gone[k] != NULL)
				assert_false(knows(r, rows[i].gone[k]));
			if (rows[i].stays[k] != NULL)
				assert_true(knows(r, rows[i].stays[k]));
		}
		frontcache_drop_path(r->cache, "");
		assert_int_equal(frontcache_stats(r->cache).kept, 0);
		assert_int_equal(frontcache_stats(r->cache).bytes, 0);
	}
}

static void
frontcache_drop_devices_drops_their_lists_and_configurations(void **state)
{
	static const char *const gone[] = { "CTLSEP001122334455.tlv", "ITLSEP001122334455.tlv",
		"SEP001122334455.cnf.xml", "SEP001122334455.cnf.xml.sgn",
		"SEP001122334455.cnf.xml.enc.sgn", "ATA01.cnf.xml" };
	static const char *const stays[] = { "ITLFile.tlv", "SEP001122334456.cnf.xml",
		"ITLSEP001122334456.tlv", "SEP001122334455.txt" };
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
		keep_refusal(r, gone[i]);
	for (size_t i = 0; i < sizeof stays / sizeof stays[0]; i++)
		keep_refusal(r, stays[i]);
	frontcache_drop_devices(r->cache, span_str("SEP001122334455\nATA01\nSEP000000000000\n"));
	for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
		assert_false(knows(r, gone[i]));
	for (size_t i = 0; i < sizeof stays / sizeof stays[0]; i++)
		assert_true(knows(r, stays[i]));
	frontcache_drop_devices(r->cache, (struct span){ 0 });
	assert_int_equal(frontcache_stats(r->cache).kept, 0);
}

static void
frontcache_marks_questions_by_the_rule_that_drops_answers(void **state)
{
	struct rig *r = *state;
	const struct frontcache_key one = key_of("SEP001122334455.cnf.xml.sgn"),
				    two = key_of("ring.xml"), three = key_of("other.xml");
	int a, b, c, again;

	frontcache_ask(r->cache, &one, &a);
	frontcache_ask(r->cache, &two, &b);
	frontcache_ask(r->cache, &three, &c);
	frontcache_drop_devices(r->cache, span_str("SEP001122334455\n"));
	assert_int_equal(r->dropped_count, 1);
	assert_ptr_equal(r->dropped[0], &a);
	frontcache_drop_path(r->cache, "ring.xml");
	assert_int_equal(r->dropped_count, 2);
	assert_ptr_equal(r->dropped[1], &b);
	assert_null(frontcache_question(r->cache, &two));
	frontcache_ask(r->cache, &two, &again);
	frontcache_drop_path(r->cache, "");
	assert_int_equal(r->dropped_count, 4);
	assert_null(frontcache_question(r->cache, &three));
}

static void
frontcache_lets_the_least_recently_used_go(void **state)
{
	static const uint8_t content[10 * 1024];
	struct rig *r = *state;
	const struct span file = span_of(content, sizeof content);
	char name[8];

	for (int i = 0; i < 6; i++) {
		snprintf(name, sizeof name, "f%d", i);
		keep_file(r, name, file);
	}
	assert_true(knows(r, "f0"));
	keep_file(r, "f6", file);
	assert_true(knows(r, "f0"));
	assert_false(knows(r, "f1"));
	assert_true(knows(r, "f2"));
	assert_true(frontcache_stats(r->cache).bytes <= CAP);
}

static void
frontcache_never_keeps_what_is_larger_than_all_its_room(void **state)
{
	static const uint8_t content[CAP];
	struct rig *r = *state;

	keep_file(r, "small", span_str("x"));
	keep_file(r, "large", span_of(content, sizeof content));
	assert_false(knows(r, "large"));
	assert_true(knows(r, "small"));
}

/* A stranger who asks for names that do not exist does not push files out. */
static void
frontcache_refusals_make_room_among_themselves_only(void **state)
{
	struct rig *r = *state;
	char name[16];

	keep_file(r, "file", span_str("x"));
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "no%d", i);
		keep_refusal(r, name);
	}
	assert_true(knows(r, "file"));
	assert_true(knows(r, "no999"));
	assert_false(knows(r, "no0"));
	assert_true(frontcache_stats(r->cache).refusals < 20);
	assert_true(frontcache_stats(r->cache).bytes <= CAP / 8 + 1024);
}

#define WITH_RIG(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RIG(frontcache_gives_back_all_of_an_answer),
		WITH_RIG(frontcache_keeps_refusals_with_code_text_and_elsewhere),
		WITH_RIG(frontcache_knows_https_apart_from_the_rest),
		WITH_RIG(frontcache_tells_questions_from_answers),
		WITH_RIG(frontcache_never_knows_names_that_core_refuses),
		WITH_RIG(frontcache_drop_path_drops_every_form_of_a_file),
		WITH_RIG(frontcache_drop_devices_drops_their_lists_and_configurations),
		WITH_RIG(frontcache_marks_questions_by_the_rule_that_drops_answers),
		WITH_RIG(frontcache_lets_the_least_recently_used_go),
		WITH_RIG(frontcache_never_keeps_what_is_larger_than_all_its_room),
		WITH_RIG(frontcache_refusals_make_room_among_themselves_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
