#include "../check.h"

#include <errno.h>

static void
err_puts_context_in_front_and_keeps_the_code(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_false(err_set(&e, ERR_LIMIT, "%d bytes", 7));
	assert_false(err_in(&e, "record %d", 3));
	assert_false(err_in(&e, "ITL"));
	assert_string_equal(e.text, "ITL: record 3: 7 bytes");
	assert_int_equal(e.code, ERR_LIMIT);
}

static void
err_adds_the_systems_reason(void **state)
{
	struct err e = { 0 };

	(void)state;
	errno = ENOENT;
	assert_false(err_sys(&e, "cannot open %s", "x"));
	assert_string_equal(e.text, "cannot open x: No such file or directory");
	assert_int_equal(e.code, ERR_IO);
}

static void
err_is_one_line_whatever_came_from_outside(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, ERR_REFUSED, "host \"%s\"", "a\nb\x1b[2J\x7f\xc3\xa9");
	assert_string_equal(e.text, "host \"a?b?[2J?\xc3\xa9\"");
	err_in(&e, "%s", "line\r\n");
	assert_string_equal(e.text, "line??: host \"a?b?[2J?\xc3\xa9\"");
}

static void
err_cuts_what_does_not_fit(void **state)
{
	char text[2 * ERR_TEXT_MAX];
	struct err e = { 0 };

	(void)state;
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	err_set(&e, ERR_IO, "%s", text);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	err_in(&e, "front");
	assert_memory_equal(e.text, "front: x", 8);
	err_in(&e, "%s", text);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
}

static void
err_codes_and_their_names_are_the_same_both_ways(void **state)
{
	(void)state;
	for (int c = ERR_NONE; c <= ERR_BUG; c++)
		assert_int_equal(err_code_from_name(err_code_name((enum err_code)c)), c);
	assert_int_equal(err_code_from_name("nonsense"), ERR_BUG);
	assert_string_equal(err_code_name((enum err_code)99), "bug");
}

static void
err_may_be_unwanted(void **state)
{
	(void)state;
	assert_false(err_set(NULL, ERR_IO, "x"));
	assert_false(err_in(NULL, "x"));
	assert_false(err_sys(NULL, "x"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_puts_context_in_front_and_keeps_the_code),
		cmocka_unit_test(err_adds_the_systems_reason),
		cmocka_unit_test(err_is_one_line_whatever_came_from_outside),
		cmocka_unit_test(err_cuts_what_does_not_fit),
		cmocka_unit_test(err_codes_and_their_names_are_the_same_both_ways),
		cmocka_unit_test(err_may_be_unwanted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
