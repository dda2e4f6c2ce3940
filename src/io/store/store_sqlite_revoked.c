#include "store/store_sqlite.h"

#include "rules/phone.h"

bool
store_lsc_revoke(struct store *s, const char *device_or_serial, const char *reason, time_t now,
    size_t *count, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE lscs SET state = 'deleted', ended = ?3, revoked_at = ?3, revoke_reason = ?2"
		" WHERE (device = ?1 OR serial = ?1) AND state IN ('issued', 'confirmed')",
		&q, e))
		return false;
	query_text(&q, device_or_serial);
	query_text(&q, reason);
	query_int(&q, now);
	if (!query_run(&q, e))
		return false;
	*count = (size_t)sqlite3_changes(s->db);
	return true;
}

bool
store_revoked_each(struct store *s, time_t now,
    bool (*each)(void *arg, const struct store_revoked *r), void *arg, struct err *e)
{
	char serial[PHONE_SERIAL_HEX_MAX], reason[STORE_REASON_MAX];
	struct store_revoked r = { serial, reason, 0 };
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT serial, revoke_reason, revoked_at FROM lscs"
		" WHERE revoked_at > 0 AND not_after > ? AND external = 0 ORDER BY not_after, "
		"serial",
		&q, e))
		return false;
	query_int(&q, now);
	while ((ok = query_next(&q, &row, e)) && row) {
		query_col_text(&q, 0, serial, sizeof serial);
		query_col_text(&q, 1, reason, sizeof reason);
		r.at = query_col_int(&q, 2);
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, &r))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_lsc_verdict(
    struct store *s, const char *serial, struct store_lsc_verdict *out, bool *found, struct err *e)
{
	struct query q;
	bool ok;

	*out = (struct store_lsc_verdict){ 0 };
	if (!query_open(s,
		"SELECT l.revoked_at, l.revoke_reason, i.der FROM lscs l"
		" LEFT JOIN lsc_issuers i ON i.id = l.issuer WHERE l.serial = ? AND l.external = 0",
		&q, e))
		return false;
	query_text(&q, serial);
	ok = query_next(&q, found, e);
	if (ok && *found) {
		out->revoked_at = query_col_int(&q, 0);
		query_col_text(&q, 1, out->reason, sizeof out->reason);
		ok = query_row_ok(&q, e);
		if (ok)
			out->issuer = bytes_copy(query_col_blob(&q, 2));
	}
	query_close(&q);
	return ok;
}

bool
store_revocations_number(struct store *s, int64_t *out, struct err *e)
{
	struct query q;
	bool row;

	if (!query_open(s, "SELECT number FROM revocations", &q, e))
		return false;
	if (!query_next(&q, &row, e))
		return false;
	*out = row ? query_col_int(&q, 0) : 0;
	query_close(&q);
	return row || err_set(e, ERR_STORE, "the database does not count revocations");
}

static bool
count_up(struct store *s, void *arg, struct err *e)
{
	struct query q;

	return query_open(s, "UPDATE revocations SET number = number + 1", &q, e) &&
	       query_run(&q, e) && store_revocations_number(s, arg, e);
}

bool
store_revocations_next(struct store *s, int64_t *out, struct err *e)
{
	return store_change(s, count_up, out, e);
}
