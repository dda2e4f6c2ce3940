#include "../check.h"

#include "phone/console.h"

#include <stdlib.h>
#include <string.h>

static void
console_line_escapes_once(void **state)
{
	struct console c = { 0 };
	char *text = NULL;
	size_t n = 0;

	(void)state;
	c.out = open_memstream(&text, &n);
	console_line(&c, CONSOLE_ERR, "\x1b[31m");
	console_line(&c, CONSOLE_ERR, "\\x1b[31m");
	fclose(c.out);
	assert_non_null(strstr(text, "1: ERR"));
	assert_non_null(strstr(text, " \\x1b[31m\n2: ERR"));
	assert_string_equal(text + n - 9, "\\x1b[31m\n");
	free(text);
}

/* The page is written at the end of a run and read at the start of the next one. */
static void
console_status_outlives_restarts_unchanged(void **state)
{
	struct console c = { 0 };
	char line[CONSOLE_STATUS_MAX];

	(void)state;
	console_status(&c, "\x07 refused");
	assert_non_null(strstr(c.status[0], "] \\x07 refused"));
	for (int i = 0; i < 3; i++) {
		memcpy(line, c.status[0], sizeof line);
		c = (struct console){ 0 };
		console_status_recall(&c, line);
	}
	assert_non_null(strstr(c.status[0], "] \\x07 refused"));
}

static void
console_status_keeps_the_newest(void **state)
{
	struct console c = { 0 };
	char line[8];

	(void)state;
	for (int i = 0; i <= CONSOLE_STATUS_KEPT; i++) {
		snprintf(line, sizeof line, "%d", i);
		console_status_recall(&c, line);
	}
	assert_int_equal(c.status_count, CONSOLE_STATUS_KEPT);
	assert_string_equal(c.status[0], "1");
	assert_string_equal(c.status[CONSOLE_STATUS_KEPT - 1], "10");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(console_line_escapes_once),
		cmocka_unit_test(console_status_outlives_restarts_unchanged),
		cmocka_unit_test(console_status_keeps_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
