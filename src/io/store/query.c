#include "store/query.h"

#include "store/store_sqlite.h"

#include <stdio.h>

/* A free slot with this statement, or the next unused one; NULL when all are taken. */
static struct query_slot *
slot_find(struct store *s, const char *sql)
{
	for (size_t i = 0; i < s->slot_count; i++)
		if (s->slot[i].sql == sql && !s->slot[i].in_use)
			return &s->slot[i];
	if (s->slot_count == QUERY_SLOTS_MAX)
		return NULL;
	return &s->slot[s->slot_count];
}

bool
query_open(struct store *s, const char *sql, struct query *q, struct err *e)
{
	struct query_slot *slot = slot_find(s, sql);

	*q = (struct query){ .store = s };
	if (slot == NULL)
		return err_set(e, ERR_BUG, "more than %d statements", QUERY_SLOTS_MAX);
	if (!store_in_transaction_ok(s, e))
		return false;
	if (slot->stmt == NULL) {
		if (sqlite3_prepare_v3(
			s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &slot->stmt, NULL) != SQLITE_OK)
			return store_fail(s, e);
		slot->sql = sql;
		s->slot_count++;
	}
	slot->in_use = true;
	q->slot = slot;
	return true;
}

static void
bound(struct query *q, int rc)
{
	if (q->rc == SQLITE_OK)
		q->rc = rc;
}

void
query_int(struct query *q, int64_t v)
{
	bound(q, sqlite3_bind_int64(q->slot->stmt, ++q->bound, v));
}

void
query_text(struct query *q, const char *v)
{
	bound(
	    q, sqlite3_bind_text(q->slot->stmt, ++q->bound, v != NULL ? v : "", -1, SQLITE_STATIC));
}

void
query_blob(struct query *q, struct span v)
{
	if (v.n == 0)
		bound(q, sqlite3_bind_zeroblob(q->slot->stmt, ++q->bound, 0));
	else
		bound(q, sqlite3_bind_blob64(q->slot->stmt, ++q->bound, v.p, v.n, SQLITE_STATIC));
}

void
query_null(struct query *q)
{
	bound(q, sqlite3_bind_null(q->slot->stmt, ++q->bound));
}

bool
query_next(struct query *q, bool *row, struct err *e)
{
	struct store *s = q->store;
	int rc = q->rc != SQLITE_OK ? q->rc : sqlite3_step(q->slot->stmt);

	*row = rc == SQLITE_ROW;
	if (*row)
		return true;
	if (rc != SQLITE_DONE)
		store_fail_rc(s, rc, e);
	query_close(q);
	return rc == SQLITE_DONE;
}

bool
query_run(struct query *q, struct err *e)
{
	bool row;

	if (!query_next(q, &row, e))
		return false;
	query_close(q);
	return true;
}

bool
query_number(struct query *q, int64_t *out, struct err *e)
{
	bool row;

	if (!query_next(q, &row, e))
		return false;
	*out = row ? query_col_int(q, 0) : 0;
	query_close(q);
	return true;
}

bool
query_count(struct query *q, size_t *out, struct err *e)
{
	int64_t n = 0;
	bool ok = query_number(q, &n, e);

	*out = (size_t)n;
	return ok;
}

int64_t
query_col_int(struct query *q, int col)
{
	return sqlite3_column_int64(q->slot->stmt, col);
}

bool
query_col_bool(struct query *q, int col)
{
	return query_col_int(q, col) != 0;
}

void
query_col_text(struct query *q, int col, char *out, size_t out_max)
{
	int n = snprintf(out, out_max, "%s", query_col_text_loan(q, col));

	if (n < 0 || (size_t)n >= out_max)
		q->bad = true;
}

const char *
query_col_text_loan(struct query *q, int col)
{
	const unsigned char *text = sqlite3_column_text(q->slot->stmt, col);

	return text != NULL ? (const char *)text : "";
}

struct span
query_col_blob(struct query *q, int col)
{
	const void *p = sqlite3_column_blob(q->slot->stmt, col);

	return span_of(p, (size_t)sqlite3_column_bytes(q->slot->stmt, col));
}

struct bytes
query_col_loan(struct query *q, int col)
{
	struct span s = query_col_blob(q, col);
	/* Whoever gets it sees a const struct and frees nothing. */
	union {
		const uint8_t *lent;
		uint8_t *p;
	} u = { .lent = s.p };

	return (struct bytes){ u.p, s.n };
}

int
query_col_word(struct query *q, int col, const char *const *words, size_t count)
{
	const char *text = query_col_text_loan(q, col);

	for (size_t i = 0; i < count; i++)
		if (strcmp(text, words[i]) == 0)
			return (int)i;
	q->bad = true;
	return 0;
}

void
query_col_bad(struct query *q)
{
	q->bad = true;
}

bool
query_row_ok(const struct query *q, struct err *e)
{
	return !q->bad ||
	       err_set(e, ERR_STORE,
		   "the database holds a value that no version of us writes (%.60s)", q->slot->sql);
}

void
query_close(struct query *q)
{
	if (q->slot == NULL)
		return;
	sqlite3_reset(q->slot->stmt);
	sqlite3_clear_bindings(q->slot->stmt);
	q->slot->in_use = false;
	q->slot = NULL;
}
