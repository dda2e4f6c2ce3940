#include "../check.h"

#include "wire/backupmsg.h"

static void
backup_ran_travels_whole_or_not_at_all(void **state)
{
	const struct backup_ran rows[] = {
		{ .ok = true,
		    .at = 1800000000,
		    .saw = 1ULL << 40,
		    .bytes = 5ULL << 32,
		    .keys = 7,
		    .deleted = 2,
		    .file = span_str("/mnt/a.backup") },
		{ .ok = true, .at = 1, .file = span_str("a"), .trouble = span_str("one stays") },
		{ .at = 1800000000, .trouble = span_str("no space left") },
	};
	struct wr w = wr_new(BACKUPMSG_MAX);
	struct backup_ran out;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		wr_reset(&w);
		assert_ok(backup_ran_encode(&rows[i], &w, &e), e);
		assert_ok(backup_ran_parse(wr_view(&w), &out, &e), e);
		assert_int_equal(out.ok, rows[i].ok);
		assert_true(out.at == rows[i].at && out.saw == rows[i].saw);
		assert_true(out.bytes == rows[i].bytes);
		assert_int_equal(out.keys, rows[i].keys);
		assert_int_equal(out.deleted, rows[i].deleted);
		assert_span_equal(out.file, rows[i].file);
		assert_span_equal(out.trouble, rows[i].trouble);
		for (size_t n = 0; n < w.n; n++)
			assert_fails(backup_ran_parse(span_of(w.p, n), &out, &e), e, ERR_MALFORMED,
			    "cut short");
		wr_u8(&w, 0);
		assert_fails(backup_ran_parse(wr_view(&w), &out, &e), e, ERR_MALFORMED, "too long");
	}
	wr_free(&w);
}

static void
backup_ran_is_made_or_says_why_not(void **state)
{
	static const char long_text[ERR_TEXT_MAX + 1] = { [0 ... ERR_TEXT_MAX - 1] = 'x' };
	const struct {
		struct backup_ran ran;
		enum err_code code;
		const char *why;
	} rows[] = {
		{ { .ok = true }, ERR_MALFORMED, "made and is not" },
		{ { .at = 1 }, ERR_MALFORMED, "made and is not" },
		{ { .trouble = span_str("x"), .file = span_str("a") }, ERR_MALFORMED,
		    "made and is not" },
		{ { .trouble = span_str("x"), .bytes = 1 }, ERR_MALFORMED, "made and is not" },
		{ { .trouble = span_str("x"), .at = UINT64_MAX }, ERR_MALFORMED, "time" },
		{ { .trouble = span_str("\xff") }, ERR_MALFORMED, "UTF-8" },
		{ { .trouble = span_str(long_text) }, ERR_LIMIT, "too long" },
	};
	struct wr w = wr_new(BACKUPMSG_MAX);
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_fails(backup_ran_encode(&rows[i].ran, &w, &e), e, rows[i].code, rows[i].why);
	wr_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(backup_ran_travels_whole_or_not_at_all),
		cmocka_unit_test(backup_ran_is_made_or_says_why_not),
	};

	return cmocka_run_group_tests_name("backupmsg", tests, NULL, NULL);
}
