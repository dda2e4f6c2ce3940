#include "store/store_sqlite_servers.h"

/* Positions are 1, 2, 3 ... without a gap: who goes leaves none, and who comes in between moves the
 * later ones. */

static bool
remote_insert(struct store *s, const struct store_remote *r, int64_t position, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO remotes (name, position, tftp, host1, port1, host2, port2, host3,"
		" port3) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&q, e))
		return false;
	query_text(&q, r->name);
	query_int(&q, position);
	query_int(&q, r->tftp);
	if (!servers_bind(&q, r->server, r->count, e)) {
		query_close(&q);
		return false;
	}
	return query_run(&q, e);
}

static bool
remotes_shift(struct store *s, const char *sql, int64_t from, struct err *e)
{
	struct query q;

	if (!query_open(s, sql, &q, e))
		return false;
	query_int(&q, from);
	return query_run(&q, e);
}

/* *position 0: it was not there. */
static bool
remote_take_out(struct store *s, const char *name, int64_t *position, struct err *e)
{
	struct query q;
	bool row;

	*position = 0;
	if (!query_open(s, "DELETE FROM remotes WHERE name = ? RETURNING position", &q, e))
		return false;
	query_text(&q, name);
	if (!query_next(&q, &row, e))
		return false;
	if (!row)
		return true;
	*position = query_col_int(&q, 0);
	query_close(&q);
	return remotes_shift(
	    s, "UPDATE remotes SET position = position - 1 WHERE position > ?", *position, e);
}

static bool
remote_put(struct store *s, void *arg, struct err *e)
{
	const struct store_remote *r = arg;
	int64_t before, count, position;

	if (!remote_take_out(s, r->name, &before, e) ||
	    !store_number(s, "SELECT count(*) FROM remotes", &count, e))
		return false;
	position = r->position >= 1 && r->position <= count ? r->position : count + 1;
	return remotes_shift(s, "UPDATE remotes SET position = position + 1 WHERE position >= ?",
		   position, e) &&
	       remote_insert(s, r, position, e);
}

bool
store_remote_put(struct store *s, const struct store_remote *r, struct err *e)
{
	struct store_remote copy = *r;

	return store_change(s, remote_put, &copy, e) || err_in(e, "remote %s", r->name);
}

static bool
remote_read(struct query *q, struct store_remote *r, struct err *e)
{
	*r = (struct store_remote){ .position = (int)query_col_int(q, 1),
		.tftp = query_col_bool(q, 2) };
	query_col_text(q, 0, r->name, sizeof r->name);
	r->count = servers_read(q, 3, r->server);
	return query_row_ok(q, e);
}

bool
store_remote_each(struct store *s, bool (*each)(void *arg, const struct store_remote *r), void *arg,
    struct err *e)
{
	struct store_remote r;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT name, position, tftp, host1, port1, host2, port2, host3, port3"
		" FROM remotes ORDER BY position, name",
		&q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = remote_read(&q, &r, e);
		if (!ok || !each(arg, &r))
			break;
	}
	query_close(&q);
	return ok;
}

struct removal {
	const char *name;
	int64_t position;
};

static bool
remote_remove(struct store *s, void *arg, struct err *e)
{
	struct removal *r = arg;

	return remote_take_out(s, r->name, &r->position, e);
}

bool
store_remote_remove(struct store *s, const char *name, bool *found, struct err *e)
{
	struct removal r = { name, 0 };

	*found = false;
	if (!store_change(s, remote_remove, &r, e))
		return err_in(e, "remote %s", name);
	*found = r.position > 0;
	return true;
}
