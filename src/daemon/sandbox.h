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

#endif
