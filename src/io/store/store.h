/*
 * store: what the cluster remembers, in words of the domain; no SQL and no rows outside.
 *
 * Back ends fill the same calls: SQLite (WAL, one file) now. Only core writes, and only one process
 * at a time may have a store open. Every change is one transaction: single calls by themselves,
 * several by store_change. A crash leaves the state before or after, never between. Errors:
 * ERR_CONFLICT for what exists already, ERR_UNKNOWN for a pointer to a node, phone or list that
 * does not exist, else ERR_STORE with the database's own words, unless said otherwise.
 *
 * This header is the store itself, settings and nodes; the rest is by subject in store_lists.h,
 * store_phones.h, store_lsc.h, store_requests.h, store_reset.h, store_revoked.h, store_capf.h,
 * store_provision.h, store_tvs.h and store_events.h, which it includes. In each "each" function,
 * each returns false to stop, and what it is handed is a loan for the call.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"

#include <stdint.h>

#define STORE_NAME_MAX  256
#define STORE_VALUE_MAX 1024

struct store;

/* Opens an existing database; brings an older schema up to date. path ":memory:" is for tests: a
 * new one, gone when closed. Errors name the file and what to do: ERR_IO (not there, not to be
 * read and written), ERR_MALFORMED (no database of ours), ERR_REFUSED (a newer schema, both
 * numbers), ERR_CONFLICT (in use by another process, with its number). */
must_use bool store_open(const char *path, struct store **out, struct err *e);

/* Opens an existing one only to read it, also while another process has it open: nothing is
 * changed, and an older schema is not brought up to date (ERR_REFUSED, like a newer one). */
must_use bool store_open_to_read(const char *path, struct store **out, struct err *e);

/* Looks for damage: broken pages, broken rules, pointers to what does not exist; each is handed a
 * line on one (a loan), at most STORE_FAULTS_MAX. A thorough look also compares every index with
 * its table. */
#define STORE_FAULTS_MAX 20
must_use bool store_verify(struct store *s, bool thorough,
    bool (*each)(void *arg, const char *fault), void *arg, struct err *e);

/* Makes a new one with mode 0600; ERR_CONFLICT when the file exists. Nothing is left on failure. */
must_use bool store_create(const char *path, struct store **out, struct err *e);

void store_close(struct store *s); /* safe with NULL */

/* Runs change as one transaction; a false from it, or a failed commit, undoes everything. Inside
 * one, store_change is part of it: a false undoes what the inner one did, and the outer decides. */
must_use bool store_change(struct store *s,
    bool (*change)(struct store *s, void *arg, struct err *e), void *arg, struct err *e);

/* The same, without waiting for the disk: a crash of ours loses nothing, but a power failure within
 * seconds may undo it as a whole, with everything after it. For what will be done again then. */
must_use bool store_change_soon(struct store *s,
    bool (*change)(struct store *s, void *arg, struct err *e), void *arg, struct err *e);

/* Runs look, which reads only, on one state of the store: what it reads belongs together, and
 * several reads cost less than they do one by one. */
must_use bool store_view(struct store *s, bool (*look)(struct store *s, void *arg, struct err *e),
    void *arg, struct err *e);

unsigned store_schema_version(const struct store *s);

/* --- cluster settings: small texts by name --- */
/* *found false: not set, value is "". Setting: ERR_LIMIT when name or value is too long. */
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
/* id 0: a new node, its id is filled in; else that one is changed. ERR_CONFLICT: the name is
 * taken, or there is another publisher; ERR_UNKNOWN: no such id. */
must_use bool store_node_put(struct store *s, struct store_node *n, struct err *e);
must_use bool store_node_each(
    struct store *s, bool (*each)(void *arg, const struct store_node *n), void *arg, struct err *e);

#include "store/store_lists.h"
#include "store/store_phones.h"
#include "store/store_lsc.h"
#include "store/store_revoked.h"
#include "store/store_issuers.h"
#include "store/store_bulk.h"
#include "store/store_renewal.h"
#include "store/store_capf.h"
#include "store/store_provision.h"
#include "store/store_requests.h"
#include "store/store_reset.h"
#include "store/store_tvs.h"
#include "store/store_events.h"

#endif
