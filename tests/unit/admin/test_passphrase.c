#include "../check.h"

#include "admin/passphrase.h"
#include "admin/readfile.h"
#include "tempdir.h"

#include <stdlib.h>

static struct invocation
with_file(const char *path)
{
	struct invocation in = { .given_count = 1 };

	in.given[0].name = "passphrase-file";
	in.given[0].value = path;
	return in;
}

static void
passphrase_get_takes_the_first_line_of_a_file_before_the_environment(void **state)
{
	char dir[TEMPDIR_MAX], path[512];
	struct err e = { 0 };
	struct bytes got;
	struct invocation in;

	(void)state;
	tempdir_make(dir);
	in = with_file(tempdir_path(dir, "file", path, sizeof path));
	setenv("SEALTONE_PASSPHRASE", "of the environment", 1);
	assert_ok(writefile(path, span_str("first\r\nsecond\n"), WRITEFILE_SECRET, false, &e), e);
	assert_ok(passphrase_get(&in, &got, &e), e);
	assert_span_equal(bytes_span(&got), span_str("first"));
	bytes_wipe(&got);
	assert_ok(writefile(path, span_str("\nsecond\n"), WRITEFILE_SECRET, false, &e), e);
	assert_fails(passphrase_get(&in, &got, &e), e, ERR_MALFORMED, "first line is empty");
	assert_ok(writefile(path, span_of("a\0b", 3), WRITEFILE_SECRET, false, &e), e);
	assert_fails(passphrase_get(&in, &got, &e), e, ERR_MALFORMED, "not UTF-8 text");
	in = with_file("/none");
	assert_fails(passphrase_get(&in, &got, &e), e, ERR_IO, "/none");
	tempdir_remove(dir);
}

static void
passphrase_get_is_empty_when_there_is_none(void **state)
{
	struct invocation in = { 0 };
	struct err e = { 0 };
	struct bytes got;

	(void)state;
	setenv("SEALTONE_PASSPHRASE", "of the environment", 1);
	assert_ok(passphrase_get(&in, &got, &e), e);
	assert_span_equal(bytes_span(&got), span_str("of the environment"));
	bytes_wipe(&got);
	setenv("SEALTONE_PASSPHRASE", "\xff", 1);
	assert_fails(passphrase_get(&in, &got, &e), e, ERR_MALFORMED, "SEALTONE_PASSPHRASE");
	unsetenv("SEALTONE_PASSPHRASE");
	assert_ok(passphrase_get(&in, &got, &e), e);
	assert_int_equal(got.n, 0);
}

static void
passphrase_new_gives_groups_of_letters_that_are_not_read_for_others(void **state)
{
	struct err e = { 0 };
	struct bytes one, other;

	(void)state;
	assert_ok(passphrase_new(&one, &e), e);
	assert_ok(passphrase_new(&other, &e), e);
	assert_int_equal(one.n, 29);
	for (size_t i = 0; i < one.n; i++)
		assert_true(i % 6 == 5 ? one.p[i] == '-'
				       : one.p[i] >= 'a' && one.p[i] <= 'z' &&
					     strchr("ilo", one.p[i]) == NULL);
	assert_false(span_eq(bytes_span(&one), bytes_span(&other)));
	bytes_wipe(&one);
	bytes_wipe(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    passphrase_get_takes_the_first_line_of_a_file_before_the_environment),
		cmocka_unit_test(passphrase_get_is_empty_when_there_is_none),
		cmocka_unit_test(
		    passphrase_new_gives_groups_of_letters_that_are_not_read_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
