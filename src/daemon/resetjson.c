#include "daemon/resetjson.h"

#include "daemon/commands.h"

bool
resetjson_job(struct core *c, const struct store_reset *r, json_t **out, struct err *e)
{
	size_t counts[STORE_RESET_PHONE_STATES], all = 0;
	char key[JSON_KEY_MAX];

	if (!store_reset_counts(cluster_store(c->cluster), r->id, 0, counts, e))
		return false;
	*out = json_pack("{s:I, s:o, s:s, s:s, s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "id",
	    (json_int_t)r->id, "made", json_time(r->made), "state",
	    store_reset_state_name(r->state), "kind", reset_kind_name(r->kind), "filter",
	    json_text(r->filter), "reason", json_text(r->reason), "wave", (int)r->now, "waves",
	    (int)r->waves, "canary", (int)r->plan.canary, "wave_size", (int)r->plan.wave,
	    "tolerance", (int)r->plan.tolerance, "wait", (int)r->wait_s, "again", (int)r->again);
	if (*out == NULL)
		return err_set(e, ERR_BUG, "cannot show reset job %lld", (long long)r->id);
	for (int s = 0; s < STORE_RESET_PHONE_STATES; s++) {
		const char *name = store_reset_phone_state_name((enum store_reset_phone_state)s);

		json_object_set_new(*out, json_key(name, key), json_integer((json_int_t)counts[s]));
		all += counts[s];
	}
	json_object_set_new(*out, "phones", json_integer((json_int_t)all));
	return true;
}

json_t *
resetjson_place(const struct store_reset_phone *p)
{
	return json_pack("{s:s, s:i, s:s, s:o, s:o, s:o, s:o}", "name", p->name, "wave",
	    (int)p->wave, "state", store_reset_phone_state_name(p->state), "reason",
	    json_text(p->reason), "status", p->status >= 0 ? json_integer(p->status) : json_null(),
	    "asked", json_time(p->asked), "at", json_time(p->at));
}

bool
resetjson_phone(struct core *c, const char *name, json_t **out, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	struct store_reset_phone p;
	struct store_reset r;
	int64_t id;
	bool found;

	*out = NULL;
	if (!store_reset_phone_last(s, name, &id, &p, &found, e))
		return false;
	if (!found) {
		*out = json_null();
		return true;
	}
	if (!store_reset_get(s, id, &r, &found, e))
		return false;
	*out = resetjson_place(&p);
	json_object_del(*out, "name");
	json_object_set_new(*out, "job", json_integer(id));
	json_object_set_new(*out, "kind", json_string(reset_kind_name(r.kind)));
	return true;
}
