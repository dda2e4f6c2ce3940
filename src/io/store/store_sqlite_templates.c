#include "store/store_sqlite.h"

bool
store_template_put(struct store *s, const struct store_template *t, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO templates (name, model, xml, changed) VALUES (?, ?, ?, ?)"
		" ON CONFLICT (name) DO UPDATE SET model = excluded.model, xml = excluded.xml,"
		" changed = excluded.changed",
		&q, e))
		return false;
	query_text(&q, t->name);
	query_text(&q, t->model);
	query_blob(&q, bytes_span(&t->xml));
	query_int(&q, t->changed);
	return query_run(&q, e) || err_in(e, "template %s", t->name);
}

/* The bytes are a loan from the row. */
static bool
template_read(struct query *q, struct store_template *t, struct err *e)
{
	*t = (struct store_template){ .xml = query_col_loan(q, 2), .changed = query_col_int(q, 3) };
	query_col_text(q, 0, t->name, sizeof t->name);
	query_col_text(q, 1, t->model, sizeof t->model);
	return query_row_ok(q, e);
}

/* The next row, if any, with bytes of its own; closes. */
static bool
template_take(struct query *q, struct store_template *out, bool *found, struct err *e)
{
	struct store_template t;
	bool ok = query_next(q, found, e);

	if (ok && *found) {
		ok = template_read(q, &t, e);
		if (ok) {
			*out = t;
			out->xml = bytes_copy(bytes_span(&t.xml));
		}
	}
	query_close(q);
	return ok;
}

#define TEMPLATE_SELECT "SELECT name, model, xml, changed FROM templates"

bool
store_template_get(
    struct store *s, const char *name, struct store_template *out, bool *found, struct err *e)
{
	struct query q;

	*out = (struct store_template){ 0 };
	if (!query_open(s, TEMPLATE_SELECT " WHERE name = ?", &q, e))
		return false;
	query_text(&q, name);
	return template_take(&q, out, found, e);
}

static bool
template_for(
    struct store *s, const char *model, struct store_template *out, bool *found, struct err *e)
{
	struct query q;

	if (!query_open(s, TEMPLATE_SELECT " WHERE model <> '' AND model = ?", &q, e))
		return false;
	query_text(&q, model);
	return template_take(&q, out, found, e);
}

/* One after the other: to sort what IN finds costs more than both. */
bool
store_template_of_model(struct store *s, const char *model, const char *family,
    struct store_template *out, bool *found, struct err *e)
{
	*out = (struct store_template){ 0 };
	return template_for(s, model, out, found, e) &&
	       (*found || template_for(s, family, out, found, e));
}

bool
store_template_each(struct store *s, bool (*each)(void *arg, const struct store_template *t),
    void *arg, struct err *e)
{
	struct store_template t;
	struct query q;
	bool ok, row;

	if (!query_open(s, TEMPLATE_SELECT " ORDER BY name", &q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = template_read(&q, &t, e);
		if (!ok || !each(arg, &t))
			break;
	}
	query_close(&q);
	return ok;
}

static bool
template_users(struct store *s, const char *name, int64_t *phones, int64_t *groups, struct err *e)
{
	struct query q;
	bool row;

	if (!query_open(s,
		"SELECT (SELECT count(*) FROM phones WHERE template = ?1 AND template <> ''),"
		" (SELECT count(*) FROM manager_groups WHERE template = ?1 AND template <> '')",
		&q, e))
		return false;
	query_text(&q, name);
	if (!query_next(&q, &row, e))
		return false;
	*phones = row ? query_col_int(&q, 0) : 0;
	*groups = row ? query_col_int(&q, 1) : 0;
	query_close(&q);
	return true;
}

bool
store_template_remove(struct store *s, const char *name, bool *found, struct err *e)
{
	int64_t phones, groups;
	struct query q;

	*found = false;
	if (!template_users(s, name, &phones, &groups, e))
		return false;
	if (phones + groups > 0)
		return err_set(e, ERR_CONFLICT, "template %s: named by %lld phones and %lld groups",
		    name, (long long)phones, (long long)groups);
	if (!query_open(s, "DELETE FROM templates WHERE name = ?", &q, e))
		return false;
	query_text(&q, name);
	if (!query_run(&q, e))
		return err_in(e, "template %s", name);
	*found = sqlite3_changes(s->db) > 0;
	return true;
}

void
store_template_free(struct store_template *t)
{
	bytes_free(&t->xml);
}
