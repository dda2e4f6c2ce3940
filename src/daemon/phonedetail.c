#include "daemon/phonedetail.h"

#include "cluster/cluster_ctl.h"
#include "daemon/commands.h"
#include "daemon/core_config.h"
#include "daemon/resetjson.h"

static json_t *
text_or_null(const char *text)
{
	return text[0] != '\0' ? json_text(text) : json_null();
}

/* --- how its configuration is made --- */

static bool
config_json(struct core *c, const struct phone *p, json_t **out, struct err *e)
{
	struct core_config_view v;

	if (!core_config_explain(c, &p->device, &v, e))
		return false;
	*out = json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "source", text_or_null(v.source),
	    "form", provision_form_name(v.form), "recipient", text_or_null(v.recipient), "reason",
	    text_or_null(v.reason), "version", text_or_null(v.version), "fault",
	    text_or_null(v.fault), "good_at", json_time(v.good_at));
	return true;
}

/* --- what it fetched last --- */

struct newest {
	const struct core *core;
	bool ctl; /* else an ITL */
	struct store_belief belief;
	bool found;
};

static bool
take_newest(void *arg, const struct store_belief *b)
{
	struct newest *n = arg;

	n->found = cluster_list_is_ctl(n->core->cluster, b->list) == n->ctl;
	n->belief = *b;
	return !n->found;
}

static bool
list_json(struct core *c, const struct phone *p, bool ctl, json_t **out, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	struct newest n = { .core = c, .ctl = ctl };
	struct store_list list;

	*out = json_null();
	if (!store_belief_each(s, p->device.name, take_newest, &n, e))
		return false;
	if (!n.found)
		return true;
	if (!store_list_get(s, n.belief.list, &list, e))
		return false;
	*out = json_pack("{s:I, s:I, s:o, s:o}", "id", (json_int_t)n.belief.list, "version",
	    (json_int_t)list.version, "address", text_or_null(n.belief.address), "at",
	    json_time(n.belief.last));
	store_list_free(&list);
	return true;
}

static bool
served_json(struct core *c, const struct phone *p, json_t **out, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	struct store_served served;
	json_t *list, *ctl, *config;
	bool found;

	if (!store_served_get(s, p->device.name, &served, &found, e) ||
	    !list_json(c, p, false, &list, e))
		return false;
	if (!list_json(c, p, true, &ctl, e)) {
		json_decref(list);
		return false;
	}
	config = json_null();
	if (found)
		config =
		    json_pack("{s:o, s:s, s:o, s:o, s:o}", "version", text_or_null(served.version),
			"form", served.form, "address", text_or_null(served.address), "home",
			text_or_null(served.home), "at", json_time(served.at));
	*out = json_pack("{s:o, s:o, s:o}", "list", list, "ctl", ctl, "config", config);
	return true;
}

/* --- values --- */

static bool
add_value(void *arg, const char *key, const char *value)
{
	json_object_set_new(arg, key, json_text(value));
	return true;
}

static bool
values_json(struct store *s, const struct phone *p, json_t **out, struct err *e)
{
	*out = json_object();
	if (store_phone_value_each(s, p->device.name, add_value, *out, e))
		return true;
	json_decref(*out);
	return false;
}

bool
phonedetail_add(struct core *c, const struct phone *p, bool values, json_t *phone, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	json_t *part;

	if (!config_json(c, p, &part, e))
		return false;
	json_object_set_new(phone, "config", part);
	if (!served_json(c, p, &part, e))
		return false;
	json_object_set_new(phone, "served", part);
	if (!resetjson_phone(c, p->device.name, &part, e))
		return false;
	json_object_set_new(phone, "reset", part);
	if (!values)
		return true;
	if (!values_json(s, p, &part, e))
		return false;
	json_object_set_new(phone, "values", part);
	return true;
}
