#include "tree.h"

#include "base/log.h"
#include "files/watch.h"
#include "files/watch_events.h"

#include <event2/event.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_FILE "/proc/sys/fs/inotify/max_queued_events"
#define LIMIT_MAX  200000

/* Core's watch and a front's end. What each was told: "a sub/b <all>". */
struct rig {
	struct tree tree;
	struct event_base *base;
	struct watch *watch;
	struct watch_client *client;
	struct watch_events *front;
	struct told {
		int number;
		char path[256];
	} early[16];
	size_t early_count;
	char core_heard[1024], front_heard[1024];
};

static void
note(char *text, const char *path)
{
	size_t n = strlen(text);

	snprintf(text + n, 1024 - n, "%s%s", n > 0 ? " " : "", path[0] != '\0' ? path : "<all>");
}

static void
core_hears(void *arg, const char *path)
{
	note(((struct rig *)arg)->core_heard, path);
}

static void
front_hears(void *arg, const char *path)
{
	note(((struct rig *)arg)->front_heard, path);
}

static void
told(void *arg, int number, const char *path)
{
	struct rig *r = arg;

	if (r->front != NULL) {
		watch_events_folder(r->front, number, path);
		return;
	}
	assert_true(r->early_count < 16);
	r->early[r->early_count].number = number;
	snprintf(r->early[r->early_count++].path, sizeof r->early[0].path, "%s", path);
}

static void
start_front(struct rig *r)
{
	struct err e = { 0 };

	assert_ok(watch_client_new(r->watch, told, r, &r->client, &e), e);
	r->front = watch_events_new(dup(watch_client_fd(r->client)));
	for (size_t i = 0; i < r->early_count; i++)
		watch_events_folder(r->front, r->early[i].number, r->early[i].path);
	r->early_count = 0;
}

static void
stop_front(struct rig *r)
{
	watch_client_free(r->client);
	watch_events_free(r->front);
	r->client = NULL;
	r->front = NULL;
}

static void
start(struct rig *r, const char *folder)
{
	const struct watch_calls calls = { core_hears, r };
	struct err e = { 0 };

	r->base = event_base_new();
	assert_ok(watch_new(r->base, tree_path(&r->tree, folder), &calls, &r->watch, &e), e);
	start_front(r);
}

static void
pump(struct rig *r)
{
	for (int i = 0; i < 4; i++)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
}

/* What the front was told since; then core reads its own. */
static const char *
heard(struct rig *r)
{
	r->front_heard[0] = '\0';
	watch_events_read(r->front, front_hears, r);
	pump(r);
	return r->front_heard;
}

/* Both have read everything, and what core did about it. */
static void
come_to_rest(struct rig *r)
{
	for (int i = 0; i < 3; i++)
		heard(r);
	r->core_heard[0] = '\0';
}

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	tree_make(&r->tree);
	tree_folder(&r->tree, "tftp");
	tree_folder(&r->tree, "tftp/sub");
	tree_folder(&r->tree, "tftp/sub/deep");
	tree_write(&r->tree, "tftp/a", "1");
	tree_write(&r->tree, "tftp/sub/b", "1");
	tree_write(&r->tree, "tftp/sub/deep/c", "1");
	tree_write(&r->tree, "aside", "2");
	start(r, "tftp");
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	watch_events_free(r->front);
	watch_free(r->watch);
	event_base_free(r->base);
	tree_remove(&r->tree);
	free(r);
	return 0;
}

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
		struct rig *r;

		setup(state);
		r = *state;
		come_to_rest(r);
		changes[i].change(&r->tree);
		/* The front reads first: nobody has told core yet. */
		if (strcmp(heard(r), changes[i].heard) != 0)
			fail_msg("change %zu: the front heard \"%s\"", i, r->front_heard);
		if (strcmp(r->core_heard, changes[i].heard) != 0)
			fail_msg("change %zu: core heard \"%s\"", i, r->core_heard);
		teardown(state);
	}
}

static void
nothing_is_told_twice_or_without_a_change(void **state)
{
	struct rig *r = *state;

	come_to_rest(r);
	assert_string_equal(heard(r), "");
	tree_write(&r->tree, "tftp/a", "2");
	assert_string_equal(heard(r), "a");
	assert_string_equal(heard(r), "");
}

/* --- what is covered --- */

static void
watch_covers_the_tree_and_not_what_is_outside_it(void **state)
{
	struct rig *r = *state;

	pump(r);
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
	struct rig *r = *state;

	pump(r);
	tree_write(&r->tree, "tftp/sub/b", "2");
	assert_false(watch_covers(r->watch, "a"));
	pump(r);
	assert_true(watch_covers(r->watch, "a"));
}

static void
a_new_folder_is_covered_once_everybody_watches_it(void **state)
{
	struct rig *r = *state;

	come_to_rest(r);
	tree_folder(&r->tree, "tftp/new");
	tree_folder(&r->tree, "tftp/new/inner");
	tree_write(&r->tree, "tftp/new/inner/x", "1");
	assert_false(watch_covers(r->watch, "new/inner/x"));
	assert_string_equal(heard(r), "<all>");
	assert_true(watch_covers(r->watch, "new/inner/x"));
	come_to_rest(r);
	tree_write(&r->tree, "tftp/new/inner/x", "2");
	assert_string_equal(heard(r), "new/inner/x");
}

static void
a_folder_that_moves_inside_is_watched_under_its_new_path(void **state)
{
	struct rig *r = *state;

	come_to_rest(r);
	tree_rename(&r->tree, "tftp/sub", "tftp/moved");
	assert_string_equal(heard(r), "<all>");
	assert_false(watch_covers(r->watch, "sub/b"));
	assert_true(watch_covers(r->watch, "moved/deep/c"));
	come_to_rest(r);
	tree_write(&r->tree, "tftp/moved/deep/c", "2");
	assert_string_equal(heard(r), "moved/deep/c");
}

static void
two_folders_that_change_places_are_told_apart(void **state)
{
	struct rig *r = *state;

	tree_folder(&r->tree, "tftp/other");
	come_to_rest(r);
	tree_rename(&r->tree, "tftp/sub", "tftp/between");
	tree_rename(&r->tree, "tftp/other", "tftp/sub");
	tree_rename(&r->tree, "tftp/between", "tftp/other");
	assert_string_equal(heard(r), "<all>");
	come_to_rest(r);
	tree_write(&r->tree, "tftp/sub/b", "2");
	tree_write(&r->tree, "tftp/other/b", "2");
	assert_string_equal(heard(r), "sub/b other/b");
}

static void
a_folder_that_moved_out_is_not_watched_any_more(void **state)
{
	struct rig *r = *state;

	come_to_rest(r);
	tree_rename(&r->tree, "tftp/sub", "out");
	assert_string_equal(heard(r), "<all>");
	come_to_rest(r);
	tree_write(&r->tree, "out/b", "2");
	assert_string_equal(heard(r), "");
	assert_false(watch_covers(r->watch, "sub/b"));
	tree_rename(&r->tree, "out", "tftp/sub");
	assert_string_equal(heard(r), "<all>");
	assert_true(watch_covers(r->watch, "sub/b"));
}

static void
a_folder_deleted_and_made_again_is_watched(void **state)
{
	struct rig *r = *state;

	come_to_rest(r);
	tree_delete(&r->tree, "tftp/sub");
	tree_folder(&r->tree, "tftp/sub");
	tree_write(&r->tree, "tftp/sub/b", "2");
	assert_non_null(strstr(heard(r), "<all>"));
	assert_true(watch_covers(r->watch, "sub/b"));
	assert_false(watch_covers(r->watch, "sub/deep/c"));
	come_to_rest(r);
	tree_write(&r->tree, "tftp/sub/b", "3");
	assert_string_equal(heard(r), "sub/b");
}

static void
a_folder_that_is_held_open_when_it_goes_is_watched_again_as_the_new_one(void **state)
{
	struct rig *r = *state;
	int held = open(tree_path(&r->tree, "tftp/sub"), O_RDONLY | O_DIRECTORY);

	come_to_rest(r);
	tree_delete(&r->tree, "tftp/sub");
	tree_folder(&r->tree, "tftp/sub");
	come_to_rest(r);
	close(held);
	come_to_rest(r);
	assert_true(watch_covers(r->watch, "sub/b"));
	tree_write(&r->tree, "tftp/sub/b", "3");
	assert_string_equal(heard(r), "sub/b");
}

/* --- the folder itself --- */

static void
assert_watched_again(struct rig *r)
{
	assert_non_null(strstr(heard(r), "<all>"));
	assert_non_null(strstr(r->core_heard, "<all>"));
	come_to_rest(r);
	assert_true(watch_covers(r->watch, "a"));
	tree_write(&r->tree, "tftp/a", "again");
	assert_string_equal(heard(r), "a");
}

static void
the_folder_may_be_replaced(void **state)
{
	struct rig *r = *state;

	come_to_rest(r);
	tree_rename(&r->tree, "tftp", "old");
	assert_false(watch_covers(r->watch, "a"));
	assert_string_equal(heard(r), "<all>");
	assert_false(watch_covers(r->watch, "a"));
	watch_refresh(r->watch);
	assert_false(watch_covers(r->watch, "a"));
	tree_folder(&r->tree, "tftp");
	assert_false(watch_covers(r->watch, "a"));
	assert_watched_again(r);
	tree_write(&r->tree, "old/a", "2");
	assert_string_equal(heard(r), "");
}

static void
the_folder_may_be_replaced_in_one_go(void **state)
{
	struct rig *r = *state;

	come_to_rest(r);
	tree_rename(&r->tree, "tftp", "old");
	tree_folder(&r->tree, "tftp");
	tree_write(&r->tree, "tftp/a", "2");
	assert_watched_again(r);
}

static void
the_folder_may_be_deleted_and_made_again(void **state)
{
	struct rig *r = *state;

	come_to_rest(r);
	tree_delete(&r->tree, "tftp");
	assert_non_null(strstr(heard(r), "<all>"));
	assert_false(watch_covers(r->watch, "a"));
	tree_folder(&r->tree, "tftp");
	assert_watched_again(r);
}

static void
watch_refresh_finds_a_folder_that_came(void **state)
{
	struct rig *r = *state;

	tree_rename(&r->tree, "tftp", "old");
	come_to_rest(r);
	tree_rename(&r->tree, "old", "tftp");
	watch_refresh(r->watch);
	assert_string_equal(r->core_heard, ""); /* not from inside the call */
	pump(r);
	assert_string_equal(r->core_heard, "<all>");
	assert_watched_again(r);
}

static int
setup_linked(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	tree_make(&r->tree);
	tree_folder(&r->tree, "srv");
	tree_folder(&r->tree, "srv/one");
	tree_folder(&r->tree, "srv/two");
	tree_write(&r->tree, "srv/one/a", "1");
	tree_write(&r->tree, "srv/two/a", "2");
	tree_link(&r->tree, "one", "srv/current");
	tree_link(&r->tree, "srv/current/../current/.", "tftp");
	start(r, "tftp");
	*state = r;
	return 0;
}

static void
a_link_to_the_folder_is_followed_and_its_change_is_told(void **state)
{
	struct rig *r = *state;

	come_to_rest(r);
	assert_true(watch_covers(r->watch, "a"));
	tree_write(&r->tree, "srv/one/a", "2");
	assert_string_equal(heard(r), "a");
	tree_link(&r->tree, "two", "srv/next");
	assert_string_equal(heard(r), "");
	tree_rename(&r->tree, "srv/next", "srv/current");
	assert_false(watch_covers(r->watch, "a"));
	assert_watched_again(r);
	tree_write(&r->tree, "srv/one/a", "3");
	assert_string_equal(heard(r), "");
}

static void
a_folder_above_it_may_be_moved(void **state)
{
	struct rig *r = *state;

	come_to_rest(r);
	tree_rename(&r->tree, "srv", "away");
	assert_string_equal(heard(r), "<all>");
	assert_false(watch_covers(r->watch, "a"));
	tree_rename(&r->tree, "away", "srv");
	assert_watched_again(r);
}

static int
setup_looped(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	tree_make(&r->tree);
	tree_folder(&r->tree, "tftp");
	tree_write(&r->tree, "tftp/a", "1");
	tree_link(&r->tree, ".", "tftp/link");
	start(r, "tftp/link");
	*state = r;
	return 0;
}

static void
a_folder_on_the_way_to_itself_tells_everything(void **state)
{
	struct rig *r = *state;

	come_to_rest(r);
	assert_true(watch_covers(r->watch, "a"));
	tree_write(&r->tree, "tftp/a", "2");
	assert_string_equal(heard(r), "<all>");
	come_to_rest(r);
	assert_true(watch_covers(r->watch, "a"));
}

static void
a_path_without_end_is_no_folder(void **state)
{
	struct rig *r = *state;

	come_to_rest(r);
	tree_rename(&r->tree, "srv/current", "srv/kept");
	tree_link(&r->tree, "current", "srv/current");
	assert_string_equal(heard(r), "<all>");
	assert_false(watch_covers(r->watch, "a"));
	tree_rename(&r->tree, "srv/kept", "srv/current");
	assert_watched_again(r);
}

/* --- fronts come and go --- */

static void
a_front_that_starts_later_is_told_everything_from_then_on(void **state)
{
	struct rig *r = *state;

	tree_folder(&r->tree, "tftp/new");
	come_to_rest(r);
	stop_front(r);
	tree_write(&r->tree, "tftp/a", "2");
	pump(r);
	start_front(r);
	assert_string_equal(heard(r), "");
	assert_true(watch_covers(r->watch, "new/x"));
	tree_write(&r->tree, "tftp/new/x", "2");
	assert_string_equal(heard(r), "new/x");
}

static void
a_front_that_reads_nothing_is_told_that_it_missed_something(void **state)
{
	struct rig *r = *state;
	FILE *limit = fopen(LIMIT_FILE, "r");
	unsigned long max = 0;
	int a, b;

	if (limit == NULL || fscanf(limit, "%lu", &max) != 1 || max > LIMIT_MAX) {
		if (limit != NULL)
			fclose(limit);
		skip();
	}
	fclose(limit);
	come_to_rest(r);
	a = open(tree_path(&r->tree, "tftp/a"), O_WRONLY);
	b = open(tree_path(&r->tree, "tftp/sub/b"), O_WRONLY);
	for (unsigned long i = 0; i < max / 2 + 10; i++) {
		assert_int_equal(write(a, "x", 1), 1);
		assert_int_equal(write(b, "x", 1), 1);
	}
	close(a);
	close(b);
	tree_folder(&r->tree, "tftp/late"); /* is lost */
	assert_false(watch_covers(r->watch, "a"));
	while (strcmp(heard(r), "") != 0)
		if (strstr(r->front_heard, "<all>") != NULL)
			break;
	assert_non_null(strstr(r->front_heard, "<all>"));
	come_to_rest(r);
	assert_true(watch_covers(r->watch, "late/x"));
	tree_write(&r->tree, "tftp/late/x", "");
	assert_string_equal(heard(r), "late/x");
}

/* --- what cannot be watched --- */

static void
count_line(void *arg, enum log_level level, const char *line)
{
	(void)level;
	if (strstr(line, "folder-not-watched") != NULL)
		++*(int *)arg;
}

static void
a_folder_that_may_not_be_read_is_not_covered(void **state)
{
	struct rig *r = *state;
	int lines = 0;

	come_to_rest(r);
	log_to(count_line, &lines, LOG_DEBUG);
	tree_folder(&r->tree, "tftp/closed");
	assert_int_equal(chmod(tree_path(&r->tree, "tftp/closed"), 0311), 0);
	tree_lose_rights(&r->tree);
	come_to_rest(r);
	tree_regain_rights();
	assert_false(watch_covers(r->watch, "closed/x"));
	assert_true(watch_covers(r->watch, "sub/b"));
	assert_int_equal(chmod(tree_path(&r->tree, "tftp/closed"), 0755), 0);
	assert_string_equal(heard(r), "<all>");
	assert_true(watch_covers(r->watch, "closed/x"));
	log_to(NULL, NULL, LOG_WARNING);
}

/* A namespace of its own with fewer watches; 77 when the kernel gives none. */
static int
with_few_watches(struct rig *r)
{
	FILE *limit;
	int lines = 0;

	stop_front(r);
	watch_free(r->watch);
	r->watch = NULL;
	if (unshare(CLONE_NEWUSER) != 0 ||
	    (limit = fopen("/proc/sys/user/max_inotify_watches", "w")) == NULL)
		return 77;
	/* Enough for core and the way and two folders of the front. */
	fprintf(limit, "20");
	if (fclose(limit) != 0)
		return 77;
	log_to(count_line, &lines, LOG_DEBUG);
	for (int i = 0; i < 10; i++) {
		char name[32];

		snprintf(name, sizeof name, "tftp/more%d", i);
		tree_folder(&r->tree, name);
	}
	start(r, "tftp");
	pump(r);
	if (lines != 1)
		return 1;
	if (watch_covers(r->watch, "sub/deep/c") && watch_covers(r->watch, "more9/x"))
		return 2;
	for (int i = 0; i < 10; i++) {
		char name[32];

		snprintf(name, sizeof name, "tftp/more%d", i);
		tree_delete(&r->tree, name);
	}
	pump(r);
	return 0;
}

static void
a_limit_of_the_system_is_said_once_and_nothing_is_covered_in_vain(void **state)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(with_few_watches(*state));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* In mounts of its own; 77 when the kernel gives none. */
static int
with_mounts(struct rig *r)
{
	stop_front(r);
	watch_free(r->watch);
	r->watch = NULL;
	event_base_free(r->base);
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return 77;
	start(r, "tftp");
	come_to_rest(r);
	if (mount("none", tree_path(&r->tree, "tftp/sub"), "tmpfs", 0, NULL) != 0)
		return 77;
	pump(r);
	if (strstr(r->core_heard, "<all>") == NULL || strstr(heard(r), "<all>") == NULL)
		return 1;
	come_to_rest(r);
	tree_write(&r->tree, "tftp/sub/b", "2");
	if (strcmp(heard(r), "sub/b") != 0)
		return 2;
	come_to_rest(r);
	if (umount(tree_path(&r->tree, "tftp/sub")) != 0)
		return 3;
	if (strstr(heard(r), "<all>") == NULL)
		return 4;
	come_to_rest(r);
	if (!watch_covers(r->watch, "sub/b"))
		return 5;
	tree_write(&r->tree, "tftp/sub/b", "3");
	return strcmp(heard(r), "sub/b") == 0 ? 0 : 6;
}

static void
a_mount_over_a_folder_is_told(void **state)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(with_mounts(*state));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define WITH_WATCH(test)  cmocka_unit_test_setup_teardown(test, setup, teardown)
#define WITH_LINKED(test) cmocka_unit_test_setup_teardown(test, setup_linked, teardown)

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
		WITH_WATCH(the_folder_may_be_replaced),
		WITH_WATCH(the_folder_may_be_replaced_in_one_go),
		WITH_WATCH(the_folder_may_be_deleted_and_made_again),
		WITH_WATCH(watch_refresh_finds_a_folder_that_came),
		WITH_LINKED(a_link_to_the_folder_is_followed_and_its_change_is_told),
		WITH_LINKED(a_folder_above_it_may_be_moved),
		cmocka_unit_test_setup_teardown(
		    a_folder_on_the_way_to_itself_tells_everything, setup_looped, teardown),
		WITH_LINKED(a_path_without_end_is_no_folder),
		WITH_WATCH(a_front_that_starts_later_is_told_everything_from_then_on),
		WITH_WATCH(a_front_that_reads_nothing_is_told_that_it_missed_something),
		WITH_WATCH(a_folder_that_may_not_be_read_is_not_covered),
		WITH_WATCH(a_limit_of_the_system_is_said_once_and_nothing_is_covered_in_vain),
		WITH_WATCH(a_mount_over_a_folder_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
