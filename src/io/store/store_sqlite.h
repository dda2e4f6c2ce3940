/*
 * store_sqlite: what the files of the SQLite back end share.
 */
#ifndef STORE_STORE_SQLITE_H
#define STORE_STORE_SQLITE_H

#include "store/query.h"
#include "store/store.h"

#include <sqlite3.h>

struct store {
	sqlite3 *db;
	char *path; /* as given */
	int lock;   /* -1: none, in memory */
	unsigned version;
	unsigned depth; /* of store_change inside store_change */
	bool is_viewed; /* in store_view, and not in a change */
	struct query_slot slot[QUERY_SLOTS_MAX];
	size_t slot_count;
};

/* Puts the database's last error, or result rc, into e with the code it means. Always false. */
bool store_fail(const struct store *s, struct err *e);
bool store_fail_rc(const struct store *s, int rc, struct err *e);

/* Runs literal SQL without values; rows are dropped. */
must_use bool store_exec(struct store *s, const char *sql, struct err *e);

/* The number a statement such as "PRAGMA user_version" gives. */
must_use bool store_number(struct store *s, const char *sql, int64_t *out, struct err *e);

/* False (ERR_STORE) when the database gave up our transaction by itself, as it does on a full
 * disk: what follows must not be kept as if it were a transaction of its own. */
must_use bool store_in_transaction_ok(const struct store *s, struct err *e);

/* The text of a set (store_belief_set.lists): what phone may hold, with more SQL for WHERE. */
#define STORE_LISTS_OF(phone, where) \
	"coalesce((SELECT group_concat(iif(doubted, -list, list), ',') FROM (SELECT list, " \
	"doubted FROM beliefs WHERE phone = " phone " AND gone = 0" where " ORDER BY list)), '')"

#endif
