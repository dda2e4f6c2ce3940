/*
 * backup_rotate: one backup of those that are made by schedule, and an end for old ones.
 */
#ifndef CLUSTER_BACKUP_ROTATE_H
#define CLUSTER_BACKUP_ROTATE_H

#include "cluster/backup.h"
#include "cluster/conf.h"

struct backup_rotation {
	struct backup_info info;
	char file[2 * CONF_PATH_MAX];
	size_t deleted;           /* older ones */
	char stays[ERR_TEXT_MAX]; /* why one that should go is still there; "": none is */
};

/*
 * Makes a backup of the cluster in dir in the folder that [backup] of its sealtone.conf names, as
 * backup_make does; then, and only then, deletes those that may go (rules/backuprota.h). What is
 * deleted is called as one of this cluster and begins as one. Errors: ERR_REFUSED (the passphrase's
 * file is in that folder or open to others, or that folder is one that phones are served from),
 * ERR_MALFORMED (no setting, no passphrase), and those of backup_make.
 */
must_use bool backup_rotate(
    const char *dir, time_t now, struct backup_rotation *out, struct err *e);

#endif
