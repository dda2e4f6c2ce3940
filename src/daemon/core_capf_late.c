#include "daemon/core_capf_steps.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/core_capf.h"
#include "daemon/core_capf_attempt.h"
#include "daemon/core_forget.h"

#include <stdlib.h>

bool
core_capf_is_late(const struct phone *p, time_t now)
{
	return p->operation != PHONE_OPERATION_NONE && p->complete_by != 0 && now > p->complete_by;
}

bool
core_capf_end_late(struct core *c, struct phone *p, struct err *e)
{
	return core_capf_operation_failed(
	    c, p, PHONE_FAIL_LATE, "the operation was to be complete by then", e);
}

struct late {
	struct core *core;
	time_t now;
	struct device *names;
	size_t count;
};

static bool
collect_late(void *arg, const struct phone *p)
{
	struct late *l = arg;

	/* who was let in in time may finish */
	if (core_capf_is_late(p, l->now) &&
	    capf_sessions_of(l->core->capf, p->device.name) == NULL) {
		l->names = mem_grow(l->names, l->count + 1, sizeof *l->names);
		l->names[l->count++] = p->device;
	}
	return true;
}

/* All in one transaction: operations for thousands of phones end at the same minute. */
static bool
late_stored(struct store *s, void *arg, struct err *e)
{
	struct late *l = arg;

	if (!store_phone_late(s, l->now, collect_late, l, e))
		return false;
	for (size_t i = 0; i < l->count; i++) {
		struct phone p;
		bool found, ok;

		if (!store_phone_get(s, l->names[i].name, &p, &found, e))
			return false;
		ok = !found || core_capf_end_late(l->core, &p, e);
		mem_wipe(p.auth_string, sizeof p.auth_string);
		if (!ok)
			return false;
	}
	return true;
}

void
core_capf_deadlines(struct core *c)
{
	struct late l = { .core = c, .now = core_now() };
	struct err e = { 0 };

	if (!store_change(cluster_store(c->cluster), late_stored, &l, &e))
		log_event(LOG_ERROR, "deadlines-failed reason=\"%s\"", e.text);
	else
		core_forget_devices(c, l.names, l.count);
	free(l.names);
}
