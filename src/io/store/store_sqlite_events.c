#include "store/store_sqlite.h"

bool
store_event_add(struct store *s, const struct store_event *ev, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO events (at, actor, event, object, text) VALUES (?, ?, ?, ?, ?)", &q,
		e))
		return false;
	query_int(&q, ev->at);
	query_text(&q, ev->actor);
	query_text(&q, ev->event);
	query_text(&q, ev->object);
	query_text(&q, ev->text);
	return query_run(&q, e) || err_in(e, "event");
}

static bool
events_walk(struct query *q, bool (*each)(void *arg, const struct store_event *ev), void *arg,
    struct err *e)
{
	struct store_event ev;
	bool ok, row;

	while ((ok = query_next(q, &row, e)) && row) {
		ev = (struct store_event){ .id = query_col_int(q, 0), .at = query_col_int(q, 1) };
		ev.actor = query_col_text_loan(q, 2);
		ev.event = query_col_text_loan(q, 3);
		ev.object = query_col_text_loan(q, 4);
		ev.text = query_col_text_loan(q, 5);
		if (!each(arg, &ev))
			break;
	}
	query_close(q);
	return ok;
}

bool
store_event_each(struct store *s, const char *object, size_t limit,
    bool (*each)(void *arg, const struct store_event *ev), void *arg, struct err *e)
{
	const char *sql = "SELECT id, at, actor, event, object, text FROM events"
			  " ORDER BY id DESC LIMIT ?1";
	struct query q;

	if (object != NULL)
		sql = "SELECT id, at, actor, event, object, text FROM events WHERE object = ?2"
		      " ORDER BY id DESC LIMIT ?1";
	if (!query_open(s, sql, &q, e))
		return false;
	query_int(&q, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
	if (object != NULL)
		query_text(&q, object);
	return events_walk(&q, each, arg, e);
}
