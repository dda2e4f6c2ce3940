/*
 * store_tvs: what was last heard of an address at TVS. Part of store.h.
 *
 * It is matched with phones by the address that they were last heard from: a phone that does not
 * know our TVS never says its name there.
 */
#ifndef STORE_STORE_TVS_H
#define STORE_STORE_TVS_H

#include "base/device.h"
#include "base/err.h"
#include "rules/phone.h"

#include <time.h>

#define STORE_TVS_CERT_MAX  256
#define STORE_TVS_ALERT_MAX 160
#define STORE_TVS_MAX       100000 /* addresses that are kept */

struct store;

/* Times 0 and texts "" where there was none. */
struct store_tvs_contact {
	char address[PHONE_ADDRESS_MAX]; /* without port */
	/* The last question. */
	time_t question_at;
	char device[DEVICE_NAME_MAX]; /* the name that the phone gave; "": none of a phone */
	char certificate[STORE_TVS_CERT_MAX]; /* subject of the one it asked about */
	bool is_known;                        /* it was vouched for */
	/* The last TLS handshake that failed, with TVS and with the server of files over HTTPS. */
	time_t alert_at;
	char alert[STORE_TVS_ALERT_MAX];
	time_t https_at;
	char https[STORE_TVS_ALERT_MAX];
};

/* Of many addresses in one transaction; of each, what has a time replaces what was there. Over
 * STORE_TVS_MAX the oldest are dropped. */
must_use bool store_tvs_contact_put(
    struct store *s, const struct store_tvs_contact *contacts, size_t count, struct err *e);

/* *found false: nothing was heard of it, and all is zero. */
must_use bool store_tvs_contact_get(struct store *s, const char *address,
    struct store_tvs_contact *out, bool *found, struct err *e);

#endif
