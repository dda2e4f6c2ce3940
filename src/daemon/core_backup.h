/*
 * core_backup: backups by schedule ([backup] in sealtone.conf): when one is due the backup process
 * makes it, and what became of it is stored, logged and shown.
 */
#ifndef DAEMON_CORE_BACKUP_H
#define DAEMON_CORE_BACKUP_H

#include "cluster/backup_state.h"
#include "daemon/core.h"

struct core_backup;

struct core_backup *core_backup_new(struct core *c);
void core_backup_free(struct core_backup *b); /* safe with NULL */

/* The channel of the backup process; taken over. */
void core_backup_process(struct core *c, int fd);

/* Asks for one when it is due and none is being made. */
void core_backup_step(struct core *c);

/* sealtone.conf was read again: who failed tries again without waiting. */
void core_backup_reload(struct core *c);

/* There is a process that can make one. */
bool core_backup_is_there(const struct core *c);

/* The moment of the day after now at which the next one is made. */
time_t core_backup_next(const struct core *c, time_t now);

#endif
