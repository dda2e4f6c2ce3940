#include "cluster/forecast_json.h"

#include "base/text.h"
#include "cluster/listnames.h"
#include "rules/absence.h"
#include "rules/eraseway.h"
#include "rules/plansum.h"

#include <stdlib.h>
#include <string.h>

/* What is not UTF-8 is made printable. */
static json_t *
text_json(const char *s)
{
	char clean[ERR_TEXT_MAX];
	json_t *j = json_string(s);

	return j != NULL ? j : json_string(text_printable(span_str(s), clean, sizeof clean));
}

/* --- effects --- */

json_t *
forecast_effect_json(const char *effect, const char *text, const char *remedy, bool bad)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:i, s:[]}", "effect", effect, "text", text,
	    "remedy", remedy, "bad", bad, "count", 0, "phones");
}

json_int_t
forecast_effect_count(const json_t *effect)
{
	return json_integer_value(json_object_get(effect, "count"));
}

void
forecast_effect_add(json_t *effect, const char *name, const char *model, bool named)
{
	json_object_set_new(effect, "count", json_integer(forecast_effect_count(effect) + 1));
	if (named)
		json_array_append_new(json_object_get(effect, "phones"),
		    json_pack("{s:s, s:o}", "name", name, "model", text_json(model)));
}

/* --- phones --- */

/* One plan as it is told, phone by phone: they come in the order of the groups. */
struct telling {
	const struct forecast_place *where;
	const struct forecast *forecast;
	size_t at;         /* group of the phone before */
	json_t *no_config; /* an effect: phones that can verify no configuration */
	json_t *reason;    /* of that group, which its phones share; NULL: not told yet */
	json_t *outcomes;
	bool names; /* of all, not only of those that are lost */
};

/* What the user of a phone that is cut off has to press. */
static void
add_keys(const struct modeltable *models, json_t *phone, const char *model)
{
	const struct model *m = modeltable_find(models, model);

	json_object_set_new(phone, "how", json_string(eraseway_name(eraseway_of(m))));
	if (m == NULL)
		return;
	json_object_set_new(phone, "erase", text_json(m->cell[MODELTABLE_ERASE].value));
	json_object_set_new(phone, "factory_reset", text_json(m->cell[MODELTABLE_RESET].value));
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
	const size_t before = t->at;
	const struct forecast_group *g = forecast_group_of(t->forecast, &t->at, p);
	json_t *one;

	if (g == NULL)
		return false;
	if (t->at != before) {
		json_decref(t->reason);
		t->reason = NULL;
	}
	if (g->no_config)
		forecast_effect_add(t->no_config, p->name, p->model, true);
	if (!t->names && g->outcome != HANDOUT_LOST)
		return true;
	if (t->reason == NULL)
		t->reason = text_json(g->reason);
	one = json_pack(
	    "{s:s, s:o, s:O}", "name", p->name, "model", text_json(p->model), "reason", t->reason);
	if (g->outcome == HANDOUT_LOST)
		add_keys(t->where->models, one, p->model);
	json_array_append_new(json_object_get(outcome_of(t->outcomes, g->outcome), "phones"), one);
	return true;
}

static void
add_key(json_t *keys, const struct cert *c)
{
	char *hex;

	if (c == NULL)
		return;
	hex = text_hex(cert_sha256(c));
	json_array_append_new(keys,
	    json_pack("{s:o, s:s}", "subject", text_json(cert_subject_cucm(c)), "sha256", hex));
	free(hex);
}

static json_t *
absent_json(const struct forecast_group *g)
{
	struct absence a;
	json_t *keys = json_array();

	absence_of(g->outcome, g->signer, g->tftp, &a);
	add_key(keys, g->signer);
	add_key(keys, g->tftp);
	return json_pack("{s:o, s:s, s:o, s:o}", "boots",
	    a.boots > 0 ? json_integer(a.boots) : json_null(), "needs", absence_needs_name(a.needs),
	    "keys", keys, "text", text_json(a.text));
}

static json_t *
lists_json(const struct listnames *names, const char *lists)
{
	json_t *all = json_array();
	char name[LISTNAME_MAX];
	int64_t id;
	bool doubted;

	while (store_belief_next(&lists, &id, &doubted))
		json_array_append_new(all, json_string(listnames_of(names, id, name)));
	return all;
}

static json_t *
group_json(const struct forecast_place *where, const struct listnames *names,
    const struct forecast_group *g)
{
	return json_pack("{s:o, s:I, s:o, s:s, s:b, s:b, s:s?, s:o}", "lists",
	    lists_json(names, g->lists), "phones", (json_int_t)g->phones, "reason",
	    text_json(g->reason), "before", handout_outcome_name(g->before), "released",
	    g->released, "bridge", g->bridged, "tvs",
	    g->outcome == HANDOUT_TVS ? where->node : NULL, "absent", absent_json(g));
}

static bool
add_groups(
    const struct forecast *f, const struct forecast_place *where, json_t *outcomes, struct err *e)
{
	struct listnames *names;

	if (!listnames_load(where->store, &names, e))
		return false;
	for (size_t i = 0; i < f->count; i++)
		json_array_append_new(
		    json_object_get(outcome_of(outcomes, f->group[i].outcome), "groups"),
		    group_json(where, names, &f->group[i]));
	listnames_free(names);
	return true;
}

static bool
tell(const struct forecast *f, const struct forecast_place *where, bool names, json_t *outcomes,
    json_t *no_config, struct err *e)
{
	struct telling t = { .where = where,
		.forecast = f,
		.outcomes = outcomes,
		.no_config = no_config,
		.names = names };
	bool ok;

	for (int i = 0; i < HANDOUT_OUTCOMES; i++)
		json_object_set_new(outcomes, handout_outcome_name((enum handout_outcome)i),
		    json_pack("{s:I, s:[], s:[]}", "count", (json_int_t)f->phones[i], "groups",
			"phones"));
	if (names && !add_groups(f, where, outcomes, e))
		return false;
	ok = (!names && f->phones[HANDOUT_LOST] == 0 && f->no_config == 0) ||
	     store_belief_phone_each(where->store, add_phone, &t, e);
	json_decref(t.reason);
	return ok;
}

static json_t *
summary_json(const struct forecast *f)
{
	struct plansum sum = { 0 };
	json_t *all = json_array();

	for (size_t i = 0; i < f->count; i++) {
		const struct forecast_group *g = &f->group[i];
		struct absence a;

		absence_of(g->outcome, g->signer, g->tftp, &a);
		plansum_add(&sum, g->outcome, g->reason, a.text, g->phones);
	}
	plansum_sort(&sum);
	for (size_t i = 0; i < sum.count; i++)
		json_array_append_new(
		    all, json_pack("{s:s, s:I, s:I, s:o, s:o}", "outcome",
			     handout_outcome_name(sum.row[i].outcome), "phones",
			     (json_int_t)sum.row[i].phones, "groups", (json_int_t)sum.row[i].groups,
			     "reason", text_json(sum.row[i].reason), "away",
			     text_json(sum.row[i].away)));
	plansum_free(&sum);
	return all;
}

static size_t
bridged(const struct forecast *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++)
		n += f->group[i].bridged ? f->group[i].phones : 0;
	return n;
}

static json_t *
no_config_json(void)
{
	return forecast_effect_json("no-configuration",
	    "take the lists, and can verify no configuration: their CTL names no key that signs "
	    "any, and an empty ITL none either",
	    "they go on with the one that they have; erase the CTL at the phone, or end what "
	    "empties the ITL (rollback end)",
	    true);
}

bool
forecast_json(const struct forecast *f, const struct forecast_place *where, bool names,
    json_t **out, struct err *e)
{
	json_t *outcomes = json_object(), *no_config = no_config_json();

	if (!tell(f, where, names, outcomes, no_config, e)) {
		json_decref(outcomes);
		json_decref(no_config);
		return false;
	}
	*out = json_pack("{s:o, s:o, s:I, s:I, s:I}", "phones", outcomes, "summary",
	    summary_json(f), "cut_off", (json_int_t)f->newly_lost, "lost_before",
	    (json_int_t)(f->phones[HANDOUT_LOST] - f->newly_lost), "bridged",
	    (json_int_t)bridged(f));
	if (f->no_config > 0)
		json_object_set_new(*out, "effects", json_pack("[O]", no_config));
	json_decref(no_config);
	return true;
}
