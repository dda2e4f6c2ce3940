/*
 * ra: a process that takes phones' requests to another CA (a registration authority), one at a
 * time. It speaks to that CA and to nobody else; holds no key, sees no store and no file.
 */
#ifndef DAEMON_RA_H
#define DAEMON_RA_H

#include "daemon/options.h"

/* Runs until core or main are gone. */
must_use bool ra_run(const struct options *o, struct err *e);

#endif
