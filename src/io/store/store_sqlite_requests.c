#include "store/store_sqlite.h"

#define COLUMNS \
	"SELECT id, device, spki, key_hash, made, changed, state, coalesce(lsc, 0)" \
	" FROM lsc_requests"

static const char *const state_words[] = {
	[STORE_REQUEST_WAITING] = "waiting",
	[STORE_REQUEST_SIGNED] = "signed",
	[STORE_REQUEST_STALE] = "stale",
};

#define STATE_COUNT (sizeof state_words / sizeof state_words[0])

const char *
store_request_state_name(enum store_request_state state)
{
	return (unsigned)state < STATE_COUNT ? state_words[state] : "";
}

/* --- changing --- */

struct putting {
	const char *device;
	struct span spki, key_hash;
	time_t now;
};

static bool
request_insert(struct store *s, const struct putting *p, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO lsc_requests (device, spki, key_hash, made, state, changed)"
		" VALUES (?1, ?2, ?3, ?4, 'waiting', ?4)",
		&q, e))
		return false;
	query_text(&q, p->device);
	query_blob(&q, p->spki);
	query_blob(&q, p->key_hash);
	query_int(&q, p->now);
	return query_run(&q, e) || err_in(e, "request of %s", p->device);
}

static bool
request_put(struct store *s, void *arg, struct err *e)
{
	const struct putting *p = arg;
	struct store_request live;
	bool found, same;

	if (!store_request_live(s, p->device, &live, &found, e))
		return false;
	same = found && span_eq(bytes_span(&live.key_hash), p->key_hash);
	store_request_free(&live);
	return same || (store_request_withdraw(s, p->device, p->now, e) && request_insert(s, p, e));
}

bool
store_request_put(struct store *s, const char *device, struct span spki, struct span key_hash,
    time_t now, struct err *e)
{
	struct putting p = { device, spki, key_hash, now };

	return store_change(s, request_put, &p, e);
}

bool
store_request_signed(struct store *s, int64_t id, int64_t lsc, time_t now, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE lsc_requests SET state = 'signed', lsc = ?2, changed = ?3"
		" WHERE id = ?1 AND state = 'waiting'",
		&q, e))
		return false;
	query_int(&q, id);
	query_int(&q, lsc);
	query_int(&q, now);
	if (!query_run(&q, e))
		return false;
	return sqlite3_changes(s->db) == 1 ||
	       err_set(e, ERR_UNKNOWN, "no request %lld that waits", (long long)id);
}

bool
store_request_withdraw(struct store *s, const char *device, time_t now, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE lsc_requests SET state = 'stale', changed = ?2"
		" WHERE device = ?1 AND state <> 'stale'",
		&q, e))
		return false;
	query_text(&q, device);
	query_int(&q, now);
	return query_run(&q, e);
}

bool
store_request_done(struct store *s, int64_t lsc, struct err *e)
{
	struct query q;

	if (!query_open(s, "DELETE FROM lsc_requests WHERE lsc = ? AND state = 'signed'", &q, e))
		return false;
	query_int(&q, lsc);
	return query_run(&q, e);
}

bool
store_request_forget(struct store *s, size_t *count, struct err *e)
{
	struct query q;

	if (!query_open(s, "DELETE FROM lsc_requests WHERE state = 'stale'", &q, e) ||
	    !query_run(&q, e))
		return false;
	*count = (size_t)sqlite3_changes(s->db);
	return true;
}

/* --- reading --- */

/* The bytes are loans from the row. */
static bool
request_read(struct query *q, struct store_request *r, struct err *e)
{
	*r = (struct store_request){ .id = query_col_int(q, 0) };
	query_col_text(q, 1, r->device, sizeof r->device);
	r->spki = query_col_loan(q, 2);
	r->key_hash = query_col_loan(q, 3);
	r->made = query_col_int(q, 4);
	r->changed = query_col_int(q, 5);
	r->state = (enum store_request_state)query_col_word(q, 6, state_words, STATE_COUNT);
	r->lsc = query_col_int(q, 7);
	return query_row_ok(q, e);
}

/* The next row, if any, with bytes of its own; closes. */
static bool
request_take(struct query *q, struct store_request *out, bool *found, struct err *e)
{
	struct store_request r;
	bool ok;

	*out = (struct store_request){ 0 };
	ok = query_next(q, found, e);
	if (ok && *found) {
		ok = request_read(q, &r, e);
		if (ok) {
			*out = r;
			out->spki = bytes_copy(bytes_span(&r.spki));
			out->key_hash = bytes_copy(bytes_span(&r.key_hash));
		}
	}
	query_close(q);
	return ok;
}

bool
store_request_live(
    struct store *s, const char *device, struct store_request *out, bool *found, struct err *e)
{
	struct query q;

	if (!query_open(s, COLUMNS " WHERE device = ? AND state <> 'stale'", &q, e))
		return false;
	query_text(&q, device);
	return request_take(&q, out, found, e);
}

bool
store_request_by_key(
    struct store *s, struct span key_hash, struct store_request *out, bool *found, struct err *e)
{
	struct query q;

	if (!query_open(
		s, COLUMNS " WHERE key_hash = ? ORDER BY state = 'stale', id DESC LIMIT 1", &q, e))
		return false;
	query_blob(&q, key_hash);
	return request_take(&q, out, found, e);
}

bool
store_request_each(struct store *s, int64_t after, size_t limit,
    bool (*each)(void *arg, const struct store_request *r), void *arg, struct err *e)
{
	struct store_request r;
	struct query q;
	bool ok, row;

	if (!query_open(s, COLUMNS " WHERE id > ? ORDER BY id LIMIT ?", &q, e))
		return false;
	query_int(&q, after);
	query_int(&q, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = request_read(&q, &r, e);
		if (!ok || !each(arg, &r))
			break;
	}
	query_close(&q);
	return ok;
}

void
store_request_free(struct store_request *r)
{
	bytes_free(&r->spki);
	bytes_free(&r->key_hash);
}
