#include "store/store_sqlite.h"

/* --- the configuration that a phone fetched last --- */

static bool
served_record(struct store *s, const struct store_served *served, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO served (device, version, form, address, at, home)"
		" SELECT name, ?2, ?3, ?4, ?5, ?6 FROM phones"
		" WHERE name = ?1"
		" ON CONFLICT (device) DO UPDATE SET version = excluded.version,"
		" form = excluded.form, address = excluded.address, at = excluded.at,"
		" home = CASE WHEN excluded.home IN ('', home) THEN home"
		"  WHEN home = '' THEN excluded.home ELSE '" STORE_SEVERAL "' END"
		" WHERE excluded.at >= at",
		&q, e))
		return false;
	query_text(&q, served->device);
	query_text(&q, served->version);
	query_text(&q, served->form);
	query_text(&q, served->address);
	query_int(&q, served->at);
	query_text(&q, served->home);
	return query_run(&q, e) || err_in(e, "configuration of %s", served->device);
}

struct all_served {
	const struct store_served *served;
	size_t count;
};

static bool
served_record_all(struct store *s, void *arg, struct err *e)
{
	const struct all_served *all = arg;

	for (size_t i = 0; i < all->count; i++)
		if (!served_record(s, &all->served[i], e))
			return false;
	return true;
}

bool
store_served_put(struct store *s, const struct store_served *served, size_t count, struct err *e)
{
	struct all_served all = { served, count };

	return count == 0 || store_change(s, served_record_all, &all, e);
}

bool
store_served_get(
    struct store *s, const char *device, struct store_served *out, bool *found, struct err *e)
{
	struct query q;
	bool ok;

	*out = (struct store_served){ 0 };
	if (!query_open(s,
		"SELECT device, version, form, address, at, home FROM served WHERE device = ?", &q,
		e))
		return false;
	query_text(&q, device);
	ok = query_next(&q, found, e);
	if (ok && *found) {
		query_col_text(&q, 0, out->device, sizeof out->device);
		query_col_text(&q, 1, out->version, sizeof out->version);
		query_col_text(&q, 2, out->form, sizeof out->form);
		query_col_text(&q, 3, out->address, sizeof out->address);
		out->at = query_col_int(&q, 4);
		query_col_text(&q, 5, out->home, sizeof out->home);
		ok = query_row_ok(&q, e);
	}
	query_close(&q);
	return ok;
}

bool
store_served_rehome(struct store *s, const char *device, struct err *e)
{
	struct query q;

	if (!query_open(s, "UPDATE served SET home = '' WHERE device = ? AND home <> ''", &q, e))
		return false;
	query_text(&q, device);
	return query_run(&q, e) || err_in(e, "home of %s", device);
}

/* --- the last configuration that could be built --- */

bool
store_good_put(struct store *s, const char *name, struct span xml, time_t at, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO good_configurations (name, xml, at) VALUES (?, ?, ?)"
		" ON CONFLICT (name) DO UPDATE SET xml = excluded.xml, at = excluded.at"
		" WHERE xml IS NOT excluded.xml",
		&q, e))
		return false;
	query_text(&q, name);
	query_blob(&q, xml);
	query_int(&q, at);
	return query_run(&q, e) || err_in(e, "last good %s", name);
}

bool
store_good_get(
    struct store *s, const char *name, struct bytes *xml, time_t *at, bool *found, struct err *e)
{
	struct query q;

	*xml = (struct bytes){ 0 };
	*at = 0;
	if (!query_open(s, "SELECT xml, at FROM good_configurations WHERE name = ?", &q, e))
		return false;
	query_text(&q, name);
	if (!query_next(&q, found, e))
		return false;
	if (*found) {
		*xml = bytes_copy(query_col_blob(&q, 0));
		*at = query_col_int(&q, 1);
	}
	query_close(&q);
	return true;
}

bool
store_good_remove(struct store *s, const char *name, struct err *e)
{
	struct query q;

	if (!query_open(s, "DELETE FROM good_configurations WHERE name = ?", &q, e))
		return false;
	query_text(&q, name);
	return query_run(&q, e) || err_in(e, "last good %s", name);
}
