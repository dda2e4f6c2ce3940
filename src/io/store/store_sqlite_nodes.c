#include "store/store_sqlite.h"

/* Shared by insert and update, so that a column is bound once. */
static void
node_bind(struct query *q, const struct store_node *n)
{
	query_text(q, n->name);
	query_text(q, n->addresses);
	query_int(q, n->publisher);
	query_int(q, n->tftp);
	query_int(q, n->tvs);
	query_int(q, n->callmanager);
	query_int(q, n->capf);
}

static bool
node_insert(struct store *s, struct store_node *n, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO nodes (name, addresses, publisher, tftp, tvs, callmanager, capf)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)",
		&q, e))
		return false;
	node_bind(&q, n);
	if (!query_run(&q, e))
		return false;
	n->id = sqlite3_last_insert_rowid(s->db);
	return true;
}

static bool
node_update(struct store *s, const struct store_node *n, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE nodes SET name = ?, addresses = ?, publisher = ?, tftp = ?, tvs = ?,"
		" callmanager = ?, capf = ? WHERE id = ?",
		&q, e))
		return false;
	node_bind(&q, n);
	query_int(&q, n->id);
	if (!query_run(&q, e))
		return false;
	return sqlite3_changes(s->db) == 1 ||
	       err_set(e, ERR_UNKNOWN, "no node %lld", (long long)n->id);
}

bool
store_node_put(struct store *s, struct store_node *n, struct err *e)
{
	bool ok = n->id == 0 ? node_insert(s, n, e) : node_update(s, n, e);

	return ok || err_in(e, "node %s", n->name);
}

static bool
node_read(struct query *q, struct store_node *n, struct err *e)
{
	*n = (struct store_node){ .id = query_col_int(q, 0) };
	query_col_text(q, 1, n->name, sizeof n->name);
	query_col_text(q, 2, n->addresses, sizeof n->addresses);
	n->publisher = query_col_bool(q, 3);
	n->tftp = query_col_bool(q, 4);
	n->tvs = query_col_bool(q, 5);
	n->callmanager = query_col_bool(q, 6);
	n->capf = query_col_bool(q, 7);
	return query_row_ok(q, e);
}

bool
store_node_each(
    struct store *s, bool (*each)(void *arg, const struct store_node *n), void *arg, struct err *e)
{
	struct store_node n;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT id, name, addresses, publisher, tftp, tvs, callmanager, capf FROM nodes"
		" ORDER BY id",
		&q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = node_read(&q, &n, e);
		if (!ok || !each(arg, &n))
			break;
	}
	query_close(&q);
	return ok;
}
