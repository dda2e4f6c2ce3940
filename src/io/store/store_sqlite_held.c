#include "store/store_held.h"
#include "store/store_sqlite.h"

/* Two tables of one shape. A phone that was deleted, and asked for something since, has rows in
 * both; what it was handed since counts, as when it is added again. */
#define ROWS_OF(table) \
	"SELECT phone, list, address, first, last, gone, doubted FROM " table \
	" WHERE (gone = 0 OR guessed = 1)"
#define NOT_SINCE \
	" AND NOT EXISTS (SELECT 1 FROM beliefs since WHERE since.phone = left_beliefs.phone" \
	" AND since.list = left_beliefs.list)"

bool
store_held_each(
    struct store *s, bool (*each)(void *arg, const struct store_held *h), void *arg, struct err *e)
{
	struct store_held h;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT * FROM (" ROWS_OF("beliefs") " UNION ALL " ROWS_OF("left_beliefs") NOT_SINCE
		") ORDER BY phone, gone <> 0, doubted, last DESC, list DESC",
		&q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		h = (struct store_held){ .phone = query_col_text_loan(&q, 0) };
		h.belief.list = query_col_int(&q, 1);
		query_col_text(&q, 2, h.belief.address, sizeof h.belief.address);
		h.belief.first = query_col_int(&q, 3);
		h.belief.last = query_col_int(&q, 4);
		h.gone = query_col_int(&q, 5);
		h.belief.doubted = query_col_bool(&q, 6);
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, &h))
			break;
	}
	query_close(&q);
	return ok;
}

/* CTLs of any kind are one sort, ITLs the other. */
#define END_IN(table) \
	"UPDATE " table " SET gone = iif(gone = 0, ?1, gone), guessed = 0 WHERE phone = ?2" \
	" AND (gone = 0 OR guessed = 1) AND list IN" \
	" (SELECT id FROM lists WHERE (kind IN ('ctl', 'ctl-bridge')) = ?3)"

static bool
end_in(struct store *s, const char *sql, const char *phone, bool is_ctl, time_t at, struct err *e)
{
	struct query q;

	if (!query_open(s, sql, &q, e))
		return false;
	query_int(&q, at);
	query_text(&q, phone);
	query_int(&q, is_ctl);
	return query_run(&q, e) || err_in(e, "lists of %s", phone);
}

bool
store_held_end(struct store *s, const char *phone, bool is_ctl, time_t at, struct err *e)
{
	return end_in(s, END_IN("beliefs"), phone, is_ctl, at, e) &&
	       end_in(s, END_IN("left_beliefs"), phone, is_ctl, at, e);
}

#define PUT_INTO(table) \
	"INSERT INTO " table \
	" (phone, list, address, first, last, gone, booted, doubted, guessed)" \
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?6 <> 0)" \
	" ON CONFLICT (phone, list) DO UPDATE SET address = excluded.address," \
	" first = min(first, excluded.first), last = max(last, excluded.last)," \
	" gone = excluded.gone, doubted = excluded.doubted, guessed = excluded.guessed"

static bool
has_record(struct store *s, const char *phone, bool *out, struct err *e)
{
	struct query q;
	bool ok;

	if (!query_open(s, "SELECT 1 FROM phones WHERE name = ?", &q, e))
		return false;
	query_text(&q, phone);
	ok = query_next(&q, out, e);
	query_close(&q);
	return ok;
}

bool
store_held_put(struct store *s, const struct store_held *h, struct err *e)
{
	struct query q;
	bool record;

	if (!has_record(s, h->phone, &record, e) ||
	    !(record ? query_open(s, PUT_INTO("beliefs"), &q, e)
		     : query_open(s, PUT_INTO("left_beliefs"), &q, e)))
		return false;
	query_text(&q, h->phone);
	query_int(&q, h->belief.list);
	query_text(&q, h->belief.address);
	query_int(&q, h->belief.first);
	query_int(&q, h->belief.last);
	query_int(&q, h->gone);
	query_int(&q, h->belief.doubted);
	return query_run(&q, e) ||
	       err_in(e, "list %lld for %s", (long long)h->belief.list, h->phone);
}
