/*
 * sandbox: what a process of the daemon gives up before it meets a stranger's byte.
 */
#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H

#include "base/err.h"

/* Ends with its parent, no new privileges, no core dumps, not readable by other processes of the
 * same user. */
must_use bool sandbox_child(struct err *e);

/* For a front: besides, when root, becomes nobody. It holds its sockets already and opens no file.
 */
must_use bool sandbox_front(struct err *e);

/* For a keeper: besides, gives way to the others. It opens key files by itself later on. */
must_use bool sandbox_keeper(int nice, struct err *e);

/* For the process that runs hooks: when root and user is not "", becomes that user; ends with its
 * parent, no core dumps, not readable. New privileges stay possible, since a hook may use sudo.
 * Errors: ERR_UNKNOWN (no such user), ERR_IO. */
must_use bool sandbox_hook(const char *user, struct err *e);

#endif
