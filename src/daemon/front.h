/*
 * front: a process with phones' sockets (TFTP, TVS, CAPF) and one event loop. Opens no file, sees
 * no store; it asks core. The TLS keys of TVS and CAPF come from core (doc/decisions/0002).
 */
#ifndef DAEMON_FRONT_H
#define DAEMON_FRONT_H

#include "daemon/options.h"

/* Runs until main says drain, or core or main are gone. */
must_use bool front_run(const struct options *o, struct err *e);

#endif
