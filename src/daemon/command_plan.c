#include "daemon/commands.h"

#include <string.h>

/* One plan as it is told. */
struct telling {
	struct core *core;
	const struct forecast_group *group;
	bool names;
	json_t *phones; /* of the outcome */
};

/* What the user of a phone that is cut off has to press. */
static void
add_keys(const struct core *c, json_t *phone, const char *model)
{
	const struct model *m = modeltable_find(cluster_models(c->cluster), model);

	if (m == NULL)
		return;
	json_object_set_new(phone, "erase", json_text(m->cell[MODELTABLE_ERASE].value));
	json_object_set_new(phone, "factory_reset", json_text(m->cell[MODELTABLE_RESET].value));
}

static bool
add_phone(void *arg, const char *name, const char *model)
{
	const struct telling *t = arg;
	json_t *one = json_pack("{s:s, s:o, s:o}", "name", name, "model", json_text(model),
	    "reason", json_text(t->group->reason));

	if (t->group->outcome == HANDOUT_LOST)
		add_keys(t->core, one, model);
	json_array_append_new(t->phones, one);
	return true;
}

static json_t *
group_json(const struct telling *t)
{
	const struct forecast_group *g = t->group;

	return json_pack("{s:I, s:o, s:s, s:b, s:b, s:s?}", "phones", (json_int_t)g->phones,
	    "reason", json_text(g->reason), "before", handout_outcome_name(g->before), "released",
	    g->released, "bridge", g->bridged, "tvs",
	    g->outcome == HANDOUT_TVS ? cluster_node(t->core->cluster)->name : NULL);
}

static bool
tell_group(struct core *c, const struct forecast_group *g, bool names, json_t *to, struct err *e)
{
	struct telling t = { c, g, names, json_object_get(to, "phones") };
	const struct store_belief_set set = { g->lists, g->released, g->phones };

	json_array_append_new(json_object_get(to, "groups"), group_json(&t));
	return !names || store_belief_set_phones(cluster_store(c->cluster), &set, add_phone, &t, e);
}

static bool
tell(struct core *c, const struct forecast *f, bool names, json_t *outcomes, struct err *e)
{
	for (int i = 0; i < HANDOUT_OUTCOMES; i++)
		json_object_set_new(outcomes, handout_outcome_name((enum handout_outcome)i),
		    json_pack("{s:I, s:[], s:[]}", "count", (json_int_t)f->phones[i], "groups",
			"phones"));
	for (size_t i = 0; i < f->count; i++)
		if (!tell_group(c, &f->group[i], names,
			json_object_get(outcomes, handout_outcome_name(f->group[i].outcome)), e))
			return false;
	return true;
}

static size_t
bridged(const struct forecast *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++)
		n += f->group[i].bridged ? f->group[i].phones : 0;
	return n;
}

bool
command_plan(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *command = args_text(args, "command");
	json_t *outcomes = json_object();
	struct forecast f;
	bool ok;

	if (!commands_plan(c, command, json_object_get(args, "args"), &f, e)) {
		json_decref(outcomes);
		return false;
	}
	ok = tell(c, &f, json_is_true(json_object_get(args, "names")), outcomes, e);
	*result = json_pack("{s:s, s:o, s:I, s:I}", "command", command, "phones", outcomes,
	    "cut_off", (json_int_t)f.newly_lost, "bridged", (json_int_t)bridged(&f));
	forecast_free(&f);
	if (ok)
		return true;
	json_decref(*result);
	return false;
}
