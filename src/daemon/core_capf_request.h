/*
 * core_capf_request: a phone's part in having its key signed by another CA.
 */
#ifndef DAEMON_CORE_CAPF_REQUEST_H
#define DAEMON_CORE_CAPF_REQUEST_H

#include "daemon/capf_sessions.h"
#include "daemon/core.h"

/* What there is for a phone that comes for a certificate. */
enum core_capf_at_hand {
	CORE_CAPF_NO_REQUEST, /* it is to make a key */
	CORE_CAPF_WAITING,    /* its key waits for the CA */
	CORE_CAPF_SIGNED      /* *out is for the key that it keeps; store_lsc_free */
};
must_use bool core_capf_request_look(struct core *c, const struct phone *p,
    enum core_capf_at_hand *hand, struct store_lsc *out, struct err *e);

/* Puts the key of the question on record for the CA. The phone is told to come again, or waits
 * (core_online.h). */
void core_capf_request_put(
    struct core_front *from, const struct ask *ask, struct capf_session *one, struct span key_hash);

/* The same for a phone whose key is on record. */
void core_capf_request_wait(struct core_front *from, const struct ask *ask, const struct phone *p);

#endif
