/*
 * handouts: what phones are handed with one picture of the cluster, remembered by what they may
 * hold. Internal to cluster.
 */
#ifndef CLUSTER_HANDOUTS_H
#define CLUSTER_HANDOUTS_H

#include "cluster/cluster_internal.h"

struct handouts;

/* The picture is a loan. Freed with handouts_free. */
must_use bool handouts_new(const struct cluster *c, const struct picture *p, time_t now,
    struct handouts **out, struct err *e);
void handouts_free(struct handouts *h); /* safe with NULL */

/* lists as in store_belief_set; *out is a loan. Errors: ERR_STORE (a list in the database that does
 * not parse). */
must_use bool handouts_of(struct handouts *h, const char *lists, bool released,
    const struct handout **out, struct err *e);

/* As for phones that do not ask a TVS server whose certificate has expired at that time, and
 * without help by bridges. */
void handouts_doubt_tvs(struct handouts *h, time_t when);

/* As for phones that are sent to another cluster, which serves these lists and hands nobody a
 * bridge, while our TVS speaks for what is in the view. Loans. */
void handouts_elsewhere(
    struct handouts *h, struct span ctl, struct span itl, const struct trustview *vouch);

/* What a phone meets that is handed what everybody is. A loan. */
const struct handout_world *handouts_world(struct handouts *h);

/* Those of the cluster's present picture. */
must_use bool handouts_now(struct cluster *c, struct handouts **out, struct err *e);

#endif
