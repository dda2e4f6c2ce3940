/*
 * store_reset: resets of phones: jobs, and each phone's place in them. Part of store.h.
 */
#ifndef STORE_STORE_RESET_H
#define STORE_STORE_RESET_H

#include "base/device.h"
#include "base/err.h"
#include "rules/resetwave.h"

#include <stdint.h>
#include <time.h>

struct store;

#define STORE_RESET_FILTER_MAX 1024

enum store_reset_state { STORE_RESET_RUNNING, STORE_RESET_STOPPED, STORE_RESET_DONE };

enum store_reset_phone_state {
	STORE_RESET_WAITING,
	STORE_RESET_ASKED,   /* the hook has been given it and has not ended */
	STORE_RESET_SENT,    /* the hook has done its work; the phone has not come back yet */
	STORE_RESET_OWN,     /* there is no hook: it is waited for until it boots by itself */
	STORE_RESET_BACK,    /* it has asked for something since */
	STORE_RESET_MISSING, /* it has not, in time */
	STORE_RESET_FAILED,  /* the hook has failed */
	STORE_RESET_SKIPPED, /* deleted, or in a later job */
	STORE_RESET_PHONE_STATES,
};

struct store_reset {
	int64_t id;
	time_t made;
	char filter[STORE_RESET_FILTER_MAX]; /* as it was given, to be shown; cut to fit */
	enum reset_kind kind;
	struct resetwave_plan plan;
	unsigned wait_s; /* after the hook: then a phone is missing */
	enum store_reset_state state;
	char reason[ERR_TEXT_MAX]; /* why it has stopped, or what it has lost; "" otherwise */
	unsigned now, waves;       /* the wave that is under way, from 1, of so many */
	unsigned again;            /* so many times those follow that have taken a bridge by then */
	unsigned accepted;         /* losses of waves up to this one do not stop it any more */
};

const char *store_reset_state_name(enum store_reset_state s);
const char *store_reset_phone_state_name(enum store_reset_phone_state s);

must_use bool store_reset_add(struct store *s, struct store_reset *r, struct err *e); /* fills id */
must_use bool store_reset_get(
    struct store *s, int64_t id, struct store_reset *out, bool *found, struct err *e);
/* The newest first; open: only those that are not done. */
must_use bool store_reset_each(struct store *s, bool open,
    bool (*each)(void *arg, const struct store_reset *r), void *arg, struct err *e);
/* Changes state, reason, now and accepted. */
must_use bool store_reset_put(struct store *s, const struct store_reset *r, struct err *e);
/* Phones by state; wave 0: of all waves. */
must_use bool store_reset_counts(struct store *s, int64_t id, unsigned wave,
    size_t counts[STORE_RESET_PHONE_STATES], struct err *e);

/* No phone is waited for any more. */
must_use bool store_reset_is_over(struct store *s, int64_t id, bool *over, struct err *e);
/* The counts as rules judge them. */
must_use bool store_reset_tally(
    struct store *s, int64_t id, unsigned wave, struct resetwave_tally *out, struct err *e);

struct store_reset_phone {
	char name[DEVICE_NAME_MAX];
	unsigned wave;
	enum store_reset_phone_state state;
	char reason[ERR_TEXT_MAX]; /* the last line of the hook, or why it failed or was skipped */
	int status;                /* the hook's exit status; -1: none */
	time_t asked;              /* the hook, or to be waited for; 0: not yet */
	time_t at;                 /* of the last change */
};
/* Inserts or replaces. */
must_use bool store_reset_phone_put(
    struct store *s, int64_t id, const struct store_reset_phone *p, struct err *e);
must_use bool store_reset_phone_get(struct store *s, int64_t id, const char *name,
    struct store_reset_phone *out, bool *found, struct err *e);
/* Those in that state, in order of wave and name, at most max; wave 0: of all waves. */
must_use bool store_reset_phone_each(struct store *s, int64_t id,
    enum store_reset_phone_state state, unsigned wave, size_t max,
    bool (*each)(void *arg, const struct store_reset_phone *p), void *arg, struct err *e);
/* Those that may still come back (sent, own-reboot, missing, failed), with the time when the phone
 * was last seen (0: never, or deleted), in order of name from the one after after on, at most max.
 */
must_use bool store_reset_phone_look(struct store *s, int64_t id, const char *after, size_t max,
    bool (*each)(void *arg, const struct store_reset_phone *p, time_t seen), void *arg,
    struct err *e);
/* The newest job that the phone is in, and its place in it. */
must_use bool store_reset_phone_last(struct store *s, const char *name, int64_t *id,
    struct store_reset_phone *out, bool *found, struct err *e);
/* The phone is in job id now: in earlier ones, where it waits for something, it is skipped. */
must_use bool store_reset_supersede(
    struct store *s, const char *name, int64_t id, time_t now, struct err *e);
/* Those of a wave that failed or are missing wait again. */
must_use bool store_reset_retry(
    struct store *s, int64_t id, unsigned wave, time_t now, struct err *e);
/* No hook runs any more: those that were asked wait again, in all jobs. */
must_use bool store_reset_interrupted(struct store *s, time_t now, struct err *e);

#endif
