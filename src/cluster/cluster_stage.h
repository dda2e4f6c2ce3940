/*
 * cluster_stage: new keys that are announced in everybody's lists before they sign anything, so
 * that phones know them by then.
 */
#ifndef CLUSTER_CLUSTER_STAGE_H
#define CLUSTER_CLUSTER_STAGE_H

#include "cluster/cluster.h"

/* Makes keys and certificates for the purposes and announces them in the next list: of callmanager,
 * itlrecovery, tvs and capf, which lists name (else ERR_REFUSED). ERR_CONFLICT: one of them is
 * announced already. Sizes as for cluster_renew_many. */
must_use bool cluster_stage(struct cluster *c, const enum purpose *purpose, size_t n,
    unsigned rsa_bits, time_t now, struct err *e);

/* From now on the announced ones are those that count; the ones before are retired. n 0: all that
 * are announced. Errors: ERR_UNKNOWN (none is, or not of that purpose), ERR_REFUSED (the guard). */
must_use bool cluster_stage_activate(
    struct cluster *c, const enum purpose *purpose, size_t n, time_t now, struct err *e);

/* They are announced no more, and their keys are gone. */
must_use bool cluster_stage_withdraw(
    struct cluster *c, const enum purpose *purpose, size_t n, time_t now, struct err *e);

/* The one that is announced for a purpose; NULL: none. A loan until the next change. */
const struct cert *cluster_staged(const struct cluster *c, enum purpose p);

#endif
