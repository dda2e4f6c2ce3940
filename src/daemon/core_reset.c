#include "daemon/core_reset.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/core_config.h"
#include "daemon/core_reset_again.h"
#include "daemon/hookpool.h"
#include "daemon/hookproc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOBS_MAX  16  /* that take a step at once; the others wait for their turn */
#define LOOK_MAX  500 /* phones that one step looks for */
#define GIVE_MAX  HOOKPROC_RUNS_MAX
#define NAMED_MAX 5  /* of those that are lost, in the reason */
#define ALONE_S   30 /* without the process that runs hooks, a job is stopped */

/* A phone's reason after it was cut off once: it waits, and is asked once more. */
static const char cut_off[] = "the process that runs hooks has ended";

struct core_reset {
	struct hookpool *pool;
	char after[DEVICE_NAME_MAX]; /* where looking goes on; "": from the first */
	time_t alone;                /* since when there is no such process; 0: there is */
};

static bool
has_hook(const struct core *c)
{
	return cluster_conf(c->cluster)->reset_hook[0] != '\0';
}

/* --- a step of one job --- */

/* A phone that the hook is to be run for when the step is stored. */
struct order {
	struct device device;
	char model[PHONE_TEXT_MAX], address[PHONE_ADDRESS_MAX];
};

/* A phone and when it was last seen. */
struct sight {
	struct store_reset_phone phone;
	time_t seen;
};

struct step {
	struct core *core;
	struct store_reset *job;
	time_t now;
	struct sight *sight; /* LOOK_MAX of them */
	size_t sights;
	char next[DEVICE_NAME_MAX]; /* where looking goes on; "": from the first */
	struct order order[GIVE_MAX];
	size_t orders;
};

/* reason NULL: as it is. */
static bool
step_put(struct step *st, struct store *s, struct store_reset_phone *p,
    enum store_reset_phone_state state, const char *reason, struct err *e)
{
	p->state = state;
	p->at = st->now;
	if (reason != NULL)
		snprintf(p->reason, sizeof p->reason, "%s", reason);
	return store_reset_phone_put(s, st->job->id, p, e);
}

static bool
collect_sight(void *arg, const struct store_reset_phone *p, time_t seen)
{
	struct step *st = arg;

	st->sight[st->sights++] = (struct sight){ *p, seen };
	return true;
}

static bool
collect_phone(void *arg, const struct store_reset_phone *p)
{
	return collect_sight(arg, p, 0);
}

/* In the very second in which it was asked, who knows what came first. */
static bool
settle_one(struct step *st, struct store *s, struct sight *one, struct err *e)
{
	struct store_reset_phone *p = &one->phone;
	char reason[ERR_TEXT_MAX];

	if (one->seen > p->asked)
		return step_put(st, s, p, STORE_RESET_BACK, NULL, e);
	if (p->state != STORE_RESET_SENT || st->now < p->at + (time_t)st->job->wait_s)
		return true;
	snprintf(reason, sizeof reason, "not seen for %u seconds%s%.200s", st->job->wait_s,
	    p->reason[0] != '\0' ? "; the hook: " : "", p->reason);
	return step_put(st, s, p, STORE_RESET_MISSING, reason, e);
}

static bool
settle(struct step *st, struct store *s, struct err *e)
{
	st->sights = 0;
	if (!store_reset_phone_look(
		s, st->job->id, st->core->reset->after, LOOK_MAX, collect_sight, st, e))
		return false;
	if (st->sights == LOOK_MAX)
		snprintf(st->next, sizeof st->next, "%s", st->sight[LOOK_MAX - 1].phone.name);
	for (size_t i = 0; i < st->sights; i++)
		if (!settle_one(st, s, &st->sight[i], e))
			return false;
	return true;
}

/* --- asking --- */

static bool
give_one(struct step *st, struct store *s, struct store_reset_phone *rp, struct err *e)
{
	struct order *o = &st->order[st->orders];
	struct phone p;
	bool found;

	if (!store_phone_get(s, rp->name, &p, &found, e))
		return false;
	mem_wipe(p.auth_string, sizeof p.auth_string);
	if (!found)
		return step_put(st, s, rp, STORE_RESET_SKIPPED, "the phone was deleted", e);
	if (has_hook(st->core)) {
		o->device = p.device;
		memcpy(o->model, p.model, sizeof o->model);
		memcpy(o->address, p.last_address, sizeof o->address);
		st->orders++;
	}
	rp->asked = st->now;
	rp->status = -1;
	return has_hook(st->core)
		   ? step_put(st, s, rp, STORE_RESET_ASKED, NULL, e)
		   : step_put(st, s, rp, STORE_RESET_OWN, "waiting for its own reboot", e);
}

/* Without a hook nothing is asked of phones, so there are no waves either. */
static bool
give(struct step *st, struct store *s, struct err *e)
{
	const struct conf *conf = cluster_conf(st->core->cluster);
	const struct hookpool *pool = st->core->reset->pool;
	bool hook = has_hook(st->core);
	size_t room = hook ? hookpool_room(pool, conf->reset_hooks_at_once) : LOOK_MAX;

	st->sights = 0;
	if (room == 0)
		return true;
	if (!store_reset_phone_each(s, st->job->id, STORE_RESET_WAITING, hook ? st->job->now : 0,
		room, collect_phone, st, e))
		return false;
	for (size_t i = 0; i < st->sights; i++)
		if (!hookpool_has(pool, st->sight[i].phone.name) &&
		    !give_one(st, s, &st->sight[i].phone, e))
			return false;
	return true;
}

/* --- waves --- */

/* "wave 1 of 4: 2 of 10 phones are lost: SEP... (missing), SEP... (failed)". */
static bool
describe_loss(struct step *st, struct store *s, size_t all, size_t bad, struct err *e)
{
	static const enum store_reset_phone_state lost[] = { STORE_RESET_MISSING,
		STORE_RESET_FAILED };
	struct store_reset *job = st->job;
	size_t n;

	st->sights = 0;
	for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
		if (!store_reset_phone_each(
			s, job->id, lost[i], job->now, NAMED_MAX, collect_phone, st, e))
			return false;
	n = (size_t)snprintf(job->reason, sizeof job->reason,
	    "wave %u of %u: %zu of %zu phones are lost: ", job->now, job->waves, bad, all);
	for (size_t i = 0; i < st->sights && i < NAMED_MAX; i++)
		n += (size_t)snprintf(job->reason + n, sizeof job->reason - n, "%s%s (%s)",
		    i > 0 ? ", " : "", st->sight[i].phone.name,
		    store_reset_phone_state_name(st->sight[i].phone.state));
	if (bad > NAMED_MAX)
		snprintf(job->reason + n, sizeof job->reason - n, " and %zu more", bad - NAMED_MAX);
	return true;
}

static void
stop(struct step *st)
{
	st->job->state = STORE_RESET_STOPPED;
	core_audit(st->core, "reset", "reset-stopped", "", "job %lld: %s", (long long)st->job->id,
	    st->job->reason);
	log_event(LOG_WARNING, "reset-stopped job=%lld reason=%s", (long long)st->job->id,
	    log_quote(span_str(st->job->reason)));
}

/* Whether the next wave follows, or everything stops. */
static bool
judge(struct step *st, struct store *s, struct err *e)
{
	struct store_reset *job = st->job;
	struct resetwave_tally t;

	if (!store_reset_tally(s, job->id, job->now, &t, e))
		return false;
	switch (resetwave_judge(&t, job->plan.tolerance, job->accepted >= job->now)) {
	case RESETWAVE_NEXT:
		if (job->now < job->waves)
			job->now++;
		return true;
	case RESETWAVE_STOP:
		if (!describe_loss(st, s, t.waiting + t.open + t.back + t.bad, t.bad, e))
			return false;
		if (job->now < job->waves || t.waiting > 0)
			stop(st);
		return true;
	case RESETWAVE_WAIT:
		break;
	}
	return true;
}

/* The process comes a moment after core; when it does not, nobody is left to wait for. */
static void
stop_when_alone(struct step *st)
{
	struct core_reset *r = st->core->reset;

	if (hookpool_is_there(r->pool) || !has_hook(st->core)) {
		r->alone = 0;
		return;
	}
	if (r->alone == 0 || st->now < r->alone)
		r->alone = st->now;
	if (st->now - r->alone < ALONE_S)
		return;
	snprintf(st->job->reason, sizeof st->job->reason,
	    "no process runs hooks: sealtoned starts it when it starts with [reset] hook");
	stop(st);
}

static bool
end_when_over(struct step *st, struct store *s, struct err *e)
{
	struct resetwave_tally t;
	bool over;

	if (!store_reset_is_over(s, st->job->id, &over, e))
		return false;
	if (!over)
		return true;
	if (!store_reset_tally(s, st->job->id, 0, &t, e))
		return false;
	if (!core_reset_again(st->core, s, st->job, st->now, &over, e))
		return false;
	if (!over)
		return true;
	st->job->state = STORE_RESET_DONE;
	core_audit(st->core, "reset", "reset-done", "", "job %lld: %zu back, %zu lost",
	    (long long)st->job->id, t.back, t.bad);
	return true;
}

static bool
step_stored(struct store *s, void *arg, struct err *e)
{
	struct step *st = arg;
	const struct store_reset before = *st->job;

	if (!settle(st, s, e))
		return false;
	if (st->job->state == STORE_RESET_RUNNING) {
		stop_when_alone(st);
		if (has_hook(st->core) && st->job->state == STORE_RESET_RUNNING && !judge(st, s, e))
			return false;
		if (st->job->state == STORE_RESET_RUNNING && !give(st, s, e))
			return false;
	}
	if (!end_when_over(st, s, e))
		return false;
	return (st->job->state == before.state && st->job->now == before.now &&
		   strcmp(st->job->reason, before.reason) == 0) ||
	       store_reset_put(s, st->job, e);
}

/* --- the hook --- */

/* What became of the hook of one phone. */
struct ending {
	int64_t job;
	const char *device;
	enum store_reset_phone_state state;
	char reason[ERR_TEXT_MAX];
	int status;
};

/* A later job may have the phone by now. Who is cut off a second time has failed. */
static bool
ending_stored(struct store *s, void *arg, struct err *e)
{
	struct ending *end = arg;
	struct store_reset_phone p;
	bool found;

	if (!store_reset_phone_get(s, end->job, end->device, &p, &found, e))
		return false;
	if (!found || p.state != STORE_RESET_ASKED)
		return true;
	if (end->state == STORE_RESET_WAITING && strcmp(p.reason, cut_off) == 0)
		end->state = STORE_RESET_FAILED;
	p.state = end->state;
	p.at = core_now();
	p.status = end->status;
	memcpy(p.reason, end->reason, sizeof p.reason);
	return store_reset_phone_put(s, end->job, &p, e);
}

static void
store_ending(struct core *c, struct ending *end)
{
	struct err e = { 0 };

	if (!store_change(cluster_store(c->cluster), ending_stored, end, &e))
		log_event(
		    LOG_ERROR, "reset-hook-not-stored phone=%s reason=\"%s\"", end->device, e.text);
	log_event(end->state == STORE_RESET_FAILED ? LOG_WARNING : LOG_INFO,
	    "reset-hook job=%lld phone=%s state=%s reason=%s", (long long)end->job, end->device,
	    store_reset_phone_state_name(end->state), log_quote(span_str(end->reason)));
	if (end->state == STORE_RESET_WAITING)
		return;
	core_audit(c, "reset", end->state == STORE_RESET_FAILED ? "reset-failed" : "reset-sent",
	    end->device, "job %lld%s%s", (long long)end->job, end->reason[0] != '\0' ? ": " : "",
	    end->reason);
}

static void
describe_ending(const struct core *c, const struct hook_ran *ran, char reason[ERR_TEXT_MAX])
{
	const char *text = ran->text.n > 0 ? (const char *)ran->text.p : "";
	const char *colon = ran->text.n > 0 ? ": " : "";
	int n = (int)ran->text.n;

	if (ran->outcome == HOOK_TIMED_OUT)
		snprintf(reason, ERR_TEXT_MAX, "the hook did not end within %u seconds%s%.*s",
		    cluster_conf(c->cluster)->reset_hook_s, colon, n, text);
	else if (ran->outcome == HOOK_KILLED)
		snprintf(reason, ERR_TEXT_MAX, "the hook was ended by signal %u%s%.*s", ran->status,
		    colon, n, text);
	else if (ran->outcome == HOOK_EXITED && ran->status != 0)
		snprintf(reason, ERR_TEXT_MAX, "the hook ended with status %u%s%.*s", ran->status,
		    colon, n, text);
	else
		snprintf(reason, ERR_TEXT_MAX, "%.*s", n, text);
}

static void
hook_ended(void *arg, int64_t job, const char *device, const struct hook_ran *ran)
{
	struct core *c = arg;
	struct ending end = { .job = job, .device = device, .status = -1 };

	if (ran == NULL) {
		end.state = STORE_RESET_WAITING;
		snprintf(end.reason, sizeof end.reason, "%s", cut_off);
	} else {
		if (ran->outcome == HOOK_EXITED)
			end.status = (int)ran->status;
		end.state = end.status == 0 ? STORE_RESET_SENT : STORE_RESET_FAILED;
		describe_ending(c, ran, end.reason);
	}
	store_ending(c, &end);
}

static void
run_hook(struct core *c, const struct store_reset *job, const struct order *o)
{
	const struct conf *conf = cluster_conf(c->cluster);
	struct ending end = {
		.job = job->id, .device = o->device.name, .state = STORE_RESET_FAILED, .status = -1
	};
	struct store_served served = { 0 };
	struct core_config_view view = { 0 };
	struct err e = { 0 };
	bool found;

	/* what is not known is not said: the hook can do without */
	if (!store_served_get(cluster_store(c->cluster), o->device.name, &served, &found, &e))
		served.version[0] = '\0';
	if (!core_config_explain(c, &o->device, &view, &e))
		view.version[0] = '\0';
	struct hook_run ask = { .timeout_s = (uint16_t)conf->reset_hook_s,
		.text = { [HOOK_NAME] = span_str(o->device.name),
		    [HOOK_ADDRESS] = span_str(o->address),
		    [HOOK_KIND] = span_str(reset_kind_name(job->kind)),
		    [HOOK_MODEL] = span_str(o->model),
		    [HOOK_VERSION] = span_str(served.version),
		    [HOOK_VERSION_NOW] = span_str(view.version),
		    [HOOK_CLUSTER] = span_str(cluster_name(c->cluster)) } };

	if (hookpool_ask(c->reset->pool, job->id, &ask, &e))
		return;
	snprintf(end.reason, sizeof end.reason, "%s", e.text);
	store_ending(c, &end);
}

/* --- all jobs --- */

struct jobs {
	struct store_reset job[JOBS_MAX];
	size_t count;
};

static bool
collect_job(void *arg, const struct store_reset *r)
{
	struct jobs *jobs = arg;

	jobs->job[jobs->count++] = *r;
	return jobs->count < JOBS_MAX;
}

static void
step_job(struct step *st, struct store_reset *job)
{
	struct core *c = st->core;
	struct err e = { 0 };

	st->job = job;
	st->orders = 0;
	st->next[0] = '\0';
	if (!store_change(cluster_store(c->cluster), step_stored, st, &e)) {
		log_event(LOG_ERROR, "reset-step-failed job=%lld reason=\"%s\"", (long long)job->id,
		    e.text);
		return;
	}
	for (size_t i = 0; i < st->orders; i++)
		run_hook(c, job, &st->order[i]);
}

void
core_reset_step(struct core *c)
{
	struct jobs *jobs = mem_new(1, sizeof *jobs);
	struct step *st = mem_new(1, sizeof *st);
	char next[DEVICE_NAME_MAX] = "";
	struct err e = { 0 };

	st->core = c;
	st->now = core_now();
	if (!store_reset_each(cluster_store(c->cluster), true, collect_job, jobs, &e))
		log_event(LOG_ERROR, "reset-step-failed reason=\"%s\"", e.text);
	if (jobs->count > 0)
		st->sight = mem_new(LOOK_MAX, sizeof *st->sight);
	for (size_t i = 0; i < jobs->count; i++) {
		step_job(st, &jobs->job[i]);
		if (st->next[0] != '\0' && (next[0] == '\0' || strcmp(st->next, next) < 0))
			memcpy(next, st->next, sizeof next);
	}
	memcpy(c->reset->after, next, sizeof next);
	free(st->sight);
	free(st);
	free(jobs);
}

struct core_reset *
core_reset_new(struct core *c)
{
	struct core_reset *r = mem_new(1, sizeof *r);

	r->pool = hookpool_new(c->base, hook_ended, c);
	return r;
}

void
core_reset_free(struct core_reset *r)
{
	if (r == NULL)
		return;
	hookpool_free(r->pool);
	free(r);
}

void
core_reset_process(struct core *c, int fd)
{
	hookpool_process(c->reset->pool, fd);
}

void
core_reset_begin(struct core *c)
{
	struct err e = { 0 };

	if (!store_reset_interrupted(cluster_store(c->cluster), core_now(), &e))
		log_event(LOG_ERROR, "resets-not-taken-up reason=\"%s\"", e.text);
}
