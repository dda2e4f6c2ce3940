/* What is particular to the file of SQLite: opening, locking, old and new schemas. */
#include "backend.h"

#include "store/store_schema.h"

#include <fcntl.h>
#include <grp.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct place {
	char dir[PATH_MAX];
	char db[PATH_MAX + 16];
};

static int
place_setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	assert_non_null(p);
	folder_make(p->dir);
	snprintf(p->db, sizeof p->db, "%s/sealtone.db", p->dir);
	*state = p;
	return 0;
}

static int
place_teardown(void **state)
{
	struct place *p = *state;

	chmod(p->dir, 0700);
	folder_remove(p->dir);
	free(p);
	return 0;
}

static void
file_write(const char *path, const void *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), n);
	close(fd);
}

static unsigned
mode_of(const char *path, const char *tail)
{
	char name[PATH_MAX + 32];
	struct stat st;

	snprintf(name, sizeof name, "%s%s", path, tail);
	assert_int_equal(stat(name, &st), 0);
	return st.st_mode & 07777;
}

/* Runs SQL on the file behind the store's back. */
static void
raw_sql(const char *path, const char *sql)
{
	sqlite3 *db;
	char *text = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &text) != SQLITE_OK)
		fail_msg("%s", text);
	sqlite3_close(db);
}

#define file_test(f) cmocka_unit_test_setup_teardown(f, place_setup, place_teardown)

/* --- making and opening --- */

static void
store_create_makes_files_for_the_owner_only(void **state)
{
	struct place *p = *state;
	struct store *s, *other;
	struct err e = { 0 };
	mode_t mask = umask(0);

	assert_ok(store_create(p->db, &s, &e), e);
	node_put(s, "pub", true);
	umask(mask);
	assert_int_equal(mode_of(p->db, ""), 0600);
	assert_int_equal(mode_of(p->db, "-wal"), 0600);
	assert_int_equal(mode_of(p->db, "-shm"), 0600);
	assert_int_equal(mode_of(p->db, ".lock"), 0600);
	assert_int_equal(store_schema_version(s), store_schema_steps_count);
	store_close(s);
	assert_fails(
	    store_create(p->db, &other, &e), e, ERR_CONFLICT, "sealtone.db: exists already");
}

static void
store_create_leaves_nothing_when_it_fails(void **state)
{
	struct place *p = *state;
	struct store *s;
	struct err e;
	char path[PATH_MAX + 32];

	snprintf(path, sizeof path, "%s/none/sealtone.db", p->dir);
	assert_fails(
	    store_create(path, &s, &e), e, ERR_IO, "none/sealtone.db.lock: cannot be made");
	assert_null(s);
}

static bool
node_is_pub(void *arg, const struct store_node *n)
{
	*(bool *)arg = strcmp(n->name, "pub") == 0;
	return true;
}

static void
store_open_finds_what_was_kept(void **state)
{
	struct place *p = *state;
	struct store *s;
	struct err e = { 0 };
	bool is_pub = false;

	assert_ok(store_create(p->db, &s, &e), e);
	node_put(s, "pub", true);
	store_close(s);
	assert_ok(store_open(p->db, &s, &e), e);
	assert_ok(store_node_each(s, node_is_pub, &is_pub, &e), e);
	assert_true(is_pub);
	store_close(s);
}

static void
store_open_names_the_missing_file_and_makes_none(void **state)
{
	struct place *p = *state;
	struct store *s;
	struct err e;

	assert_fails(store_open(p->db, &s, &e), e, ERR_IO, "sealtone.db: there is no database");
	assert_null(strchr(e.text, '\n'));
	assert_int_equal(access(p->db, F_OK), -1);
	assert_int_equal(mkdir(p->db, 0700), 0);
	assert_fails(store_open(p->db, &s, &e), e, ERR_IO, "not a regular file");
	assert_int_equal(rmdir(p->db), 0);
}

static void
store_open_refuses_what_is_not_ours_and_leaves_it_alone(void **state)
{
	struct place *p = *state;
	struct store *s;
	struct err e;
	struct stat before, after;
	char page[4096];
	int fd;

	file_write(p->db, "", 0);
	assert_fails(store_open(p->db, &s, &e), e, ERR_MALFORMED, "not a database of Sealtone");
	memset(page, 'x', sizeof page);
	file_write(p->db, page, sizeof page);
	assert_fails(store_open(p->db, &s, &e), e, ERR_MALFORMED, "not a database of Sealtone");
	unlink(p->db);
	raw_sql(p->db, "CREATE TABLE phones (name)");
	assert_int_equal(stat(p->db, &before), 0);
	assert_fails(store_open(p->db, &s, &e), e, ERR_MALFORMED, "not a database of Sealtone");
	assert_int_equal(stat(p->db, &after), 0);
	assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
	unlink(p->db);
	assert_true(store_create(p->db, &s, &e));
	store_close(s);
	fd = open(p->db, O_WRONLY);
	assert_int_equal(pwrite(fd, page, 60, 40), 60);
	close(fd);
	assert_fails(store_open(p->db, &s, &e), e, ERR_MALFORMED, "not a database of Sealtone");
	assert_int_equal(truncate(p->db, 100), 0);
	assert_fails(store_open(p->db, &s, &e), e, ERR_MALFORMED, "not a database of Sealtone");
	assert_non_null(strstr(e.text, p->db));
}

/* Opens the store as a user who owns nothing (as ourselves when we are not root), and brings back
 * the error. */
static struct err
open_as_nobody(const char *path)
{
	struct err e = { 0 };
	struct store *s;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		bool dropped = geteuid() != 0 || (setgroups(0, NULL) == 0 && setgid(65534) == 0 &&
						     setuid(65534) == 0);

		if (!dropped || store_open(path, &s, &e) || write(ends[1], &e, sizeof e) < 0)
			_exit(1);
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &e, sizeof e), sizeof e);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	return e;
}

static void
store_open_says_what_is_missing_to_read_and_write(void **state)
{
	struct place *p = *state;
	struct store *s;
	struct err e = { 0 };
	char lock[PATH_MAX + 32];

	assert_ok(store_create(p->db, &s, &e), e);
	store_close(s);
	snprintf(lock, sizeof lock, "%s.lock", p->db);
	unlink(lock);
	chmod(p->dir, 0755);
	chmod(p->db, 0);
	e = open_as_nobody(p->db);
	assert_int_equal(e.code, ERR_IO);
	assert_non_null(strstr(e.text, "sealtone.db: must be readable and writable for the user"));
	chmod(p->db, 0444);
	e = open_as_nobody(p->db);
	assert_non_null(strstr(e.text, "sealtone.db: must be readable and writable for the user"));
	chmod(p->db, 0666);
	chmod(p->dir, 0555);
	e = open_as_nobody(p->db);
	assert_int_equal(e.code, ERR_IO);
	assert_non_null(strstr(e.text, "sealtone.db.lock: cannot be made"));
}

/* --- one process at a time --- */

static void
store_open_refuses_a_second_user_and_names_the_first(void **state)
{
	struct place *p = *state;
	struct store *s, *second;
	struct err e = { 0 };
	char who[64];

	assert_ok(store_create(p->db, &s, &e), e);
	snprintf(who, sizeof who, "in use by another sealtoned (process %ld)", (long)getpid());
	assert_fails(store_open(p->db, &second, &e), e, ERR_CONFLICT, who);
	assert_null(second);
	e = (struct err){ 0 };
	store_close(s);
	assert_ok(store_open(p->db, &s, &e), e);
	store_close(s);
}

/* A process that holds the store and ends a moment after it has said so. */
static pid_t
short_lived_owner(const char *path)
{
	const struct timespec moment = { .tv_nsec = 100 * 1000000L };
	int said[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(said), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct store *s;
		struct err e;
		bool held = store_open(path, &s, &e) && write(said[1], "x", 1) == 1;

		nanosleep(&moment, NULL);
		_exit(held ? 0 : 1);
	}
	close(said[1]);
	assert_int_equal(read(said[0], &byte, 1), 1);
	close(said[0]);
	return pid;
}

static void
store_open_waits_for_an_owner_that_ends(void **state)
{
	struct place *p = *state;
	struct store *s;
	struct err e = { 0 };
	int status;
	pid_t pid;

	assert_ok(store_create(p->db, &s, &e), e);
	store_close(s);
	pid = short_lived_owner(p->db);
	assert_ok(store_open(p->db, &s, &e), e);
	store_close(s);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* --- schemas --- */

/* A database as version upto made it, with rows in every table it had. */
static void
old_database(const char *path, size_t upto)
{
	static const char *const rows[] = {
		"INSERT INTO settings VALUES ('serve-lists', 'known');"
		"INSERT INTO nodes VALUES (1, 'pub', '192.0.2.1', 1, 1, 1, 1, 0);"
		"INSERT INTO certificates VALUES (1, 1, 'capf', x'30', 1, 5, 0);"
		"INSERT INTO trust VALUES (1, 'capf-trust', x'30', 5);"
		"INSERT INTO lists VALUES (1, 1, 'itl', 1, x'01', zeroblob(32), zeroblob(32), 5);"
		"INSERT INTO lists VALUES (2, 1, 'itl', 2, x'0507000f0800010309', zeroblob(32),"
		" zeroblob(32), 6);",
		"INSERT INTO phones VALUES ('SEP001122334455', 'added', 'm', 'g', 'none', 'None', "
		"0,"
		" 'null-string', '', 'rsa-only', 2048, 384, 0, 0, 0, 0, '', NULL);"
		"INSERT INTO beliefs VALUES ('SEP001122334455', 1, '192.0.2.9', 6, 7);"
		"INSERT INTO lscs VALUES (1, 'SEP001122334455', x'30', zeroblob(32), '0a', 9,"
		" 'confirmed', 6, 7, 0);",
		"INSERT INTO events VALUES (1, 5, 'init', 'made', '', '');",
	};

	for (size_t i = 0; i < upto; i++) {
		raw_sql(path, store_schema_steps[i].data);
		if (i < COUNT(rows))
			raw_sql(path, rows[i]);
	}
}

static void
store_open_brings_every_older_schema_up_to_date(void **state)
{
	struct place *p = *state;

	for (size_t n = 1; n <= store_schema_steps_count; n++) {
		struct store *s;
		struct err e = { 0 };
		struct store_list l;
		struct phone phone;
		char value[STORE_VALUE_MAX];
		bool found, is_pub = false;
		size_t phones;

		old_database(p->db, n);
		assert_ok(store_open(p->db, &s, &e), e);
		assert_int_equal(store_schema_version(s), store_schema_steps_count);
		assert_ok(store_setting_get(s, "serve-lists", value, &found, &e), e);
		assert_string_equal(value, "known");
		assert_ok(store_node_each(s, node_is_pub, &is_pub, &e), e);
		assert_true(is_pub);
		assert_ok(store_list_get(s, 1, &l, &e), e);
		assert_int_equal(l.digest, ENVELOPE_SHA1);
		store_list_free(&l);
		assert_ok(store_list_get(s, 2, &l, &e), e);
		assert_int_equal(l.digest, ENVELOPE_SHA512);
		store_list_free(&l);
		assert_ok(store_phone_get(s, "SEP001122334455", &phone, &found, &e), e);
		assert_int_equal(found, n >= 2);
		assert_string_equal(phone.lsc_serial, n >= 2 ? "0a" : "");
		assert_string_equal(phone.profile, "");
		assert_string_equal(phone.template, "");
		assert_ok(store_phone_count(s, PHONE_ADDED, &phones, &e), e);
		assert_int_equal(phones, n >= 2 ? 1 : 0);
		store_close(s);
		assert_int_equal(unlink(p->db), 0);
	}
}

static void
store_open_refuses_a_newer_schema_with_both_numbers(void **state)
{
	struct place *p = *state;
	struct store *s;
	struct err e;
	char text[80];

	snprintf(text, sizeof text, "sealtone.db: has schema 4711, this program knows up to %zu",
	    store_schema_steps_count);
	old_database(p->db, store_schema_steps_count);
	raw_sql(p->db, "PRAGMA user_version = 4711");
	assert_fails(store_open(p->db, &s, &e), e, ERR_REFUSED, text);
}

static void
store_open_undoes_a_schema_step_that_fails(void **state)
{
	struct place *p = *state;
	struct store *s;
	struct err e = { 0 };

	old_database(p->db, 1);
	raw_sql(p->db, "CREATE TABLE lscs (in_the_way)");
	assert_fails(store_open(p->db, &s, &e), e, ERR_STORE,
	    "schema step 0002-phones.sql: database: table lscs already exists");
	raw_sql(p->db, "DROP TABLE lscs; CREATE TABLE phones (x); DROP TABLE phones");
	e = (struct err){ 0 };
	assert_ok(store_open(p->db, &s, &e), e);
	store_close(s);
}

static void
store_keeps_history_from_being_rewritten(void **state)
{
	struct place *p = *state;
	static const char *const sql[] = { "DELETE FROM lists", "UPDATE lists SET version = 9",
		"DELETE FROM events", "UPDATE events SET actor = 'nobody'" };
	sqlite3 *db;

	old_database(p->db, store_schema_steps_count);
	assert_int_equal(sqlite3_open(p->db, &db), SQLITE_OK);
	for (size_t i = 0; i < COUNT(sql); i++)
		assert_int_equal(sqlite3_exec(db, sql[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
	sqlite3_close(db);
}

/* --- reading only, and damage --- */

static bool
setting_try(struct store *s, void *arg, struct err *e)
{
	(void)arg;
	return store_setting_set(s, "name", "value", e);
}

static void
store_open_to_read_shares_the_store_and_changes_nothing(void **state)
{
	struct place *p = *state;
	struct store *owner, *reader;
	char value[STORE_VALUE_MAX];
	struct err e = { 0 };
	bool found;

	assert_ok(store_create(p->db, &owner, &e), e);
	assert_ok(store_setting_set(owner, "name", "of the owner", &e), e);
	assert_ok(store_open_to_read(p->db, &reader, &e), e);
	assert_ok(store_setting_get(reader, "name", value, &found, &e), e);
	assert_string_equal(value, "of the owner");
	assert_fails(store_change(reader, setting_try, NULL, &e), e, ERR_STORE, "readonly");
	store_close(reader);
	store_close(owner);
}

static void
store_open_to_read_refuses_another_schema_and_keeps_it(void **state)
{
	struct place *p = *state;
	struct store *s;
	struct err e = { 0 };

	old_database(p->db, 1);
	assert_fails(store_open_to_read(p->db, &s, &e), e, ERR_REFUSED, "its schema is 1,");
	assert_fails(store_open_to_read(p->db, &s, &e), e, ERR_REFUSED, "its schema is 1,");
	assert_null(s);
}

static bool
fault_keep(void *arg, const char *fault)
{
	snprintf(arg, ERR_TEXT_MAX, "%s", fault);
	return true;
}

static void
store_verify_finds_a_pointer_to_nothing_and_none_in_a_sound_store(void **state)
{
	struct place *p = *state;
	char fault[ERR_TEXT_MAX] = "";
	struct store *s;
	struct err e = { 0 };

	assert_ok(store_create(p->db, &s, &e), e);
	assert_ok(store_verify(s, true, fault_keep, fault, &e), e);
	assert_string_equal(fault, "");
	raw_sql(p->db, "INSERT INTO beliefs (phone, list, address, first, last)"
		       " VALUES ('SEP001122334455', 1, '', 1, 1)");
	assert_ok(store_verify(s, false, fault_keep, fault, &e), e);
	assert_non_null(strstr(fault, "of beliefs points to what "));
	store_close(s);
}

static void
store_verify_finds_a_rule_that_is_broken(void **state)
{
	struct place *p = *state;
	char fault[ERR_TEXT_MAX] = "";
	struct store *s;
	struct err e = { 0 };

	assert_ok(store_create(p->db, &s, &e), e);
	raw_sql(p->db, "PRAGMA ignore_check_constraints = ON;"
		       "INSERT INTO settings VALUES ('', '')");
	assert_ok(store_verify(s, true, fault_keep, fault, &e), e);
	assert_non_null(strstr(fault, "CHECK constraint failed in settings"));
	store_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		file_test(store_create_makes_files_for_the_owner_only),
		file_test(store_create_leaves_nothing_when_it_fails),
		file_test(store_open_finds_what_was_kept),
		file_test(store_open_names_the_missing_file_and_makes_none),
		file_test(store_open_refuses_what_is_not_ours_and_leaves_it_alone),
		file_test(store_open_says_what_is_missing_to_read_and_write),
		file_test(store_open_refuses_a_second_user_and_names_the_first),
		file_test(store_open_waits_for_an_owner_that_ends),
		file_test(store_open_brings_every_older_schema_up_to_date),
		file_test(store_open_refuses_a_newer_schema_with_both_numbers),
		file_test(store_open_undoes_a_schema_step_that_fails),
		file_test(store_keeps_history_from_being_rewritten),
		file_test(store_open_to_read_shares_the_store_and_changes_nothing),
		file_test(store_open_to_read_refuses_another_schema_and_keeps_it),
		file_test(store_verify_finds_a_pointer_to_nothing_and_none_in_a_sound_store),
		file_test(store_verify_finds_a_rule_that_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
