#include "store/store_sqlite.h"

bool
store_phone_models_each(
    struct store *s, bool (*each)(void *arg, const char *model), void *arg, struct err *e)
{
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT model FROM phones WHERE model <> '' GROUP BY model ORDER BY model", &q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row)
		if (!each(arg, query_col_text_loan(&q, 0)))
			break;
	query_close(&q);
	return ok;
}
