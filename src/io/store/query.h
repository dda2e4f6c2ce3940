/*
 * query: one SQL statement in use. Prepared once per store and kept; every value is bound.
 *
 * query_open, then a value for each ? in order, then query_run, or query_next until no row is left.
 * Inside the SQLite back end only.
 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "base/bytes.h"
#include "base/err.h"

#include <sqlite3.h>

#define QUERY_SLOTS_MAX 192

struct store;

/* A prepared statement; in use while a query holds it. */
struct query_slot {
	const char *sql;
	sqlite3_stmt *stmt;
	bool in_use;
};

struct query {
	struct store *store;
	struct query_slot *slot; /* NULL: closed */
	int bound;
	int rc;   /* the first value that could not be bound */
	bool bad; /* a column did not hold what it must */
};

/* sql is a literal: statements are found again by its address. Safe while the same statement is in
 * use further up. */
must_use bool query_open(struct store *s, const char *sql, struct query *q, struct err *e);

/* The next ?. Texts and spans are loans until the query is closed; NULL text is "". */
void query_int(struct query *q, int64_t v);
void query_text(struct query *q, const char *v);
void query_blob(struct query *q, struct span v);
void query_null(struct query *q);

/* Runs a statement that gives no rows, and closes. */
must_use bool query_run(struct query *q, struct err *e);

/* Runs a statement that gives one number, such as a count, and closes; 0 when there is no row. */
must_use bool query_number(struct query *q, int64_t *out, struct err *e);
must_use bool query_count(struct query *q, size_t *out, struct err *e);

/* The next row; *row false: none left. Closes at the end and on failure. */
must_use bool query_next(struct query *q, bool *row, struct err *e);

/* Columns of the row, from 0. What does not fit is remembered for query_row_ok. */
int64_t query_col_int(struct query *q, int col);
bool query_col_bool(struct query *q, int col);
void query_col_text(struct query *q, int col, char *out, size_t out_max);
const char *query_col_text_loan(struct query *q, int col); /* until the next row; never NULL */
struct span query_col_blob(struct query *q, int col);      /* a loan until the next row */
struct bytes query_col_loan(struct query *q, int col);     /* the same, for structs lent as const */
int query_col_word(struct query *q, int col, const char *const *words, size_t count);

/* Marks a column as holding what it must not, for words known elsewhere. */
void query_col_bad(struct query *q);

/* Every column of this row held what it must; else ERR_STORE. */
must_use bool query_row_ok(const struct query *q, struct err *e);

/* Gives the statement back. Safe twice. */
void query_close(struct query *q);

#endif
