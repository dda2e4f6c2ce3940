#include "watching.h"

#include "base/log.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_FILE "/proc/sys/fs/inotify/max_queued_events"
#define LIMIT_MAX  200000

/* --- fronts come and go --- */

static void
a_front_that_starts_later_is_told_everything_from_then_on(void **state)
{
	struct watching *r = *state;

	tree_folder(&r->tree, "tftp/new");
	watching_rest(r);
	watching_stop_front(r);
	tree_write(&r->tree, "tftp/a", "2");
	watching_pump(r);
	watching_start_front(r);
	assert_string_equal(watching_heard(r), "");
	assert_true(watch_covers(r->watch, "new/x"));
	tree_write(&r->tree, "tftp/new/x", "2");
	assert_string_equal(watching_heard(r), "new/x");
}

static void
a_front_that_reads_nothing_is_told_that_it_missed_something(void **state)
{
	struct watching *r = *state;
	FILE *limit = fopen(LIMIT_FILE, "r");
	unsigned long max = 0;
	int a, b;

	if (limit == NULL || fscanf(limit, "%lu", &max) != 1 || max > LIMIT_MAX) {
		if (limit != NULL)
			fclose(limit);
		skip();
	}
	fclose(limit);
	watching_rest(r);
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
	while (strcmp(watching_heard(r), "") != 0)
		if (strstr(r->front_heard, "<all>") != NULL)
			break;
	assert_non_null(strstr(r->front_heard, "<all>"));
	watching_rest(r);
	assert_true(watch_covers(r->watch, "late/x"));
	tree_write(&r->tree, "tftp/late/x", "");
	assert_string_equal(watching_heard(r), "late/x");
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
	struct watching *r = *state;
	int lines = 0;

	watching_rest(r);
	log_to(count_line, &lines, LOG_DEBUG);
	tree_folder(&r->tree, "tftp/closed");
	assert_int_equal(chmod(tree_path(&r->tree, "tftp/closed"), 0311), 0);
	tree_lose_rights(&r->tree);
	watching_rest(r);
	tree_regain_rights();
	assert_false(watch_covers(r->watch, "closed/x"));
	assert_true(watch_covers(r->watch, "sub/b"));
	assert_int_equal(chmod(tree_path(&r->tree, "tftp/closed"), 0755), 0);
	assert_string_equal(watching_heard(r), "<all>");
	assert_true(watch_covers(r->watch, "closed/x"));
	log_to(NULL, NULL, LOG_WARNING);
}

/* A namespace of its own with fewer watches; 77 when the kernel gives none. */
static int
with_few_watches(struct watching *r)
{
	FILE *limit;
	int lines = 0;

	watching_stop_front(r);
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
	watching_start(r, "tftp");
	watching_pump(r);
	if (lines != 1)
		return 1;
	if (watch_covers(r->watch, "sub/deep/c") && watch_covers(r->watch, "more9/x"))
		return 2;
	for (int i = 0; i < 10; i++) {
		char name[32];

		snprintf(name, sizeof name, "tftp/more%d", i);
		tree_delete(&r->tree, name);
	}
	watching_pump(r);
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
with_mounts(struct watching *r)
{
	watching_stop_front(r);
	watch_free(r->watch);
	r->watch = NULL;
	event_base_free(r->base);
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return 77;
	watching_start(r, "tftp");
	watching_rest(r);
	if (mount("none", tree_path(&r->tree, "tftp/sub"), "tmpfs", 0, NULL) != 0)
		return 77;
	watching_pump(r);
	if (strstr(r->core_heard, "<all>") == NULL || strstr(watching_heard(r), "<all>") == NULL)
		return 1;
	watching_rest(r);
	tree_write(&r->tree, "tftp/sub/b", "2");
	if (strcmp(watching_heard(r), "sub/b") != 0)
		return 2;
	watching_rest(r);
	if (umount(tree_path(&r->tree, "tftp/sub")) != 0)
		return 3;
	if (strstr(watching_heard(r), "<all>") == NULL)
		return 4;
	watching_rest(r);
	if (!watch_covers(r->watch, "sub/b"))
		return 5;
	tree_write(&r->tree, "tftp/sub/b", "3");
	return strcmp(watching_heard(r), "sub/b") == 0 ? 0 : 6;
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WATCH(a_front_that_starts_later_is_told_everything_from_then_on),
		WITH_WATCH(a_front_that_reads_nothing_is_told_that_it_missed_something),
		WITH_WATCH(a_folder_that_may_not_be_read_is_not_covered),
		WITH_WATCH(a_limit_of_the_system_is_said_once_and_nothing_is_covered_in_vain),
		WITH_WATCH(a_mount_over_a_folder_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
