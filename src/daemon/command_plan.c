#include "daemon/commands.h"

#include <stdio.h>
#include <string.h>

/* One plan as it is told, phone by phone: they come in the order of the groups. */
struct telling {
	struct core *core;
	const struct forecast *forecast;
	size_t at; /* group of the phone before */
	json_t *outcomes;
	bool names; /* of all, not only of those that are lost */
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
is_in(const struct forecast_group *g, const struct store_belief_phone *p)
{
	return g->released == p->released && strcmp(g->lists, p->lists) == 0;
}

static json_t *
outcome_of(const json_t *outcomes, enum handout_outcome o)
{
	return json_object_get(outcomes, handout_outcome_name(o));
}

static bool
add_phone(void *arg, const struct store_belief_phone *p)
{
	struct telling *t = arg;
	const struct forecast_group *g;
	json_t *one;

	while (t->at < t->forecast->count && !is_in(&t->forecast->group[t->at], p))
		t->at++;
	if (t->at == t->forecast->count)
		return false;
	g = &t->forecast->group[t->at];
	if (!t->names && g->outcome != HANDOUT_LOST)
		return true;
	one = json_pack("{s:s, s:o, s:o}", "name", p->name, "model", json_text(p->model), "reason",
	    json_text(g->reason));
	if (g->outcome == HANDOUT_LOST)
		add_keys(t->core, one, p->model);
	json_array_append_new(json_object_get(outcome_of(t->outcomes, g->outcome), "phones"), one);
	return true;
}

static json_t *
group_json(const struct core *c, const struct forecast_group *g)
{
	return json_pack("{s:I, s:o, s:s, s:b, s:b, s:s?}", "phones", (json_int_t)g->phones,
	    "reason", json_text(g->reason), "before", handout_outcome_name(g->before), "released",
	    g->released, "bridge", g->bridged, "tvs",
	    g->outcome == HANDOUT_TVS ? cluster_node(c->cluster)->name : NULL);
}

static bool
tell(struct core *c, const struct forecast *f, bool names, json_t *outcomes, struct err *e)
{
	struct telling t = { .core = c, .forecast = f, .outcomes = outcomes, .names = names };

	for (int i = 0; i < HANDOUT_OUTCOMES; i++)
		json_object_set_new(outcomes, handout_outcome_name((enum handout_outcome)i),
		    json_pack("{s:I, s:[], s:[]}", "count", (json_int_t)f->phones[i], "groups",
			"phones"));
	for (size_t i = 0; i < f->count; i++)
		json_array_append_new(
		    json_object_get(outcome_of(outcomes, f->group[i].outcome), "groups"),
		    group_json(c, &f->group[i]));
	return (!names && f->phones[HANDOUT_LOST] == 0) ||
	       store_belief_phone_each(cluster_store(c->cluster), add_phone, &t, e);
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
