/*
 * backup_where: where a backup may be put, and what it may replace there. Internal to backup.
 */
#ifndef CLUSTER_BACKUP_WHERE_H
#define CLUSTER_BACKUP_WHERE_H

#include "cluster/backup.h"
#include "cluster/conf.h"
#include "wire/backupindex.h"

/* path is folder, or in it; both without links. */
bool backup_where_is_within(const char *path, const char *folder);

/* Phones are served what is in this folder, whose path has no links. */
bool backup_where_is_served(const struct conf *conf, const char *folder);

/* The folder that file is to be in. *inside: it is the cluster's own, or in that. ERR_REFUSED:
 * phones are served what is in it. */
must_use bool backup_where_check(
    const struct conf *conf, const char *file, bool *inside, struct err *e);

/* What is there under its name is nothing, empty, or a backup: else ERR_CONFLICT. An empty one is
 * what a killed backup may have left. */
must_use bool backup_where_is_free(const char *file, struct err *e);

/* The same, and a backup is of the cluster that own is of: called like it, with a key in common;
 * else, and when it cannot be opened, ERR_CONFLICT says what it is. */
must_use bool backup_where_is_own(
    const char *file, struct span passphrase, const struct backupindex *own, struct err *e);

#endif
