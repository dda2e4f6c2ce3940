/*
 * cluster_purge: keys that are given up for good. A key that is gone helps no phone any more, and
 * nobody who has stolen it is believed for long.
 */
#ifndef CLUSTER_CLUSTER_PURGE_H
#define CLUSTER_CLUSTER_PURGE_H

#include "cluster/cluster.h"

/*
 * Gives up the keys of retired certificates of these purposes (n 0: of every purpose but capf and
 * capf-issuer, whose keys sign what they have revoked). *count: how many. Errors: ERR_REFUSED when
 * a phone would be cut off without one, or for those two purposes.
 */
must_use bool cluster_purge(struct cluster *c, const enum purpose *purpose, size_t n, time_t now,
    size_t *count, struct err *e);

#endif
