#include "base/text.h"
#include "store/store_sqlite.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* --- history --- */

bool
store_history_add(struct store *s, const char *phone, const struct store_history *h, struct err *e)
{
	char cause[STORE_CAUSE_MAX];
	struct query q;

	text_printable(span_str(h->cause), cause, sizeof cause);
	if (!query_open(s,
		"INSERT INTO capf_history (phone, at, status, cause)"
		" SELECT name, ?2, ?3, ?4 FROM phones WHERE name = ?1",
		&q, e))
		return false;
	query_text(&q, phone);
	query_int(&q, h->at);
	query_text(&q, h->status);
	query_text(&q, cause);
	return query_run(&q, e) || err_in(e, "history of %s", phone);
}

bool
store_history_each(struct store *s, const char *phone,
    bool (*each)(void *arg, const struct store_history *h), void *arg, struct err *e)
{
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT at, status, cause FROM capf_history WHERE phone = ? ORDER BY id DESC", &q,
		e))
		return false;
	query_text(&q, phone);
	while ((ok = query_next(&q, &row, e)) && row) {
		const struct store_history h = { query_col_int(&q, 0), query_col_text_loan(&q, 1),
			query_col_text_loan(&q, 2) };

		if (!each(arg, &h))
			break;
	}
	query_close(&q);
	return ok;
}

/* --- the last attempt --- */

static const char *const step_words[] = {
	[STORE_CAPF_NONE] = "none",
	[STORE_CAPF_AUTHENTICATION] = "authentication",
	[STORE_CAPF_KEYGEN] = "key-generation",
	[STORE_CAPF_PHONE] = "phone",
	[STORE_CAPF_CA] = "ca",
	[STORE_CAPF_STORE] = "store",
	[STORE_CAPF_DONE] = "done",
};

const char *
store_capf_step_name(enum store_capf_step step)
{
	return (size_t)step < COUNT(step_words) ? step_words[step] : "unknown";
}

static bool
attempt_read(struct query *q, struct store_attempt *out, struct err *e)
{
	out->step = (enum store_capf_step)query_col_word(q, 0, step_words, COUNT(step_words));
	query_col_text(q, 1, out->reason, sizeof out->reason);
	query_col_text(q, 2, out->address, sizeof out->address);
	out->at = query_col_int(q, 3);
	out->keygen_failures = (unsigned)query_col_int(q, 4);
	out->broken = (unsigned)query_col_int(q, 5);
	out->ec_failed = query_col_bool(q, 6);
	return query_row_ok(q, e);
}

bool
store_attempt_get(struct store *s, const char *phone, struct store_attempt *out, struct err *e)
{
	struct query q;
	bool ok, row;

	*out = (struct store_attempt){ 0 };
	if (!query_open(s,
		"SELECT step, reason, address, at, keygen_failures, broken, ec_failed"
		" FROM capf_attempts WHERE phone = ?",
		&q, e))
		return false;
	query_text(&q, phone);
	ok = query_next(&q, &row, e) && (!row || attempt_read(&q, out, e));
	query_close(&q);
	return ok;
}

bool
store_attempt_put(struct store *s, const char *phone, const struct store_attempt *a, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO capf_attempts (phone, step, reason, address, at, keygen_failures,"
		" broken, ec_failed) SELECT name, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM phones"
		" WHERE name = ?1 ON CONFLICT (phone) DO UPDATE SET step = excluded.step,"
		" reason = excluded.reason, address = excluded.address, at = excluded.at,"
		" keygen_failures = excluded.keygen_failures, broken = excluded.broken,"
		" ec_failed = excluded.ec_failed",
		&q, e))
		return false;
	query_text(&q, phone);
	query_text(&q, store_capf_step_name(a->step));
	query_text(&q, a->reason);
	query_text(&q, a->address);
	query_int(&q, a->at);
	query_int(&q, a->keygen_failures);
	query_int(&q, a->broken);
	query_int(&q, a->ec_failed);
	return query_run(&q, e) || err_in(e, "attempt of %s", phone);
}

/* ?1 to ?5: phone, step, reason, address, time. */
static bool
attempt_write(struct store *s, const char *sql, const char *phone, const struct store_reached *r,
    struct err *e)
{
	char reason[STORE_CAUSE_MAX], address[PHONE_ADDRESS_MAX];
	struct query q;

	text_printable(r->reason, reason, sizeof reason);
	text_printable(r->address, address, sizeof address);
	if (!query_open(s, sql, &q, e))
		return false;
	query_text(&q, phone);
	query_text(&q, store_capf_step_name(r->step));
	query_text(&q, reason);
	query_text(&q, address);
	query_int(&q, r->at);
	return query_run(&q, e) || err_in(e, "attempt of %s", phone);
}

/* Most steps follow another one: one statement for both would check each value twice. */
bool
store_attempt_reached(
    struct store *s, const char *phone, const struct store_reached *r, struct err *e)
{
	static const char update[] =
	    "UPDATE capf_attempts SET step = ?2, reason = ?3, address = ?4, at = ?5,"
	    " keygen_failures = iif(?2 = 'done', 0, keygen_failures),"
	    " broken = iif(?2 = 'done', 0, broken) WHERE phone = ?1";
	static const char insert[] =
	    "INSERT INTO capf_attempts (phone, step, reason, address, at, keygen_failures, broken,"
	    " ec_failed) SELECT name, ?2, ?3, ?4, ?5, 0, 0, 0 FROM phones WHERE name = ?1";

	return attempt_write(s, update, phone, r, e) &&
	       (sqlite3_changes(s->db) == 1 || attempt_write(s, insert, phone, r, e));
}

/* --- certificates that were fetched --- */

bool
store_fetched_put(struct store *s, const char *phone, const struct store_fetched *f, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO fetched_certificates (phone, kind, der, at)"
		" SELECT name, ?2, ?3, ?4 FROM phones WHERE name = ?1"
		" ON CONFLICT (phone, kind) DO UPDATE SET der = excluded.der, at = excluded.at",
		&q, e))
		return false;
	query_text(&q, phone);
	query_text(&q, f->is_mic ? "mic" : "lsc");
	query_blob(&q, f->der);
	query_int(&q, f->at);
	return query_run(&q, e) || err_in(e, "certificate fetched from %s", phone);
}

bool
store_fetched_each(struct store *s, const char *phone,
    bool (*each)(void *arg, const struct store_fetched *f), void *arg, struct err *e)
{
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT kind = 'mic', at, der FROM fetched_certificates WHERE phone = ?"
		" ORDER BY kind",
		&q, e))
		return false;
	query_text(&q, phone);
	while ((ok = query_next(&q, &row, e)) && row) {
		const struct store_fetched f = { query_col_bool(&q, 0), query_col_int(&q, 1),
			query_col_blob(&q, 2) };

		if (!each(arg, &f))
			break;
	}
	query_close(&q);
	return ok;
}
