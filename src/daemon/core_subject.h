/*
 * core_subject: everything that is known about the phone that a configuration is for.
 */
#ifndef DAEMON_CORE_SUBJECT_H
#define DAEMON_CORE_SUBJECT_H

#include "daemon/core.h"
#include "rules/provision.h"

struct core_subject {
	struct phone phone; /* of one that is not known: a new record */
	bool is_added;
	struct profile profile; /* of one without: everything "keep"; never encrypted while rollback
				 * is prepared */
	struct store_group group;
	bool has_group;
	struct cert *lsc, *mic; /* NULL when not needed */
	struct provision_facts facts;
	const struct cert *recipient;
	char reason[ERR_TEXT_MAX]; /* why nobody is; "" when not needed */
};

/* Errors: ERR_UNKNOWN (its profile or group is not there), ERR_STORE. Freed with core_subject_free.
 */
must_use bool core_subject_load(
    struct core *c, const struct device *d, struct core_subject *out, struct err *e);
void core_subject_free(struct core_subject *s);

/* What capfAuthMode says: nothing to do, unless an operation is open, or the phone can be given its
 * configuration only after CAPF has given it a certificate. */
enum phonecfg_capf_auth core_subject_capf_auth(const struct core_subject *s);

#endif
