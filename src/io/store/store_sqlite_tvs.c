#include "store/store_sqlite.h"

static time_t
newest(const struct store_tvs_contact *c)
{
	time_t at = c->question_at > c->alert_at ? c->question_at : c->alert_at;

	return at > c->https_at ? at : c->https_at;
}

static bool
contact_put(struct store *s, const struct store_tvs_contact *c, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO tvs_contacts (address, at, question_at, device, certificate, is_known,"
		" alert_at, alert, https_at, https) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (address) DO UPDATE SET at = max(at, excluded.at),"
		" device = iif(excluded.question_at > 0, excluded.device, device),"
		" certificate = iif(excluded.question_at > 0, excluded.certificate, certificate),"
		" is_known = iif(excluded.question_at > 0, excluded.is_known, is_known),"
		" question_at = iif(excluded.question_at > 0, excluded.question_at, question_at),"
		" alert = iif(excluded.alert_at > 0, excluded.alert, alert),"
		" alert_at = iif(excluded.alert_at > 0, excluded.alert_at, alert_at),"
		" https = iif(excluded.https_at > 0, excluded.https, https),"
		" https_at = iif(excluded.https_at > 0, excluded.https_at, https_at)",
		&q, e))
		return false;
	query_text(&q, c->address);
	query_int(&q, newest(c));
	query_int(&q, c->question_at);
	query_text(&q, c->device);
	query_text(&q, c->certificate);
	query_int(&q, c->is_known);
	query_int(&q, c->alert_at);
	query_text(&q, c->alert);
	query_int(&q, c->https_at);
	query_text(&q, c->https);
	return query_run(&q, e) || err_in(e, "TVS contact of %s", c->address);
}

/* As many as are kept stay, and those that are as old as the last of them. */
static bool
drop_oldest(struct store *s, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"DELETE FROM tvs_contacts WHERE at <"
		" (SELECT at FROM tvs_contacts ORDER BY at DESC LIMIT 1 OFFSET ?)",
		&q, e))
		return false;
	query_int(&q, STORE_TVS_MAX);
	return query_run(&q, e);
}

struct all_contacts {
	const struct store_tvs_contact *contact;
	size_t count;
};

static bool
put_all(struct store *s, void *arg, struct err *e)
{
	const struct all_contacts *all = arg;

	for (size_t i = 0; i < all->count; i++)
		if (!contact_put(s, &all->contact[i], e))
			return false;
	return drop_oldest(s, e);
}

bool
store_tvs_contact_put(
    struct store *s, const struct store_tvs_contact *contacts, size_t count, struct err *e)
{
	struct all_contacts all = { contacts, count };

	return count == 0 || store_change(s, put_all, &all, e);
}

bool
store_tvs_contact_get(
    struct store *s, const char *address, struct store_tvs_contact *out, bool *found, struct err *e)
{
	struct query q;
	bool ok;

	*out = (struct store_tvs_contact){ 0 };
	if (!query_open(s,
		"SELECT address, question_at, device, certificate, is_known, alert_at, alert,"
		" https_at, https FROM tvs_contacts WHERE address = ?",
		&q, e))
		return false;
	query_text(&q, address);
	ok = query_next(&q, found, e);
	if (ok && *found) {
		query_col_text(&q, 0, out->address, sizeof out->address);
		out->question_at = query_col_int(&q, 1);
		query_col_text(&q, 2, out->device, sizeof out->device);
		query_col_text(&q, 3, out->certificate, sizeof out->certificate);
		out->is_known = query_col_bool(&q, 4);
		out->alert_at = query_col_int(&q, 5);
		query_col_text(&q, 6, out->alert, sizeof out->alert);
		out->https_at = query_col_int(&q, 7);
		query_col_text(&q, 8, out->https, sizeof out->https);
		ok = query_row_ok(&q, e);
	}
	query_close(&q);
	return ok;
}
