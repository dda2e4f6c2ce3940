#include "../check.h"

#include "cluster/filecheck.h"
#include "tempdir.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PHONE "SEP001122AABBCC.cnf.xml"

struct rig {
	char dir[TEMPDIR_MAX], path[1024];
	struct filecheck check;
	char text[2048]; /* "path: finding" lines */
};

static void
note(void *arg, const char *path, const struct finding *f)
{
	struct rig *r = arg;
	size_t n = strlen(r->text);

	snprintf(r->text + n, sizeof r->text - n, "%s:%u: %s: %.24s\n", path, f->line,
	    findings_severity_name(f->severity), f->text);
}

static void
put(struct rig *r, const char *name, const char *text)
{
	FILE *f = fopen(tempdir_path(r->dir, name, r->path, sizeof r->path), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	tempdir_make(r->dir);
	put(r, PHONE, "<device>\n<a>\n</device>");
	put(r, PHONE ".sgn", "x");
	put(r, "ITLFile.tlv", "x");
	put(r, "SEP001122AABBDD.cnf.xml", "<device/>");
	put(r, "large.sbn", "0123456789012345678901234567890");
	put(r, "ringlist.xml", "<a/>");
	put(r, ".hidden.tlv", "");
	mkdir(tempdir_path(r->dir, "sub", r->path, sizeof r->path), 0755);
	put(r, "sub/a.xml.sgn", "x");
	put(r, "sub/a.xml", "x");
	assert_int_equal(
	    symlink("/etc/passwd", tempdir_path(r->dir, "sub/passwd", r->path, sizeof r->path)), 0);
	assert_int_equal(
	    symlink("a.xml", tempdir_path(r->dir, "sub/well", r->path, sizeof r->path)), 0);
	r->check = (struct filecheck){
		.folder = folder_new(r->dir), .max_size = 30, .found = note, .arg = r
	};
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	folder_free(r->check.folder);
	tempdir_remove(r->dir);
	free(r);
	return 0;
}

static const char expected[] =
    "ITLFile.tlv:0: note: a trust list of another \n" PHONE
    ":3: error: not well-formed XML: Ope\n" PHONE ".sgn:0: note: never served: SEP001122A\n"
    "large.sbn:0: error: 31 bytes: [files] max-fi\n"
    "sub/a.xml.sgn:0: note: never served: sub/a.xml \n"
    "sub/passwd:0: error: this link leads out of t\n";

static void
filecheck_walk_finds_the_same_in_one_go_and_in_steps(void **state)
{
	static const unsigned budget[] = { 60000, 0 };
	struct rig *r = *state;
	struct err e = { 0 };

	for (size_t i = 0; i < 2; i++) {
		char next[FILECHECK_PATH_MAX] = "", after[FILECHECK_PATH_MAX];
		int steps = 0;

		r->text[0] = '\0';
		do {
			memcpy(after, next, sizeof after);
			assert_ok(filecheck_walk(&r->check, after, budget[i], next, &e), e);
			steps++;
		} while (next[0] != '\0');
		assert_string_equal(r->text, expected);
		assert_int_equal(steps, budget[i] > 0 ? 1 : 12);
	}
}

static void
filecheck_walk_names_a_folder_that_is_not_there(void **state)
{
	struct rig *r = *state;
	char next[FILECHECK_PATH_MAX];
	struct err e;

	folder_free(r->check.folder);
	r->check.folder = folder_new(tempdir_path(r->dir, "nothing", r->path, sizeof r->path));
	assert_fails(filecheck_walk(&r->check, "", 0, next, &e), e, ERR_IO, "/nothing: No");
}

static const struct {
	const char *path, *found;
} single[] = {
	{ "ringlist.xml", "" },
	{ "sub/passwd", "sub/passwd:0: error: this link leads out of t\n" },
	{ PHONE, PHONE ":3: error: not well-formed XML: Ope\n" },
	{ "sub", "" },
	{ "sub/nothing", "" },
	{ ".hidden.tlv", "" },
	{ "", "" },
};

static void
filecheck_path_judges_one_entry(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
		r->text[0] = '\0';
		filecheck_path(&r->check, single[i].path);
		assert_string_equal(r->text, single[i].found);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    filecheck_walk_finds_the_same_in_one_go_and_in_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    filecheck_walk_names_a_folder_that_is_not_there, setup, teardown),
		cmocka_unit_test_setup_teardown(filecheck_path_judges_one_entry, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
