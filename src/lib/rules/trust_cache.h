/*
 * trust_cache: what TVS has told a phone, for as long as it said.
 *
 * Facts: doc/protocols/phone.md, sections 2.1 and 2.2 (ASK_TVS), captured. The phone forgets all of
 * it at a reset and when it takes a new CTL.
 */
#ifndef RULES_TRUST_CACHE_H
#define RULES_TRUST_CACHE_H

#include "base/bytes.h"
#include "base/err.h"

#include <time.h>

#define TRUST_CACHE_MAX       32 /* certificates; the oldest makes room */
#define TRUST_CACHE_ROLES_MAX 32

/* A certificate that TVS vouched for. */
struct trust_cache_entry {
	struct bytes certificate; /* DER */
	struct bytes issuer;      /* as it was asked for */
	struct bytes serial;
	uint8_t roles[TRUST_CACHE_ROLES_MAX];
	size_t role_count;
	time_t expires;
};

/* Zeroed: empty. */
struct trust_cache {
	struct trust_cache_entry entries[TRUST_CACHE_MAX];
	size_t count; /* oldest first */
};

/* Copies the spans of new; replaces what was there for the same issuer and serial. */
void trust_cache_put(struct trust_cache *c, const struct trust_cache_entry *new);

/* The entry of an issuer and serial that has not expired; NULL when there is none. A loan until the
 * next change. */
const struct trust_cache_entry *trust_cache_find(
    const struct trust_cache *c, struct span issuer, struct span serial, time_t now);

/* The entry of exactly this certificate that has not expired, or NULL. */
const struct trust_cache_entry *trust_cache_find_der(
    const struct trust_cache *c, struct span der, time_t now);

/* Forgets everything. */
void trust_cache_flush(struct trust_cache *c);

/* One line for each entry: "expires roles issuer serial certificate", hexadecimal but for the
 * first. Expired ones are left out. */
must_use bool trust_cache_encode(
    const struct trust_cache *c, time_t now, struct bytes *out, struct err *e);

/* Reads such lines into an empty cache. Errors: ERR_MALFORMED with the line; then c is empty. */
must_use bool trust_cache_parse(struct span text, struct trust_cache *c, struct err *e);

#endif
