#include "store/store_sqlite.h"

static void
profile_bind(struct query *q, const struct profile *p)
{
	query_text(q, p->name);
	query_text(q, profile_mode_name(p->mode));
	query_text(q, profile_transport_name(p->transport));
	query_int(q, p->encrypted_config);
	for (int i = 0; i < PROFILE_URL_COUNT; i++)
		query_text(q, p->url[i]);
}

bool
store_profile_put(struct store *s, const struct profile *p, struct err *e)
{
	struct query q;

	if (!query_open(s,
		"INSERT INTO profiles (name, mode, transport, encrypted_config,"
		" authentication_url, directory_url, services_url, messages_url,"
		" information_url, idle_url) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (name) DO UPDATE SET mode = excluded.mode,"
		" transport = excluded.transport, encrypted_config = excluded.encrypted_config,"
		" authentication_url = excluded.authentication_url,"
		" directory_url = excluded.directory_url, services_url = excluded.services_url,"
		" messages_url = excluded.messages_url,"
		" information_url = excluded.information_url, idle_url = excluded.idle_url",
		&q, e))
		return false;
	profile_bind(&q, p);
	return query_run(&q, e) || err_in(e, "profile %s", p->name);
}

#define PROFILE_SELECT \
	"SELECT name, mode, transport, encrypted_config, authentication_url, directory_url," \
	" services_url, messages_url, information_url, idle_url FROM profiles"

static bool
profile_read(struct query *q, struct profile *p, struct err *e)
{
	*p = (struct profile){ .encrypted_config = query_col_bool(q, 3) };
	query_col_text(q, 0, p->name, sizeof p->name);
	if (!profile_mode_from_name(query_col_text_loan(q, 1), &p->mode) ||
	    !profile_transport_from_name(query_col_text_loan(q, 2), &p->transport))
		query_col_bad(q);
	for (int i = 0; i < PROFILE_URL_COUNT; i++)
		query_col_text(q, 4 + i, p->url[i], sizeof p->url[i]);
	return query_row_ok(q, e);
}

bool
store_profile_get(
    struct store *s, const char *name, struct profile *out, bool *found, struct err *e)
{
	struct query q;
	bool ok;

	*out = (struct profile){ 0 };
	if (!query_open(s, PROFILE_SELECT " WHERE name = ?", &q, e))
		return false;
	query_text(&q, name);
	ok = query_next(&q, found, e);
	if (ok && *found)
		ok = profile_read(&q, out, e);
	query_close(&q);
	return ok;
}

bool
store_profile_each(
    struct store *s, bool (*each)(void *arg, const struct profile *p), void *arg, struct err *e)
{
	struct profile p;
	struct query q;
	bool ok, row;

	if (!query_open(s, PROFILE_SELECT " ORDER BY name", &q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = profile_read(&q, &p, e);
		if (!ok || !each(arg, &p))
			break;
	}
	query_close(&q);
	return ok;
}

/* A certificate with an EC key says id-ecPublicKey (1.2.840.10045.2.1), whoever signed it. */
#define IS_EC(der) "instr(" der ", x'06072a8648ce3d0201') > 0"
#define EC_ONLY \
	"(EXISTS (SELECT 1 FROM lscs WHERE device = phones.name AND state = 'confirmed'" \
	" AND " IS_EC("der") ") AND (mic IS NULL OR " IS_EC("mic") "))"

bool
store_profile_ec_phones(
    struct store *s, const char *profile, struct store_ec_phones *out, struct err *e)
{
	struct query q;
	bool ok, row;

	*out = (struct store_ec_phones){ 0 };
	if (!query_open(s,
		"SELECT name, key_order <> 'rsa-only' FROM phones WHERE profile = ?"
		" AND (key_order <> 'rsa-only' OR " EC_ONLY ") ORDER BY name",
		&q, e))
		return false;
	query_text(&q, profile);
	while ((ok = query_next(&q, &row, e)) && row) {
		if (query_col_bool(&q, 1))
			out->ordering++;
		else
			out->holding++;
		if (out->named < STORE_EC_NAMES)
			query_col_text(&q, 0, out->name[out->named++], DEVICE_NAME_MAX);
		ok = query_row_ok(&q, e);
		if (!ok)
			break;
	}
	query_close(&q);
	return ok;
}

bool
store_phone_ec_only(struct store *s, const char *phone, bool *out, struct err *e)
{
	struct query q;
	bool ok;

	*out = false;
	if (!query_open(s, "SELECT 1 FROM phones WHERE name = ? AND " EC_ONLY, &q, e))
		return false;
	query_text(&q, phone);
	ok = query_next(&q, out, e);
	query_close(&q);
	return ok;
}

static bool
profile_users(struct store *s, const char *name, int64_t *out, struct err *e)
{
	struct query q;

	if (!query_open(s, "SELECT count(*) FROM phones WHERE profile = ?", &q, e))
		return false;
	query_text(&q, name);
	return query_number(&q, out, e);
}

bool
store_profile_remove(struct store *s, const char *name, bool *found, struct err *e)
{
	int64_t users;
	struct query q;

	*found = false;
	if (!profile_users(s, name, &users, e))
		return false;
	if (users > 0)
		return err_set(e, ERR_CONFLICT, "profile %s: %lld %s it", name, (long long)users,
		    users == 1 ? "phone has" : "phones have");
	if (!query_open(s, "DELETE FROM profiles WHERE name = ?", &q, e))
		return false;
	query_text(&q, name);
	if (!query_run(&q, e))
		return err_in(e, "profile %s", name);
	*found = sqlite3_changes(s->db) > 0;
	return true;
}
