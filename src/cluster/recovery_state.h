/*
 * recovery_state: settings of the store that decide who signs trust lists, and which list phones
 * are handed (doc/guide/recovery.md, doc/decisions/0017-generation.md).
 */
#ifndef CLUSTER_RECOVERY_STATE_H
#define CLUSTER_RECOVERY_STATE_H

#include "rules/trustlist_build.h"
#include "store/store.h"

struct recovery_state {
	bool has_generation; /* false: not set yet, and generation is that of new clusters */
	enum generation generation;
	time_t reset_since;     /* the other SAST key signs; 0: no reset is in force */
	time_t ctl_reset_since; /* the same of the CTL */
	time_t rollback_since;  /* phones are handed the empty list; 0: not prepared */
	bool mixed;             /* the cluster is in mixed mode: there is a CTL */
};

/* Errors: ERR_STORE for a value that nobody wrote. */
must_use bool recovery_state_read(struct store *s, struct recovery_state *out, struct err *e);

/* Each inside the transaction of the change. since 0: it ends. */
must_use bool recovery_state_set_generation(struct store *s, enum generation g, struct err *e);
must_use bool recovery_state_set_reset(struct store *s, time_t since, struct err *e);
must_use bool recovery_state_set_ctl_reset(struct store *s, time_t since, struct err *e);
must_use bool recovery_state_set_rollback(struct store *s, time_t since, struct err *e);

#endif
