/*
 * cluster_purge: keys that are given up for good. A key that is gone helps no phone any more, and
 * nobody who has stolen it is believed for long.
 */
#ifndef CLUSTER_CLUSTER_PURGE_H
#define CLUSTER_CLUSTER_PURGE_H

#include "cluster/cluster.h"

/*
 * Gives up the keys of retired certificates of these purposes (n 0: of every purpose but capf and
 * capf-issuer, whose keys sign what they have revoked). Keys taken over from other clusters stay,
 * unless taken_over says so: who knows whether phones of that cluster are still to come? Errors:
 * ERR_REFUSED when a phone would be cut off without one, or for those two purposes.
 */
struct cluster_purged {
	size_t given_up, left; /* left: taken over */
};
must_use bool cluster_purge(struct cluster *c, const enum purpose *purpose, size_t n,
    bool taken_over, time_t now, struct cluster_purged *out, struct err *e);

#endif
