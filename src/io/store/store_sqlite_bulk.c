#include "store/store_sqlite.h"

#define COUNT(a)    (sizeof(a) / sizeof(a)[0])
#define JOB_COLUMNS "SELECT id, made, filter, settings, pace, paced, state FROM bulk_jobs"

static const char *const job_words[] = {
	[STORE_BULK_RUNNING] = "running",
	[STORE_BULK_STOPPED] = "stopped",
	[STORE_BULK_DONE] = "done",
};

static const char *const phone_words[] = {
	[STORE_BULK_WAITING] = "waiting",
	[STORE_BULK_GIVEN] = "given",
	[STORE_BULK_SUCCEEDED] = "succeeded",
	[STORE_BULK_FAILED] = "failed",
	[STORE_BULK_SKIPPED] = "skipped",
};

const char *
store_bulk_state_name(enum store_bulk_state s)
{
	return (unsigned)s < COUNT(job_words) ? job_words[s] : "unknown";
}

const char *
store_bulk_phone_state_name(enum store_bulk_phone_state s)
{
	return (unsigned)s < COUNT(phone_words) ? phone_words[s] : "unknown";
}

/* --- jobs --- */

bool
store_bulk_add(struct store *s, struct store_bulk *b, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO bulk_jobs (made, filter, settings, pace, paced, state)"
		" VALUES (?, ?, ?, ?, ?, ?)",
		&q, e))
		return false;
	query_int(&q, b->made);
	query_text(&q, b->filter);
	query_text(&q, b->settings);
	query_int(&q, b->pace);
	query_int(&q, b->paced);
	query_text(&q, store_bulk_state_name(b->state));
	if (!query_run(&q, e))
		return err_in(e, "bulk job");
	b->id = sqlite3_last_insert_rowid(s->db);
	return true;
}

static bool
job_read(struct query *q, struct store_bulk *b, struct err *e)
{
	*b = (struct store_bulk){ .id = query_col_int(q, 0),
		.made = query_col_int(q, 1),
		.pace = (unsigned)query_col_int(q, 4),
		.paced = query_col_int(q, 5) };
	query_col_text(q, 2, b->filter, sizeof b->filter);
	query_col_text(q, 3, b->settings, sizeof b->settings);
	b->state = (enum store_bulk_state)query_col_word(q, 6, job_words, COUNT(job_words));
	return query_row_ok(q, e);
}

bool
store_bulk_get(struct store *s, int64_t id, struct store_bulk *out, bool *found, struct err *e)
{
	struct query q;
	bool ok;

	*out = (struct store_bulk){ 0 };
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
store_bulk_each(struct store *s, bool open, bool (*each)(void *arg, const struct store_bulk *b),
    void *arg, struct err *e)
{
	static const char all[] = JOB_COLUMNS " ORDER BY id DESC";
	static const char those[] = JOB_COLUMNS " WHERE state <> 'done' ORDER BY id DESC";
	struct store_bulk b;
	struct query q;
	bool ok, row;

	if (!query_open(s, open ? those : all, &q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = job_read(&q, &b, e);
		if (!ok || !each(arg, &b))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_bulk_put(struct store *s, const struct store_bulk *b, struct err *e)
{
	struct query q;

	if (!query_open(s, "UPDATE bulk_jobs SET state = ?2, paced = ?3 WHERE id = ?1", &q, e))
		return false;
	query_int(&q, b->id);
	query_text(&q, store_bulk_state_name(b->state));
	query_int(&q, b->paced);
	return query_run(&q, e) || err_in(e, "bulk job %lld", (long long)b->id);
}

bool
store_bulk_counts(
    struct store *s, int64_t id, size_t counts[STORE_BULK_PHONE_STATES], struct err *e)
{
	struct query q;

	for (int state = 0; state < STORE_BULK_PHONE_STATES; state++) {
		if (!query_open(
			s, "SELECT count(*) FROM bulk_phones WHERE job = ? AND state = ?", &q, e))
			return false;
		query_int(&q, id);
		query_text(&q, phone_words[state]);
		if (!query_count(&q, &counts[state], e))
			return false;
	}
	return true;
}

/* --- their phones --- */

bool
store_bulk_phone_put(struct store *s, int64_t id, const struct store_bulk_phone *p, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO bulk_phones (job, phone, state, reason, at) VALUES (?, ?, ?, ?, ?)"
		" ON CONFLICT (job, phone) DO UPDATE SET state = excluded.state,"
		" reason = excluded.reason, at = excluded.at",
		&q, e))
		return false;
	query_int(&q, id);
	query_text(&q, p->name);
	query_text(&q, store_bulk_phone_state_name(p->state));
	query_text(&q, p->reason);
	query_int(&q, p->at);
	return query_run(&q, e) || err_in(e, "bulk job %lld, %s", (long long)id, p->name);
}

bool
store_bulk_phone_each(struct store *s, int64_t id, enum store_bulk_phone_state state,
    const char *after, size_t max, bool (*each)(void *arg, const struct store_bulk_phone *p),
    void *arg, struct err *e)
{
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT phone, reason, at FROM bulk_phones"
		" WHERE job = ? AND state = ? AND phone > ? ORDER BY phone LIMIT ?",
		&q, e))
		return false;
	query_int(&q, id);
	query_text(&q, store_bulk_phone_state_name(state));
	query_text(&q, after);
	query_int(&q, max < INT64_MAX ? (int64_t)max : -1);
	while ((ok = query_next(&q, &row, e)) && row) {
		struct store_bulk_phone p = { .state = state, .at = query_col_int(&q, 2) };

		query_col_text(&q, 0, p.name, sizeof p.name);
		query_col_text(&q, 1, p.reason, sizeof p.reason);
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, &p))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_bulk_retry(struct store *s, int64_t id, time_t now, size_t *count, struct err *e)
{
	struct query q;

	*count = 0;
	if (!query_open(s,
		"UPDATE bulk_phones SET state = 'waiting', reason = '', at = ?2"
		" WHERE job = ?1 AND state = 'failed'",
		&q, e))
		return false;
	query_int(&q, id);
	query_int(&q, now);
	if (!query_run(&q, e))
		return false;
	*count = (size_t)sqlite3_changes(s->db);
	return true;
}
