/*
 * store_events: the audit log in the store. Part of store.h.
 */
#ifndef STORE_STORE_EVENTS_H
#define STORE_STORE_EVENTS_H

#include "base/err.h"

#include <stdint.h>
#include <time.h>

struct store;

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
