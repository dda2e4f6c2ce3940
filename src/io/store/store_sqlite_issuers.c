#include "store/store_sqlite.h"

#define LIVE "l.state IN ('issued', 'confirmed') AND l.revoked_at = 0 AND l.not_after > ?1"

static bool
issuer_put(struct store *s, const struct store_issuer *i, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO lsc_issuers (der, sha256, subject, not_after) VALUES (?, ?, ?, ?)"
		" ON CONFLICT (sha256) DO NOTHING",
		&q, e))
		return false;
	query_blob(&q, i->der);
	query_blob(&q, i->sha256);
	query_text(&q, i->subject);
	query_int(&q, i->not_after);
	return query_run(&q, e) || err_in(e, "issuer %s", i->subject);
}

static bool
issuer_find(struct store *s, struct span sha256, int64_t *out, struct err *e)
{
	struct query q;

	if (!query_open(s, "SELECT id FROM lsc_issuers WHERE sha256 = ?", &q, e))
		return false;
	query_blob(&q, sha256);
	return query_number(&q, out, e);
}

bool
store_issuer_number(struct store *s, const struct store_issuer *i, int64_t *out, struct err *e)
{
	return issuer_find(s, i->sha256, out, e) &&
	       (*out != 0 || (issuer_put(s, i, e) && issuer_find(s, i->sha256, out, e)));
}

bool
store_lsc_issuer_get(struct store *s, int64_t lsc, struct bytes *sha256, struct err *e)
{
	struct query q;
	bool ok, row;

	*sha256 = (struct bytes){ 0 };
	if (!query_open(s,
		"SELECT i.sha256 FROM lscs l JOIN lsc_issuers i ON i.id = l.issuer WHERE l.id = ?",
		&q, e))
		return false;
	query_int(&q, lsc);
	ok = query_next(&q, &row, e);
	if (ok && row) {
		*sha256 = bytes_copy(query_col_blob(&q, 0));
		ok = query_row_ok(&q, e);
	}
	query_close(&q);
	return ok;
}

bool
store_issuer_each(struct store *s, time_t now,
    bool (*each)(void *arg, const struct store_issuer *i), void *arg, struct err *e)
{
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT i.der, i.sha256, i.subject, i.not_after,"
		" (SELECT count(*) FROM lscs l WHERE l.issuer = i.id AND " LIVE "),"
		" (SELECT coalesce(max(l.not_after), 0) FROM lscs l WHERE l.issuer = i.id"
		" AND " LIVE ") FROM lsc_issuers i ORDER BY i.id",
		&q, e))
		return false;
	query_int(&q, now);
	while ((ok = query_next(&q, &row, e)) && row) {
		struct store_issuer i = { .der = query_col_blob(&q, 0),
			.sha256 = query_col_blob(&q, 1),
			.not_after = query_col_int(&q, 3),
			.live = (size_t)query_col_int(&q, 4),
			.last_ends = query_col_int(&q, 5) };

		query_col_text(&q, 2, i.subject, sizeof i.subject);
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, &i))
			break;
	}
	query_close(&q);
	return ok;
}

/* Of a certificate, or of none on record; either has its index. */
#define BY_KNOWN   " AND l.issuer = (SELECT id FROM lsc_issuers WHERE sha256 = ?2)"
#define BY_UNKNOWN " AND l.issuer IS NULL"

/* known binds sha256, which is empty for unknown. */
static bool
open_live(struct store *s, const char *known, const char *unknown, struct span sha256, time_t now,
    struct query *q, struct err *e)
{
	if (!query_open(s, sha256.n > 0 ? known : unknown, q, e))
		return false;
	query_int(q, now);
	if (sha256.n > 0)
		query_blob(q, sha256);
	return true;
}

bool
store_issuer_phone_each(struct store *s, struct span sha256, time_t now,
    bool (*each)(void *arg, const char *name, const char *model), void *arg, struct err *e)
{
#define HOLDERS \
	"SELECT DISTINCT l.device, coalesce(p.model, '') FROM lscs l" \
	" LEFT JOIN phones p ON p.name = l.device WHERE " LIVE
	static const char known[] = HOLDERS BY_KNOWN " ORDER BY l.device";
	static const char unknown[] = HOLDERS BY_UNKNOWN " ORDER BY l.device";
	struct query q;
	bool ok, row;

	if (!open_live(s, known, unknown, sha256, now, &q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		char name[DEVICE_NAME_MAX], model[PHONE_TEXT_MAX];

		query_col_text(&q, 0, name, sizeof name);
		query_col_text(&q, 1, model, sizeof model);
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, name, model))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_issuer_live(struct store *s, struct span sha256, time_t now, size_t *out, struct err *e)
{
	static const char known[] = "SELECT count(*) FROM lscs l WHERE " LIVE BY_KNOWN;
	static const char unknown[] = "SELECT count(*) FROM lscs l WHERE " LIVE BY_UNKNOWN;
	struct query q;

	*out = 0;
	return open_live(s, known, unknown, sha256, now, &q, e) && query_count(&q, out, e);
}
