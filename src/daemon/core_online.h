/*
 * core_online: phones' keys that another CA certifies while they wait (lsc-issuer = online).
 *
 * A request is on record (store_requests.h) before it is sent, so that what the CA makes of it
 * finds its phone whatever happens meanwhile.
 */
#ifndef DAEMON_CORE_ONLINE_H
#define DAEMON_CORE_ONLINE_H

#include "daemon/capf_sessions.h"
#include "daemon/core.h"
#include "daemon/rapool.h"

/* Sends the phone's key to the CA, unless it is on its way; the question is answered when the CA
 * has, or when the phone has waited for too long. The session was let in. False: it cannot be sent.
 */
must_use bool core_online_ask(struct core *c, struct capf_session *one, const struct ask *ask,
    struct span spki, struct err *e);

/* The CA has answered, or has not. */
rapool_done core_online_done;

/* Tells phones that have waited for too long to come again. */
void core_online_step(struct core *c);

#endif
