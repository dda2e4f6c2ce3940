/*
 * store_capf: what became of phones' certificate operations. Part of store.h.
 *
 * All of it belongs to a phone's record and goes with it.
 */
#ifndef STORE_STORE_CAPF_H
#define STORE_STORE_CAPF_H

#include "base/bytes.h"
#include "base/err.h"
#include "rules/phone.h"

#include <time.h>

#define STORE_CAUSE_MAX 256

struct store;

/* --- history: each status that a phone's operation had, and why; the last 50 of a phone --- */
struct store_history {
	time_t at;
	const char *status; /* rules/phone_status.h */
	const char *cause;  /* one line; cut off at STORE_CAUSE_MAX */
};
/* Of a phone without a record nothing is kept. */
must_use bool store_history_add(
    struct store *s, const char *phone, const struct store_history *h, struct err *e);
/* Newest first. */
must_use bool store_history_each(struct store *s, const char *phone,
    bool (*each)(void *arg, const struct store_history *h), void *arg, struct err *e);

/* --- the last attempt --- */
enum store_capf_step {
	STORE_CAPF_NONE,           /* it did not come as far as its name */
	STORE_CAPF_AUTHENTICATION, /* refused there */
	STORE_CAPF_KEYGEN,         /* was asked for a key */
	STORE_CAPF_PHONE,          /* was asked to delete or to send its certificate */
	STORE_CAPF_CA,             /* sent a key, for which there was no certificate */
	STORE_CAPF_STORE,          /* was sent its certificate */
	STORE_CAPF_DONE,
};
struct store_attempt {
	enum store_capf_step step;
	char reason[STORE_CAUSE_MAX]; /* why it went no further; "": it has not ended */
	char address[PHONE_ADDRESS_MAX];
	time_t at; /* 0: there was none */
	/* Of the operation that is open. */
	unsigned keygen_failures, broken;
	bool ec_failed; /* with ec-preferred: it is asked for an RSA key from now on */
};
/* All zero when there is none. */
must_use bool store_attempt_get(
    struct store *s, const char *phone, struct store_attempt *out, struct err *e);
/* Of a phone without a record nothing is kept. */
must_use bool store_attempt_put(
    struct store *s, const char *phone, const struct store_attempt *a, struct err *e);
/* The attempt came to this step; what is counted stays as it is, and begins anew with
 * STORE_CAPF_DONE. reason and address become printable and are cut off. */
struct store_reached {
	enum store_capf_step step;
	struct span reason, address;
	time_t at;
};
must_use bool store_attempt_reached(
    struct store *s, const char *phone, const struct store_reached *r, struct err *e);
const char *store_capf_step_name(enum store_capf_step step); /* "key-generation" ... */

/* --- what it sent when it was asked for its certificate --- */
struct store_fetched {
	bool is_mic;
	time_t at;
	struct span der;
};
/* The last one of each kind is kept. */
must_use bool store_fetched_put(
    struct store *s, const char *phone, const struct store_fetched *f, struct err *e);
must_use bool store_fetched_each(struct store *s, const char *phone,
    bool (*each)(void *arg, const struct store_fetched *f), void *arg, struct err *e);

#endif
