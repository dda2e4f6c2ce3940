/*
 * supervise: the main process. Binds the ports, starts core and the fronts, starts again what ends,
 * and stops them in order. Never parses a stranger's byte.
 */
#ifndef DAEMON_SUPERVISE_H
#define DAEMON_SUPERVISE_H

#include "base/err.h"
#include "cluster/conf.h"

/* Runs until SIGTERM or SIGINT. false: it could not start (core says why itself when it was core).
 * Prints "ready" on stdout once everything serves. */
must_use bool supervise_run(const char *program, const struct conf *conf, struct err *e);

#endif
