/*
 * reset_job: a reset of many phones, put into the store, and how far it is. What happens next is
 * core's (daemon/core_reset.h): jobs in the store are taken up by themselves.
 *
 * Both calls only touch the store, so a change of certificates can make its reset in the same
 * transaction.
 */
#ifndef CLUSTER_RESET_JOB_H
#define CLUSTER_RESET_JOB_H

#include "rules/phonefilter.h"
#include "store/store.h"

struct reset_job_settings {
	enum reset_kind kind;
	struct resetwave_plan plan;
	unsigned wait_s; /* 1 to RESET_JOB_WAIT_MAX */
	unsigned again;  /* store_reset.again; at most RESET_JOB_AGAIN_MAX */
};

#define RESET_JOB_WAIT_MAX  (30 * 24 * 3600)
#define RESET_JOB_AGAIN_MAX 1 /* a bridge takes a second boot */

/* What sealtone takes when it is not told otherwise: reset, 5% first, waves of 50, 5% may stay
 * away, each has 10 minutes. */
struct reset_job_settings reset_job_default(void);

/* Begins one for the phones that fit; shown says which, for people. seen_too: also phones that an
 * administrator did not add. A phone that waits in an earlier job is taken out of it. *out is the
 * job as stored; with no phone it is none: ERR_UNKNOWN. *phones: how many. Errors: ERR_MALFORMED
 * settings, ERR_STORE. */
must_use bool reset_job_add(struct store *s, const struct phonefilter *which, bool seen_too,
    const char *shown, const struct reset_job_settings *how, time_t now, struct store_reset *out,
    size_t *phones, struct err *e);

/* The same for these phones, count of them, in that order. */
must_use bool reset_job_add_phones(struct store *s, const struct device *phone, size_t count,
    const char *shown, const struct reset_job_settings *how, time_t now, struct store_reset *out,
    struct err *e);

/* done: no phone is waited for any more. */
struct reset_job_progress {
	enum store_reset_state state;
	size_t phones; /* back, lost (not back in time, or never reached) and open together */
	size_t back, lost, open;
};

/* Errors: ERR_UNKNOWN (no such job), ERR_STORE. */
must_use bool reset_job_state(
    struct store *s, int64_t id, struct reset_job_progress *out, struct err *e);

#endif
