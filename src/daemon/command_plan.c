#include "daemon/commands.h"

#include <stdio.h>
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

/* --- the order of steps that loses nobody --- */

#define STEP_MAX 160

static void
step_add(json_t *steps, const char *command, const char *object)
{
	char text[STEP_MAX];
	int n = snprintf(
	    text, sizeof text, "sealtone %s%s%s", command, *object != '\0' ? " " : "", object);

	for (int i = 0; i < n && i < STEP_MAX; i++)
		if (text[i] == '/')
			text[i] = ' ';
	json_array_append_new(steps, json_text(text));
	json_array_append_new(steps,
	    json_string("reset the phones, and wait until sealtone status counts none behind"));
}

/* One after the other, with the phones following in between. */
static bool
steps_apart(
    struct core *c, const char *command, const json_t *purposes, json_t *steps, struct err *e)
{
	const json_t *one;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)purposes, i, one)
	{
		json_t *args = json_pack("{s:[O]}", "purposes", one);
		struct forecast f = { 0 };
		bool ok = commands_plan(c, command, args, &f, e), loses = f.newly_lost > 0;

		json_decref(args);
		forecast_free(&f);
		if (!ok)
			return false;
		if (loses) {
			json_array_clear(steps);
			return true;
		}
		step_add(steps, command, json_string_value(one));
	}
	return true;
}

/* Empty: there is none that this knows of. */
static bool
find_steps(struct core *c, const char *command, const json_t *args, const struct forecast *f,
    json_t *steps, struct err *e)
{
	const json_t *purposes = json_object_get(args, "purposes");

	if (json_is_true(json_object_get(args, "compromised")))
		return true;
	if (f->newly_lost > 0)
		return json_array_size(purposes) < 2 || steps_apart(c, command, purposes, steps, e);
	step_add(steps, command, "");
	return true;
}

bool
command_plan(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *command = args_text(args, "command");
	const json_t *inner = json_object_get(args, "args");
	json_t *outcomes, *steps;
	struct forecast f;
	bool ok;

	if (!commands_plan(c, command, inner, &f, e))
		return false;
	outcomes = json_object();
	steps = json_array();
	ok = tell(c, &f, json_is_true(json_object_get(args, "names")), outcomes, e) &&
	     find_steps(c, command, inner, &f, steps, e);
	*result = json_pack("{s:s, s:o, s:I, s:I, s:o}", "command", command, "phones", outcomes,
	    "cut_off", (json_int_t)f.newly_lost, "bridged", (json_int_t)bridged(&f), "steps",
	    steps);
	forecast_free(&f);
	if (ok)
		return true;
	json_decref(*result);
	return false;
}
