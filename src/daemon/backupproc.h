/*
 * backupproc: the process that makes backups, so that core goes on meanwhile. It opens the store's
 * file only to copy it, and the keys only to put them in and to prove what came out.
 */
#ifndef DAEMON_BACKUPPROC_H
#define DAEMON_BACKUPPROC_H

#include "base/err.h"
#include "daemon/options.h"

/* Runs until core or main are gone, or SIGTERM. */
must_use bool backupproc_run(const struct options *o, struct err *e);

#endif
