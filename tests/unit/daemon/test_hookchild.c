#include "../check.h"

#include "daemon/hookchild.h"
#include "tempdir.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct hook_run
question(void)
{
	return (struct hook_run){ .id = 1,
		.timeout_s = 1,
		.text = { [HOOK_NAME] = span_str("SEP001122334455"),
		    [HOOK_KIND] = span_str("reset"),
		    [HOOK_MODEL] = span_str("88; 61") } };
}

/* All that it prints. */
static void
read_all(int fd, char *out, size_t max)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t n = 0;
	ssize_t got = 1;

	while (got > 0) {
		poll(&p, 1, -1);
		got = read(fd, out + n, max - 1 - n);
		n += got > 0 ? (size_t)got : 0;
	}
	out[n] = '\0';
	close(fd);
}

static int
run(const char *program, char *out, size_t max)
{
	const struct hook_run r = question();
	struct err e = { 0 };
	int output, status;
	pid_t pid;

	assert_ok(hookchild_start(program, "/srv/a cluster", &r, &pid, &output, &e), e);
	read_all(output, out, max);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
the_program_gets_what_it_is_to_know_and_nothing_else(void **state)
{
	static const char script[] = "#!/bin/sh\necho \"$#,$1,$2,$3\" >&2\nexec env\n";
	static const char *const there[] = { "3,SEP001122334455,,reset\n",
		"\nSEALTONE_PHONE=SEP001122334455\n", "\nSEALTONE_MODEL=88; 61\n",
		"\nSEALTONE_CONFIG_VERSION=\n", "\nSEALTONE_DIR=/srv/a cluster\n", "PATH=" };
	char dir[TEMPDIR_MAX], path[TEMPDIR_MAX + 8], out[4096];
	FILE *f;

	(void)state;
	tempdir_make(dir);
	snprintf(path, sizeof path, "%s/hook", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(script, f);
	fclose(f);
	assert_int_equal(chmod(path, S_IRWXU), 0);
	setenv("SEALTONE_PASSPHRASE", "secret", 1);
	assert_int_equal(run(path, out, sizeof out), 0);
	for (size_t i = 0; i < sizeof there / sizeof there[0]; i++)
		assert_non_null(strstr(out, there[i]));
	assert_null(strstr(out, "SEALTONE_PASSPHRASE"));
	tempdir_remove(dir);
}

static void
a_program_that_cannot_be_run_says_so(void **state)
{
	char out[4096];

	(void)state;
	assert_int_equal(run("/nowhere/hook", out, sizeof out), 127 << 8);
	assert_string_equal(out, "cannot run /nowhere/hook: No such file or directory\n");
}

static void
what_is_kept_is_the_last_line_that_says_something(void **state)
{
	static const struct {
		const char *parts[4];
		const char *want;
	} rows[] = {
		{ { "" }, "" },
		{ { "one\n", "two\n" }, "two" },
		{ { "one\ntw", "o" }, "two" },
		{ { "one\n\n  \n" }, "one" },
		{ { "one\n   two  \r\n" }, "two" },
		{ { "a\tb\033[1m\n" }, "a?b?[1m" },
		{ { "gr\xc3\xbc\xc3\x9f"
		    "e\n" },
		    "gr\xc3\xbc\xc3\x9f"
		    "e" },
		{ { "\xff\n" }, "\\xff" },
	};
	char text[HOOKCHILD_LINE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct hookchild_tail t = { 0 };

		for (size_t k = 0; k < 4 && rows[i].parts[k] != NULL; k++)
			hookchild_tail_add(&t, span_str(rows[i].parts[k]));
		assert_string_equal(hookchild_tail_text(&t, text), rows[i].want);
	}
}

static void
a_long_line_is_cut(void **state)
{
	struct hookchild_tail t = { 0 };
	char text[HOOKCHILD_LINE_MAX];

	(void)state;
	for (int i = 0; i < 10000; i++)
		hookchild_tail_add(&t, span_str("x"));
	assert_int_equal(strlen(hookchild_tail_text(&t, text)), HOOKCHILD_LINE_MAX - 1);
	hookchild_tail_add(&t, span_str("\nend\n"));
	assert_string_equal(hookchild_tail_text(&t, text), "end");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_gets_what_it_is_to_know_and_nothing_else),
		cmocka_unit_test(a_program_that_cannot_be_run_says_so),
		cmocka_unit_test(what_is_kept_is_the_last_line_that_says_something),
		cmocka_unit_test(a_long_line_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
