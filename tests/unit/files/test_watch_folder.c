#include "watching.h"

#include <stdlib.h>

/* --- the folder itself --- */

static void
assert_watched_again(struct watching *r)
{
	assert_non_null(strstr(watching_heard(r), "<all>"));
	assert_non_null(strstr(r->core_heard, "<all>"));
	watching_rest(r);
	assert_true(watch_covers(r->watch, "a"));
	tree_write(&r->tree, "tftp/a", "again");
	assert_string_equal(watching_heard(r), "a");
}

static void
the_folder_may_be_replaced(void **state)
{
	struct watching *r = *state;

	watching_rest(r);
	tree_rename(&r->tree, "tftp", "old");
	assert_false(watch_covers(r->watch, "a"));
	assert_string_equal(watching_heard(r), "<all>");
	assert_false(watch_covers(r->watch, "a"));
	watch_refresh(r->watch);
	assert_false(watch_covers(r->watch, "a"));
	tree_folder(&r->tree, "tftp");
	assert_false(watch_covers(r->watch, "a"));
	assert_watched_again(r);
	tree_write(&r->tree, "old/a", "2");
	assert_string_equal(watching_heard(r), "");
}

static void
the_folder_may_be_replaced_in_one_go(void **state)
{
	struct watching *r = *state;

	watching_rest(r);
	tree_rename(&r->tree, "tftp", "old");
	tree_folder(&r->tree, "tftp");
	tree_write(&r->tree, "tftp/a", "2");
	assert_watched_again(r);
}

static void
the_folder_may_be_deleted_and_made_again(void **state)
{
	struct watching *r = *state;

	watching_rest(r);
	tree_delete(&r->tree, "tftp");
	assert_non_null(strstr(watching_heard(r), "<all>"));
	assert_false(watch_covers(r->watch, "a"));
	tree_folder(&r->tree, "tftp");
	assert_watched_again(r);
}

static void
watch_refresh_finds_a_folder_that_came(void **state)
{
	struct watching *r = *state;

	tree_rename(&r->tree, "tftp", "old");
	watching_rest(r);
	tree_rename(&r->tree, "old", "tftp");
	watch_refresh(r->watch);
	assert_string_equal(r->core_heard, ""); /* not from inside the call */
	watching_pump(r);
	assert_string_equal(r->core_heard, "<all>");
	assert_watched_again(r);
}

static int
setup_linked(void **state)
{
	struct watching *r = calloc(1, sizeof *r);

	tree_make(&r->tree);
	tree_folder(&r->tree, "srv");
	tree_folder(&r->tree, "srv/one");
	tree_folder(&r->tree, "srv/two");
	tree_write(&r->tree, "srv/one/a", "1");
	tree_write(&r->tree, "srv/two/a", "2");
	tree_link(&r->tree, "one", "srv/current");
	tree_link(&r->tree, "srv/current/../current/.", "tftp");
	watching_start(r, "tftp");
	*state = r;
	return 0;
}

static void
a_link_to_the_folder_is_followed_and_its_change_is_told(void **state)
{
	struct watching *r = *state;

	watching_rest(r);
	assert_true(watch_covers(r->watch, "a"));
	tree_write(&r->tree, "srv/one/a", "2");
	assert_string_equal(watching_heard(r), "a");
	tree_link(&r->tree, "two", "srv/next");
	assert_string_equal(watching_heard(r), "");
	tree_rename(&r->tree, "srv/next", "srv/current");
	assert_false(watch_covers(r->watch, "a"));
	assert_watched_again(r);
	tree_write(&r->tree, "srv/one/a", "3");
	assert_string_equal(watching_heard(r), "");
}

static void
a_folder_above_it_may_be_moved(void **state)
{
	struct watching *r = *state;

	watching_rest(r);
	tree_rename(&r->tree, "srv", "away");
	assert_string_equal(watching_heard(r), "<all>");
	assert_false(watch_covers(r->watch, "a"));
	tree_rename(&r->tree, "away", "srv");
	assert_watched_again(r);
}

static int
setup_looped(void **state)
{
	struct watching *r = calloc(1, sizeof *r);

	tree_make(&r->tree);
	tree_folder(&r->tree, "tftp");
	tree_write(&r->tree, "tftp/a", "1");
	tree_link(&r->tree, ".", "tftp/link");
	watching_start(r, "tftp/link");
	*state = r;
	return 0;
}

static void
a_folder_on_the_way_to_itself_tells_everything(void **state)
{
	struct watching *r = *state;

	watching_rest(r);
	assert_true(watch_covers(r->watch, "a"));
	tree_write(&r->tree, "tftp/a", "2");
	assert_string_equal(watching_heard(r), "<all>");
	watching_rest(r);
	assert_true(watch_covers(r->watch, "a"));
}

static void
a_path_without_end_is_no_folder(void **state)
{
	struct watching *r = *state;

	watching_rest(r);
	tree_rename(&r->tree, "srv/current", "srv/kept");
	tree_link(&r->tree, "current", "srv/current");
	assert_string_equal(watching_heard(r), "<all>");
	assert_false(watch_covers(r->watch, "a"));
	tree_rename(&r->tree, "srv/kept", "srv/current");
	assert_watched_again(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WATCH(the_folder_may_be_replaced),
		WITH_WATCH(the_folder_may_be_replaced_in_one_go),
		WITH_WATCH(the_folder_may_be_deleted_and_made_again),
		WITH_WATCH(watch_refresh_finds_a_folder_that_came),
		cmocka_unit_test_setup_teardown(
		    a_link_to_the_folder_is_followed_and_its_change_is_told, setup_linked,
		    watching_teardown),
		cmocka_unit_test_setup_teardown(
		    a_folder_above_it_may_be_moved, setup_linked, watching_teardown),
		cmocka_unit_test_setup_teardown(a_folder_on_the_way_to_itself_tells_everything,
		    setup_looped, watching_teardown),
		cmocka_unit_test_setup_teardown(
		    a_path_without_end_is_no_folder, setup_linked, watching_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
