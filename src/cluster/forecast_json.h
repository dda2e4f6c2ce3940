/*
 * forecast_json: a forecast as JSON, as `sealtone plan --json` prints it (doc/guide/plan.md).
 */
#ifndef CLUSTER_FORECAST_JSON_H
#define CLUSTER_FORECAST_JSON_H

#include "cluster/forecast.h"
#include "rules/modeltable.h"

#include <jansson.h>

/* Where the phones of its groups are; loans. */
struct forecast_place {
	struct store *store;
	const struct modeltable *models;
	const char *node; /* whose TVS they ask */
};

/* "phones" by outcome, each counted, and by name: those that are lost, with names all, and then in
 * groups too; "summary" with a row for what is the same (rules/plansum.h); "cut_off", "lost_before"
 * and "bridged"; "effects" where there are some. *out: a new reference. */
must_use bool forecast_json(const struct forecast *f, const struct forecast_place *where,
    bool names, json_t **out, struct err *e);

/* What befalls phones besides their lists, as a plan tells it in its "effects"; remedy may be "".
 * No phone yet. */
json_t *forecast_effect_json(const char *effect, const char *text, const char *remedy, bool bad);

/* One more phone, counted, and named when it is to be. */
void forecast_effect_add(json_t *effect, const char *name, const char *model, bool named);

/* How many there are. */
json_int_t forecast_effect_count(const json_t *effect);

#endif
