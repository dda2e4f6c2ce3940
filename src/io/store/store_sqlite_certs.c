#include "store/store_sqlite.h"

/* --- certificates of the cluster --- */

static bool
cert_retire(struct store *s, const struct store_cert *c, time_t now, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE certificates SET active = 0, retired = ?"
		" WHERE node = ? AND purpose = ? AND active = 1",
		&q, e))
		return false;
	query_int(&q, now);
	query_int(&q, c->node);
	query_text(&q, purpose_name(c->purpose));
	return query_run(&q, e);
}

static bool
cert_insert(struct store *s, struct store_cert *c, time_t now, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO certificates (node, purpose, der, active, made, retired, staged,"
		" taken_over) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		&q, e))
		return false;
	query_int(&q, c->node);
	query_text(&q, purpose_name(c->purpose));
	query_blob(&q, bytes_span(&c->der));
	query_int(&q, c->active);
	query_int(&q, now);
	query_int(&q, c->retired);
	query_int(&q, c->staged);
	query_int(&q, c->taken_over);
	if (!query_run(&q, e))
		return false;
	c->id = sqlite3_last_insert_rowid(s->db);
	c->made = now;
	return true;
}

struct activation {
	struct store_cert *cert;
	time_t now;
};

static bool
cert_switch(struct store *s, void *arg, struct err *e)
{
	struct activation *a = arg;

	a->cert->active = true;
	a->cert->staged = false;
	a->cert->retired = 0;
	return cert_retire(s, a->cert, a->now, e) && cert_insert(s, a->cert, a->now, e);
}

bool
store_cert_activate(struct store *s, struct store_cert *c, time_t now, struct err *e)
{
	struct activation a = { c, now };

	return store_change(s, cert_switch, &a, e) ||
	       err_in(e, "certificate for %s", purpose_name(c->purpose));
}

struct reactivation {
	int64_t id;
	time_t now;
};

static bool
cert_switch_back(struct store *s, void *arg, struct err *e)
{
	const struct reactivation *r = arg;
	struct query q;

	if (!query_open(s,
		"UPDATE certificates SET active = 0, retired = ?2 WHERE active = 1 AND id <> ?1"
		" AND (node, purpose) = (SELECT node, purpose FROM certificates WHERE id = ?1)",
		&q, e))
		return false;
	query_int(&q, r->id);
	query_int(&q, r->now);
	if (!query_run(&q, e) || !query_open(s,
				     "UPDATE certificates SET active = 1, retired = 0, staged = 0"
				     " WHERE id = ? AND given_up = 0",
				     &q, e))
		return false;
	query_int(&q, r->id);
	if (!query_run(&q, e))
		return false;
	return sqlite3_changes(s->db) == 1 ||
	       err_set(e, ERR_UNKNOWN, "no certificate %lld that has its key", (long long)r->id);
}

bool
store_cert_reactivate(struct store *s, int64_t id, time_t now, struct err *e)
{
	struct reactivation r = { id, now };

	return store_change(s, cert_switch_back, &r, e);
}

static bool
cert_read(struct query *q, struct store_cert *c, struct err *e)
{
	*c = (struct store_cert){ .id = query_col_int(q, 0), .node = query_col_int(q, 1) };
	if (!purpose_from_name(query_col_text_loan(q, 2), &c->purpose))
		query_col_bad(q);
	c->der = query_col_loan(q, 3);
	c->active = query_col_bool(q, 4);
	c->made = query_col_int(q, 5);
	c->retired = query_col_int(q, 6);
	c->staged = query_col_bool(q, 7);
	c->given_up = query_col_int(q, 8);
	c->taken_over = query_col_bool(q, 9);
	return query_row_ok(q, e);
}

bool
store_cert_each(
    struct store *s, bool (*each)(void *arg, const struct store_cert *c), void *arg, struct err *e)
{
	struct store_cert c;
	struct query q;
	bool ok, row;

	if (!query_open(s,
		"SELECT id, node, purpose, der, active, made, retired, staged, given_up,"
		" taken_over FROM certificates ORDER BY id",
		&q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = cert_read(&q, &c, e);
		if (!ok || !each(arg, &c))
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_cert_put(struct store *s, struct store_cert *c, time_t now, struct err *e)
{
	c->active = false;
	return cert_insert(s, c, now, e) ||
	       err_in(e, "certificate for %s", purpose_name(c->purpose));
}

struct promotion {
	struct store_cert of; /* node and purpose */
	time_t now;
};

static bool
cert_raise(struct store *s, void *arg, struct err *e)
{
	struct promotion *p = arg;
	struct query q;

	if (!cert_retire(s, &p->of, p->now, e) ||
	    !query_open(s,
		"UPDATE certificates SET active = 1, staged = 0"
		" WHERE node = ? AND purpose = ? AND staged = 1",
		&q, e))
		return false;
	query_int(&q, p->of.node);
	query_text(&q, purpose_name(p->of.purpose));
	if (!query_run(&q, e))
		return false;
	return sqlite3_changes(s->db) == 1 || err_set(e, ERR_UNKNOWN, "none is staged");
}

bool
store_cert_promote(struct store *s, int64_t node, enum purpose purpose, time_t now, struct err *e)
{
	struct promotion p = { { .node = node, .purpose = purpose }, now };

	return store_change(s, cert_raise, &p, e) ||
	       err_in(e, "certificate for %s", purpose_name(purpose));
}

bool
store_cert_give_up(struct store *s, int64_t id, time_t now, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"UPDATE certificates SET given_up = ?1, staged = 0,"
		" retired = CASE retired WHEN 0 THEN ?1 ELSE retired END"
		" WHERE id = ?2 AND active = 0 AND given_up = 0",
		&q, e))
		return false;
	query_int(&q, now);
	query_int(&q, id);
	if (!query_run(&q, e))
		return false;
	return sqlite3_changes(s->db) == 1 ||
	       err_set(e, ERR_UNKNOWN, "no certificate %lld with a key to give up", (long long)id);
}

/* --- trust stores --- */

bool
store_trust_add(struct store *s, struct store_trust *t, struct err *e)
{
	struct query q;

	if ((unsigned)t->store >= TRUST_STORE_COUNT)
		return err_set(e, ERR_BUG, "trust store %d", (int)t->store);
	if (!query_open(s, "INSERT INTO trust (store, der, added) VALUES (?, ?, ?)", &q, e))
		return false;
	query_text(&q, trust_store_name(t->store));
	query_blob(&q, bytes_span(&t->der));
	query_int(&q, t->added);
	if (!query_run(&q, e))
		return err_in(e, "%s", trust_store_name(t->store));
	t->id = sqlite3_last_insert_rowid(s->db);
	return true;
}

bool
store_trust_remove(struct store *s, int64_t id, struct err *e)
{
	struct query q;

	if (!query_open(s, "DELETE FROM trust WHERE id = ?", &q, e))
		return false;
	query_int(&q, id);
	if (!query_run(&q, e))
		return false;
	return sqlite3_changes(s->db) == 1 ||
	       err_set(e, ERR_UNKNOWN, "no trusted certificate %lld", (long long)id);
}

bool
store_trust_each(
    struct store *s, bool (*each)(void *arg, const struct store_trust *t), void *arg, struct err *e)
{
	struct store_trust t;
	struct query q;
	bool ok, row;

	if (!query_open(s, "SELECT id, store, der, added FROM trust ORDER BY id", &q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		t = (struct store_trust){ .id = query_col_int(&q, 0) };
		if (!trust_store_from_name(query_col_text_loan(&q, 1), &t.store))
			query_col_bad(&q);
		t.der = query_col_loan(&q, 2);
		t.added = query_col_int(&q, 3);
		ok = query_row_ok(&q, e);
		if (!ok || !each(arg, &t))
			break;
	}
	query_close(&q);
	return ok;
}
