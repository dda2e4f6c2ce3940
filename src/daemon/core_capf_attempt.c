#include "daemon/core_capf_attempt.h"

bool
core_capf_reached(struct core *c, const struct ask *ask, const char *device,
    enum store_capf_step step, const char *reason, struct err *e)
{
	const struct store_reached r = { step, span_str(reason), ask->peer, core_now() };

	return store_attempt_reached(cluster_store(c->cluster), device, &r, e);
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
