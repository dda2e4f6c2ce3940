#include "store/store_sqlite.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define PHONE_SELECT \
	"SELECT p.name, p.origin, p.model, p.group_name, p.operation, p.operation_status," \
	" p.operation_changed, p.auth_mode, p.auth_string, p.key_order, p.rsa_size, p.ec_size," \
	" p.complete_by, p.released, p.first_seen, p.last_seen, p.last_address," \
	" coalesce(l.serial, ''), coalesce(l.not_after, 0), coalesce(p.profile, '')," \
	" p.template, coalesce(i.subject, ''), coalesce(i.not_after, 0), p.auth_failures" \
	" FROM phones p LEFT JOIN lscs l ON l.device = p.name AND l.state = 'confirmed'" \
	" LEFT JOIN lsc_issuers i ON i.id = l.issuer"

#define PHONE_UPSERT \
	"INSERT INTO phones (name, origin, model, group_name, operation, operation_status," \
	" operation_changed, auth_mode, auth_string, key_order, rsa_size, ec_size, complete_by," \
	" released, first_seen, last_seen, last_address, profile, template, auth_failures)" \
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?)" \
	" ON CONFLICT (name) DO UPDATE SET origin = excluded.origin, model = excluded.model," \
	" group_name = excluded.group_name, operation = excluded.operation," \
	" operation_status = excluded.operation_status," \
	" operation_changed = excluded.operation_changed, auth_mode = excluded.auth_mode," \
	" auth_string = excluded.auth_string, key_order = excluded.key_order," \
	" rsa_size = excluded.rsa_size, ec_size = excluded.ec_size," \
	" complete_by = excluded.complete_by, released = excluded.released," \
	" first_seen = excluded.first_seen, last_seen = excluded.last_seen," \
	" last_address = excluded.last_address, profile = excluded.profile," \
	" template = excluded.template, auth_failures = excluded.auth_failures"

static const char *const origin_words[] = {
	[PHONE_SEEN] = "seen",
	[PHONE_ADDED] = "added",
};

static const char *
origin_word(enum phone_origin o)
{
	return (unsigned)o < COUNT(origin_words) ? origin_words[o] : "unknown";
}

/* --- records --- */

static void
phone_read_words(struct query *q, struct phone *p)
{
	p->origin = (enum phone_origin)query_col_word(q, 1, origin_words, COUNT(origin_words));
	if (!phone_operation_from_name(query_col_text_loan(q, 4), &p->operation) ||
	    !phone_auth_from_name(query_col_text_loan(q, 7), &p->auth_mode) ||
	    !phone_key_order_from_name(query_col_text_loan(q, 9), &p->key_order))
		query_col_bad(q);
}

static bool
phone_read(struct query *q, struct phone *p, struct err *e)
{
	*p = (struct phone){ 0 };
	phone_read_words(q, p);
	query_col_text(q, 0, p->device.name, sizeof p->device.name);
	query_col_text(q, 2, p->model, sizeof p->model);
	query_col_text(q, 3, p->group, sizeof p->group);
	query_col_text(q, 5, p->operation_status, sizeof p->operation_status);
	p->operation_changed = query_col_int(q, 6);
	query_col_text(q, 8, p->auth_string, sizeof p->auth_string);
	p->rsa_size = (unsigned)query_col_int(q, 10);
	p->ec_size = (unsigned)query_col_int(q, 11);
	p->complete_by = query_col_int(q, 12);
	p->released = query_col_bool(q, 13);
	p->first_seen = query_col_int(q, 14);
	p->last_seen = query_col_int(q, 15);
	query_col_text(q, 16, p->last_address, sizeof p->last_address);
	query_col_text(q, 17, p->lsc_serial, sizeof p->lsc_serial);
	p->lsc_not_after = query_col_int(q, 18);
	query_col_text(q, 19, p->profile, sizeof p->profile);
	query_col_text(q, 20, p->template, sizeof p->template);
	query_col_text(q, 21, p->lsc_issuer, sizeof p->lsc_issuer);
	p->lsc_issuer_not_after = query_col_int(q, 22);
	p->auth_failures = (unsigned)query_col_int(q, 23);
	return query_row_ok(q, e);
}

bool
store_phone_get(struct store *s, const char *name, struct phone *out, bool *found, struct err *e)
{
	struct query q;
	bool ok;

	*out = (struct phone){ 0 };
	if (!query_open(s, PHONE_SELECT " WHERE p.name = ?", &q, e))
		return false;
	query_text(&q, name);
	ok = query_next(&q, found, e);
	if (ok && *found)
		ok = phone_read(&q, out, e);
	query_close(&q);
	return ok;
}

bool
store_phone_put(struct store *s, const struct phone *p, struct err *e)
{
	struct query q;

	if (!query_open(s, PHONE_UPSERT, &q, e))
		return false;
	query_text(&q, p->device.name);
	query_text(&q, origin_word(p->origin));
	query_text(&q, p->model);
	query_text(&q, p->group);
	query_text(&q, phone_operation_name(p->operation));
	query_text(&q, p->operation_status);
	query_int(&q, p->operation_changed);
	query_text(&q, phone_auth_name(p->auth_mode));
	query_text(&q, p->auth_string);
	query_text(&q, phone_key_order_name(p->key_order));
	query_int(&q, p->rsa_size);
	query_int(&q, p->ec_size);
	query_int(&q, p->complete_by);
	query_int(&q, p->released);
	query_int(&q, p->first_seen);
	query_int(&q, p->last_seen);
	query_text(&q, p->last_address);
	query_text(&q, p->profile);
	query_text(&q, p->template);
	query_int(&q, p->auth_failures);
	return query_run(&q, e) || err_in(e, "phone %s", p->device.name);
}

/* What else the record has is neither written nor checked, which would take four times as long. */
bool
store_phone_operation_put(struct store *s, const struct phone *p, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE phones SET operation = ?2, operation_status = ?3, operation_changed = ?4,"
		" complete_by = ?5, auth_string = ?6, auth_failures = ?7 WHERE name = ?1",
		&q, e))
		return false;
	query_text(&q, p->device.name);
	query_text(&q, phone_operation_name(p->operation));
	query_text(&q, p->operation_status);
	query_int(&q, p->operation_changed);
	query_int(&q, p->complete_by);
	query_text(&q, p->auth_string);
	query_int(&q, p->auth_failures);
	if (!query_run(&q, e))
		return err_in(e, "phone %s", p->device.name);
	return sqlite3_changes(s->db) == 1 ||
	       err_set(e, ERR_UNKNOWN, "no phone %s", p->device.name);
}

bool
store_phone_remove(struct store *s, const char *name, bool *found, struct err *e)
{
	struct query q;

	*found = false;
	if (!query_open(s, "DELETE FROM phones WHERE name = ?", &q, e))
		return false;
	query_text(&q, name);
	if (!query_run(&q, e))
		return err_in(e, "phone %s", name);
	*found = sqlite3_changes(s->db) > 0;
	return true;
}

/* Hands out the rows of an open query, and closes it. */
static bool
phones_walk(
    struct query *q, bool (*each)(void *arg, const struct phone *p), void *arg, struct err *e)
{
	struct phone p;
	bool ok, row;

	while ((ok = query_next(q, &row, e)) && row) {
		ok = phone_read(q, &p, e);
		if (!ok || !each(arg, &p))
			break;
	}
	query_close(q);
	return ok;
}

bool
store_phone_each(
    struct store *s, bool (*each)(void *arg, const struct phone *p), void *arg, struct err *e)
{
	return store_phone_each_after(s, "", SIZE_MAX, each, arg, e);
}

bool
store_phone_each_after(struct store *s, const char *name, size_t max,
    bool (*each)(void *arg, const struct phone *p), void *arg, struct err *e)
{
	struct query q;

	if (!query_open(s, PHONE_SELECT " WHERE p.name > ? ORDER BY p.name LIMIT ?", &q, e))
		return false;
	query_text(&q, name);
	query_int(&q, max < INT64_MAX ? (int64_t)max : -1); /* -1: all of them */
	return phones_walk(&q, each, arg, e);
}

bool
store_phone_late(struct store *s, time_t now, bool (*each)(void *arg, const struct phone *p),
    void *arg, struct err *e)
{
	struct query q;

	if (!query_open(s,
		PHONE_SELECT " WHERE p.complete_by > 0 AND p.complete_by < ?"
			     " AND p.operation <> 'none'",
		&q, e))
		return false;
	query_int(&q, now);
	return phones_walk(&q, each, arg, e);
}

bool
store_phone_count(struct store *s, enum phone_origin origin, size_t *out, struct err *e)
{
	struct query q;

	*out = 0;
	if (!query_open(s, "SELECT phones FROM phone_counts WHERE origin = ?", &q, e))
		return false;
	query_text(&q, origin_word(origin));
	return query_count(&q, out, e);
}

/* --- sightings --- */

/* Late news do not turn the clock back. */
static bool
sighting_update(struct store *s, const struct store_sighting *seen, bool *known, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE phones SET"
		" first_seen = iif(first_seen = 0, ?2, min(first_seen, ?2)),"
		" last_address = iif(?2 >= last_seen, ?3, last_address),"
		" last_seen = max(last_seen, ?2)"
		" WHERE name = ?1",
		&q, e))
		return false;
	query_text(&q, seen->device.name);
	query_int(&q, seen->at);
	query_text(&q, seen->address);
	if (!query_run(&q, e))
		return err_in(e, "phone %s", seen->device.name);
	*known = sqlite3_changes(s->db) > 0;
	return true;
}

static bool
sighting_insert(struct store *s, const struct store_sighting *seen, struct err *e)
{
	struct phone p = phone_new(&seen->device, PHONE_SEEN);

	p.first_seen = seen->at;
	p.last_seen = seen->at;
	memcpy(p.last_address, seen->address, sizeof p.last_address);
	return store_phone_put(s, &p, e);
}

struct sightings {
	const struct store_sighting *seen;
	size_t count, seen_only_max;
};

static bool
sightings_record(struct store *s, void *arg, struct err *e)
{
	const struct sightings *all = arg;
	size_t seen_only = 0;
	bool known = false;

	if (!store_phone_count(s, PHONE_SEEN, &seen_only, e))
		return false;
	for (size_t i = 0; i < all->count; i++) {
		if (!sighting_update(s, &all->seen[i], &known, e))
			return false;
		if (known || seen_only >= all->seen_only_max)
			continue;
		if (!sighting_insert(s, &all->seen[i], e))
			return false;
		seen_only++;
	}
	return true;
}

bool
store_phone_seen(struct store *s, const struct store_sighting *seen, size_t count,
    size_t seen_only_max, struct err *e)
{
	struct sightings all = { seen, count, seen_only_max };

	return store_change(s, sightings_record, &all, e);
}

/* --- the MIC an administrator gave --- */

bool
store_phone_mic_set(struct store *s, const char *name, struct span der, struct err *e)
{
	struct query q;

	if (!query_open(s, "UPDATE phones SET mic = ?2 WHERE name = ?1", &q, e))
		return false;
	query_text(&q, name);
	if (der.n == 0)
		query_null(&q);
	else
		query_blob(&q, der);
	if (!query_run(&q, e))
		return err_in(e, "MIC of %s", name);
	return sqlite3_changes(s->db) == 1 || err_set(e, ERR_UNKNOWN, "no phone %s", name);
}

bool
store_phone_mic_get(struct store *s, const char *name, struct bytes *der, struct err *e)
{
	struct query q;
	bool row;

	*der = (struct bytes){ 0 };
	if (!query_open(s, "SELECT mic FROM phones WHERE name = ?", &q, e))
		return false;
	query_text(&q, name);
	if (!query_next(&q, &row, e))
		return false;
	if (row && query_col_blob(&q, 0).n > 0)
		*der = bytes_copy(query_col_blob(&q, 0));
	query_close(&q);
	return row || err_set(e, ERR_UNKNOWN, "no phone %s", name);
}
