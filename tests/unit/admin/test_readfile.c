#include "../check.h"

#include "admin/readfile.h"
#include "tempdir.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char dir[TEMPDIR_MAX], path[512];
};

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	tempdir_make(p->dir);
	tempdir_path(p->dir, "file", p->path, sizeof p->path);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	tempdir_remove(p->dir);
	free(p);
	return 0;
}

static void
assert_content(const struct place *p, const char *want)
{
	struct bytes got;
	struct err e = { 0 };

	assert_ok(readfile(p->path, &got, &e), e);
	assert_span_equal(bytes_span(&got), span_str(want));
	bytes_free(&got);
	assert_int_equal(tempdir_count(p->dir), 1);
}

static void
writefile_replaces_or_keeps_whole_files(void **state)
{
	const struct place *p = *state;
	struct err e = { 0 };

	assert_ok(writefile(p->path, span_str("one"), WRITEFILE_PUBLIC, true, &e), e);
	assert_content(p, "one");
	assert_fails(writefile(p->path, span_str("two"), WRITEFILE_PUBLIC, true, &e), e,
	    ERR_CONFLICT, "exists");
	assert_content(p, "one");
	assert_ok(writefile(p->path, span_str("two"), WRITEFILE_PUBLIC, false, &e), e);
	assert_content(p, "two");
}

static void
writefile_heeds_mode_and_umask(void **state)
{
	static const struct {
		mode_t mode, mask, want;
	} cases[] = {
		{ WRITEFILE_PUBLIC, 0022, 0644 },
		{ WRITEFILE_PUBLIC, 0077, 0600 },
		{ WRITEFILE_SECRET, 0022, 0600 },
		{ WRITEFILE_SECRET, 0, 0600 },
	};
	const struct place *p = *state;
	struct err e = { 0 };
	struct stat st;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		mode_t before = umask(cases[i].mask);
		bool ok = writefile(p->path, span_str("x"), cases[i].mode, false, &e);

		umask(before);
		assert_ok(ok, e);
		assert_int_equal(stat(p->path, &st), 0);
		assert_int_equal(st.st_mode & 07777, cases[i].want);
	}
}

static void
writefile_says_where_it_cannot_write(void **state)
{
	const struct place *p = *state;
	struct err e;

	assert_fails(writefile("/nonexistent/x", span_str("x"), WRITEFILE_PUBLIC, false, &e), e,
	    ERR_IO, "/nonexistent/x");
	assert_fails(
	    writefile(p->dir, span_str("x"), WRITEFILE_PUBLIC, false, &e), e, ERR_IO, p->dir);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(writefile_replaces_or_keeps_whole_files),
		IN_PLACE(writefile_heeds_mode_and_umask),
		IN_PLACE(writefile_says_where_it_cannot_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
