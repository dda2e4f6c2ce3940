#include "store/store_sqlite_servers.h"

bool
store_group_put(struct store *s, const struct store_group *g, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO manager_groups (name, template, host1, port1, host2, port2, host3,"
		" port3) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (name) DO UPDATE SET template = excluded.template,"
		" host1 = excluded.host1, port1 = excluded.port1, host2 = excluded.host2,"
		" port2 = excluded.port2, host3 = excluded.host3, port3 = excluded.port3",
		&q, e))
		return false;
	query_text(&q, g->name);
	query_text(&q, g->template);
	if (!servers_bind(&q, g->server, g->count, e)) {
		query_close(&q);
		return err_in(e, "group %s", g->name);
	}
	return query_run(&q, e) || err_in(e, "group %s", g->name);
}

#define GROUP_SELECT \
	"SELECT name, template, host1, port1, host2, port2, host3, port3 FROM manager_groups"

static bool
group_read(struct query *q, struct store_group *g, struct err *e)
{
	*g = (struct store_group){ 0 };
	query_col_text(q, 0, g->name, sizeof g->name);
	query_col_text(q, 1, g->template, sizeof g->template);
	g->count = servers_read(q, 2, g->server);
	return query_row_ok(q, e);
}

bool
store_group_get(
    struct store *s, const char *name, struct store_group *out, bool *found, struct err *e)
{
	struct query q;
	bool ok;

	*out = (struct store_group){ 0 };
	if (!query_open(s, GROUP_SELECT " WHERE name = ?", &q, e))
		return false;
	query_text(&q, name);
	ok = query_next(&q, found, e);
	if (ok && *found)
		ok = group_read(&q, out, e);
	query_close(&q);
	return ok;
}

bool
store_group_each(
    struct store *s, bool (*each)(void *arg, const struct store_group *g), void *arg, struct err *e)
{
	struct store_group g;
	struct query q;
	bool ok, row;

	if (!query_open(s, GROUP_SELECT " ORDER BY name", &q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = group_read(&q, &g, e);
		if (!ok || !each(arg, &g))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_group_remove(struct store *s, const char *name, bool *found, struct err *e)
{
	struct query q;

	*found = false;
	if (!query_open(s, "DELETE FROM manager_groups WHERE name = ?", &q, e))
		return false;
	query_text(&q, name);
	if (!query_run(&q, e))
		return err_in(e, "group %s", name);
	*found = sqlite3_changes(s->db) > 0;
	return true;
}
