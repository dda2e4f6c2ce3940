/*
 * hookproc: the process that runs the reset hook, several at once, each with a time limit. The only
 * one that starts programs that are not ours; it holds no key, sees no store and no socket of a
 * phone.
 */
#ifndef DAEMON_HOOKPROC_H
#define DAEMON_HOOKPROC_H

#include "daemon/options.h"

#define HOOKPROC_RUNS_MAX 64 /* at once */

/* Runs until core or main are gone; then what still runs is told to end. */
must_use bool hookproc_run(const struct options *o, struct err *e);

#endif
