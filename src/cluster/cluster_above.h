/*
 * cluster_above: CAs that stand in a trust store only because they are above a certificate of ours.
 *
 * They came with it (cluster_import) and complete its chain. TVS does not vouch for them: who holds
 * the key of such a CA is no signer of lists and files, no call manager and no TVS of the cluster.
 * One that an administrator has put there (trust add), before or afterwards, is not one of them.
 */
#ifndef CLUSTER_CLUSTER_ABOVE_H
#define CLUSTER_CLUSTER_ABOVE_H

#include "pki/cert.h"
#include "rules/trustview.h"
#include "store/store.h"

/* Whether the certificate with that SHA-256 is one in that store. */
must_use bool cluster_above_is(
    struct store *s, enum trust_store store, struct span sha256, bool *out, struct err *e);

/* Puts it there as one; one that is there already stays what it is. Inside a transaction. */
must_use bool cluster_above_add(
    struct store *s, enum trust_store store, const struct cert *c, time_t now, struct err *e);

/* It is none any more: it is removed, or an administrator trusts it. Inside a transaction. */
must_use bool cluster_above_forget(
    struct store *s, enum trust_store store, struct span sha256, struct err *e);

#endif
