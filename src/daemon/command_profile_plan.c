#include "daemon/commands.h"

#include "cluster/cluster_ctl.h"
#include "cluster/forecast_json.h"
#include "daemon/command_profiles.h"
#include "daemon/core_subject.h"
#include "rules/plansum.h"
#include "rules/profileplan.h"

#include <stdlib.h>
#include <string.h>

/* What phones with the profile meet; in the midst of a change that is undone. */
struct look {
	struct core *core;
	const char *name;
	const json_t *settings;
	bool names;
	struct profile before, after;
	json_t *effect[PROFILEPLAN_EFFECTS]; /* NULL: no phone has it */
	json_t *outcomes;
	struct plansum sum;
	struct err *e;
	bool looked, failed;
};

static json_t *
one_phone(const struct phone *p)
{
	return json_pack("{s:s, s:o}", "name", p->device.name, "model", json_text(p->model));
}

static void
count(json_t *in, const char *member)
{
	json_object_set_new(
	    in, member, json_integer(json_integer_value(json_object_get(in, member)) + 1));
}

/* --- how it stands to the lists --- */

static bool
add_standing(struct look *l, const struct phone *p, struct err *e)
{
	struct store *s = cluster_store(l->core->cluster);
	char *lists = store_belief_lists(s, p->device.name, e);
	const struct handout *h;
	json_t *of, *phone;
	bool ok = lists != NULL && cluster_handout(l->core->cluster, lists, p->released, &h, e);

	free(lists);
	if (!ok)
		return false;
	of = json_object_get(l->outcomes, handout_outcome_name(h->outcome));
	count(of, "count");
	plansum_add(&l->sum, h->outcome, h->reason, "", 1);
	if (l->names) {
		phone = one_phone(p);
		json_object_set_new(phone, "reason", json_text(h->reason));
		json_array_append_new(json_object_get(of, "phones"), phone);
	}
	return true;
}

/* --- what the change does to it --- */

static void
add_effects(struct look *l, const struct phone *p, unsigned effects)
{
	for (int i = 0; i < PROFILEPLAN_EFFECTS; i++) {
		enum profileplan_effect f = (enum profileplan_effect)i;

		if ((effects & 1u << i) == 0)
			continue;
		if (l->effect[i] == NULL)
			l->effect[i] = forecast_effect_json(profileplan_name(f),
			    profileplan_text(f), profileplan_remedy(f), profileplan_is_bad(f));
		forecast_effect_add(
		    l->effect[i], p->device.name, p->model, l->names || profileplan_is_bad(f));
	}
}

static bool
look_at(struct look *l, const struct phone *p, struct err *e)
{
	struct core_subject s;
	struct profileplan_phone facts;

	if (!core_subject_load(l->core, &p->device, &s, e))
		return false;
	facts = (struct profileplan_phone){ .opens = s.recipient != NULL,
		.model_encrypts = model_takes_encrypted_config(s.facts.model),
		.has_lsc = p->lsc_serial[0] != '\0',
		.has_ctl = cluster_security(l->core->cluster) == CLUSTER_MIXED };
	core_subject_free(&s);
	add_effects(l, p, profileplan_of(&l->before, &l->after, &facts));
	return add_standing(l, p, e);
}

static bool
on_phone(void *arg, const struct phone *p)
{
	struct look *l = arg;

	if (strcmp(p->profile, l->name) == 0)
		l->failed = !look_at(l, p, l->e);
	return !l->failed;
}

/* Fails in any case: nothing of the change stays. */
static bool
look(struct store *s, void *arg, struct err *e)
{
	struct look *l = arg;

	l->e = e;
	l->looked =
	    command_profile_change(s, l->name, l->settings, false, &l->before, &l->after, e) &&
	    store_phone_each(s, on_phone, l, e) && !l->failed;
	return l->looked ? err_set(e, ERR_REFUSED, "this is a rehearsal") : false;
}

static json_t *
summary_json(struct look *l)
{
	json_t *all = json_array();

	plansum_sort(&l->sum);
	for (size_t i = 0; i < l->sum.count; i++)
		json_array_append_new(all, json_pack("{s:s, s:I, s:o}", "outcome",
					       handout_outcome_name(l->sum.row[i].outcome),
					       "phones", (json_int_t)l->sum.row[i].phones, "reason",
					       json_text(l->sum.row[i].reason)));
	plansum_free(&l->sum);
	return all;
}

static json_t *
effects_json(struct look *l)
{
	json_t *j = json_array();

	for (int i = 0; i < PROFILEPLAN_EFFECTS; i++)
		if (l->effect[i] != NULL)
			json_array_append_new(j, l->effect[i]);
	return j;
}

bool
command_plan_profile(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const json_t *inner = json_object_get(args, "args");
	struct look l = { .core = c,
		.name = args_text(inner, "name"),
		.settings = json_object_get(inner, "settings"),
		.names = json_is_true(json_object_get(args, "names")),
		.outcomes = json_object() };
	json_t *effects;

	for (int i = 0; i < HANDOUT_OUTCOMES; i++)
		json_object_set_new(l.outcomes, handout_outcome_name((enum handout_outcome)i),
		    json_pack("{s:i, s:[]}", "count", 0, "phones"));
	(void)!store_change(cluster_store(c->cluster), look, &l, e);
	effects = effects_json(&l);
	*result = json_pack("{s:s, s:o, s:o, s:i, s:i, s:o, s:[]}", "command", "profile/set",
	    "phones", l.outcomes, "summary", summary_json(&l), "cut_off", 0, "bridged", 0,
	    "effects", effects, "steps");
	if (l.looked) {
		*e = (struct err){ 0 };
		return true;
	}
	json_decref(*result);
	return false;
}
