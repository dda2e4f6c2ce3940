/*
 * store_lsc: the LSCs that were issued. Part of store.h.
 */
#ifndef STORE_STORE_LSC_H
#define STORE_STORE_LSC_H

#include "base/bytes.h"
#include "base/err.h"
#include "rules/phone.h"

#include <time.h>

struct store;

/* --- LSCs: issued before the phone gets it, confirmed when it says so --- */
enum store_lsc_state {
	STORE_LSC_ISSUED,
	STORE_LSC_CONFIRMED,
	STORE_LSC_SUPERSEDED,
	STORE_LSC_DELETED
};
struct store_lsc {
	int64_t id;
	char device[DEVICE_NAME_MAX];
	struct bytes der;
	struct bytes key_hash; /* SHA-256 of the SubjectPublicKeyInfo */
	char serial[PHONE_SERIAL_HEX_MAX];
	time_t not_after;
	enum store_lsc_state state;
	time_t issued, confirmed;
	bool external;  /* another CA issued it, with a serial of its own */
	int64_t issuer; /* store_issuer_number; 0: not on record */
};
must_use bool store_lsc_issue(struct store *s, struct store_lsc *l, struct err *e); /* fills id */
/* The newest ISSUED or CONFIRMED one of this device with this key; *found. store_lsc_free. */
must_use bool store_lsc_by_key(struct store *s, const char *device, struct span key_hash,
    struct store_lsc *out, bool *found, struct err *e);
/* The device's newest in that state. */
must_use bool store_lsc_latest(struct store *s, const char *device, enum store_lsc_state state,
    struct store_lsc *out, bool *found, struct err *e);
/* ISSUED becomes CONFIRMED; the confirmed one before, and others that were issued, become
 * SUPERSEDED and are revoked ("superseded"). ERR_UNKNOWN: no such id;
 * ERR_REFUSED: it is superseded or deleted. Confirming twice is no error. */
must_use bool store_lsc_confirm(struct store *s, int64_t id, time_t now, struct err *e);
/* All live ones of the device become DELETED. */
must_use bool store_lsc_delete(struct store *s, const char *device, time_t now, struct err *e);
must_use bool store_lsc_each(struct store *s, const char *device,
    bool (*each)(void *arg, const struct store_lsc *l), void *arg, struct err *e);
/* Another device that has, or had, a certificate for this key; "" when there is none. */
must_use bool store_lsc_key_owner(struct store *s, const char *device, struct span key_hash,
    char owner[DEVICE_NAME_MAX], struct err *e);
void store_lsc_free(struct store_lsc *l);

#endif
