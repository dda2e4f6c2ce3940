#include "../check.h"

#include "store/store.h"
#include "store/store_copy.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096 /* of the database */

/* A store that is open, and where its copy goes. */
struct fixture {
	char dir[64], path[PATH_MAX], to[PATH_MAX];
	struct store *store;
};

static struct fixture
store_with(const char *value)
{
	struct fixture f = { .dir = "/tmp/sealtone-copy-XXXXXX" };
	struct err e = { 0 };

	assert_non_null(mkdtemp(f.dir));
	snprintf(f.path, sizeof f.path, "%s/a.db", f.dir);
	snprintf(f.to, sizeof f.to, "%s/b.db", f.dir);
	assert_ok(store_create(f.path, &f.store, &e), e);
	assert_ok(store_setting_set(f.store, "name", value, &e), e);
	return f;
}

static void
fixture_remove(struct fixture *f)
{
	static const char *const names[] = { "a.db", "a.db.lock", "b.db", "b.db.lock" };
	char path[PATH_MAX];

	store_close(f->store);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", f->dir, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(f->dir), 0);
}

static void
a_store_that_is_open_is_copied_as_it_is_now(void **state)
{
	struct fixture f = store_with("before");
	char value[STORE_VALUE_MAX];
	struct err e = { 0 };
	struct store *copy;
	struct stat st;
	bool found;

	(void)state;
	assert_ok(store_copy(f.path, f.to, &e), e);
	assert_ok(store_setting_set(f.store, "name", "after", &e), e);
	assert_int_equal(stat(f.to, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(store_open(f.to, &copy, &e), e);
	assert_ok(store_check(copy, &e), e);
	assert_ok(store_setting_get(copy, "name", value, &found, &e), e);
	assert_string_equal(value, "before");
	store_close(copy);
	fixture_remove(&f);
}

static void
a_copy_replaces_nothing(void **state)
{
	struct fixture f = store_with("x");
	struct err e = { 0 };

	(void)state;
	assert_ok(store_copy(f.path, f.to, &e), e);
	assert_fails(store_copy(f.path, f.to, &e), e, ERR_CONFLICT, "exists already");
	fixture_remove(&f);
}

/* Where the last page with that text begins: one of a table, whereas opening reads the schema. */
static off_t
page_with(int fd, const char *text)
{
	char page[PAGE];
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = st.st_size - PAGE; at > 0; at -= PAGE) {
		assert_int_equal(pread(fd, page, sizeof page, at), PAGE);
		if (memmem(page, sizeof page, text, strlen(text)) != NULL)
			return at;
	}
	fail_msg("no page has %s", text);
	return 0;
}

/* Its first byte says what a page is of. */
static void
a_damaged_page_is_found(void **state)
{
	static const char value[] = "a value that is found again";
	struct fixture f = store_with(value);
	struct err e = { 0 };
	struct store *copy;
	const char zeros[64] = { 0 };
	int fd;

	(void)state;
	assert_ok(store_copy(f.path, f.to, &e), e);
	fd = open(f.to, O_RDWR | O_CLOEXEC);
	assert_int_equal(pwrite(fd, zeros, sizeof zeros, page_with(fd, value)), sizeof zeros);
	close(fd);
	assert_ok(store_open(f.to, &copy, &e), e);
	assert_fails(store_check(copy, &e), e, ERR_STORE, "database: ");
	store_close(copy);
	fixture_remove(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_that_is_open_is_copied_as_it_is_now),
		cmocka_unit_test(a_copy_replaces_nothing),
		cmocka_unit_test(a_damaged_page_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
