#include "daemon/commands.h"

#include "cluster/forecast_json.h"
#include "daemon/command_plan.h"

#include <stdio.h>
#include <string.h>

/* --- the order of steps that loses nobody --- */

#define STEP_MAX 160

void
command_plan_step(json_t *steps, const char *command, const char *object)
{
	char text[STEP_MAX];
	int n = snprintf(
	    text, sizeof text, "sealtone %s%s%s", command, *object != '\0' ? " " : "", object);

	for (int i = 0; i < n && i < STEP_MAX; i++)
		if (text[i] == '/')
			text[i] = ' ';
	json_array_append_new(steps, json_text(text));
	json_array_append_new(steps,
	    json_string("reset the phones until sealtone plan with the next step cuts nobody off: "
			"what a phone took is known by its boots with a bridge, by CAPF, or by "
			"sealtone phone holds"));
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
		command_plan_step(steps, command, json_string_value(one));
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
	command_plan_step(steps, command, "");
	return true;
}

bool
command_plan(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const struct forecast_place where = { cluster_store(c->cluster), cluster_models(c->cluster),
		cluster_node(c->cluster)->name };
	const char *command = args_text(args, "command");
	const json_t *inner = json_object_get(args, "args");
	json_t *steps = json_array();
	struct forecast f = { 0 };
	bool ok;

	*result = NULL;
	if (strcmp(command, "profile/set") == 0) {
		json_decref(steps);
		return command_plan_profile(c, args, result, e);
	}
	ok = commands_plan(c, command, inner, &f, e) &&
	     forecast_json(&f, &where, json_is_true(json_object_get(args, "names")), result, e) &&
	     find_steps(c, command, inner, &f, steps, e);
	forecast_free(&f);
	if (!ok)
		json_decref(steps);
	else {
		json_object_set_new(*result, "command", json_string(command));
		json_object_set_new(*result, "steps", steps);
		ok = strcmp(command, "trust/remove") != 0 ||
		     command_plan_trust(c, inner, *result, e);
	}
	if (!ok)
		json_decref(*result);
	return ok;
}
