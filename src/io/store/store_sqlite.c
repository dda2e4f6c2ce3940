#include "store/store_sqlite.h"

#include "base/mem.h"
#include "store/store_lock.h"
#include "store/store_schema.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMORY          ":memory:"
#define BUSY_TIMEOUT_MS 5000 /* for a backup tool or a curious administrator */

/* --- what the other files of the back end use --- */

bool
store_fail_rc(const struct store *s, int rc, struct err *e)
{
	bool last = sqlite3_extended_errcode(s->db) == rc;
	const char *text = last ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc);

	switch (rc) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
		return err_set(e, ERR_CONFLICT, "exists already");
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return err_set(e, ERR_UNKNOWN, "refers to what does not exist: %s", text);
	default:
		return err_set(e, ERR_STORE, "database: %s", text);
	}
}

bool
store_fail(const struct store *s, struct err *e)
{
	return store_fail_rc(s, sqlite3_extended_errcode(s->db), e);
}

bool
store_exec(struct store *s, const char *sql, struct err *e)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_fail(s, e);
}

bool
store_number(struct store *s, const char *sql, int64_t *out, struct err *e)
{
	struct query q;

	return query_open(s, sql, &q, e) && query_number(&q, out, e);
}

bool
store_in_transaction_ok(const struct store *s, struct err *e)
{
	return s->depth == 0 || !sqlite3_get_autocommit(s->db) ||
	       err_set(e, ERR_STORE, "database: the transaction was given up");
}

/* --- transactions --- */

/* Kept statements: each phone that is looked at has a transaction of its own. sql is a literal. */
static bool
run(struct store *s, const char *sql, struct err *e)
{
	struct query q;

	return query_open(s, sql, &q, e) && query_run(&q, e);
}

/* Errors on the way are of no use: e has the first one, and the next BEGIN would tell. */
static void
change_undo(struct store *s, bool inner)
{
	if (sqlite3_get_autocommit(s->db))
		return;
	if (!inner)
		(void)!run(s, "ROLLBACK", NULL);
	else if (run(s, "ROLLBACK TO change", NULL))
		(void)!run(s, "RELEASE change", NULL);
}

bool
store_change(struct store *s, bool (*change)(struct store *s, void *arg, struct err *e), void *arg,
    struct err *e)
{
	bool inner = s->depth > 0;
	bool ok;

	assert(!s->is_viewed);
	if (!store_in_transaction_ok(s, e) ||
	    !run(s, inner ? "SAVEPOINT change" : "BEGIN IMMEDIATE", e))
		return false;
	s->depth++;
	ok = change(s, arg, e) && store_in_transaction_ok(s, e) &&
	     run(s, inner ? "RELEASE change" : "COMMIT", e);
	s->depth--;
	if (!ok)
		change_undo(s, inner);
	return ok;
}

bool
store_change_soon(struct store *s, bool (*change)(struct store *s, void *arg, struct err *e),
    void *arg, struct err *e)
{
	struct err after = { 0 };
	bool ok;

	if (s->depth > 0)
		return store_change(s, change, arg, e);
	if (!store_exec(s, "PRAGMA synchronous = NORMAL", e))
		return false;
	ok = store_change(s, change, arg, e);
	if (store_exec(s, "PRAGMA synchronous = FULL", &after))
		return ok;
	return ok ? err_set(e, after.code, "%s", after.text) : false;
}

bool
store_view(struct store *s, bool (*look)(struct store *s, void *arg, struct err *e), void *arg,
    struct err *e)
{
	bool ok;

	if (s->depth > 0 || s->is_viewed)
		return look(s, arg, e);
	if (!run(s, "BEGIN", e))
		return false;
	s->is_viewed = true;
	ok = look(s, arg, e);
	s->is_viewed = false;
	change_undo(s, false);
	return ok;
}

/* --- opening --- */

/* Only a regular file that we may read and write gets a lock file beside it. */
static bool
file_check(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) != 0 && errno == ENOENT)
		return err_set(e, ERR_IO,
		    "%s: there is no database: name the folder of a cluster, or make one with "
		    "sealtone init",
		    path);
	if (stat(path, &st) != 0 || (S_ISREG(st.st_mode) && euidaccess(path, R_OK | W_OK) != 0))
		return err_sys(
		    e, "%s: must be readable and writable for the user that runs sealtoned", path);
	return S_ISREG(st.st_mode) || err_set(e, ERR_IO, "%s: not a regular file", path);
}

static bool
file_make(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return err_set(e, ERR_CONFLICT, "%s: exists already", path);
	if (fd < 0)
		return err_sys(e, "%s: cannot be made", path);
	close(fd);
	return true;
}

static void
file_remove(const char *path)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	size_t size = strlen(path) + sizeof "-wal";
	char *name = mem_new(size, 1);

	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		snprintf(name, size, "%s%s", path, tails[i]);
		unlink(name);
	}
	free(name);
}

/* Reads the first page, so that garbage and strangers' databases are found before anything is
 * written to them. */
static bool
is_ours(struct store *s, struct err *e)
{
	int64_t id = 0;
	bool ok = store_number(s, "PRAGMA application_id", &id, e);
	int rc = sqlite3_errcode(s->db) & 0xff;

	if (!ok && rc != SQLITE_NOTADB && rc != SQLITE_CORRUPT)
		return false;
	if (ok && id == STORE_APPLICATION_ID)
		return true;
	return err_set(e, ERR_MALFORMED,
	    "not a database of Sealtone (damaged, or another file): restore it from a backup");
}

static bool
connect(struct store *s, int how, struct err *e)
{
	if (sqlite3_open_v2(s->path, &s->db, how | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
		NULL) != SQLITE_OK)
		return store_fail(s, e);
	sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	return true;
}

/* FULL: a change that was answered outlives a power cut. secure_delete: an authentication string
 * that was used is gone from the file. */
static bool
configure(struct store *s, struct err *e)
{
	int64_t keys, sync;

	if (!store_exec(s,
		"PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
		"PRAGMA temp_store = MEMORY; PRAGMA journal_mode = WAL",
		e) ||
	    !store_number(s, "PRAGMA foreign_keys", &keys, e) ||
	    !store_number(s, "PRAGMA synchronous", &sync, e))
		return false;
	return (keys == 1 && sync == 2) ||
	       err_set(e, ERR_STORE, "this SQLite has no foreign keys or no full synchronous mode");
}

static bool
bring_up(struct store *s, bool fresh, struct err *e)
{
	int how = SQLITE_OPEN_READWRITE;

	if (s->lock < 0)
		how |= SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY;
	return connect(s, how, e) && (fresh || is_ours(s, e)) && configure(s, e) &&
	       store_schema_migrate(s, (unsigned)store_schema_steps_count, e);
}

static struct store *
store_new(const char *path)
{
	struct store *s = mem_new(1, sizeof *s);

	s->path = mem_text(path, strlen(path));
	s->lock = -1;
	return s;
}

static bool
memory_open(struct store **out, struct err *e)
{
	struct store *s = store_new(MEMORY);

	if (!bring_up(s, true, e)) {
		store_close(s);
		return false;
	}
	*out = s;
	return true;
}

bool
store_open(const char *path, struct store **out, struct err *e)
{
	struct store *s;

	*out = NULL;
	if (strcmp(path, MEMORY) == 0)
		return memory_open(out, e);
	if (!file_check(path, e))
		return false;
	s = store_new(path);
	if (!store_lock_take(path, &s->lock, e)) {
		store_close(s);
		return false;
	}
	if (!bring_up(s, false, e)) {
		store_close(s);
		return err_in(e, "%s", path);
	}
	*out = s;
	return true;
}

static bool
is_of_this_schema(struct store *s, struct err *e)
{
	int64_t version;

	if (!store_number(s, "PRAGMA user_version", &version, e))
		return false;
	s->version = (unsigned)version;
	return version == (int64_t)store_schema_steps_count ||
	       err_set(e, ERR_REFUSED,
		   "its schema is %lld, and this program's is %zu: start sealtoned of this version "
		   "on it once, or use the program that wrote it",
		   (long long)version, store_schema_steps_count);
}

bool
store_open_to_read(const char *path, struct store **out, struct err *e)
{
	struct store *s;

	*out = NULL;
	if (!file_check(path, e))
		return false;
	s = store_new(path);
	if (!connect(s, SQLITE_OPEN_READONLY, e) || !is_ours(s, e) || !is_of_this_schema(s, e)) {
		store_close(s);
		return err_in(e, "%s", path);
	}
	*out = s;
	return true;
}

bool
store_create(const char *path, struct store **out, struct err *e)
{
	struct store *s;
	int lock;

	*out = NULL;
	if (strcmp(path, MEMORY) == 0)
		return memory_open(out, e);
	if (access(path, F_OK) == 0)
		return err_set(e, ERR_CONFLICT, "%s: exists already", path);
	if (!store_lock_take(path, &lock, e))
		return false;
	if (!file_make(path, e)) {
		store_lock_remove(path, lock);
		return false;
	}
	s = store_new(path);
	s->lock = lock;
	if (!bring_up(s, true, e)) {
		s->lock = -1;
		store_close(s);
		file_remove(path);
		store_lock_remove(path, lock);
		return err_in(e, "%s", path);
	}
	*out = s;
	return true;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->slot_count; i++)
		sqlite3_finalize(s->slot[i].stmt);
	sqlite3_close(s->db);
	store_lock_release(s->lock);
	free(s->path);
	free(s);
}

unsigned
store_schema_version(const struct store *s)
{
	return s->version;
}

/* --- settings --- */

bool
store_setting_get(
    struct store *s, const char *name, char value[STORE_VALUE_MAX], bool *found, struct err *e)
{
	struct query q;
	bool ok;

	value[0] = '\0';
	if (!query_open(s, "SELECT value FROM settings WHERE name = ?", &q, e))
		return false;
	query_text(&q, name);
	ok = query_next(&q, found, e);
	if (ok && *found) {
		query_col_text(&q, 0, value, STORE_VALUE_MAX);
		ok = query_row_ok(&q, e);
	}
	query_close(&q);
	return ok;
}

bool
store_setting_set(struct store *s, const char *name, const char *value, struct err *e)
{
	struct query q;

	if (name[0] == '\0' || strlen(name) >= STORE_NAME_MAX || strlen(value) >= STORE_VALUE_MAX)
		return err_set(e, ERR_LIMIT,
		    "setting of %zu bytes with a name of %zu, expected at most %d with 1 to %d",
		    strlen(value), strlen(name), STORE_VALUE_MAX - 1, STORE_NAME_MAX - 1);
	if (!query_open(s,
		"INSERT INTO settings (name, value) VALUES (?, ?)"
		" ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		&q, e))
		return false;
	query_text(&q, name);
	query_text(&q, value);
	return query_run(&q, e);
}
