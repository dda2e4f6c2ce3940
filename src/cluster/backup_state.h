/*
 * backup_state: what the cluster remembers of its backups: when the last good one was made, and
 * whether keys have changed since.
 */
#ifndef CLUSTER_BACKUP_STATE_H
#define CLUSTER_BACKUP_STATE_H

#include "base/err.h"
#include "store/store.h"

struct backup_state {
	time_t made;         /* of the last good backup; 0: none is known */
	uint64_t saw;        /* changes of keys that it has */
	time_t keys_changed; /* 0: not since this is counted */
	uint64_t changes;
};

/* The cluster has a new key or certificate. Inside the transaction that brings it. */
must_use bool backup_state_keys_changed(struct store *s, time_t now, struct err *e);

/* A backup that was made then, and found good, has the first so many changes. */
must_use bool backup_state_note(struct store *s, time_t made, uint64_t saw, struct err *e);

must_use bool backup_state_get(struct store *s, struct backup_state *out, struct err *e);

/* There is no backup with the keys as they are: whoever loses this machine loses its phones. */
bool backup_state_is_alarm(const struct backup_state *b);

/* Of those that the daemon makes by itself. */
struct backup_schedule {
	time_t made;   /* of the last good one; 0: none */
	time_t failed; /* the last try, when that failed; 0: it did not, or there was none */
	char reason[ERR_TEXT_MAX]; /* why it failed, one line */
};

must_use bool backup_schedule_get(struct store *s, struct backup_schedule *out, struct err *e);
must_use bool backup_schedule_set(struct store *s, const struct backup_schedule *b, struct err *e);

#endif
