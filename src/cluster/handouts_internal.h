/*
 * handouts_internal: the lists that a phone may hold, read. Internal to handouts.
 */
#ifndef CLUSTER_HANDOUTS_INTERNAL_H
#define CLUSTER_HANDOUTS_INTERNAL_H

#include "cluster/handouts.h"

#include <uthash.h>

/* A list that a phone may hold. */
struct held {
	int64_t id; /* key */
	struct store_list list;
	struct trustlist parsed;
	UT_hash_handle hh;
};

struct doubtful {
	const struct held *held;
	bool doubted;
};

/* The lists of a set, CTLs apart from ITLs. */
struct split {
	struct doubtful *ctl, *itl;
	size_t ctls, itls;
};

/* Of a text as in store_belief_set. Loans of the handouts; freed with handouts_split_free, also
 * after failure. Errors: ERR_STORE (a list that does not parse). */
must_use bool handouts_split(
    struct handouts *h, const char *lists, struct split *out, struct err *e);
void handouts_split_free(struct split *s); /* leaves it empty */

#endif
