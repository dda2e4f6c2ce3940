#include "watching.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- files --- */

static void
write_in_place(struct tree *t)
{
	tree_write(t, "tftp/a", "2");
}

static void
replace_by_rename(struct tree *t)
{
	tree_rename(t, "aside", "tftp/a");
}

static void
save_beside_and_rename(struct tree *t)
{
	tree_write(t, "tftp/sub/.b.tmp", "3");
	tree_rename(t, "tftp/sub/.b.tmp", "tftp/sub/b");
}

static void
rename_inside(struct tree *t)
{
	tree_rename(t, "tftp/a", "tftp/sub/d");
}

static void
create(struct tree *t)
{
	tree_write(t, "tftp/sub/new", "");
}

static void delete (struct tree *t)
{
	tree_delete(t, "tftp/sub/deep/c");
}

static void
change_rights(struct tree *t)
{
	assert_int_equal(chmod(tree_path(t, "tftp/a"), 0600), 0);
}

static void
make_link(struct tree *t)
{
	tree_link(t, "sub", "tftp/link");
}

static void
shorten(struct tree *t)
{
	assert_int_equal(truncate(tree_path(t, "tftp/a"), 0), 0);
}

static void
hide(struct tree *t)
{
	tree_folder(t, "tftp/.git");
	tree_write(t, "tftp/.git/x", "");
	tree_write(t, "tftp/.swap", "");
}

static void
work_beside(struct tree *t)
{
	tree_write(t, "aside", "3");
	tree_folder(t, "tftp2");
	tree_write(t, "tftp2/a", "3");
}

static void
make_folder(struct tree *t)
{
	tree_folder(t, "tftp/folder");
}

static void
delete_folder(struct tree *t)
{
	tree_delete(t, "tftp/sub/deep");
}

static void
close_folder(struct tree *t)
{
	assert_int_equal(chmod(tree_path(t, "tftp/sub"), 0700), 0);
}

static const struct {
	void (*change)(struct tree *t);
	const char *heard;
} changes[] = {
	{ write_in_place, "a" },
	{ replace_by_rename, "a" },
	{ save_beside_and_rename, "sub/b" },
	{ rename_inside, "a sub/d" },
	{ create, "sub/new" },
	{ delete, "sub/deep/c" },
	{ change_rights, "a" },
	{ make_link, "link" },
	{ shorten, "a" },
	{ hide, "" },
	{ work_beside, "" },
	{ make_folder, "<all>" },
	{ delete_folder, "sub/deep/c <all>" },
	{ close_folder, "<all>" },
};

static void
each_change_is_told_to_fronts_whatever_core_is_doing(void **state)
{
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		struct watching *r;

		watching_setup(state);
		r = *state;
		watching_rest(r);
		changes[i].change(&r->tree);
		/* The front reads first: nobody has told core yet. */
		if (strcmp(watching_heard(r), changes[i].heard) != 0)
			fail_msg("change %zu: the front heard \"%s\"", i, r->front_heard);
		if (strcmp(r->core_heard, changes[i].heard) != 0)
			fail_msg("change %zu: core heard \"%s\"", i, r->core_heard);
		watching_teardown(state);
	}
}

static void
nothing_is_told_twice_or_without_a_change(void **state)
{
	struct watching *r = *state;

	watching_rest(r);
	assert_string_equal(watching_heard(r), "");
	tree_write(&r->tree, "tftp/a", "2");
	assert_string_equal(watching_heard(r), "a");
	assert_string_equal(watching_heard(r), "");
}

/* --- what is covered --- */

static void
watch_covers_the_tree_and_not_what_is_outside_it(void **state)
{
	struct watching *r = *state;

	watching_pump(r);
	assert_true(watch_covers(r->watch, "a"));
	assert_true(watch_covers(r->watch, "absent"));
	assert_true(watch_covers(r->watch, "sub/b"));
	assert_true(watch_covers(r->watch, "sub/deep/c"));
	assert_false(watch_covers(r->watch, "absent/x"));
	assert_false(watch_covers(r->watch, "su/b"));
	assert_false(watch_covers(r->watch, "subs/b"));
	assert_false(watch_covers(r->watch, "a/x"));
}

static void
watch_covers_nothing_while_core_has_not_read_what_happened(void **state)
{
	struct watching *r = *state;

	watching_pump(r);
	tree_write(&r->tree, "tftp/sub/b", "2");
	assert_false(watch_covers(r->watch, "a"));
	watching_pump(r);
	assert_true(watch_covers(r->watch, "a"));
}

static void
a_new_folder_is_covered_once_everybody_watches_it(void **state)
{
	struct watching *r = *state;

	watching_rest(r);
	tree_folder(&r->tree, "tftp/new");
	tree_folder(&r->tree, "tftp/new/inner");
	tree_write(&r->tree, "tftp/new/inner/x", "1");
	assert_false(watch_covers(r->watch, "new/inner/x"));
	assert_string_equal(watching_heard(r), "<all>");
	assert_true(watch_covers(r->watch, "new/inner/x"));
	watching_rest(r);
	tree_write(&r->tree, "tftp/new/inner/x", "2");
	assert_string_equal(watching_heard(r), "new/inner/x");
}

static void
a_folder_that_moves_inside_is_watched_under_its_new_path(void **state)
{
	struct watching *r = *state;

	watching_rest(r);
	tree_rename(&r->tree, "tftp/sub", "tftp/moved");
	assert_string_equal(watching_heard(r), "<all>");
	assert_false(watch_covers(r->watch, "sub/b"));
	assert_true(watch_covers(r->watch, "moved/deep/c"));
	watching_rest(r);
	tree_write(&r->tree, "tftp/moved/deep/c", "2");
	assert_string_equal(watching_heard(r), "moved/deep/c");
}

static void
two_folders_that_change_places_are_told_apart(void **state)
{
	struct watching *r = *state;

	tree_folder(&r->tree, "tftp/other");
	watching_rest(r);
	tree_rename(&r->tree, "tftp/sub", "tftp/between");
	tree_rename(&r->tree, "tftp/other", "tftp/sub");
	tree_rename(&r->tree, "tftp/between", "tftp/other");
	assert_string_equal(watching_heard(r), "<all>");
	watching_rest(r);
	tree_write(&r->tree, "tftp/sub/b", "2");
	tree_write(&r->tree, "tftp/other/b", "2");
	assert_string_equal(watching_heard(r), "sub/b other/b");
}

static void
a_folder_that_moved_out_is_not_watched_any_more(void **state)
{
	struct watching *r = *state;

	watching_rest(r);
	tree_rename(&r->tree, "tftp/sub", "out");
	assert_string_equal(watching_heard(r), "<all>");
	watching_rest(r);
	tree_write(&r->tree, "out/b", "2");
	assert_string_equal(watching_heard(r), "");
	assert_false(watch_covers(r->watch, "sub/b"));
	tree_rename(&r->tree, "out", "tftp/sub");
	assert_string_equal(watching_heard(r), "<all>");
	assert_true(watch_covers(r->watch, "sub/b"));
}

static void
a_folder_deleted_and_made_again_is_watched(void **state)
{
	struct watching *r = *state;

	watching_rest(r);
	tree_delete(&r->tree, "tftp/sub");
	tree_folder(&r->tree, "tftp/sub");
	tree_write(&r->tree, "tftp/sub/b", "2");
	assert_non_null(strstr(watching_heard(r), "<all>"));
	assert_true(watch_covers(r->watch, "sub/b"));
	assert_false(watch_covers(r->watch, "sub/deep/c"));
	watching_rest(r);
	tree_write(&r->tree, "tftp/sub/b", "3");
	assert_string_equal(watching_heard(r), "sub/b");
}

static void
a_folder_that_is_held_open_when_it_goes_is_watched_again_as_the_new_one(void **state)
{
	struct watching *r = *state;
	int held = open(tree_path(&r->tree, "tftp/sub"), O_RDONLY | O_DIRECTORY);

	watching_rest(r);
	tree_delete(&r->tree, "tftp/sub");
	tree_folder(&r->tree, "tftp/sub");
	watching_rest(r);
	close(held);
	watching_rest(r);
	assert_true(watch_covers(r->watch, "sub/b"));
	tree_write(&r->tree, "tftp/sub/b", "3");
	assert_string_equal(watching_heard(r), "sub/b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_is_told_to_fronts_whatever_core_is_doing),
		WITH_WATCH(nothing_is_told_twice_or_without_a_change),
		WITH_WATCH(watch_covers_the_tree_and_not_what_is_outside_it),
		WITH_WATCH(watch_covers_nothing_while_core_has_not_read_what_happened),
		WITH_WATCH(a_new_folder_is_covered_once_everybody_watches_it),
		WITH_WATCH(a_folder_that_moves_inside_is_watched_under_its_new_path),
		WITH_WATCH(two_folders_that_change_places_are_told_apart),
		WITH_WATCH(a_folder_that_moved_out_is_not_watched_any_more),
		WITH_WATCH(a_folder_deleted_and_made_again_is_watched),
		WITH_WATCH(a_folder_that_is_held_open_when_it_goes_is_watched_again_as_the_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
