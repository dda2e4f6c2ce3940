/*
 * forecast: what phones meet, counted by what they may hold.
 */
#ifndef CLUSTER_FORECAST_H
#define CLUSTER_FORECAST_H

#include "rules/handout.h"
#include "store/store.h"

/* Phones that may hold the same lists. */
struct forecast_group {
	char *lists; /* their ids (store_belief_set) */
	bool released;
	size_t phones;
	enum handout_outcome outcome;
	enum handout_outcome before; /* without the change */
	size_t tvs;                  /* HANDOUT_TVS: which server of the configuration, from 0 */
	bool cut_off;                /* by the change */
	bool no_config;              /* they take lists, and no configuration */
	bool bridged;                /* they are handed a bridge first */
	struct cert *signer, *tftp;  /* of a bridge (struct handout), or NULL; references */
	char reason[ERR_TEXT_MAX];
};

struct forecast {
	bool is_made;
	struct forecast_group *group;
	size_t count;
	size_t phones[HANDOUT_OUTCOMES];
	size_t no_config;  /* phones */
	size_t newly_lost; /* phones that are cut off by the change */
};

/* One more group: phones of this set meet h; before: what they meet without the change, NULL for
 * what they took when it was handed out. */
void forecast_add(struct forecast *f, const struct store_belief_set *set, const struct handout *h,
    const struct handout *before);

/* The group of a phone, where store_belief_phone_each gives phones in the order of the groups: *at
 * is that of the phone before, 0 at first. NULL: it and all after it are in none. */
const struct forecast_group *forecast_group_of(
    const struct forecast *f, size_t *at, const struct store_belief_phone *p);

/* ERR_REFUSED with how many phones would be cut off, the first ones by name, and why. s NULL:
 * without names. Always false. */
bool forecast_refuse(const struct forecast *f, struct store *s, struct err *e);

void forecast_free(struct forecast *f);

#endif
