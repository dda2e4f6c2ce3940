/*
 * store_bulk: operations for many phones: jobs, and each phone's place in them. Part of store.h.
 */
#ifndef STORE_STORE_BULK_H
#define STORE_STORE_BULK_H

#include "base/device.h"
#include "base/err.h"

#include <stdint.h>
#include <time.h>

struct store;

#define STORE_BULK_TEXT_MAX 1024

enum store_bulk_state { STORE_BULK_RUNNING, STORE_BULK_STOPPED, STORE_BULK_DONE };

/* A phone waits, was given the operation, and then it ended; skipped: it cannot have it. */
enum store_bulk_phone_state {
	STORE_BULK_WAITING,
	STORE_BULK_GIVEN,
	STORE_BULK_SUCCEEDED,
	STORE_BULK_FAILED,
	STORE_BULK_SKIPPED,
	STORE_BULK_PHONE_STATES,
};

struct store_bulk {
	int64_t id;
	time_t made;
	char filter[STORE_BULK_TEXT_MAX];   /* as it was given, to be shown; cut to fit */
	char settings[STORE_BULK_TEXT_MAX]; /* of each phone: JSON */
	unsigned pace;                      /* phones a minute; 0: as fast as it goes */
	time_t paced;                       /* until when the pace was used up */
	enum store_bulk_state state;
};

const char *store_bulk_state_name(enum store_bulk_state s);
const char *store_bulk_phone_state_name(enum store_bulk_phone_state s);

must_use bool store_bulk_add(struct store *s, struct store_bulk *b, struct err *e); /* fills id */
must_use bool store_bulk_get(
    struct store *s, int64_t id, struct store_bulk *out, bool *found, struct err *e);
/* The newest first; open: only those that are not done. */
must_use bool store_bulk_each(struct store *s, bool open,
    bool (*each)(void *arg, const struct store_bulk *b), void *arg, struct err *e);
/* Changes state and paced. */
must_use bool store_bulk_put(struct store *s, const struct store_bulk *b, struct err *e);
/* Phones by state. */
must_use bool store_bulk_counts(
    struct store *s, int64_t id, size_t counts[STORE_BULK_PHONE_STATES], struct err *e);

struct store_bulk_phone {
	char name[DEVICE_NAME_MAX];
	enum store_bulk_phone_state state;
	char reason[ERR_TEXT_MAX]; /* why it failed or was skipped; "" otherwise */
	time_t at;                 /* of the last change */
};
/* Inserts or replaces. */
must_use bool store_bulk_phone_put(
    struct store *s, int64_t id, const struct store_bulk_phone *p, struct err *e);
/* Those in that state, in order of name from the one after after on, at most max. */
must_use bool store_bulk_phone_each(struct store *s, int64_t id, enum store_bulk_phone_state state,
    const char *after, size_t max, bool (*each)(void *arg, const struct store_bulk_phone *p),
    void *arg, struct err *e);
/* Those that failed wait again; *count of them. */
must_use bool store_bulk_retry(
    struct store *s, int64_t id, time_t now, size_t *count, struct err *e);

#endif
