#include "daemon/commands.h"

#include "cluster/forecast_json.h"
#include "daemon/command_plan.h"

#include <stdio.h>
#include <string.h>

/* --- the order of steps that loses nobody --- */

#define WORDS_MAX 160

void
command_plan_step(json_t *steps, const char *command, const char *object)
{
	json_array_append_new(
	    steps, json_sprintf("sealtone %s%s%s", command, object[0] != '\0' ? " " : "", object));
	json_array_append_new(steps,
	    json_string("reset the phones until sealtone plan with the next step cuts nobody off: "
			"what a phone took is known by its boots with a bridge, by CAPF, or by "
			"sealtone phone holds"));
}

struct planning {
	const char *command; /* as in the table of commands */
	const json_t *args;
	const char *said; /* the command as its user says it */
};

/* Whether nobody would be lost by a command about purposes. Errors: those of the command. */
static bool
is_safe(struct core *c, const char *command, json_t *purposes, bool *safe, struct err *e)
{
	json_t *args = json_pack("{s:o}", "purposes", purposes);
	struct forecast f = { 0 };
	bool ok = commands_plan(c, command, args, &f, e);

	*safe = f.newly_lost == 0;
	json_decref(args);
	forecast_free(&f);
	return ok;
}

/* One after the other, with the phones following in between. */
static bool
steps_apart(
    struct core *c, const struct planning *p, const json_t *purposes, json_t *steps, struct err *e)
{
	char words[WORDS_MAX];
	const json_t *one;
	size_t i;

	snprintf(words, sizeof words, "cert %s", p->command + strlen("cert/"));
	json_array_foreach((json_t *)(uintptr_t)purposes, i, one)
	{
		bool safe;

		if (!is_safe(c, p->command, json_pack("[O]", one), &safe, e))
			return false;
		if (!safe) {
			json_array_clear(steps);
			return true;
		}
		command_plan_step(steps, words, json_string_value(one));
	}
	return true;
}

/* Announced first, where the purposes can be and that loses nobody itself. */
static bool
steps_staged(struct core *c, const json_t *purposes, json_t *steps, struct err *e)
{
	struct err why = { 0 };
	char words[WORDS_MAX];
	size_t n = 0, i;
	const json_t *one;
	bool safe;

	if (!is_safe(c, "cert/stage", json_copy((json_t *)(uintptr_t)purposes), &safe, &why))
		return why.code == ERR_REFUSED || why.code == ERR_CONFLICT ||
		       err_set(e, why.code, "%s", why.text);
	if (!safe)
		return true;
	json_array_foreach((json_t *)(uintptr_t)purposes, i, one) n += (size_t)snprintf(
	    words + n, n < sizeof words ? sizeof words - n : 0, "%s ", json_string_value(one));
	snprintf(words + n, n < sizeof words ? sizeof words - n : 0, "--staged");
	command_plan_step(steps, "cert regenerate", words);
	command_plan_step(steps, "cert activate", "");
	return true;
}

/* At once is the only way to drop a key that is compromised. */
static bool
find_safe(struct core *c, const struct planning *p, json_t *steps, struct err *e)
{
	const json_t *purposes = json_object_get(p->args, "purposes");

	if (json_is_true(json_object_get(p->args, "compromised")) ||
	    strncmp(p->command, "cert/", strlen("cert/")) != 0)
		return true;
	if (json_array_size(purposes) > 1 && !steps_apart(c, p, purposes, steps, e))
		return false;
	return json_array_size(steps) > 0 || strcmp(p->command, "cert/regenerate") != 0 ||
	       steps_staged(c, purposes, steps, e);
}

/* Empty: there is no safe way that this knows of. */
static bool
find_steps(struct core *c, const struct planning *p, bool loses, json_t *steps, struct err *e)
{
	if (loses)
		return find_safe(c, p, steps, e);
	json_array_append_new(
	    steps, json_sprintf("sealtone %s", p->said[0] != '\0' ? p->said : p->command));
	return true;
}

bool
command_plan(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const struct forecast_place where = { cluster_store(c->cluster), cluster_models(c->cluster),
		cluster_node(c->cluster)->name };
	const struct planning p = { args_text(args, "command"), json_object_get(args, "args"),
		args_text(args, "said") };
	json_t *steps = json_array();
	struct forecast f = { 0 };
	bool ok;

	*result = NULL;
	if (strcmp(p.command, "profile/set") == 0) {
		json_decref(steps);
		return command_plan_profile(c, args, result, e);
	}
	ok = commands_plan(c, p.command, p.args, &f, e) &&
	     forecast_json(&f, &where, json_is_true(json_object_get(args, "names")), result, e) &&
	     find_steps(c, &p, f.newly_lost > 0, steps, e);
	forecast_free(&f);
	if (!ok)
		json_decref(steps);
	else {
		json_object_set_new(*result, "command", json_string(p.command));
		json_object_set_new(*result, "steps", steps);
		ok = strcmp(p.command, "trust/remove") != 0 ||
		     command_plan_trust(c, p.args, *result, e);
	}
	if (!ok)
		json_decref(*result);
	return ok;
}
