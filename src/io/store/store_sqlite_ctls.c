#include "store/store_sqlite.h"

bool
store_ctl_id_each(struct store *s, bool (*each)(void *arg, int64_t id), void *arg, struct err *e)
{
	struct query q;
	bool ok, row;

	if (!query_open(
		s, "SELECT id FROM lists WHERE kind IN ('ctl', 'ctl-bridge') ORDER BY id", &q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row)
		if (!each(arg, query_col_int(&q, 0)))
			break;
	query_close(&q);
	return ok;
}
