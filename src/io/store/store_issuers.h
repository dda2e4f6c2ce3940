/*
 * store_issuers: the certificates that LSCs were signed with, and how many LSCs depend on each.
 * Part of store.h.
 */
#ifndef STORE_STORE_ISSUERS_H
#define STORE_STORE_ISSUERS_H

#include "base/bytes.h"
#include "base/err.h"
#include "rules/phone.h"

#include <time.h>

struct store;

struct store_issuer {
	struct span der;    /* in and out: a loan */
	struct span sha256; /* of der; a loan */
	char subject[PHONE_ISSUER_MAX];
	time_t not_after;
	/* Of LSCs by it that phones may hold (issued or confirmed, neither expired nor revoked). */
	size_t live;
	time_t last_ends; /* 0: there is none */
};

/* Its number, for store_lsc.issuer; it is put on record when it is new. live and last_ends are not
 * read. */
must_use bool store_issuer_number(
    struct store *s, const struct store_issuer *issuer, int64_t *out, struct err *e);

/* SHA-256 of the certificate that signed an LSC; empty when it is not on record. Freed with
 * bytes_free. */
must_use bool store_lsc_issuer_get(
    struct store *s, int64_t lsc, struct bytes *sha256, struct err *e);

/* The oldest first. */
must_use bool store_issuer_each(struct store *s, time_t now,
    bool (*each)(void *arg, const struct store_issuer *i), void *arg, struct err *e);

/* Live LSCs by the certificate with this SHA-256, or when the span is empty those whose issuer is
 * not on record. */
must_use bool store_issuer_live(
    struct store *s, struct span sha256, time_t now, size_t *out, struct err *e);

/* Who holds one, by name; a device may be no phone of the store any more: then without a model. The
 * span is as above. */
must_use bool store_issuer_phone_each(struct store *s, struct span sha256, time_t now,
    bool (*each)(void *arg, const char *name, const char *model), void *arg, struct err *e);

#endif
