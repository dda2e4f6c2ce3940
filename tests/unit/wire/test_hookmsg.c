#include "../check.h"

#include "wire/hookmsg.h"

static struct hook_run
question(void)
{
	return (struct hook_run){ .id = 0x01020304,
		.timeout_s = 60,
		.text = { [HOOK_NAME] = span_str("SEP001122334455"),
		    [HOOK_ADDRESS] = span_str("192.0.2.7"),
		    [HOOK_KIND] = span_str("restart"),
		    [HOOK_VERSION_NOW] = span_str("a-b-c"),
		    [HOOK_CLUSTER] = span_str("demo") } };
}

static void
hook_run_travels_with_its_texts(void **state)
{
	const struct hook_run q = question();
	struct wr w = wr_new(HOOKMSG_MAX);
	struct hook_run out;
	struct err e = { 0 };

	(void)state;
	assert_ok(hook_run_encode(&q, &w, &e), e);
	assert_ok(hook_run_parse(wr_view(&w), &out, &e), e);
	assert_int_equal(out.id, q.id);
	assert_int_equal(out.timeout_s, 60);
	for (int i = 0; i < HOOK_TEXTS; i++)
		assert_span_equal(out.text[i], q.text[i]);
	for (size_t n = 0; n < w.n; n++)
		assert_fails(
		    hook_run_parse(span_of(w.p, n), &out, &e), e, ERR_MALFORMED, "cut short");
	wr_u8(&w, 0);
	assert_fails(hook_run_parse(wr_view(&w), &out, &e), e, ERR_MALFORMED, "too long");
	wr_free(&w);
}

static void
hook_run_refuses_what_no_program_can_be_given(void **state)
{
	static const char long_text[HOOKMSG_TEXT_MAX + 1] = { [0 ... HOOKMSG_TEXT_MAX - 1] = 'x' };
	static const char *const why[] = { "without phone", "without phone", "without phone",
		"holds a NUL", "1024 bytes" };
	struct hook_run rows[5];
	struct wr w = wr_new(HOOKMSG_MAX);

	(void)state;
	for (size_t i = 0; i < 5; i++)
		rows[i] = question();
	rows[0].text[HOOK_NAME].n = 0;
	rows[1].text[HOOK_KIND].n = 0;
	rows[2].timeout_s = 0;
	rows[3].text[HOOK_ADDRESS] = span_of("a\0b", 3);
	rows[4].text[HOOK_MODEL] = span_str(long_text);
	for (size_t i = 0; i < 5; i++) {
		struct err e = { 0 };

		assert_false(hook_run_encode(&rows[i], &w, &e));
		assert_non_null(strstr(e.text, why[i]));
	}
	wr_free(&w);
}

static void
hook_ran_says_how_it_ended_and_its_last_line(void **state)
{
	const struct hook_ran good[] = {
		{ .id = 1, .outcome = HOOK_EXITED, .status = 3, .text = span_str("no such phone") },
		{ .id = 2, .outcome = HOOK_KILLED, .status = 9 },
		{ .id = 3, .outcome = HOOK_TIMED_OUT },
		{ .id = 4, .outcome = HOOK_NOT_RUN, .text = span_str("no processes left") },
	};
	const struct hook_ran bad[] = {
		{ .outcome = HOOK_OUTCOMES },
		{ .outcome = HOOK_TIMED_OUT, .status = 1 },
		{ .outcome = HOOK_EXITED, .status = 256 },
		{ .outcome = HOOK_EXITED, .text = span_str("\xff") },
	};
	struct wr w = wr_new(HOOKMSG_MAX);
	struct hook_ran out;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		wr_reset(&w);
		assert_ok(hook_ran_encode(&good[i], &w, &e), e);
		assert_ok(hook_ran_parse(wr_view(&w), &out, &e), e);
		assert_int_equal(out.id, good[i].id);
		assert_int_equal(out.outcome, good[i].outcome);
		assert_int_equal(out.status, good[i].status);
		assert_span_equal(out.text, good[i].text);
		for (size_t n = 0; n < w.n; n++)
			assert_fails(hook_ran_parse(span_of(w.p, n), &out, &e), e, ERR_MALFORMED,
			    "cut short");
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_fails(hook_ran_encode(&bad[i], &w, &e), e, ERR_MALFORMED, "hook");
	wr_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hook_run_travels_with_its_texts),
		cmocka_unit_test(hook_run_refuses_what_no_program_can_be_given),
		cmocka_unit_test(hook_ran_says_how_it_ended_and_its_last_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
