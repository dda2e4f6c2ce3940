#include "store/store_sqlite.h"

#include "base/mem.h"

static bool
value_remove(struct store *s, const char *phone, const char *key, struct err *e)
{
	struct query q;

	if (!query_open(s, "DELETE FROM phone_values WHERE phone = ? AND key = ?", &q, e))
		return false;
	query_text(&q, phone);
	query_text(&q, key);
	return query_run(&q, e);
}

bool
store_phone_value_set(
    struct store *s, const char *phone, const char *key, const char *value, struct err *e)
{
	struct query q;

	if (value[0] == '\0')
		return value_remove(s, phone, key, e) || err_in(e, "%s of %s", key, phone);
	if (!query_open(s,
		"INSERT INTO phone_values (phone, key, value) VALUES (?, ?, ?)"
		" ON CONFLICT (phone, key) DO UPDATE SET value = excluded.value",
		&q, e))
		return false;
	query_text(&q, phone);
	query_text(&q, key);
	query_text(&q, value);
	return query_run(&q, e) || err_in(e, "%s of %s", key, phone);
}

bool
store_phone_value_each(struct store *s, const char *phone,
    bool (*each)(void *arg, const char *key, const char *value), void *arg, struct err *e)
{
	char key[PHONE_TEXT_MAX], value[PHONECFG_VALUE_MAX];
	struct query q;
	bool ok, row;

	if (!query_open(
		s, "SELECT key, value FROM phone_values WHERE phone = ? ORDER BY key", &q, e))
		return false;
	query_text(&q, phone);
	while ((ok = query_next(&q, &row, e)) && row) {
		query_col_text(&q, 0, key, sizeof key);
		query_col_text(&q, 1, value, sizeof value);
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, key, value))
			break;
	}
	query_close(&q);
	mem_wipe(value, sizeof value);
	return ok;
}
