/*
 * backuprota: when the daemon makes a backup by itself, what its file is called, and which old ones
 * may go (doc/guide/backup.md).
 */
#ifndef RULES_BACKUPROTA_H
#define RULES_BACKUPROTA_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define BACKUPROTA_NAME_MAX 320

/* Seconds. Several changes in a row are one backup; who failed waits before it tries again. */
#define BACKUPROTA_SETTLE_S 5
#define BACKUPROTA_RETRY_S  600

struct backuprota {
	time_t slot;        /* the last time of the day when one was to be made; not after now */
	bool after_changes; /* of keys, too */
	time_t made;        /* the last good one that the daemon made by itself; 0: none */
	time_t failed;      /* the last try, when it failed; 0: it did not */
	bool behind;        /* no good backup, whoever made it, has the keys as they are */
	time_t keys_changed;
};

bool backuprota_is_due(const struct backuprota *p, time_t now);

/* "Example-20261129-030000.backup": cluster, with '_' for what a file name should not have, and
 * time in UTC. Returns out. */
char *backuprota_name(const char *cluster, time_t made, char out[BACKUPROTA_NAME_MAX]);

/* Whether a file is called as backuprota_name calls one of this cluster, and of when it is. ending
 * is what may follow: "" or ".new". */
bool backuprota_is_name(const char *cluster, const char *name, const char *ending, time_t *made);

/* Marks those of made that may go, now that the one of newest is good: older by more than
 * keep_days, and with keep_least others that are newer (newest among them). Those after newest,
 * which a clock that was set back leaves, neither go nor count. */
void backuprota_old(const time_t *made, size_t count, time_t newest, unsigned keep_days,
    unsigned keep_least, bool *old);

#endif
