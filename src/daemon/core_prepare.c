#include "daemon/core_prepare.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/core_builds.h"
#include "daemon/signpool.h"
#include "net/clock.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#define STEP_MS   2  /* of work in one turn of the loop */
#define STEP_MAX  2  /* files for the keepers in one turn: they must not wait for core meanwhile */
#define NAMES_MAX 64 /* taken from the store at once */
#define AHEAD_MAX \
	16            /* files with the keepers; those of phones come first, but not before these \
		       */
#define PAUSE_MS    2 /* while so many are there */
#define QUIET_MS    250 /* a file is seldom written at once */
#define CHANGED_MAX 1000

/* One whose file has changed. */
struct changed {
	struct device device;
	UT_hash_handle hh;
};

struct core_prepare {
	struct core *core;
	struct event *step, *quiet;
	bool is_running;
	struct core_prepare_progress so_far;
	struct device name[NAMES_MAX]; /* the next ones */
	size_t count, at;
	struct changed *changed, *quiet_now; /* those that may still change; their turn has come */
};

/* --- all phones --- */

static bool
take_name(void *arg, const char *name)
{
	struct core_prepare *p = arg;

	snprintf(p->name[p->count].name, DEVICE_NAME_MAX, "%s", name);
	return ++p->count < NAMES_MAX;
}

/* false: there are none left. */
static bool
take_names(struct core_prepare *p)
{
	const struct device last = p->count > 0 ? p->name[p->count - 1] : (struct device){ "" };
	struct err e = { 0 };

	p->count = p->at = 0;
	if (!store_phone_names_after(
		cluster_store(p->core->cluster), last.name, NAMES_MAX, take_name, p, &e))
		log_event(LOG_ERROR, "not-prepared reason=\"%s\"", e.text);
	return p->count > 0;
}

static void
end_walk(struct core_prepare *p)
{
	p->is_running = false;
	log_event(LOG_DEBUG, "prepared phones=%zu", p->so_far.done);
}

static bool
has_room(const struct core_prepare *p)
{
	return signpool_waiting(p->core->signpool, true) < AHEAD_MAX;
}

static void
forget(struct changed **all, struct changed *one)
{
	HASH_DEL(*all, one);
	free(one);
}

static void
again(struct core_prepare *p, unsigned ms)
{
	const struct timeval pause = { .tv_usec = (suseconds_t)ms * 1000 };

	event_add(p->step, &pause);
}

/* Single ones come before the next of all; false: nothing is left. */
static bool
prepare_next(struct core_prepare *p)
{
	if (p->quiet_now != NULL) {
		core_builds_prepare(p->core->builds, p->quiet_now->device.name);
		forget(&p->quiet_now, p->quiet_now);
		return true;
	}
	if (!p->is_running)
		return false;
	if (p->at == p->count && !take_names(p)) {
		end_walk(p);
		return false;
	}
	core_builds_prepare(p->core->builds, p->name[p->at++].name);
	p->so_far.done++;
	return true;
}

static void
on_step(evutil_socket_t fd, short what, void *arg)
{
	struct core_prepare *p = arg;
	size_t enough = signpool_waiting(p->core->signpool, true) + STEP_MAX;
	uint64_t end = clock_ms() + STEP_MS;

	(void)fd, (void)what;
	while (
	    has_room(p) && signpool_waiting(p->core->signpool, true) < enough && clock_ms() < end)
		if (!prepare_next(p))
			return;
	again(p, has_room(p) ? 0 : PAUSE_MS);
}

void
core_prepare_all(struct core_prepare *p)
{
	struct err e = { 0 };

	p->so_far = (struct core_prepare_progress){ 0 };
	if (!store_phone_count(cluster_store(p->core->cluster), PHONE_ADDED, &p->so_far.total, &e))
		log_event(LOG_ERROR, "not-prepared reason=\"%s\"", e.text);
	p->count = p->at = 0;
	p->is_running = true;
	again(p, PAUSE_MS);
}

struct core_prepare_progress
core_prepare_progress(const struct core_prepare *p)
{
	struct core_prepare_progress now = p->so_far;

	now.waiting = signpool_waiting(p->core->signpool, true);
	return now;
}

/* --- single files --- */

static void
forget_changed(struct core_prepare *p)
{
	struct changed *one, *next;

	HASH_ITER(hh, p->changed, one, next)
	forget(&p->changed, one);
	HASH_ITER(hh, p->quiet_now, one, next)
	forget(&p->quiet_now, one);
}

static void
wait_for_quiet(struct core_prepare *p)
{
	const struct timeval quiet = { .tv_usec = QUIET_MS * 1000 };

	event_add(p->quiet, &quiet);
}

static void
on_quiet(evutil_socket_t fd, short what, void *arg)
{
	struct core_prepare *p = arg;

	(void)fd, (void)what;
	if (p->quiet_now != NULL) {
		wait_for_quiet(p);
		return;
	}
	p->quiet_now = p->changed;
	p->changed = NULL;
	again(p, 0);
}

static void
add_changed(struct core_prepare *p, const struct device *d)
{
	struct changed *one;

	HASH_FIND_STR(p->changed, d->name, one);
	if (one != NULL)
		return;
	one = mem_new(1, sizeof *one);
	one->device = *d;
	HASH_ADD_STR(p->changed, device.name, one);
	if (!event_pending(p->quiet, EV_TIMEOUT, NULL))
		wait_for_quiet(p);
}

void
core_prepare_path(struct core_prepare *p, const char *path)
{
	struct fname name;

	if (*path == '\0' || HASH_COUNT(p->changed) >= CHANGED_MAX) {
		forget_changed(p);
		core_prepare_all(p);
	} else if (fname_parse(span_str(path), &name, NULL) && name.kind == FNAME_CONFIG &&
		   name.has_device && !name.is_signed) {
		add_changed(p, &name.device);
	}
}

/* --- all --- */

struct core_prepare *
core_prepare_new(struct core *c)
{
	struct core_prepare *p = mem_new(1, sizeof *p);

	p->core = c;
	p->step = evtimer_new(c->base, on_step, p);
	p->quiet = evtimer_new(c->base, on_quiet, p);
	if (p->step == NULL || p->quiet == NULL)
		abort();
	return p;
}

void
core_prepare_free(struct core_prepare *p)
{
	if (p == NULL)
		return;
	event_free(p->step);
	event_free(p->quiet);
	forget_changed(p);
	free(p);
}
