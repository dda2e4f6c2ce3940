#include "store/store_sqlite.h"

bool
store_belief_add(
    struct store *s, const char *name, int64_t list, const char *address, time_t at, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO beliefs (phone, list, address, first, last) VALUES (?1, ?2, ?3, ?4, "
		"?4)"
		" ON CONFLICT (phone, list) DO UPDATE SET address = excluded.address,"
		" last = max(last, excluded.last)",
		&q, e))
		return false;
	query_text(&q, name);
	query_int(&q, list);
	query_text(&q, address);
	query_int(&q, at);
	return query_run(&q, e) || err_in(e, "list %lld for %s", (long long)list, name);
}

bool
store_belief_each(struct store *s, const char *name,
    bool (*each)(void *arg, const struct store_belief *b), void *arg, struct err *e)
{
	struct store_belief b;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT list, address, first, last FROM beliefs WHERE phone = ?"
		" ORDER BY last DESC, list DESC",
		&q, e))
		return false;
	query_text(&q, name);
	while ((ok = query_next(&q, &row, e)) && row) {
		b = (struct store_belief){ .list = query_col_int(&q, 0) };
		query_col_text(&q, 1, b.address, sizeof b.address);
		b.first = query_col_int(&q, 2);
		b.last = query_col_int(&q, 3);
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, &b))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_held_each(struct store *s, bool (*each)(void *arg, const struct store_held *held), void *arg,
    struct err *e)
{
	struct store_held held;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT l.file, l.version, b.phones FROM"
		" (SELECT list, count(*) AS phones FROM beliefs GROUP BY list) b"
		" JOIN lists l ON l.id = b.list ORDER BY l.id",
		&q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		held = (struct store_held){ .file = query_col_loan(&q, 0),
			.version = (uint64_t)query_col_int(&q, 1),
			.phones = (size_t)query_col_int(&q, 2) };
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, &held))
			break;
	}
	query_close(&q);
	return ok;
}

/* --- how all of them stand --- */

static bool
standing_read(struct query *q, struct store_standing *out, struct err *e)
{
	*out = (struct store_standing){ .name = query_col_text_loan(q, 0) };
	if (!phone_operation_from_name(query_col_text_loan(q, 1), &out->operation))
		query_col_bad(q);
	out->released = query_col_bool(q, 2);
	out->lsc_confirmed = query_col_int(q, 3);
	out->belief.list = query_col_int(q, 4);
	query_col_text(q, 5, out->belief.address, sizeof out->belief.address);
	out->belief.first = query_col_int(q, 6);
	out->belief.last = query_col_int(q, 7);
	return query_row_ok(q, e);
}

bool
store_standing_each(struct store *s, const char *name, size_t max,
    bool (*each)(void *arg, const struct store_standing *standing), void *arg, struct err *e)
{
	struct store_standing standing;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT few.name, few.operation, few.released, coalesce(l.confirmed, 0),"
		" coalesce(b.list, 0), coalesce(b.address, ''), coalesce(b.first, 0),"
		" coalesce(b.last, 0)"
		" FROM (SELECT name, operation, released FROM phones"
		" WHERE origin = 'added' AND name > ? ORDER BY name LIMIT ?) few"
		" LEFT JOIN lscs l ON l.device = few.name AND l.state = 'confirmed'"
		" LEFT JOIN beliefs b ON b.phone = few.name",
		&q, e))
		return false;
	query_text(&q, name);
	query_int(&q, (int64_t)max);
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = standing_read(&q, &standing, e);
		if (!ok || !each(arg, &standing))
			break;
	}
	query_close(&q);
	return ok;
}

/* Beside max(), SQLite takes the other columns from the row that has it. */
bool
store_belief_last_each(
    struct store *s, bool (*each)(void *arg, int64_t list, size_t phones), void *arg, struct err *e)
{
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT list, count(*) FROM (SELECT list, max(last) FROM beliefs GROUP BY phone)"
		" GROUP BY list ORDER BY list",
		&q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row)
		if (!each(arg, query_col_int(&q, 0), (size_t)query_col_int(&q, 1)))
			break;
	query_close(&q);
	return ok;
}
