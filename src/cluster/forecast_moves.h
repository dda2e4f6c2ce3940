/*
 * forecast_moves: phones that go to another cluster, and phones that come from one.
 */
#ifndef CLUSTER_FORECAST_MOVES_H
#define CLUSTER_FORECAST_MOVES_H

#include "cluster/cluster.h"
#include "rules/moveplan.h"

/* What our phones meet that are sent to a cluster which serves these lists (a CTL may be empty),
 * while our TVS, which they ask, speaks for what is in the view. Without bridges: there they are
 * handed none. Freed with forecast_free. */
must_use bool cluster_forecast_leaving(struct cluster *c, struct span ctl, struct span itl,
    const struct trustview *vouch, time_t now, struct forecast *out, struct err *e);

/* What a phone meets here that holds these lists of another cluster; either may be NULL. */
must_use bool cluster_arrival(struct cluster *c, const struct trustlist *ctl,
    const struct trustlist *itl, struct moveplan_arrival *out, struct err *e);

#endif
