#include "cluster/reset_job.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CANARY_DEFAULT    5
#define WAVE_DEFAULT      50
#define TOLERANCE_DEFAULT 5
#define WAIT_DEFAULT_S    600
#define PERCENT           100
#define WAVE_MAX          1000000

struct reset_job_settings
reset_job_default(void)
{
	return (struct reset_job_settings){ .kind = RESET_RESET,
		.plan = { CANARY_DEFAULT, WAVE_DEFAULT, TOLERANCE_DEFAULT },
		.wait_s = WAIT_DEFAULT_S };
}

static bool
settings_check(const struct reset_job_settings *how, struct err *e)
{
	if (how->kind >= RESET_KINDS)
		return err_set(e, ERR_MALFORMED, "kind: expected reset, restart or apply");
	if (how->plan.canary > PERCENT || how->plan.tolerance > PERCENT)
		return err_set(
		    e, ERR_MALFORMED, "canary, tolerance: must be 0 to %d percent", PERCENT);
	if (how->plan.wave > WAVE_MAX)
		return err_set(e, ERR_MALFORMED, "wave: must be 0 to %d phones", WAVE_MAX);
	if (how->again > RESET_JOB_AGAIN_MAX)
		return err_set(e, ERR_MALFORMED, "again: must be 0 to %d", RESET_JOB_AGAIN_MAX);
	return (how->wait_s > 0 && how->wait_s <= RESET_JOB_WAIT_MAX) ||
	       err_set(e, ERR_MALFORMED, "wait: must be 1 to %d seconds", RESET_JOB_WAIT_MAX);
}

struct adding {
	const struct phonefilter *which; /* NULL: they are there already */
	bool seen_too;
	struct store_reset *job;
	struct device *phone;
	size_t count, room;
};

static bool
collect(void *arg, const struct phone *p)
{
	struct adding *a = arg;

	if ((p->origin != PHONE_ADDED && !a->seen_too) || !phonefilter_fits(a->which, p))
		return true;
	if (a->count == a->room) {
		a->room = a->room > 0 ? 2 * a->room : 64;
		a->phone = mem_grow(a->phone, a->room, sizeof *a->phone);
	}
	a->phone[a->count++] = p->device;
	return true;
}

static bool
put_phones(const struct adding *a, struct store *s, struct err *e)
{
	for (size_t i = 0; i < a->count; i++) {
		struct store_reset_phone one = { .state = STORE_RESET_WAITING,
			.wave = resetwave_of(&a->job->plan, i, a->count),
			.status = -1,
			.at = a->job->made };

		snprintf(one.name, sizeof one.name, "%s", a->phone[i].name);
		if (!store_reset_supersede(s, one.name, a->job->id, one.at, e) ||
		    !store_reset_phone_put(s, a->job->id, &one, e))
			return false;
	}
	return true;
}

static bool
add_stored(struct store *s, void *arg, struct err *e)
{
	struct adding *a = arg;

	if (a->which != NULL && !store_phone_each(s, collect, a, e))
		return false;
	if (a->count == 0)
		return err_set(e, ERR_UNKNOWN, "no phone fits");
	a->job->waves = resetwave_count(&a->job->plan, a->count);
	return store_reset_add(s, a->job, e) && put_phones(a, s, e);
}

static struct store_reset
job_new(const char *shown, const struct reset_job_settings *how, time_t now)
{
	struct store_reset job = { .made = now,
		.kind = how->kind,
		.plan = how->plan,
		.wait_s = how->wait_s,
		.again = how->again,
		.state = STORE_RESET_RUNNING,
		.now = 1 };

	snprintf(job.filter, sizeof job.filter, "%s", shown);
	return job;
}

bool
reset_job_add(struct store *s, const struct phonefilter *which, bool seen_too, const char *shown,
    const struct reset_job_settings *how, time_t now, struct store_reset *out, size_t *phones,
    struct err *e)
{
	struct adding a = { .which = which, .seen_too = seen_too, .job = out };
	bool ok;

	*out = job_new(shown, how, now);
	ok = settings_check(how, e) && store_change(s, add_stored, &a, e);
	*phones = a.count;
	free(a.phone);
	return ok;
}

bool
reset_job_add_phones(struct store *s, const struct device *phone, size_t count, const char *shown,
    const struct reset_job_settings *how, time_t now, struct store_reset *out, struct err *e)
{
	struct adding a = {
		.job = out, .phone = (struct device *)(uintptr_t)phone, .count = count
	};

	*out = job_new(shown, how, now);
	return settings_check(how, e) && store_change(s, add_stored, &a, e);
}

bool
reset_job_state(struct store *s, int64_t id, struct reset_job_progress *out, struct err *e)
{
	struct resetwave_tally t;
	struct store_reset r;
	bool found;

	*out = (struct reset_job_progress){ 0 };
	if (!store_reset_get(s, id, &r, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_UNKNOWN, "no reset job %lld", (long long)id);
	if (!store_reset_tally(s, id, 0, &t, e))
		return false;
	*out = (struct reset_job_progress){ .state = r.state,
		.phones = t.waiting + t.open + t.back + t.bad,
		.back = t.back,
		.lost = t.bad,
		.open = t.waiting + t.open };
	return true;
}
