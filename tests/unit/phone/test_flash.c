#include "../check.h"

#include "folder.h"
#include "phone/flash.h"

#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char base[FOLDER_MAX];
	struct flash flash;
};

static int
setup(void **state)
{
	static struct fixture f;
	struct err e;

	folder_make(f.base);
	*state = &f;
	return flash_open(&f.flash, f.base, &e) ? 0 : -1;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	flash_close(&f->flash);
	folder_remove(f->base);
	return 0;
}

static void
flash_open_makes_the_folder_and_those_above_it(void **state)
{
	struct fixture *f = *state;
	char path[FOLDER_MAX + 16];
	struct flash deep;
	struct stat st;
	struct err e = { 0 };

	snprintf(path, sizeof path, "%s/a/b/c", f->base);
	assert_ok(flash_open(&deep, path, &e), e);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	flash_close(&deep);
}

static void
flash_open_refuses_a_file_in_the_place_of_a_folder(void **state)
{
	struct fixture *f = *state;
	char path[FOLDER_MAX + 16];
	struct flash other;
	struct err e;

	assert_ok(flash_write(&f->flash, "file", span_str("x"), &e), e);
	snprintf(path, sizeof path, "%s/file", f->base);
	assert_fails(flash_open(&other, path, &e), e, ERR_IO, "file");
}

static void
flash_keeps_what_is_written_for_its_owner_only(void **state)
{
	struct fixture *f = *state;
	char path[FOLDER_MAX + 16];
	struct bytes back;
	struct stat st;
	struct err e = { 0 };

	assert_ok(flash_write(&f->flash, "LSC.key", span_str("first, longer"), &e), e);
	assert_ok(flash_write(&f->flash, "LSC.key", span_str("second"), &e), e);
	assert_ok(flash_read(&f->flash, "LSC.key", 100, &back, &e), e);
	assert_span_equal(bytes_span(&back), span_str("second"));
	bytes_free(&back);
	snprintf(path, sizeof path, "%s/LSC.key", f->base);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(path, sizeof path, "%s/LSC.key.new", f->base);
	assert_int_not_equal(stat(path, &st), 0);
}

static void
flash_read_tells_absent_from_too_large(void **state)
{
	struct fixture *f = *state;
	struct bytes back;
	struct err e;

	assert_fails(flash_read(&f->flash, "nothing", 10, &back, &e), e, ERR_UNKNOWN, "nothing");
	assert_ok(flash_write(&f->flash, "ten", span_str("0123456789"), &e), e);
	assert_ok(flash_read(&f->flash, "ten", 10, &back, &e), e);
	bytes_free(&back);
	assert_fails(flash_read(&f->flash, "ten", 9, &back, &e), e, ERR_LIMIT, "9");
}

static void
flash_takes_plain_names_only(void **state)
{
	static const char *const bad[] = { "", ".", "..", ".hidden", "a/b", "/etc/passwd",
		"a-name-that-is-much-too-long-for-any-file-that-a-phone-ever-keeps" };
	struct fixture *f = *state;
	struct bytes back;
	struct err e;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_fails(flash_read(&f->flash, bad[i], 10, &back, &e), e, ERR_BUG, "no name");
		assert_fails(
		    flash_write(&f->flash, bad[i], span_str("x"), &e), e, ERR_BUG, "no name");
	}
}

static void
flash_does_not_follow_links_out_of_its_folder(void **state)
{
	struct fixture *f = *state;
	char path[FOLDER_MAX + 16];
	struct bytes back;
	struct err e;

	snprintf(path, sizeof path, "%s/link", f->base);
	assert_int_equal(symlink("/etc/hostname", path), 0);
	assert_fails(flash_read(&f->flash, "link", 100, &back, &e), e, ERR_IO, "link");
}

static void
flash_remove_says_whether_there_was_one(void **state)
{
	struct fixture *f = *state;
	bool was;
	struct err e = { 0 };

	assert_ok(flash_write(&f->flash, "a", span_str("x"), &e), e);
	assert_ok(flash_rename(&f->flash, "a", "b", &e), e);
	assert_fails(flash_rename(&f->flash, "a", "b", &e), e, ERR_UNKNOWN, "a");
	assert_ok(flash_remove(&f->flash, "b", &was, &e), e);
	assert_true(was);
	assert_ok(flash_remove(&f->flash, "b", &was, &e), e);
	assert_false(was);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    flash_open_makes_the_folder_and_those_above_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    flash_open_refuses_a_file_in_the_place_of_a_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    flash_keeps_what_is_written_for_its_owner_only, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    flash_read_tells_absent_from_too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(flash_takes_plain_names_only, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    flash_does_not_follow_links_out_of_its_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    flash_remove_says_whether_there_was_one, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
