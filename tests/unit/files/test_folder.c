#include "tree.h"

#include "base/bytes.h"
#include "files/folder.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

struct rig {
	struct tree tree;
	struct folder *folder;
};

/* A folder with one of everything. */
static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	struct tree *t = &r->tree;
	char from[1024];

	tree_make(t);
	tree_write(t, "outside", "secret");
	tree_folder(t, "tftp");
	tree_folder(t, "tftp/sub");
	tree_write(t, "tftp/plain", "hello");
	tree_write(t, "tftp/sub/inner", "inner");
	tree_write(t, "tftp/empty", "");
	tree_write(t, "tftp/twice", "two names");
	tempdir_path(t->dir, "tftp/twice", from, sizeof from);
	assert_int_equal(link(from, tree_path(t, "tftp/again")), 0);
	tree_link(t, "plain", "tftp/link");
	tree_link(t, "sub", "tftp/linked");
	tree_link(t, "../outside", "tftp/out");
	tree_link(t, "/etc/passwd", "tftp/absolute");
	tree_link(t, "nothing", "tftp/dangling");
	tree_link(t, "loop", "tftp/loop");
	assert_int_equal(mkfifo(tree_path(t, "tftp/pipe"), 0644), 0);
	r->folder = folder_new(tree_path(t, "tftp"));
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	folder_free(r->folder);
	tree_remove(&r->tree);
	free(r);
	return 0;
}

/* --- opening --- */

static const struct {
	const char *path;
	bool there, watchable;
	enum folder_fault fault;
} opened[] = {
	{ "plain", true, true, FOLDER_FINE }, { "sub/inner", true, true, FOLDER_FINE },
	{ "empty", true, true, FOLDER_FINE },
	{ "twice", true, false, FOLDER_FINE }, /* may be changed by its other name */
	{ "again", true, false, FOLDER_FINE }, { "link", true, false, FOLDER_FINE },
	{ "linked/inner", true, false, FOLDER_FINE }, { "linked", false, false, FOLDER_FINE },
	{ "linked/nothing", false, false, FOLDER_FINE }, { "out", false, false, FOLDER_LEADS_OUT },
	{ "out/x", false, false, FOLDER_LEADS_OUT }, { "absolute", false, false, FOLDER_LEADS_OUT },
	{ "dangling", false, false, FOLDER_FINE }, { "loop", false, false, FOLDER_FINE },
	{ "sub", false, true, FOLDER_FINE }, { "pipe", false, true, FOLDER_FINE },
	{ "absent", false, true, FOLDER_FINE }, { "sub/absent", false, true, FOLDER_FINE },
	{ "absent/way/down", false, true, FOLDER_FINE }, { "plain/x", false, true, FOLDER_FINE },
	{ "../outside", false, false, FOLDER_LEADS_OUT }, /* fname refuses it before */
};

static void
folder_open_opens_regular_files_inside_and_nothing_else(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof opened / sizeof opened[0]; i++) {
		struct folder_file file;
		struct err e = { 0 };

		assert_ok(folder_open(r->folder, opened[i].path, &file, &e), e);
		if ((file.fd >= 0) != opened[i].there || file.fault != opened[i].fault ||
		    (file.watchable != opened[i].watchable && file.fault == FOLDER_FINE))
			fail_msg("%s: there %d, fault %d, watchable %d", opened[i].path,
			    file.fd >= 0, file.fault, file.watchable);
		folder_close(&file);
		folder_close(&file);
	}
}

static void
folder_open_opens_no_device(void **state)
{
	struct folder *dev = folder_new("/dev");
	struct folder_file file;
	struct err e = { 0 };

	(void)state;
	assert_ok(folder_open(dev, "null", &file, &e), e);
	assert_int_equal(file.fd, -1);
	folder_free(dev);
}

static void
folder_open_names_a_folder_that_is_not_there(void **state)
{
	struct rig *r = *state;
	struct folder_file file;
	struct err e;

	tree_rename(&r->tree, "tftp", "away");
	assert_fails(folder_open(r->folder, "plain", &file, &e), e, ERR_IO, "/tftp: No");
	tree_rename(&r->tree, "away", "tftp");
	assert_ok(folder_open(r->folder, "plain", &file, &e), e);
	folder_close(&file);
}

static void
folder_open_says_what_it_may_not_read(void **state)
{
	struct rig *r = *state;
	struct folder_file file;
	struct err e = { 0 };

	chmod(tree_path(&r->tree, "tftp/plain"), 0);
	tree_lose_rights(&r->tree);
	assert_ok(folder_open(r->folder, "plain", &file, &e), e);
	assert_int_equal(file.fd, -1);
	assert_int_equal(file.fault, FOLDER_UNREADABLE);
	assert_true(file.watchable);
	tree_regain_rights();
}

/* --- reading --- */

static void
folder_read_takes_the_whole_file_or_none(void **state)
{
	struct rig *r = *state;
	struct folder_file file;
	struct bytes content;
	struct err e = { 0 };

	assert_ok(folder_open(r->folder, "plain", &file, &e), e);
	assert_fails(folder_read(&file, 4, &content, &e), e, ERR_LIMIT, "5 bytes, at most 4");
	assert_ok(folder_read(&file, 5, &content, &e), e);
	assert_span_equal(bytes_span(&content), span_str("hello"));
	bytes_free(&content);
	folder_close(&file);
	assert_ok(folder_open(r->folder, "empty", &file, &e), e);
	assert_ok(folder_read(&file, 0, &content, &e), e);
	assert_int_equal(content.n, 0);
	bytes_free(&content);
	folder_close(&file);
}

static void
folder_read_takes_what_a_file_became_after_it_was_opened(void **state)
{
	static const char *const became[] = { "longer than before", "", "other" };
	struct rig *r = *state;
	struct folder_file file;
	struct bytes content;
	struct err e = { 0 };

	assert_ok(folder_open(r->folder, "plain", &file, &e), e);
	for (size_t i = 0; i < sizeof became / sizeof became[0]; i++) {
		tree_write(&r->tree, "tftp/plain", became[i]);
		assert_ok(folder_read(&file, 100, &content, &e), e);
		assert_span_equal(bytes_span(&content), span_str(became[i]));
		assert_int_equal(file.st.st_size, strlen(became[i]));
		bytes_free(&content);
	}
	folder_close(&file);
}

/* Fills the file anew, each time with one other character and to another size, until it is killed.
 */
static pid_t
start_writer(struct rig *r, size_t size)
{
	pid_t writer;

	tree_write(&r->tree, "tftp/plain", "");
	writer = fork();

	if (writer != 0)
		return writer;
	for (char c = 'a';; c = c == 'z' ? 'a' : (char)(c + 1)) {
		FILE *f = fopen(tree_path(&r->tree, "tftp/plain"), "w");

		for (size_t i = 0; i < size + (size_t)c; i++)
			putc(c, f);
		fclose(f);
	}
}

static void
assert_is_no_mixture(const struct bytes *content)
{
	for (size_t i = 1; i < content->n; i++)
		if (content->p[i] != content->p[0])
			fail_msg("byte %zu of %zu is of another version", i, content->n);
}

static void
folder_read_never_gives_a_mixture_of_two_versions(void **state)
{
	struct rig *r = *state;
	pid_t writer = start_writer(r, 40000);
	struct folder_file file;
	struct bytes content;
	struct err e = { 0 };
	int status;

	for (int i = 0; i < 2000; i++) {
		assert_ok(folder_open(r->folder, "plain", &file, &e), e);
		if (folder_read(&file, 100000, &content, &e)) {
			assert_is_no_mixture(&content);
			bytes_free(&content);
		} else {
			assert_int_equal(e.code, ERR_AGAIN);
		}
		folder_close(&file);
	}
	kill(writer, SIGKILL);
	waitpid(writer, &status, 0);
}

static void
folder_settled_waits_until_another_change_bears_another_time(void **state)
{
	const struct stat st = { .st_ctim = { 1000, 900000000 } };

	(void)state;
	assert_false(folder_settled(&st, 1000));
	assert_false(folder_settled(&st, 1001));
	assert_true(folder_settled(&st, 1002));
	assert_false(folder_settled(&st, 999)); /* time() is a tick behind */
	assert_true(folder_settled(&st, 998));  /* the clock was set back */
}

static void
folder_same_file_looks_at_everything_that_a_change_touches(void **state)
{
	const struct stat st = { .st_ino = 7, .st_size = 5 };
	struct stat other[5] = { st, st, st, st, st };

	(void)state;
	other[0].st_ino++;
	other[1].st_size++;
	other[2].st_mtim.tv_nsec++;
	other[3].st_ctim.tv_nsec++;
	other[4].st_dev++;
	assert_true(folder_same_file(&st, &st));
	for (size_t i = 0; i < 5; i++)
		assert_false(folder_same_file(&st, &other[i]));
}

/* --- walking --- */

struct walked {
	char text[8192];
	size_t stop_after;
};

static bool
note_entry(void *arg, const struct folder_entry *entry)
{
	struct walked *w = arg;
	size_t n = strlen(w->text);

	snprintf(w->text + n, sizeof w->text - n, "%s%s%s%s ", entry->path,
	    entry->is_folder ? "/" : "", entry->is_link ? "@" : "", entry->readable ? "" : "!");
	return w->stop_after == 0 || --w->stop_after > 0;
}

static void
folder_walk_tells_every_entry_in_order_and_follows_no_link(void **state)
{
	struct rig *r = *state;
	struct walked w = { 0 };
	struct err e = { 0 };

	tree_write(&r->tree, "tftp/.hidden", "");
	tree_folder(&r->tree, "tftp/.git");
	tree_write(&r->tree, "tftp/.git/config", "");
	tree_folder(&r->tree, "tftp/sub/deep");
	tree_write(&r->tree, "tftp/sub/deep/x", "");
	assert_ok(folder_walk(r->folder, "", note_entry, &w, &e), e);
	assert_string_equal(w.text,
	    "absolute@ again dangling@! empty link@ linked@ loop@! out@ pipe plain sub/ "
	    "sub/deep/ sub/deep/x sub/inner twice ");
	w = (struct walked){ .stop_after = 12 };
	assert_ok(folder_walk(r->folder, "", note_entry, &w, &e), e);
	assert_non_null(strstr(w.text, "sub/deep/ "));
	assert_null(strstr(w.text, "sub/deep/x"));
}

static const struct {
	const char *after, *rest;
} gone_on[] = {
	{ "link", "linked@ loop@! out@ pipe plain sub/ sub/inner twice " },
	{ "plain", "sub/ sub/inner twice " },
	{ "plain2", "sub/ sub/inner twice " },
	{ "sub", "sub/inner twice " },
	{ "sub/a", "sub/inner twice " },
	{ "sub/inner", "twice " },
	{ "sub/inner/x", "twice " },
	{ "sub/z", "twice " },
	{ "su/inner", "sub/ sub/inner twice " },
	{ "sub2/inner", "twice " },
	{ "twice", "" },
	{ "twice/x", "" },
	{ "zebra", "" },
};

static void
folder_walk_goes_on_after_a_path_there_or_not(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof gone_on / sizeof gone_on[0]; i++) {
		struct walked w = { 0 };
		struct err e = { 0 };

		assert_ok(folder_walk(r->folder, gone_on[i].after, note_entry, &w, &e), e);
		if (strcmp(w.text, gone_on[i].rest) != 0)
			fail_msg("after %s: %s", gone_on[i].after, w.text);
	}
}

static void
folder_walk_says_what_cannot_be_read(void **state)
{
	struct rig *r = *state;
	struct walked w = { 0 };
	struct err e = { 0 };

	chmod(tree_path(&r->tree, "tftp/plain"), 0);
	chmod(tree_path(&r->tree, "tftp/sub"), 0);
	tree_lose_rights(&r->tree);
	assert_ok(folder_walk(r->folder, "", note_entry, &w, &e), e);
	tree_regain_rights();
	chmod(tree_path(&r->tree, "tftp/sub"), 0755);
	assert_non_null(strstr(w.text, " link@! "));
	assert_non_null(strstr(w.text, " plain! sub/! twice "));
}

static size_t
count_of(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

static void
folder_walk_goes_only_so_deep(void **state)
{
	struct rig *r = *state;
	char path[1024] = "tftp/sub/d";
	struct walked w = { 0 };
	struct err e = { 0 };

	for (size_t depth = 3; depth < FOLDER_DEPTH_MAX + 5; depth++) {
		tree_folder(&r->tree, path);
		memcpy(path + strlen(path), "/d", 3);
	}
	assert_ok(folder_walk(r->folder, "", note_entry, &w, &e), e);
	assert_non_null(strstr(w.text, " twice "));
	assert_int_equal(count_of(w.text, "/d/ "), FOLDER_DEPTH_MAX - 1);
}

static void
folder_walk_names_a_folder_that_is_not_there(void **state)
{
	struct rig *r = *state;
	struct walked w = { 0 };
	struct err e;

	tree_rename(&r->tree, "tftp", "away");
	assert_fails(folder_walk(r->folder, "", note_entry, &w, &e), e, ERR_IO, "/tftp: No");
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(folder_open_opens_regular_files_inside_and_nothing_else),
		cmocka_unit_test(folder_open_opens_no_device),
		WITH_TREE(folder_open_names_a_folder_that_is_not_there),
		WITH_TREE(folder_open_says_what_it_may_not_read),
		WITH_TREE(folder_read_takes_the_whole_file_or_none),
		WITH_TREE(folder_read_takes_what_a_file_became_after_it_was_opened),
		WITH_TREE(folder_read_never_gives_a_mixture_of_two_versions),
		cmocka_unit_test(folder_settled_waits_until_another_change_bears_another_time),
		cmocka_unit_test(folder_same_file_looks_at_everything_that_a_change_touches),
		WITH_TREE(folder_walk_tells_every_entry_in_order_and_follows_no_link),
		WITH_TREE(folder_walk_goes_on_after_a_path_there_or_not),
		WITH_TREE(folder_walk_says_what_cannot_be_read),
		WITH_TREE(folder_walk_goes_only_so_deep),
		WITH_TREE(folder_walk_names_a_folder_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
