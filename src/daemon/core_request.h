/*
 * core_request: certificates that another CA has made for phones' keys (doc/guide/issuer.md).
 */
#ifndef DAEMON_CORE_REQUEST_H
#define DAEMON_CORE_REQUEST_H

#include "daemon/core.h"

enum core_request_outcome {
	CORE_REQUEST_TAKEN,   /* it waits for its phone now */
	CORE_REQUEST_ALREADY, /* it is on record */
	CORE_REQUEST_STALE,   /* the phone has another key now */
	CORE_REQUEST_UNKNOWN, /* no phone has asked for it */
	CORE_REQUEST_REFUSED  /* it cannot serve as an LSC */
};
struct core_request_verdict {
	enum core_request_outcome outcome;
	char device[DEVICE_NAME_MAX]; /* whose key it is for; "": nobody's */
	char text[ERR_TEXT_MAX];      /* why, in one line; "" when it was taken */
	int64_t lsc;                  /* store_lsc.id when it was taken */
};

const char *core_request_outcome_name(enum core_request_outcome o); /* "taken" ... */

/* Judges one certificate and, when it is good, stores it for its phone. False: the store failed,
 * nothing has changed. */
must_use bool core_request_take(
    struct core *c, const struct cert *cert, struct core_request_verdict *v, struct err *e);

/* The certificate is signed by one in capf-trust, over any number of them. Errors: ERR_REFUSED,
 * ERR_STORE. */
must_use bool core_is_trusted_by_capf(struct core *c, const struct cert *cert, struct err *e);

#endif
