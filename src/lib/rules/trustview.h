/*
 * trustview: an immutable picture of what the cluster vouches for: certificates, their functions,
 * and how to find them. TVS answers from it, without the store.
 *
 * Facts: doc/protocols/tvs.md (lookup by serial and issuer, roles of the answer).
 */
#ifndef RULES_TRUSTVIEW_H
#define RULES_TRUSTVIEW_H

#include "base/err.h"
#include "base/purpose.h"
#include "base/span.h"
#include "pki/cert.h"

#define TRUSTVIEW_ROLES_MAX 8

/* Where a certificate stands that TVS may vouch for. */
enum trust_store {
	TRUST_CALLMANAGER, /* "callmanager-trust" */
	TRUST_CAPF,        /* "capf-trust" */
	TRUST_TVS,         /* "tvs-trust" */
	TRUST_PHONE_SAST,  /* "phone-sast-trust" */
	TRUST_PHONE_VPN,   /* "phone-vpn-trust" */
	TRUST_PHONE,       /* "phone-trust" */
	TRUST_STORE_COUNT
};

const char *trust_store_name(enum trust_store s);
bool trust_store_from_name(const char *name, enum trust_store *out);

struct trustview;

struct trustview *trustview_new(void);
void trustview_free(struct trustview *v);

/* Adds an own certificate: its functions follow from its purpose (callmanager: SAST, CCM, TFTP;
 * callmanager-ec: TFTP; tvs: TVS; capf: CAPF; itlrecovery: SAST; web: APP-SERVER;
 * capf-issuer: CAPF). Takes a reference. The same certificate added twice gathers functions. */
void trustview_add_own(struct trustview *v, enum purpose purpose, const struct cert *c);

/* Adds a certificate of a trust store (callmanager-trust: TFTP, CCM; phone-sast-trust: SAST, TFTP;
 * capf-trust: CAPF; tvs-trust: TVS; others: APP-SERVER). */
void trustview_add_trusted(struct trustview *v, enum trust_store store, const struct cert *c);

struct trustview_entry {
	const struct cert *cert;            /* a loan from the view */
	uint8_t roles[TRUSTVIEW_ROLES_MAX]; /* ascending */
	size_t role_count;
};

/* The entry of exactly this certificate (by its DER); NULL when the cluster does not vouch for it.
 */
const struct trustview_entry *trustview_find_der(const struct trustview *v, struct span der);

/* By issuer name (Unified CM's or the peers' form) and serial; subject must fit when not empty. */
const struct trustview_entry *trustview_find(
    const struct trustview *v, struct span subject, struct span issuer, struct span serial);

#endif
