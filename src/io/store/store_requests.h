/*
 * store_requests: keys of phones that wait for a certificate of another CA. Part of store.h.
 *
 * A phone has at most one that is live, waiting or signed; the others are stale: the phone has made
 * another key since, or does not hold this one any more.
 */
#ifndef STORE_STORE_REQUESTS_H
#define STORE_STORE_REQUESTS_H

#include "base/bytes.h"
#include "base/device.h"
#include "base/err.h"

#include <stdint.h>
#include <time.h>

struct store;

enum store_request_state {
	STORE_REQUEST_WAITING, /* for the CA */
	STORE_REQUEST_SIGNED,  /* there is a certificate, which the phone has not fetched */
	STORE_REQUEST_STALE
};
struct store_request {
	int64_t id;
	char device[DEVICE_NAME_MAX];
	struct bytes spki;     /* SubjectPublicKeyInfo DER */
	struct bytes key_hash; /* SHA-256 of it */
	time_t made, changed;  /* changed: when it came into its state */
	enum store_request_state state;
	int64_t lsc; /* store_lsc.id when signed, else 0 */
};

const char *store_request_state_name(enum store_request_state state); /* "waiting" ... */

/* A live one of the device for another key becomes stale; for the same key it stays as it is. */
must_use bool store_request_put(struct store *s, const char *device, struct span spki,
    struct span key_hash, time_t now, struct err *e);

/* The live one of the device; *found. store_request_free. */
must_use bool store_request_live(
    struct store *s, const char *device, struct store_request *out, bool *found, struct err *e);

/* That for this key: the live one, else the newest stale one; *found. store_request_free. */
must_use bool store_request_by_key(
    struct store *s, struct span key_hash, struct store_request *out, bool *found, struct err *e);

/* A waiting one becomes signed. ERR_UNKNOWN: no such id that waits. */
must_use bool store_request_signed(
    struct store *s, int64_t id, int64_t lsc, time_t now, struct err *e);

/* The live one of the device, if any, becomes stale. */
must_use bool store_request_withdraw(
    struct store *s, const char *device, time_t now, struct err *e);

/* The phone has the certificate: the request has done its work and is gone. */
must_use bool store_request_done(struct store *s, int64_t lsc, struct err *e);

/* Forgets all stale ones; *count. */
must_use bool store_request_forget(struct store *s, size_t *count, struct err *e);

/* Those with ids above after, in that order, at most limit. */
must_use bool store_request_each(struct store *s, int64_t after, size_t limit,
    bool (*each)(void *arg, const struct store_request *r), void *arg, struct err *e);

void store_request_free(struct store_request *r);

#endif
