#include "daemon/core_capf_attempt.h"

#include "daemon/capf_sessions.h"

#include <stdio.h>

bool
core_capf_reached(struct core *c, const struct ask *ask, const char *device,
    enum store_capf_step step, const char *reason, struct err *e)
{
	const struct store_reached r = { step, span_str(reason), ask->peer, core_now() };
	struct capf_session *one = capf_sessions_of(c->capf, device);

	if (one != NULL) {
		one->step = step;
		one->is_noted = true;
	}
	return store_attempt_reached(cluster_store(c->cluster), device, &r, e);
}

static bool
is_noted(void *arg, struct capf_session *one)
{
	(void)arg;
	return one->is_noted;
}

struct notes {
	struct store *store;
	struct err *e;
};

static bool
note(void *arg, struct capf_session *one)
{
	const struct notes *n = arg;
	const struct store_reached r = { one->step, { 0 }, span_str(one->peer), one->begun };

	return one->is_noted || store_attempt_reached(n->store, one->device.name, &r, n->e);
}

static bool
note_all(struct store *s, void *arg, struct err *e)
{
	struct notes n = { s, e };

	return capf_sessions_each(arg, note, &n);
}

static bool
mark(void *arg, struct capf_session *one)
{
	(void)arg;
	one->is_noted = true;
	return true;
}

bool
core_capf_notes_write(struct core *c, struct err *e)
{
	return capf_sessions_each(c->capf, is_noted, NULL) ||
	       (store_change(cluster_store(c->cluster), note_all, c->capf, e) &&
		   capf_sessions_each(c->capf, mark, NULL));
}

bool
core_capf_attempt(struct core *c, const char *device, struct store_attempt *out, struct err *e)
{
	const struct capf_session *one = capf_sessions_of(c->capf, device);

	if (!store_attempt_get(cluster_store(c->cluster), device, out, e))
		return false;
	if (one == NULL || one->is_noted)
		return true;
	out->step = one->step;
	out->at = one->begun;
	out->reason[0] = '\0';
	snprintf(out->address, sizeof out->address, "%s", one->peer);
	return true;
}

bool
core_capf_history(struct core *c, const struct phone *p, const char *cause, struct err *e)
{
	const struct store_history h = { core_now(), p->operation_status, cause };

	return store_history_add(cluster_store(c->cluster), p->device.name, &h, e);
}

bool
core_capf_operation_failed(
    struct core *c, struct phone *p, enum phone_failure why, const char *cause, struct err *e)
{
	phone_operation_failed(p, why, core_now());
	if (!store_phone_operation_put(cluster_store(c->cluster), p, e))
		return false;
	core_audit(c, "capf", "operation-failed", p->device.name, "%s", p->operation_status);
	return core_capf_history(c, p, cause, e);
}

bool
core_capf_attempt_failed(
    struct core *c, const struct phone *p, enum phone_failure why, const char *cause, struct err *e)
{
	char text[PHONE_STATUS_MAX];
	const struct store_history h = { core_now(), phone_failure_text(p, why, text), cause };

	core_audit(c, "capf", "attempt-failed", p->device.name, "%s: %s", h.status, cause);
	return store_history_add(cluster_store(c->cluster), p->device.name, &h, e);
}

bool
core_capf_operation_set(struct store *s, const struct phone *p, struct err *e)
{
	const struct store_history h = { core_now(), p->operation_status,
		"set by the administrator" };
	struct store_attempt a;

	if (!store_attempt_get(s, p->device.name, &a, e) ||
	    !store_request_withdraw(s, p->device.name, core_now(), e))
		return false;
	a.keygen_failures = a.broken = 0;
	a.ec_failed = false;
	return (a.at == 0 || store_attempt_put(s, p->device.name, &a, e)) &&
	       store_history_add(s, p->device.name, &h, e);
}
