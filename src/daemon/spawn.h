/*
 * spawn: starts a role as a fresh copy of this program that inherits the descriptors handed over
 * and nothing else.
 */
#ifndef DAEMON_SPAWN_H
#define DAEMON_SPAWN_H

#include "base/err.h"
#include "daemon/options.h"

#include <sys/types.h>

/* o->main_fd, core_fd and sockets are ours; the child gets copies and is told their numbers.
 * Errors: ERR_IO. */
must_use bool spawn_role(const char *program, const struct options *o, pid_t *pid, struct err *e);

#endif
