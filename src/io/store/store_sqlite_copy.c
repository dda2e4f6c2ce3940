#include "store/store_copy.h"
#include "store/store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 30000
#define FAULT_MAX       200

static bool
empty_make(const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return err_set(e, ERR_CONFLICT, "%s: exists already", path);
	if (fd < 0)
		return err_sys(e, "%s", path);
	close(fd);
	return true;
}

static bool
vacuum_into(sqlite3 *db, const char *to)
{
	sqlite3_stmt *stmt = NULL;
	bool ok = sqlite3_prepare_v2(db, "VACUUM INTO ?", -1, &stmt, NULL) == SQLITE_OK &&
		  sqlite3_bind_text(stmt, 1, to, -1, SQLITE_STATIC) == SQLITE_OK &&
		  sqlite3_step(stmt) == SQLITE_DONE;

	return sqlite3_finalize(stmt) == SQLITE_OK && ok;
}

bool
store_copy(const char *path, const char *to, struct err *e)
{
	sqlite3 *db = NULL;
	bool ok;

	if (access(path, R_OK | W_OK) != 0)
		return err_sys(e, "%s", path);
	if (!empty_make(to, e))
		return false;
	ok = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
		 SQLITE_OK &&
	     sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS) == SQLITE_OK && vacuum_into(db, to);
	if (!ok) {
		err_set(e, ERR_STORE, "%s: no copy: database: %s", path, sqlite3_errmsg(db));
		unlink(to);
	}
	sqlite3_close(db);
	return ok;
}

bool
store_check(struct store *s, struct err *e)
{
	char fault[FAULT_MAX] = "";
	struct query q;
	bool row, ok;

	if (!query_open(s, "PRAGMA integrity_check(1)", &q, e))
		return false;
	ok = query_next(&q, &row, e);
	if (ok && row)
		query_col_text(&q, 0, fault, sizeof fault);
	query_close(&q);
	if (ok && strcmp(fault, "ok") != 0)
		return err_set(e, ERR_STORE, "database: damaged: %s", fault);
	if (!ok || !query_open(s, "PRAGMA foreign_key_check", &q, e))
		return false;
	ok = query_next(&q, &row, e);
	query_close(&q);
	return ok && (!row || err_set(e, ERR_STORE, "database: damaged: a row points nowhere"));
}
