/*
 * cluster_ctl: the cluster security mode, and the CTL that follows from it (doc/decisions/0016).
 *
 * The cluster's own keys sign the CTL ("tokenless"). It is published as ITLs are: with every change
 * of a certificate or role that it names, in the same transaction.
 */
#ifndef CLUSTER_CLUSTER_CTL_H
#define CLUSTER_CLUSTER_CTL_H

#include "base/err.h"

#include <stdint.h>
#include <time.h>

struct cluster;
struct store;

enum cluster_security {
	CLUSTER_NEVER_MIXED,  /* non-secure, and there is no CTL */
	CLUSTER_MIXED_BEFORE, /* non-secure; what a real cluster leaves of the CTL is served */
	CLUSTER_MIXED,
};

/* "non-secure", "mixed". */
const char *cluster_security_name(enum cluster_security mode);

/* The mode now. */
enum cluster_security cluster_security(const struct cluster *c);

/* The same from a store. Errors: ERR_STORE. */
must_use bool cluster_security_get(struct store *s, enum cluster_security *out, struct err *e);

/* Moves the cluster into mixed mode or back to non-secure mode; what it is in already changes
 * nothing. Errors: ERR_REFUSED when phones would refuse the CTL. */
must_use bool cluster_ctl_set_mode(struct cluster *c, bool mixed, time_t now, struct err *e);

/* Ends a reset, and publishes the CTL where it does not say what the cluster is now; *changed: it
 * did. Errors: ERR_REFUSED when the cluster has no CTL. */
must_use bool cluster_ctl_update(struct cluster *c, time_t now, bool *changed, struct err *e);

/* The other SAST key signs the CTL until the reset is ended, as cluster_itl_reset for ITLs; an
 * update or the end of the CTL ends it too. Errors: ERR_CONFLICT when it is so already, ERR_REFUSED
 * when there is no CTL, or no other key in this generation. */
must_use bool cluster_ctl_reset(struct cluster *c, bool on, time_t now, struct err *e);

/* In non-secure mode: the CTL is served no more. Errors: ERR_REFUSED in mixed mode, ERR_UNKNOWN
 * when there is none. */
must_use bool cluster_ctl_delete(struct cluster *c, time_t now, struct err *e);

/* There is or was a CTL. */
bool cluster_had_ctl(const struct cluster *c);

/* A list (store_list.id) is a CTL. */
bool cluster_list_is_ctl(const struct cluster *c, int64_t id);

#endif
