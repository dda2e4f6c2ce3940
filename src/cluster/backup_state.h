/*
 * backup_state: what the cluster remembers of its backups: when the last good one was made, and
 * whether keys have changed since.
 */
#ifndef CLUSTER_BACKUP_STATE_H
#define CLUSTER_BACKUP_STATE_H

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

#endif
