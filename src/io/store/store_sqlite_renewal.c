#include "store/store_sqlite.h"

bool
store_renewal_each(struct store *s, time_t now, time_t begin, time_t issuer_ends, size_t max,
    bool (*each)(void *arg, const char *name), void *arg, struct err *e)
{
	struct query q;
	bool ok, row;

	/* CROSS: from the LSCs to the phones, never the other way round */
	if (!query_open(s,
		"SELECT l.device FROM lscs l CROSS JOIN phones p ON p.name = l.device"
		" WHERE l.state = 'confirmed'"
		" AND l.issued + (l.not_after - l.issued) * 2 / 3 <= ?1"
		" AND p.operation = 'none' AND p.operation_changed < ?2"
		" AND p.origin = 'added' AND p.released = 0"
		" AND (p.auth_mode <> 'auth-string' OR p.auth_string <> '')"
		" AND l.not_after < ?4 ORDER BY l.issued + (l.not_after - l.issued) * 2 / 3 LIMIT "
		"?3",
		&q, e))
		return false;
	query_int(&q, now);
	query_int(&q, begin);
	query_int(&q, (int64_t)max);
	query_int(&q, issuer_ends);
	while ((ok = query_next(&q, &row, e)) && row)
		if (!each(arg, query_col_text_loan(&q, 0)))
			break;
	query_close(&q);
	return ok;
}

bool
store_renewal_open(struct store *s, time_t deadline, size_t *out, struct err *e)
{
	struct query q;

	*out = 0;
	if (!query_open(s,
		"SELECT count(*) FROM phones p WHERE p.complete_by > 0 AND p.complete_by = ?"
		" AND p.operation = 'install-upgrade'",
		&q, e))
		return false;
	query_int(&q, deadline);
	return query_count(&q, out, e);
}
