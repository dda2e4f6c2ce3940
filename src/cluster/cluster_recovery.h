/*
 * cluster_recovery: what an administrator does when phones and cluster do not go together any more:
 * who signs lists, lists without TFTP and TVS, an earlier list. doc/guide/recovery.md says when.
 *
 * Each call is one transaction with the lists that follow from it; on failure everything stays as
 * it was. Besides what is said, ERR_REFUSED when a phone would refuse the next list.
 */
#ifndef CLUSTER_CLUSTER_RECOVERY_H
#define CLUSTER_CLUSTER_RECOVERY_H

#include "cluster/cluster.h"
#include "cluster/recovery_state.h"

/* A loan until the next change. */
const struct recovery_state *cluster_recovery(const struct cluster *c);

/* Whose key signs lists now. */
enum purpose cluster_list_signer(const struct cluster *c);

/* Which key signs lists, and whether they name ITLRecovery. Nothing happens when it is so already.
 * Errors: ERR_CONFLICT while a reset is in force. */
must_use bool cluster_generation_set(
    struct cluster *c, enum generation g, time_t now, struct err *e);

/* The other SAST key signs the lists until the reset is ended (phone.md, generations). Errors:
 * ERR_CONFLICT when it is so already, ERR_REFUSED for a generation without another. */
must_use bool cluster_itl_reset(struct cluster *c, bool on, time_t now, struct err *e);

/* While rollback is prepared, phones are handed the signed empty list in place of the ITL. Errors:
 * ERR_CONFLICT when it is so already; ERR_REFUSED when a phone would refuse the empty list. */
must_use bool cluster_rollback_set(struct cluster *c, bool on, time_t now, struct err *e);

/* The certificates that an earlier ITL of this node names become active again, as far as they are
 * not; those of which it says nothing stay. Roles, generation and a reset stay as they are. Errors:
 * ERR_UNKNOWN: no such version; ERR_CONFLICT: all of them are active; ERR_REFUSED: one is not in
 * the store, has expired, or its key is gone, with the reason for each record. */
must_use bool cluster_itl_revert(struct cluster *c, uint64_t version, time_t now, struct err *e);

#endif
