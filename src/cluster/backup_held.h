/*
 * backup_held: what phones hold now, against a backup of an earlier time.
 *
 * A cluster that is restored knows the lists and keys of then. What it is told here of the cluster
 * as it was last lets it hand phones bridges where they need them, and lets it be said before whom
 * it would lose (doc/decisions/0022-plans.md).
 */
#ifndef CLUSTER_BACKUP_HELD_H
#define CLUSTER_BACKUP_HELD_H

#include "cluster/backup.h"
#include "cluster/cluster_internal.h"

/* Opens the cluster as it was last, only to read it. Freed with cluster_close. */
must_use bool backup_held_open(const char *dir, struct cluster **out, struct err *e);

/* Brings into the cluster that was extracted to dir: every list that phones of last hold, deleted
 * ones too, and it does not know, which phones hold which, and as retired ones the keys made since
 * that sign lists, where they can be read. Fills held with what its phones would meet. All or
 * nothing of the store.
 */
must_use bool backup_held_bring(
    struct cluster *last, const char *dir, time_t now, struct backup_held *held, struct err *e);

#endif
