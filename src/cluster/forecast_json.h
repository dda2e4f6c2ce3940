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
 * groups too; "summary" with a row for what is the same (rules/plansum.h); "cut_off" and "bridged".
 * *out: a new reference. */
must_use bool forecast_json(const struct forecast *f, const struct forecast_place *where,
    bool names, json_t **out, struct err *e);

#endif
