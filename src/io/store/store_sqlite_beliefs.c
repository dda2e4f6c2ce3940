#include "store/store_sqlite.h"

#include "base/mem.h"

/* Where a list went, of which it may be known that it went elsewhere before. */
#define ADDRESS_OF(address) \
	"CASE WHEN address = " address " OR address = '" STORE_SEVERAL "'" \
	"  OR " address " IN ('', '" STORE_BELIEF_TOLD "') THEN address" \
	" WHEN address IN ('', '" STORE_BELIEF_TOLD "') THEN " address " ELSE '" STORE_SEVERAL \
	"' END"

static bool
add(struct store *s, const char *name, int64_t list, const char *address, bool doubted, time_t at,
    struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO beliefs (phone, list, address, first, last, doubted)"
		" VALUES (?1, ?2, ?3, ?4, ?4, ?5)"
		" ON CONFLICT (phone, list) DO UPDATE SET address = " ADDRESS_OF(
		    "excluded.address") ","
					" last = max(last, excluded.last),"
					" doubted = CASE gone WHEN 0 THEN doubted ELSE "
					"excluded.doubted END, gone = 0",
		&q, e))
		return false;
	query_text(&q, name);
	query_int(&q, list);
	query_text(&q, address);
	query_int(&q, at);
	query_int(&q, doubted);
	return query_run(&q, e) || err_in(e, "list %lld for %s", (long long)list, name);
}

bool
store_belief_add(
    struct store *s, const char *name, int64_t list, const char *address, time_t at, struct err *e)
{
	return add(s, name, list, address, false, at, e);
}

bool
store_belief_doubt(
    struct store *s, const char *name, int64_t list, const char *address, time_t at, struct err *e)
{
	return add(s, name, list, address, true, at, e);
}

bool
store_belief_again(
    struct store *s, const char *name, int64_t list, const char *address, time_t at, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE beliefs SET address = " ADDRESS_OF(
		    "?3") ", last = max(last, ?4) WHERE phone = ?1 AND list = ?2 AND gone = 0",
		&q, e))
		return false;
	query_text(&q, name);
	query_int(&q, list);
	query_text(&q, address);
	query_int(&q, at);
	return query_run(&q, e) || err_in(e, "list %lld for %s", (long long)list, name);
}

bool
store_belief_each(struct store *s, const char *name,
    bool (*each)(void *arg, const struct store_belief *b), void *arg, struct err *e)
{
	struct store_belief b;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT list, address, first, last, doubted FROM beliefs WHERE phone = ? AND gone "
		"= 0"
		" ORDER BY last DESC, list DESC",
		&q, e))
		return false;
	query_text(&q, name);
	while ((ok = query_next(&q, &row, e)) && row) {
		b = (struct store_belief){ .list = query_col_int(&q, 0) };
		query_col_text(&q, 1, b.address, sizeof b.address);
		b.first = query_col_int(&q, 2);
		b.last = query_col_int(&q, 3);
		b.doubted = query_col_bool(&q, 4);
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, &b))
			break;
	}
	query_close(&q);
	return ok;
}

/* CTLs of any kind are one sort, ITLs the other. */
#define IS_CTL(list) "(" list ".kind IN ('ctl', 'ctl-bridge'))"

struct proof {
	const char *name;
	int64_t list;
	time_t at;
	bool is_guess; /* else what went by a guess before is proven not to be held */
};

static bool
prove_run(struct store *s, const struct proof *p, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE beliefs SET gone = CASE WHEN list = ?2 THEN 0 WHEN gone = 0 THEN ?3 ELSE "
		"gone END,"
		" doubted = CASE list WHEN ?2 THEN 0 ELSE doubted END,"
		" guessed = CASE list WHEN ?2 THEN 0 ELSE ?4 END"
		" WHERE phone = ?1 AND (gone = 0 OR list = ?2 OR guessed > ?4) AND list IN"
		" (SELECT other.id FROM lists other, lists held WHERE held.id = ?2"
		" AND " IS_CTL("other") " = " IS_CTL("held") ")",
		&q, e))
		return false;
	query_text(&q, p->name);
	query_int(&q, p->list);
	query_int(&q, p->at);
	query_int(&q, p->is_guess);
	return query_run(&q, e);
}

static bool
prove(struct store *s, void *arg, struct err *e)
{
	const struct proof *p = arg;
	struct query q;
	bool handed, ok;

	if (!query_open(s, "SELECT 1 FROM beliefs WHERE phone = ? AND list = ?", &q, e))
		return false;
	query_text(&q, p->name);
	query_int(&q, p->list);
	ok = query_next(&q, &handed, e);
	query_close(&q);
	if (ok && !handed)
		return err_set(e, ERR_UNKNOWN, "it was never handed that list");
	return ok && prove_run(s, p, e);
}

bool
store_belief_prove(struct store *s, const char *name, int64_t list, time_t at, struct err *e)
{
	struct proof p = { name, list, at, false };

	return store_change(s, prove, &p, e) || err_in(e, "list %lld of %s", (long long)list, name);
}

bool
store_belief_guess(struct store *s, const char *name, int64_t list, time_t at, struct err *e)
{
	struct proof p = { name, list, at, true };

	return store_change(s, prove, &p, e) || err_in(e, "list %lld of %s", (long long)list, name);
}

bool
store_belief_weigh(struct store *s, const char *name, int64_t list, bool doubted, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE beliefs SET gone = 0, guessed = 0, doubted = ? WHERE phone = ? AND list = ?"
		" AND (gone = 0 OR guessed = 1)",
		&q, e))
		return false;
	query_int(&q, doubted);
	query_text(&q, name);
	query_int(&q, list);
	return query_run(&q, e) || err_in(e, "list %lld of %s", (long long)list, name);
}

bool
store_belief_rule_out(
    struct store *s, const char *name, int64_t list, time_t handed, time_t at, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE beliefs SET gone = ?, guessed = 0 WHERE phone = ? AND list = ? AND gone = 0"
		" AND last < ?",
		&q, e))
		return false;
	query_int(&q, at);
	query_text(&q, name);
	query_int(&q, list);
	query_int(&q, handed);
	return query_run(&q, e) || err_in(e, "list %lld of %s", (long long)list, name);
}

bool
store_belief_unprove(struct store *s, const char *name, size_t *count, struct err *e)
{
	struct query q;

	if (!query_open(
		s, "UPDATE beliefs SET gone = 0, booted = 0, doubted = 0 WHERE phone = ?", &q, e))
		return false;
	query_text(&q, name);
	if (!query_run(&q, e))
		return err_in(e, "lists of %s", name);
	*count = (size_t)sqlite3_changes(s->db);
	return true;
}

/* --- phones that may hold the same lists --- */

#define STANDING \
	"(SELECT name, model, released, origin, " STORE_LISTS_OF( \
	    "phones.name", "") " AS lists FROM phones)"

bool
store_belief_set_each(struct store *s, bool (*each)(void *arg, const struct store_belief_set *set),
    void *arg, struct err *e)
{
	struct store_belief_set set;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT lists, released, count(*) FROM " STANDING
		" WHERE origin = 'added' OR lists <> '' GROUP BY lists, released"
		" ORDER BY lists, released",
		&q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		set = (struct store_belief_set){ .lists = query_col_text_loan(&q, 0),
			.released = query_col_bool(&q, 1),
			.phones = (size_t)query_col_int(&q, 2) };
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, &set))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_belief_phone_each(struct store *s,
    bool (*each)(void *arg, const struct store_belief_phone *p), void *arg, struct err *e)
{
	struct store_belief_phone p;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT lists, released, name, model FROM " STANDING
		" WHERE origin = 'added' OR lists <> '' ORDER BY lists, released, name",
		&q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		p = (struct store_belief_phone){ .lists = query_col_text_loan(&q, 0),
			.released = query_col_bool(&q, 1),
			.name = query_col_text_loan(&q, 2),
			.model = query_col_text_loan(&q, 3) };
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, &p))
			break;
	}
	query_close(&q);
	return ok;
}

/* The text and the yes or no that sql gives about one phone, ?1. */
static char *
lists_of_one(struct store *s, const char *sql, const char *name, bool *answer, struct err *e)
{
	struct query q;
	char *lists = NULL;
	bool row;

	if (!query_open(s, sql, &q, e))
		return NULL;
	query_text(&q, name);
	if (query_next(&q, &row, e) && row) {
		const char *text = query_col_text_loan(&q, 0);

		lists = mem_text(text, strlen(text));
		*answer = query_col_bool(&q, 1);
	}
	query_close(&q);
	return lists;
}

/* A deleted phone that asks all the same holds what it did. */
char *
store_belief_lists_released(struct store *s, const char *name, bool *released, struct err *e)
{
	return lists_of_one(s,
	    "SELECT coalesce((SELECT group_concat(iif(doubted, -list, list), ',') FROM"
	    " (SELECT list, min(doubted) AS doubted FROM"
	    "  (SELECT list, doubted FROM beliefs WHERE phone = ?1 AND gone = 0 UNION ALL"
	    "   SELECT list, doubted FROM left_beliefs WHERE phone = ?1 AND gone = 0)"
	    "  GROUP BY list ORDER BY list)), ''),"
	    " coalesce((SELECT released FROM phones WHERE name = ?1), 0)",
	    name, released, e);
}

char *
store_belief_lists_guessed(struct store *s, const char *name, struct err *e)
{
	bool any;

	return lists_of_one(s,
	    "SELECT coalesce(group_concat(list, ','), ''), count(*) FROM (SELECT list FROM beliefs"
	    " WHERE phone = ?1 AND gone <> 0 AND guessed = 1 ORDER BY list)",
	    name, &any, e);
}

char *
store_belief_lists(struct store *s, const char *name, struct err *e)
{
	bool released;

	return store_belief_lists_released(s, name, &released, e);
}

/* --- how all of them stand --- */

static bool
standing_read(struct query *q, struct store_standing *out, struct err *e)
{
	*out = (struct store_standing){ .name = query_col_text_loan(q, 0),
		.lists = query_col_text_loan(q, 8) };
	if (!phone_operation_from_name(query_col_text_loan(q, 1), &out->operation))
		query_col_bad(q);
	out->released = query_col_bool(q, 2);
	out->lsc_confirmed = query_col_int(q, 3);
	out->belief.list = query_col_int(q, 4);
	query_col_text(q, 5, out->belief.address, sizeof out->belief.address);
	out->belief.first = query_col_int(q, 6);
	out->belief.last = query_col_int(q, 7);
	return query_row_ok(q, e);
}

bool
store_standing_each(struct store *s, const char *name, size_t max,
    bool (*each)(void *arg, const struct store_standing *standing), void *arg, struct err *e)
{
	struct store_standing standing;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT few.name, few.operation, few.released, coalesce(l.confirmed, 0),"
		" coalesce(b.list, 0), coalesce(b.address, ''), coalesce(b.first, 0),"
		" coalesce(b.last, 0), " STORE_LISTS_OF("few.name",
		    "") " FROM (SELECT name, operation, released FROM phones"
			" WHERE origin = 'added' AND name > ? ORDER BY name LIMIT ?) few"
			" LEFT JOIN lscs l ON l.device = few.name AND l.state = 'confirmed'"
			" LEFT JOIN beliefs b ON b.phone = few.name AND b.gone = 0",
		&q, e))
		return false;
	query_text(&q, name);
	query_int(&q, (int64_t)max);
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = standing_read(&q, &standing, e);
		if (!ok || !each(arg, &standing))
			break;
	}
	query_close(&q);
	return ok;
}

static bool
count_each(struct store *s, const char *sql, bool (*each)(void *arg, int64_t list, size_t phones),
    void *arg, struct err *e)
{
	struct query q;
	bool ok, row;

	if (!query_open(s, sql, &q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row)
		if (!each(arg, query_col_int(&q, 0), (size_t)query_col_int(&q, 1)))
			break;
	query_close(&q);
	return ok;
}

bool
store_belief_count_each(
    struct store *s, bool (*each)(void *arg, int64_t list, size_t phones), void *arg, struct err *e)
{
	return count_each(s,
	    "SELECT list, count(*) FROM beliefs WHERE gone = 0 GROUP BY list ORDER BY list", each,
	    arg, e);
}

/* Beside max(), SQLite takes the other columns from the row that has it. */
bool
store_belief_last_each(
    struct store *s, bool (*each)(void *arg, int64_t list, size_t phones), void *arg, struct err *e)
{
	return count_each(s,
	    "SELECT list, count(*) FROM"
	    " (SELECT list, max(last - doubted * 1000000000000) FROM beliefs WHERE gone = 0"
	    " GROUP BY phone)"
	    " GROUP BY list ORDER BY list",
	    each, arg, e);
}
