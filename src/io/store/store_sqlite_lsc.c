#include "store/store_sqlite.h"

#define COLUMNS \
	"SELECT id, device, der, key_hash, serial, not_after, state, issued, confirmed, external," \
	" coalesce(issuer, 0) FROM lscs"

static const char *const state_words[] = {
	[STORE_LSC_ISSUED] = "issued",
	[STORE_LSC_CONFIRMED] = "confirmed",
	[STORE_LSC_SUPERSEDED] = "superseded",
	[STORE_LSC_DELETED] = "deleted",
};

#define STATE_COUNT (sizeof state_words / sizeof state_words[0])

bool
store_lsc_issue(struct store *s, struct store_lsc *l, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO lscs (device, der, key_hash, serial, not_after, state, issued,"
		" external, issuer) VALUES (?, ?, ?, ?, ?, 'issued', ?, ?, nullif(?, 0))",
		&q, e))
		return false;
	query_text(&q, l->device);
	query_blob(&q, bytes_span(&l->der));
	query_blob(&q, bytes_span(&l->key_hash));
	query_text(&q, l->serial);
	query_int(&q, l->not_after);
	query_int(&q, l->issued);
	query_int(&q, l->external);
	query_int(&q, l->issuer);
	if (!query_run(&q, e))
		return err_in(e, "LSC of %s", l->device);
	l->id = sqlite3_last_insert_rowid(s->db);
	l->state = STORE_LSC_ISSUED;
	l->confirmed = 0;
	return true;
}

/* --- reading --- */

/* The bytes are loans from the row. */
static bool
lsc_read(struct query *q, struct store_lsc *l, struct err *e)
{
	*l = (struct store_lsc){ .id = query_col_int(q, 0) };
	query_col_text(q, 1, l->device, sizeof l->device);
	l->der = query_col_loan(q, 2);
	l->key_hash = query_col_loan(q, 3);
	query_col_text(q, 4, l->serial, sizeof l->serial);
	l->not_after = query_col_int(q, 5);
	l->state = (enum store_lsc_state)query_col_word(q, 6, state_words, STATE_COUNT);
	l->issued = query_col_int(q, 7);
	l->confirmed = query_col_int(q, 8);
	l->external = query_col_bool(q, 9);
	l->issuer = query_col_int(q, 10);
	return query_row_ok(q, e);
}

/* The next row, if any, with bytes of its own; closes. */
static bool
lsc_take(struct query *q, struct store_lsc *out, bool *found, struct err *e)
{
	struct store_lsc l;
	bool ok;

	*out = (struct store_lsc){ 0 };
	ok = query_next(q, found, e);
	if (ok && *found) {
		ok = lsc_read(q, &l, e);
		if (ok) {
			*out = l;
			out->der = bytes_copy(bytes_span(&l.der));
			out->key_hash = bytes_copy(bytes_span(&l.key_hash));
		}
	}
	query_close(q);
	return ok;
}

bool
store_lsc_by_key(struct store *s, const char *device, struct span key_hash, struct store_lsc *out,
    bool *found, struct err *e)
{
	struct query q;

	if (!query_open(s,
		COLUMNS " WHERE device = ? AND key_hash = ? AND state IN ('issued', 'confirmed')"
			" ORDER BY id DESC LIMIT 1",
		&q, e))
		return false;
	query_text(&q, device);
	query_blob(&q, key_hash);
	return lsc_take(&q, out, found, e);
}

bool
store_lsc_latest(struct store *s, const char *device, enum store_lsc_state state,
    struct store_lsc *out, bool *found, struct err *e)
{
	struct query q;

	if (!query_open(
		s, COLUMNS " WHERE device = ? AND state = ? ORDER BY id DESC LIMIT 1", &q, e))
		return false;
	query_text(&q, device);
	query_text(&q, (unsigned)state < STATE_COUNT ? state_words[state] : "");
	return lsc_take(&q, out, found, e);
}

bool
store_lsc_each(struct store *s, const char *device,
    bool (*each)(void *arg, const struct store_lsc *l), void *arg, struct err *e)
{
	struct store_lsc l;
	struct query q;
	bool ok, row;

	if (!query_open(s, COLUMNS " WHERE device = ? ORDER BY id DESC", &q, e))
		return false;
	query_text(&q, device);
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = lsc_read(&q, &l, e);
		if (!ok || !each(arg, &l))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_lsc_key_owner(struct store *s, const char *device, struct span key_hash,
    char owner[DEVICE_NAME_MAX], struct err *e)
{
	struct query q;
	bool ok, row;

	owner[0] = '\0';
	if (!query_open(
		s, "SELECT device FROM lscs WHERE key_hash = ? AND device <> ? LIMIT 1", &q, e))
		return false;
	query_blob(&q, key_hash);
	query_text(&q, device);
	ok = query_next(&q, &row, e);
	if (ok && row) {
		query_col_text(&q, 0, owner, DEVICE_NAME_MAX);
		ok = query_row_ok(&q, e);
	}
	query_close(&q);
	return ok;
}

void
store_lsc_free(struct store_lsc *l)
{
	bytes_free(&l->der);
	bytes_free(&l->key_hash);
}

/* --- confirming and deleting --- */

struct confirmation {
	int64_t id;
	time_t now;
};

/* Why one that is not ISSUED cannot be confirmed; true: it is confirmed already. */
static bool
lsc_is_confirmed(struct store *s, int64_t id, struct err *e)
{
	enum store_lsc_state state;
	struct query q;
	bool row;

	if (!query_open(s, "SELECT state FROM lscs WHERE id = ?", &q, e))
		return false;
	query_int(&q, id);
	if (!query_next(&q, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_UNKNOWN, "no LSC %lld", (long long)id);
	state = (enum store_lsc_state)query_col_word(&q, 0, state_words, STATE_COUNT);
	row = query_row_ok(&q, e);
	query_close(&q);
	if (!row || state == STORE_LSC_CONFIRMED)
		return row;
	return err_set(e, ERR_REFUSED, "LSC %lld is %s", (long long)id, state_words[state]);
}

static bool
lsc_supersede(struct store *s, const struct confirmation *c, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE lscs SET state = 'superseded', ended = ?2, revoked_at = ?2,"
		" revoke_reason = 'superseded' WHERE id <> ?1"
		" AND state IN ('issued', 'confirmed')"
		" AND device = (SELECT device FROM lscs WHERE id = ?1 AND state = 'issued')",
		&q, e))
		return false;
	query_int(&q, c->id);
	query_int(&q, c->now);
	return query_run(&q, e);
}

static bool
lsc_switch(struct store *s, void *arg, struct err *e)
{
	const struct confirmation *c = arg;
	struct query q;

	if (!lsc_supersede(s, c, e) ||
	    !query_open(s,
		"UPDATE lscs SET state = 'confirmed', confirmed = ?2 WHERE id = ?1"
		" AND state = 'issued'",
		&q, e))
		return false;
	query_int(&q, c->id);
	query_int(&q, c->now);
	return query_run(&q, e) && (sqlite3_changes(s->db) == 1 || lsc_is_confirmed(s, c->id, e));
}

bool
store_lsc_confirm(struct store *s, int64_t id, time_t now, struct err *e)
{
	struct confirmation c = { id, now };

	/* whoever is in a change undoes it when this fails */
	return s->depth > 0 ? lsc_switch(s, &c, e) : store_change(s, lsc_switch, &c, e);
}

/* What a phone has deleted is revoked like anything else, for that reason. */
bool
store_lsc_delete(struct store *s, const char *device, time_t now, struct err *e)
{
	size_t count;

	return store_lsc_revoke(s, device, "cessationOfOperation", now, &count, e);
}
