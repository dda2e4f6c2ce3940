/*
 * store_revoked: LSCs that are not to be believed any more. Part of store.h.
 *
 * One that is superseded or deleted (store_lsc.h) is revoked by that.
 */
#ifndef STORE_STORE_REVOKED_H
#define STORE_STORE_REVOKED_H

#include "base/bytes.h"
#include "base/err.h"

#include <stdint.h>
#include <time.h>

struct store;

/* Revokes the live LSCs of a device, or the one with a serial; they become DELETED. reason is one
 * of pki/crl.h; *count: how many there were. */
must_use bool store_lsc_revoke(struct store *s, const char *device_or_serial, const char *reason,
    time_t now, size_t *count, struct err *e);

/* A loan for the call. */
struct store_revoked {
	const char *serial; /* hex */
	const char *reason;
	time_t at;
};

/* Those whose validity is not over. */
must_use bool store_revoked_each(struct store *s, time_t now,
    bool (*each)(void *arg, const struct store_revoked *r), void *arg, struct err *e);

#define STORE_REASON_MAX 32

/* What is on record of one. */
struct store_lsc_verdict {
	time_t revoked_at; /* 0: it is not revoked */
	char reason[STORE_REASON_MAX];
	struct bytes issuer; /* its certificate, DER; empty: issued before that was kept */
};

/* Of the LSC with this serial that an issuer of the cluster signed, whatever became of it; *found.
 * The issuer's bytes are freed with bytes_free. */
must_use bool store_lsc_verdict(
    struct store *s, const char *serial, struct store_lsc_verdict *out, bool *found, struct err *e);

/* Counts up with each revocation, and by store_revocations_next. */
must_use bool store_revocations_number(struct store *s, int64_t *out, struct err *e);
must_use bool store_revocations_next(struct store *s, int64_t *out, struct err *e);

#endif
