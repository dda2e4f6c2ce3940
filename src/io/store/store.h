/*
 * store: what the cluster remembers, in words of the domain; no SQL and no rows outside.
 *
 * Back ends fill the same calls: SQLite (WAL, one file) now. Only core writes. Every change is one
 * transaction: single calls by themselves, several by store_change. A crash leaves the state before
 * or after, never between. Errors: ERR_STORE with the database's own words unless said otherwise.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/purpose.h"
#include "rules/phone.h"
#include "rules/trustview.h"

#include <time.h>

#define STORE_NAME_MAX  256
#define STORE_VALUE_MAX 1024

struct store;

/* Opens an existing database (ERR_IO when it is not there), or makes one; brings an older schema up
 * to date, refuses a newer one (ERR_REFUSED, both numbers). path ":memory:" is for tests. */
must_use bool store_open(const char *path, struct store **out, struct err *e);
must_use bool store_create(const char *path, struct store **out, struct err *e);
void store_close(struct store *s); /* safe with NULL */

/* Runs change as one transaction; a false from it, or a failed commit, undoes everything. Not
 * nested: inside one, store_change just runs change. */
must_use bool store_change(struct store *s,
    bool (*change)(struct store *s, void *arg, struct err *e), void *arg, struct err *e);

unsigned store_schema_version(const struct store *s);

/* --- cluster settings: small texts by name --- */
/* *found false: not set, value is "". */
must_use bool store_setting_get(
    struct store *s, const char *name, char value[STORE_VALUE_MAX], bool *found, struct err *e);
must_use bool store_setting_set(
    struct store *s, const char *name, const char *value, struct err *e);

/* --- nodes --- */
struct store_node {
	int64_t id;
	char name[STORE_NAME_MAX];       /* host name, FQDN */
	char addresses[STORE_VALUE_MAX]; /* separated by one blank, the first one is shown to phones
					  */
	bool publisher;
	bool tftp, tvs, callmanager, capf; /* roles that are on */
};
/* id 0: a new node, its id is filled in. */
must_use bool store_node_put(struct store *s, struct store_node *n, struct err *e);
must_use bool store_node_each(
    struct store *s, bool (*each)(void *arg, const struct store_node *n), void *arg, struct err *e);

/* --- certificates of the cluster, with all earlier ones --- */
struct store_cert {
	int64_t id;
	int64_t node; /* store_node.id */
	enum purpose purpose;
	struct bytes der;     /* in put: a loan; in each: a loan for the call */
	bool active;          /* one per node and purpose */
	time_t made, retired; /* retired 0: never */
};
/* Makes it the active one of its node and purpose; the one before is retired. Fills id. */
must_use bool store_cert_activate(struct store *s, struct store_cert *c, time_t now, struct err *e);
must_use bool store_cert_each(
    struct store *s, bool (*each)(void *arg, const struct store_cert *c), void *arg, struct err *e);

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
enum store_list_kind { STORE_LIST_ITL, STORE_LIST_EMPTY, STORE_LIST_CTL };
struct store_list {
	int64_t id;
	int64_t node;
	enum store_list_kind kind;
	uint64_t version; /* counts from 1 per node and kind */
	struct bytes file;
	struct bytes sha256; /* of the file, 32 bytes */
	struct bytes signer; /* key id of the signer, 32 bytes */
	time_t made;
};
/* Appends the next version; fills id, version, sha256. */
must_use bool store_list_add(struct store *s, struct store_list *l, struct err *e);
/* The newest one; *found false when there is none. Bytes owned by the caller: store_list_free. */
must_use bool store_list_latest(struct store *s, int64_t node, enum store_list_kind kind,
    struct store_list *out, bool *found, struct err *e);
must_use bool store_list_get(struct store *s, int64_t id, struct store_list *out, struct err *e);
must_use bool store_list_each(
    struct store *s, bool (*each)(void *arg, const struct store_list *l), void *arg, struct err *e);
void store_list_free(struct store_list *l);

/* --- phones --- */
must_use bool store_phone_get(
    struct store *s, const char *name, struct phone *out, bool *found, struct err *e);
/* Inserts or replaces the record (not its LSC columns, which follow from store_lsc_*). */
must_use bool store_phone_put(struct store *s, const struct phone *p, struct err *e);
must_use bool store_phone_remove(struct store *s, const char *name, bool *found, struct err *e);
/* In order of name. each returns false to stop. */
must_use bool store_phone_each(
    struct store *s, bool (*each)(void *arg, const struct phone *p), void *arg, struct err *e);
/* Records how and when phones were last heard, for many phones in one transaction. */
struct store_sighting {
	struct device device;
	char address[PHONE_ADDRESS_MAX];
	time_t at;
};
must_use bool store_phone_seen(struct store *s, const struct store_sighting *seen, size_t count,
    size_t seen_only_max, struct err *e); /* makes PHONE_SEEN records, at most that many in all */
must_use bool store_phone_count(
    struct store *s, enum phone_origin origin, size_t *out, struct err *e);
/* The MIC an administrator gave; empty bytes when none. */
must_use bool store_phone_mic_set(
    struct store *s, const char *name, struct span der, struct err *e);
must_use bool store_phone_mic_get(
    struct store *s, const char *name, struct bytes *der, struct err *e);

/* --- what phones were handed: a phone believes one of the lists served under its name since the
 * last proof --- */
must_use bool store_belief_add(struct store *s, const char *name, int64_t list, const char *address,
    time_t at, struct err *e); /* the same list again updates the time */
struct store_belief {
	int64_t list;
	char address[PHONE_ADDRESS_MAX];
	time_t first, last;
};
must_use bool store_belief_each(struct store *s, const char *name,
    bool (*each)(void *arg, const struct store_belief *b), void *arg, struct err *e);

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
};
must_use bool store_lsc_issue(struct store *s, struct store_lsc *l, struct err *e); /* fills id */
/* The newest ISSUED or CONFIRMED one of this device with this key; *found. store_lsc_free. */
must_use bool store_lsc_by_key(struct store *s, const char *device, struct span key_hash,
    struct store_lsc *out, bool *found, struct err *e);
/* The device's newest in that state. */
must_use bool store_lsc_latest(struct store *s, const char *device, enum store_lsc_state state,
    struct store_lsc *out, bool *found, struct err *e);
/* ISSUED becomes CONFIRMED, the confirmed one before becomes SUPERSEDED. ERR_UNKNOWN: no such id.
 */
must_use bool store_lsc_confirm(struct store *s, int64_t id, time_t now, struct err *e);
/* All live ones of the device become DELETED. */
must_use bool store_lsc_delete(struct store *s, const char *device, time_t now, struct err *e);
must_use bool store_lsc_each(struct store *s, const char *device,
    bool (*each)(void *arg, const struct store_lsc *l), void *arg, struct err *e);
void store_lsc_free(struct store_lsc *l);

/* --- the audit log: append-only --- */
struct store_event {
	int64_t id;
	time_t at;
	const char *actor;  /* "cli:root", "capf", "init" */
	const char *event;  /* "phone-set", "lsc-issued" ... */
	const char *object; /* the phone, certificate or list it is about */
	const char *text;
};
must_use bool store_event_add(struct store *s, const struct store_event *ev, struct err *e);
/* Newest first, of one object when not NULL, at most limit. */
must_use bool store_event_each(struct store *s, const char *object, size_t limit,
    bool (*each)(void *arg, const struct store_event *ev), void *arg, struct err *e);

#endif
