#include "daemon/core_bulk.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/commands.h"
#include "daemon/core_forget.h"
#include "daemon/phonesettings.h"
#include "rules/phone_status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOBS_MAX    16  /* that take a step at once; the others wait for their turn */
#define STEP_MAX    200 /* phones that get their operation in one step */
#define LOOK_MAX    500 /* phones that one step asks how theirs ended */
#define MINUTE_S    60
#define BURST_SHARE 6 /* of a minute's phones, after a pause */

/* --- one phone --- */

static bool
wants_none(const json_t *settings)
{
	return strcmp(args_text(settings, "operation"), "none") == 0;
}

/* What is only assumed of a model stops nobody. */
static bool
model_can(const struct core *c, const struct phone *p, struct err *e)
{
	const struct model *m = modeltable_find(cluster_models(c->cluster), p->model);
	const struct model_cell *ec, *rsa;
	unsigned long bits;

	if (m == NULL || p->operation != PHONE_OPERATION_INSTALL)
		return true;
	ec = &m->cell[MODELTABLE_EC];
	rsa = &m->cell[MODELTABLE_KEY_MAX];
	if (p->key_order == PHONE_KEY_EC_ONLY && ec->documented && strcmp(ec->value, "no") == 0)
		return err_set(e, ERR_REFUSED, "model %s has no EC keys, and key-order is %s",
		    m->name, phone_key_order_name(p->key_order));
	if (p->key_order != PHONE_KEY_EC_ONLY && rsa->documented &&
	    text_number(rsa->value, 1, UINT16_MAX, &bits) && p->rsa_size > bits)
		return err_set(e, ERR_REFUSED,
		    "model %s has RSA keys of at most %lu bits, and rsa-size is %u", m->name, bits,
		    p->rsa_size);
	return true;
}

bool
core_bulk_apply(struct core *c, struct phone *p, const json_t *settings, struct err *e)
{
	bool none = wants_none(settings);

	if (!none && p->operation != PHONE_OPERATION_NONE)
		return err_set(
		    e, ERR_REFUSED, "%s is pending already", phone_operation_name(p->operation));
	if (!phonesettings_apply(c, p, settings, e))
		return false;
	if (!none && p->operation == PHONE_OPERATION_NONE)
		return err_set(e, ERR_REFUSED, "complete-by is past");
	return model_can(c, p, e);
}

/* --- a step of one job --- */

struct step {
	struct core *core;
	struct store_bulk *job;
	const json_t *settings;
	time_t now;
	struct store_bulk_phone *phone; /* those that are looked at, LOOK_MAX of them */
	size_t count;
	char next[DEVICE_NAME_MAX]; /* where looking goes on; "": from the first */
	struct device *changed;     /* phones that have their operation now, STEP_MAX of them */
	size_t changed_count;
};

static bool
step_collect(void *arg, const struct store_bulk_phone *p)
{
	struct step *st = arg;

	st->phone[st->count++] = *p;
	return true;
}

static bool
step_put(struct step *st, struct store *s, struct store_bulk_phone *p,
    enum store_bulk_phone_state state, const char *reason, struct err *e)
{
	p->state = state;
	p->at = st->now;
	snprintf(p->reason, sizeof p->reason, "%s", reason);
	return store_bulk_phone_put(s, st->job->id, p, e);
}

/* How the operation of one phone ended, when it did. */
static bool
settle_one(struct step *st, struct store *s, struct store_bulk_phone *bp, struct err *e)
{
	struct phone p;
	bool found;

	if (!store_phone_get(s, bp->name, &p, &found, e))
		return false;
	mem_wipe(p.auth_string, sizeof p.auth_string);
	if (!found)
		return step_put(st, s, bp, STORE_BULK_FAILED, "the phone was deleted", e);
	if (p.operation != PHONE_OPERATION_NONE)
		return true;
	if (phone_status_is_success(p.operation_status))
		return step_put(st, s, bp, STORE_BULK_SUCCEEDED, "", e);
	return step_put(st, s, bp, STORE_BULK_FAILED,
	    strcmp(p.operation_status, phone_status_success(PHONE_OPERATION_NONE)) == 0
		? "the operation was taken back"
		: p.operation_status,
	    e);
}

static bool
settle(struct step *st, struct store *s, struct err *e)
{
	st->count = 0;
	if (!store_bulk_phone_each(s, st->job->id, STORE_BULK_GIVEN, st->core->bulk_after, LOOK_MAX,
		step_collect, st, e))
		return false;
	if (st->count == LOOK_MAX)
		snprintf(st->next, sizeof st->next, "%s", st->phone[LOOK_MAX - 1].name);
	for (size_t i = 0; i < st->count; i++)
		if (!settle_one(st, s, &st->phone[i], e))
			return false;
	return true;
}

/* It was asked when the job began, but much may have changed since. */
static bool
give_one(struct step *st, struct store *s, struct store_bulk_phone *bp, struct err *e)
{
	struct err why = { 0 };
	struct phone p;
	bool found, ok;

	if (!store_phone_get(s, bp->name, &p, &found, e))
		return false;
	if (!found)
		return step_put(st, s, bp, STORE_BULK_FAILED, "the phone was deleted", e);
	ok = core_bulk_apply(st->core, &p, st->settings, &why);
	if (ok) {
		ok = store_phone_put(s, &p, e) &&
		     step_put(st, s, bp,
			 wants_none(st->settings) ? STORE_BULK_SUCCEEDED : STORE_BULK_GIVEN, "", e);
		core_audit(st->core, "bulk", "phone-set", bp->name, "bulk job %lld: operation %s",
		    (long long)st->job->id, phone_operation_name(p.operation));
		st->changed[st->changed_count++] = p.device;
	} else {
		ok = why.code != ERR_STORE ? step_put(st, s, bp, STORE_BULK_FAILED, why.text, e)
					   : err_set(e, why.code, "%s", why.text);
	}
	mem_wipe(p.auth_string, sizeof p.auth_string);
	return ok;
}

/* How many may get theirs now. What was not used during a pause is not made up for at once. */
static size_t
allowance(struct store_bulk *job, time_t now)
{
	size_t burst, due;

	if (job->pace == 0)
		return STEP_MAX;
	burst = job->pace / BURST_SHARE > 1 ? job->pace / BURST_SHARE : 1;
	if (now < job->paced) /* the clock was put back */
		job->paced = now;
	due = (size_t)(now - job->paced) * job->pace / MINUTE_S;
	if (due == 0)
		return 0;
	job->paced = due > burst ? now : job->paced + (time_t)(due * MINUTE_S / job->pace);
	due = due > burst ? burst : due;
	return due < STEP_MAX ? due : STEP_MAX;
}

static bool
give(struct step *st, struct store *s, struct err *e)
{
	size_t max = st->job->state == STORE_BULK_RUNNING ? allowance(st->job, st->now) : 0;

	st->count = 0;
	if (max == 0)
		return true;
	if (!store_bulk_phone_each(
		s, st->job->id, STORE_BULK_WAITING, "", max, step_collect, st, e))
		return false;
	for (size_t i = 0; i < st->count; i++)
		if (!give_one(st, s, &st->phone[i], e))
			return false;
	return true;
}

static bool
is_over(struct step *st, struct store *s, bool *over, struct err *e)
{
	st->count = 0;
	if (!store_bulk_phone_each(
		s, st->job->id, STORE_BULK_WAITING, "", 1, step_collect, st, e) ||
	    !store_bulk_phone_each(s, st->job->id, STORE_BULK_GIVEN, "", 1, step_collect, st, e))
		return false;
	*over = st->count == 0;
	return true;
}

static bool
step_stored(struct store *s, void *arg, struct err *e)
{
	struct step *st = arg;
	const struct store_bulk before = *st->job;
	bool over;

	if (!settle(st, s, e) || !give(st, s, e) || !is_over(st, s, &over, e))
		return false;
	if (over) {
		st->job->state = STORE_BULK_DONE;
		core_audit(st->core, "bulk", "bulk-done", "", "job %lld", (long long)st->job->id);
	}
	return (st->job->state == before.state && st->job->paced == before.paced) ||
	       store_bulk_put(s, st->job, e);
}

/* --- all jobs --- */

struct jobs {
	struct store_bulk job[JOBS_MAX];
	size_t count;
};

static bool
collect_job(void *arg, const struct store_bulk *b)
{
	struct jobs *jobs = arg;

	jobs->job[jobs->count++] = *b;
	return jobs->count < JOBS_MAX;
}

static void
step_job(struct step *st, struct store_bulk *job)
{
	struct core *c = st->core;
	json_t *settings = json_loads(job->settings, 0, NULL);
	struct err e = { 0 };

	st->job = job;
	st->settings = settings;
	st->changed_count = 0;
	st->next[0] = '\0';
	if (settings != NULL && store_change(cluster_store(c->cluster), step_stored, st, &e))
		core_forget_devices(c, st->changed, st->changed_count);
	else
		log_event(LOG_ERROR, "bulk-step-failed job=%lld reason=\"%s\"", (long long)job->id,
		    settings != NULL ? e.text : "its settings cannot be read");
	json_decref(settings);
}

void
core_bulk_step(struct core *c)
{
	struct jobs *jobs = mem_new(1, sizeof *jobs);
	struct step st = { .core = c, .now = core_now() };
	char next[DEVICE_NAME_MAX] = "";
	struct err e = { 0 };

	if (!store_bulk_each(cluster_store(c->cluster), true, collect_job, jobs, &e))
		log_event(LOG_ERROR, "bulk-step-failed reason=\"%s\"", e.text);
	if (jobs->count > 0) {
		st.phone = mem_new(LOOK_MAX, sizeof *st.phone);
		st.changed = mem_new(STEP_MAX, sizeof *st.changed);
		for (size_t i = 0; i < jobs->count; i++) {
			step_job(&st, &jobs->job[i]);
			if (st.next[0] != '\0' && (next[0] == '\0' || strcmp(st.next, next) < 0))
				snprintf(next, sizeof next, "%s", st.next);
		}
		free(st.phone);
		free(st.changed);
	}
	snprintf(c->bulk_after, sizeof c->bulk_after, "%s", next);
	free(jobs);
}
