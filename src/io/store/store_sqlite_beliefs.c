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
