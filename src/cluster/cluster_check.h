/*
 * cluster_check: looks at everything a cluster consists of, and has it judged by rules/checkup.h.
 *
 * Reads only. Keys are opened anew: what lies in keys/ now counts, not what a process holds.
 */
#ifndef CLUSTER_CLUSTER_CHECK_H
#define CLUSTER_CLUSTER_CHECK_H

#include "cluster/conf.h"
#include "rules/checkup.h"
#include "store/store.h"

struct cluster_check {
	const struct conf *conf;
	struct store *store;
	time_t now;
	bool quick; /* leaves out what takes long: indexes of the database, the provisioning folder
		     */
	checkup_found *found;
	void *arg;
};

/* Of a cluster that is open. Errors: ERR_STORE; findings until then have been handed out. */
must_use bool cluster_check(const struct cluster_check *check, struct err *e);

/* Of a folder, whether a daemon runs there or not; conf, store and quick are not read. Errors:
 * ERR_IO when there is no sealtone.conf. What else cannot be opened is a finding, the last one. */
must_use bool cluster_check_folder(const char *dir, const struct cluster_check *how, struct err *e);

#endif
