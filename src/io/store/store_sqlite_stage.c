#include "store/store_sqlite.h"

#include "store/store_stage.h"

struct boots {
	const struct store_boot *boot;
	size_t count;
};

static bool
put_all(struct store *s, void *arg, struct err *e)
{
	const struct boots *b = arg;

	for (size_t i = 0; i < b->count; i++) {
		struct query q;

		if (!query_open(s,
			"UPDATE beliefs SET booted = max(booted, ?3) WHERE phone = ?1 AND list = ?2"
			" AND gone = 0",
			&q, e))
			return false;
		query_text(&q, b->boot[i].device);
		query_int(&q, b->boot[i].list);
		query_int(&q, b->boot[i].at);
		if (!query_run(&q, e))
			return err_in(e, "boot of %s", b->boot[i].device);
	}
	return true;
}

bool
store_boot_put(struct store *s, const struct store_boot *boots, size_t count, struct err *e)
{
	struct boots b = { boots, count };

	return store_change(s, put_all, &b, e);
}

#define WITH_LISTS \
	"(SELECT name, model, " STORE_LISTS_OF("phones.name", "") " AS lists, " STORE_LISTS_OF( \
	    "phones.name", \
	    " AND booted <> 0") " AS booted" \
				" FROM phones WHERE origin = 'added' AND released = 0)"

bool
store_stage_set_each(struct store *s, bool (*each)(void *arg, const struct store_stage_set *set),
    void *arg, struct err *e)
{
	struct store_stage_set set;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT lists, booted, count(*) FROM " WITH_LISTS " WHERE lists <> ''"
		" GROUP BY lists, booted ORDER BY lists, booted",
		&q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		set = (struct store_stage_set){ .lists = query_col_text_loan(&q, 0),
			.booted = query_col_text_loan(&q, 1),
			.phones = (size_t)query_col_int(&q, 2) };
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, &set))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_stage_phone_each(struct store *s, bool (*each)(void *arg, const struct store_stage_phone *p),
    void *arg, struct err *e)
{
	struct store_stage_phone p;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT lists, booted, name, model FROM " WITH_LISTS " WHERE lists <> ''"
		" ORDER BY name",
		&q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		p = (struct store_stage_phone){ .lists = query_col_text_loan(&q, 0),
			.booted = query_col_text_loan(&q, 1),
			.name = query_col_text_loan(&q, 2),
			.model = query_col_text_loan(&q, 3) };
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, &p))
			break;
	}
	query_close(&q);
	return ok;
}
