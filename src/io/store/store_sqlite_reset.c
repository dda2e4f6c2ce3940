#include "store/store_sqlite.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define JOB_COLUMNS \
	"SELECT id, made, filter, kind, canary, wave, tolerance, wait, state, reason, now, waves," \
	" accepted, again FROM reset_jobs"

static const char *const kind_words[] = {
	[RESET_RESET] = "reset",
	[RESET_RESTART] = "restart",
	[RESET_APPLY] = "apply",
};

static const char *const job_words[] = {
	[STORE_RESET_RUNNING] = "running",
	[STORE_RESET_STOPPED] = "stopped",
	[STORE_RESET_DONE] = "done",
};

static const char *const phone_words[] = {
	[STORE_RESET_WAITING] = "waiting",
	[STORE_RESET_ASKED] = "asked",
	[STORE_RESET_SENT] = "sent",
	[STORE_RESET_OWN] = "own-reboot",
	[STORE_RESET_BACK] = "back",
	[STORE_RESET_MISSING] = "missing",
	[STORE_RESET_FAILED] = "failed",
	[STORE_RESET_SKIPPED] = "skipped",
};

const char *
store_reset_state_name(enum store_reset_state s)
{
	return (unsigned)s < COUNT(job_words) ? job_words[s] : "unknown";
}

const char *
store_reset_phone_state_name(enum store_reset_phone_state s)
{
	return (unsigned)s < COUNT(phone_words) ? phone_words[s] : "unknown";
}

/* --- jobs --- */

bool
store_reset_add(struct store *s, struct store_reset *r, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO reset_jobs (made, filter, kind, canary, wave, tolerance, wait, state,"
		" reason, now, waves, accepted, again)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&q, e))
		return false;
	query_int(&q, r->made);
	query_text(&q, r->filter);
	query_text(&q, reset_kind_name(r->kind));
	query_int(&q, r->plan.canary);
	query_int(&q, r->plan.wave);
	query_int(&q, r->plan.tolerance);
	query_int(&q, r->wait_s);
	query_text(&q, store_reset_state_name(r->state));
	query_text(&q, r->reason);
	query_int(&q, r->now);
	query_int(&q, r->waves);
	query_int(&q, r->accepted);
	query_int(&q, r->again);
	if (!query_run(&q, e))
		return err_in(e, "reset job");
	r->id = sqlite3_last_insert_rowid(s->db);
	return true;
}

static bool
job_read(struct query *q, struct store_reset *r, struct err *e)
{
	*r = (struct store_reset){ .id = query_col_int(q, 0),
		.made = query_col_int(q, 1),
		.plan = { .canary = (unsigned)query_col_int(q, 4),
		    .wave = (unsigned)query_col_int(q, 5),
		    .tolerance = (unsigned)query_col_int(q, 6) },
		.wait_s = (unsigned)query_col_int(q, 7),
		.now = (unsigned)query_col_int(q, 10),
		.waves = (unsigned)query_col_int(q, 11),
		.accepted = (unsigned)query_col_int(q, 12),
		.again = (unsigned)query_col_int(q, 13) };
	query_col_text(q, 2, r->filter, sizeof r->filter);
	r->kind = (enum reset_kind)query_col_word(q, 3, kind_words, COUNT(kind_words));
	r->state = (enum store_reset_state)query_col_word(q, 8, job_words, COUNT(job_words));
	query_col_text(q, 9, r->reason, sizeof r->reason);
	return query_row_ok(q, e);
}

bool
store_reset_get(struct store *s, int64_t id, struct store_reset *out, bool *found, struct err *e)
{
	struct query q;
	bool ok;

	*out = (struct store_reset){ 0 };
	if (!query_open(s, JOB_COLUMNS " WHERE id = ?", &q, e))
		return false;
	query_int(&q, id);
	ok = query_next(&q, found, e);
	if (ok && *found)
		ok = job_read(&q, out, e);
	query_close(&q);
	return ok;
}

bool
store_reset_each(struct store *s, bool open, bool (*each)(void *arg, const struct store_reset *r),
    void *arg, struct err *e)
{
	static const char all[] = JOB_COLUMNS " ORDER BY id DESC";
	static const char those[] = JOB_COLUMNS " WHERE state <> 'done' ORDER BY id DESC";
	struct store_reset r;
	struct query q;
	bool ok, row;

	if (!query_open(s, open ? those : all, &q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = job_read(&q, &r, e);
		if (!ok || !each(arg, &r))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_reset_put(struct store *s, const struct store_reset *r, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE reset_jobs SET state = ?2, reason = ?3, now = ?4, accepted = ?5"
		" WHERE id = ?1",
		&q, e))
		return false;
	query_int(&q, r->id);
	query_text(&q, store_reset_state_name(r->state));
	query_text(&q, r->reason);
	query_int(&q, r->now);
	query_int(&q, r->accepted);
	return query_run(&q, e) || err_in(e, "reset job %lld", (long long)r->id);
}

bool
store_reset_counts(struct store *s, int64_t id, unsigned wave,
    size_t counts[STORE_RESET_PHONE_STATES], struct err *e)
{
	static const char of_all[] =
	    "SELECT count(*) FROM reset_phones WHERE job = ? AND state = ?";
	static const char of_wave[] =
	    "SELECT count(*) FROM reset_phones WHERE job = ? AND state = ? AND wave = ?";
	struct query q;

	for (int state = 0; state < STORE_RESET_PHONE_STATES; state++) {
		if (!query_open(s, wave == 0 ? of_all : of_wave, &q, e))
			return false;
		query_int(&q, id);
		query_text(&q, phone_words[state]);
		if (wave != 0)
			query_int(&q, wave);
		if (!query_count(&q, &counts[state], e))
			return false;
	}
	return true;
}

bool
store_reset_is_over(struct store *s, int64_t id, bool *over, struct err *e)
{
	struct query q;
	size_t count;

	if (!query_open(s,
		"SELECT count(*) FROM (SELECT 1 FROM reset_phones WHERE job = ? AND state IN"
		" ('waiting', 'asked', 'sent', 'own-reboot') LIMIT 1)",
		&q, e))
		return false;
	query_int(&q, id);
	if (!query_count(&q, &count, e))
		return false;
	*over = count == 0;
	return true;
}

bool
store_reset_tally(
    struct store *s, int64_t id, unsigned wave, struct resetwave_tally *out, struct err *e)
{
	size_t n[STORE_RESET_PHONE_STATES];

	*out = (struct resetwave_tally){ 0 };
	if (!store_reset_counts(s, id, wave, n, e))
		return false;
	*out = (struct resetwave_tally){ .waiting = n[STORE_RESET_WAITING],
		.open = n[STORE_RESET_ASKED] + n[STORE_RESET_SENT] + n[STORE_RESET_OWN],
		.back = n[STORE_RESET_BACK],
		.bad = n[STORE_RESET_MISSING] + n[STORE_RESET_FAILED] };
	return true;
}

/* --- their phones --- */

bool
store_reset_phone_put(struct store *s, int64_t id, const struct store_reset_phone *p, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO reset_phones (job, phone, wave, state, reason, status, asked, at)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (job, phone) DO UPDATE SET state = excluded.state,"
		" reason = excluded.reason, status = excluded.status, asked = excluded.asked,"
		" at = excluded.at",
		&q, e))
		return false;
	query_int(&q, id);
	query_text(&q, p->name);
	query_int(&q, p->wave);
	query_text(&q, store_reset_phone_state_name(p->state));
	query_text(&q, p->reason);
	if (p->status >= 0)
		query_int(&q, p->status);
	else
		query_null(&q);
	query_int(&q, p->asked);
	query_int(&q, p->at);
	return query_run(&q, e) || err_in(e, "reset job %lld, %s", (long long)id, p->name);
}

static bool
phone_read(struct query *q, struct store_reset_phone *p, struct err *e)
{
	*p = (struct store_reset_phone){ .wave = (unsigned)query_col_int(q, 1),
		.status = (int)query_col_int(q, 4),
		.asked = query_col_int(q, 5),
		.at = query_col_int(q, 6) };
	query_col_text(q, 0, p->name, sizeof p->name);
	p->state =
	    (enum store_reset_phone_state)query_col_word(q, 2, phone_words, COUNT(phone_words));
	query_col_text(q, 3, p->reason, sizeof p->reason);
	return query_row_ok(q, e);
}

/* The status column, -1 for none. */
#define PHONE_SELECT \
	"SELECT r.phone, r.wave, r.state, r.reason, coalesce(r.status, -1), r.asked, r.at"

bool
store_reset_phone_get(struct store *s, int64_t id, const char *name, struct store_reset_phone *out,
    bool *found, struct err *e)
{
	struct query q;
	bool ok;

	if (!query_open(
		s, PHONE_SELECT " FROM reset_phones r WHERE r.job = ? AND r.phone = ?", &q, e))
		return false;
	query_int(&q, id);
	query_text(&q, name);
	ok = query_next(&q, found, e);
	if (ok && *found)
		ok = phone_read(&q, out, e);
	query_close(&q);
	return ok;
}

bool
store_reset_phone_each(struct store *s, int64_t id, enum store_reset_phone_state state,
    unsigned wave, size_t max, bool (*each)(void *arg, const struct store_reset_phone *p),
    void *arg, struct err *e)
{
	struct store_reset_phone p;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		PHONE_SELECT " FROM reset_phones r WHERE r.job = ?1 AND r.state = ?2"
			     " AND (?3 = 0 OR r.wave = ?3) ORDER BY r.wave, r.phone LIMIT ?4",
		&q, e))
		return false;
	query_int(&q, id);
	query_text(&q, store_reset_phone_state_name(state));
	query_int(&q, wave);
	query_int(&q, max < INT64_MAX ? (int64_t)max : -1);
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = phone_read(&q, &p, e);
		if (!ok || !each(arg, &p))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_reset_phone_look(struct store *s, int64_t id, const char *after, size_t max,
    bool (*each)(void *arg, const struct store_reset_phone *p, time_t seen), void *arg,
    struct err *e)
{
	struct store_reset_phone p;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		PHONE_SELECT
		", coalesce(p.last_seen, 0) FROM reset_phones r INDEXED BY reset_phones_open"
		" LEFT JOIN phones p ON p.name = r.phone"
		" WHERE r.job = ? AND r.phone > ?"
		" AND r.state IN ('sent', 'own-reboot', 'missing', 'failed')"
		" ORDER BY r.phone LIMIT ?",
		&q, e))
		return false;
	query_int(&q, id);
	query_text(&q, after);
	query_int(&q, max < INT64_MAX ? (int64_t)max : -1);
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = phone_read(&q, &p, e);
		if (!ok || !each(arg, &p, query_col_int(&q, 7)))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_reset_phone_last(struct store *s, const char *name, int64_t *id,
    struct store_reset_phone *out, bool *found, struct err *e)
{
	struct query q;
	bool ok;

	*id = 0;
	if (!query_open(s,
		PHONE_SELECT ", r.job FROM reset_phones r WHERE r.phone = ?"
			     " ORDER BY r.job DESC LIMIT 1",
		&q, e))
		return false;
	query_text(&q, name);
	ok = query_next(&q, found, e);
	if (ok && *found) {
		ok = phone_read(&q, out, e);
		*id = query_col_int(&q, 7);
	}
	query_close(&q);
	return ok;
}

bool
store_reset_supersede(struct store *s, const char *name, int64_t id, time_t now, struct err *e)
{
	char reason[64];
	struct query q;

	snprintf(reason, sizeof reason, "reset job %lld has it", (long long)id);
	if (!query_open(s,
		"UPDATE reset_phones SET state = 'skipped', reason = ?3, at = ?4"
		" WHERE phone = ?1 AND job < ?2"
		" AND state IN ('waiting', 'asked', 'sent', 'own-reboot')",
		&q, e))
		return false;
	query_text(&q, name);
	query_int(&q, id);
	query_text(&q, reason);
	query_int(&q, now);
	return query_run(&q, e);
}

bool
store_reset_retry(struct store *s, int64_t id, unsigned wave, time_t now, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE reset_phones SET state = 'waiting', reason = '', status = NULL, at = ?2"
		" WHERE job = ?1 AND wave = ?3 AND state IN ('failed', 'missing')",
		&q, e))
		return false;
	query_int(&q, id);
	query_int(&q, now);
	query_int(&q, wave);
	return query_run(&q, e);
}

bool
store_reset_interrupted(struct store *s, time_t now, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE reset_phones SET state = 'waiting', at = ? WHERE state = 'asked'", &q, e))
		return false;
	query_int(&q, now);
	return query_run(&q, e);
}
