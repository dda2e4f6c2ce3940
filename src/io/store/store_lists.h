/*
 * store_lists: certificates, trust stores and trust lists in the store. Part of store.h.
 */
#ifndef STORE_STORE_LISTS_H
#define STORE_STORE_LISTS_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/purpose.h"
#include "rules/trustview.h"
#include "wire/envelope.h"

#include <time.h>

struct store;

/* --- certificates of the cluster, with all earlier ones --- */
struct store_cert {
	int64_t id;
	int64_t node; /* store_node.id */
	enum purpose purpose;
	struct bytes der;     /* in put: a loan; in each: a loan for the call */
	bool active;          /* one per node and purpose */
	bool staged;          /* announced in lists, signs nothing yet; one per node and purpose */
	time_t made, retired; /* retired 0: never */
	time_t given_up;      /* its key was removed for good; 0: never */
	bool taken_over;      /* another cluster's: never active here */
};
/* Makes it the active one of its node and purpose; the one before is retired. Fills id. */
must_use bool store_cert_activate(struct store *s, struct store_cert *c, time_t now, struct err *e);
/* An earlier one (store_cert.id) becomes active again; the one that was is retired. ERR_UNKNOWN. */
must_use bool store_cert_reactivate(struct store *s, int64_t id, time_t now, struct err *e);
must_use bool store_cert_each(
    struct store *s, bool (*each)(void *arg, const struct store_cert *c), void *arg, struct err *e);
/* Adds one that is not active: staged, or retired at c->retired. Fills id and made. */
must_use bool store_cert_put(struct store *s, struct store_cert *c, time_t now, struct err *e);
/* Makes a staged one the active one; the one before is retired. ERR_UNKNOWN: there is none. */
must_use bool store_cert_promote(
    struct store *s, int64_t node, enum purpose purpose, time_t now, struct err *e);
/* A retired or staged one's key is no more; staged no longer. ERR_UNKNOWN: no such one. */
must_use bool store_cert_give_up(struct store *s, int64_t id, time_t now, struct err *e);

/* --- trust stores --- */
struct store_trust {
	int64_t id;
	enum trust_store store;
	struct bytes der;
	time_t added;
};
/* ERR_CONFLICT when that certificate is in that store already. */
must_use bool store_trust_add(struct store *s, struct store_trust *t, struct err *e);
must_use bool store_trust_remove(struct store *s, int64_t id, struct err *e); /* ERR_UNKNOWN */
must_use bool store_trust_each(struct store *s,
    bool (*each)(void *arg, const struct store_trust *t), void *arg, struct err *e);

/* --- every trust list ever published --- */
enum store_list_kind {
	STORE_LIST_ITL,
	STORE_LIST_EMPTY,
	STORE_LIST_CTL,
	STORE_LIST_BRIDGE, /* an ITL for phones that hold an old one (rules/bridge.h) */
	STORE_LIST_CTL_BRIDGE,
	STORE_LIST_FOREIGN, /* an ITL of another cluster that a phone is said to hold */
};
/* A CTL of any kind; all others are ITLs. */
bool store_list_is_ctl(enum store_list_kind kind);

struct store_list {
	int64_t id;
	int64_t node;
	enum store_list_kind kind;
	enum envelope_digest digest; /* of its signature; a list is published in one or in both */
	uint64_t version;            /* counts from 1 per node and kind, whatever the digest */
	struct bytes file;
	struct bytes sha256; /* of the file, 32 bytes */
	/* Key id of the signer, 32 bytes; foreign: SHA-256 of its issuer and serial, since its key
	 * may be unknown. */
	struct bytes signer;
	time_t made;
};
/* Appends the next version; fills id, version, sha256. file and signer are loans; sha256 is new
 * bytes of the caller (bytes_free), whatever was in the field before. */
must_use bool store_list_add(struct store *s, struct store_list *l, struct err *e);
/* The newest one of a node, kind and digest (those of like); *found false when there is none. Bytes
 * owned by the caller: store_list_free. By id: ERR_UNKNOWN when there is no such list. */
must_use bool store_list_latest(struct store *s, const struct store_list *like,
    struct store_list *out, bool *found, struct err *e);
must_use bool store_list_get(struct store *s, int64_t id, struct store_list *out, struct err *e);
must_use bool store_list_each(
    struct store *s, bool (*each)(void *arg, const struct store_list *l), void *arg, struct err *e);
void store_list_free(struct store_list *l);
/* The CTLs among them, the oldest first. */
must_use bool store_ctl_id_each(
    struct store *s, bool (*each)(void *arg, int64_t id), void *arg, struct err *e);

#endif
