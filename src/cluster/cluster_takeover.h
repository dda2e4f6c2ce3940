/*
 * cluster_takeover: the signer of a cluster that is gone, so that its phones can be brought here.
 */
#ifndef CLUSTER_CLUSTER_TAKEOVER_H
#define CLUSTER_CLUSTER_TAKEOVER_H

#include "cluster/cluster.h"

/*
 * Keeps the key (PEM) and its certificate as a retired one of the purpose, itlrecovery or
 * callmanager: it signs bridges for phones that know nothing else, and nothing besides. When it
 * fails nothing stays, nor when it is interrupted (cluster_takeover_finish). Errors: ERR_REFUSED
 * (another purpose, or signer_keep refuses it), ERR_CRYPTO, ERR_CONFLICT (the key is here already).
 */
must_use bool cluster_take_over(struct cluster *c, enum purpose p, struct span key_pem,
    const struct cert *cert, time_t now, struct err *e);

/* Where the store names a key that was being taken over, and no certificate of it, the daemon was
 * killed in between: the key is removed from keys/. When the cluster is opened. */
must_use bool cluster_takeover_finish(struct cluster *c, time_t now, struct err *e);

#endif
