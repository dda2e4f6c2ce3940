#include "store/store_sqlite.h"

/* From each model straight to the next one, however many phones have it. */
bool
store_phone_models(
    struct store *s, bool (*each)(void *arg, const char *model), void *arg, struct err *e)
{
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"WITH RECURSIVE models (model) AS ("
		"SELECT min(model) FROM phones WHERE origin = 'added'"
		" UNION ALL"
		" SELECT (SELECT min(model) FROM phones"
		" WHERE origin = 'added' AND model > models.model)"
		" FROM models WHERE model IS NOT NULL)"
		" SELECT model FROM models WHERE model IS NOT NULL",
		&q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row)
		if (!each(arg, query_col_text_loan(&q, 0)))
			break;
	query_close(&q);
	return ok;
}

bool
store_phone_names_after(struct store *s, const char *name, size_t max,
    bool (*each)(void *arg, const char *name), void *arg, struct err *e)
{
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT name FROM phones WHERE origin = 'added' AND name > ? ORDER BY name LIMIT ?",
		&q, e))
		return false;
	query_text(&q, name);
	query_int(&q, (int64_t)max);
	while ((ok = query_next(&q, &row, e)) && row)
		if (!each(arg, query_col_text_loan(&q, 0)))
			break;
	query_close(&q);
	return ok;
}
