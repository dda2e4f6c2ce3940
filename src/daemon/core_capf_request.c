#include "daemon/core_capf_request.h"

#include "base/text.h"
#include "daemon/core_capf_attempt.h"
#include "daemon/core_capf_steps.h"
#include "daemon/core_online.h"

static const char waits[] = "its key waits for another CA: sealtone capf csr list";

static bool
is_online(const struct core *c)
{
	return cluster_conf(c->cluster)->lsc_issuer == CONF_ISSUER_ONLINE;
}

/* A certificate that it can be given still. */
static bool
can_fetch(const struct store_lsc *lsc)
{
	return lsc->external && lsc->state == STORE_LSC_ISSUED && lsc->not_after > core_now();
}

static bool
look_at_signed(struct core *c, const struct store_request *r, enum core_capf_at_hand *hand,
    struct store_lsc *out, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	bool found;

	if (!store_lsc_by_key(s, r->device, bytes_span(&r->key_hash), out, &found, e))
		return false;
	if (found && can_fetch(out)) {
		*hand = CORE_CAPF_SIGNED;
		return true;
	}
	store_lsc_free(out);
	return store_request_withdraw(s, r->device, core_now(), e);
}

bool
core_capf_request_look(struct core *c, const struct phone *p, enum core_capf_at_hand *hand,
    struct store_lsc *out, struct err *e)
{
	struct store_request r;
	bool found, ok = true;

	*hand = CORE_CAPF_NO_REQUEST;
	*out = (struct store_lsc){ 0 };
	if (!conf_issuer_is_external(cluster_conf(c->cluster)))
		return true;
	if (!store_request_live(cluster_store(c->cluster), p->device.name, &r, &found, e))
		return false;
	if (found && r.state == STORE_REQUEST_WAITING)
		*hand = CORE_CAPF_WAITING;
	else if (found)
		ok = look_at_signed(c, &r, hand, out, e);
	store_request_free(&r);
	return ok;
}

void
core_capf_request_put(
    struct core_front *from, const struct ask *ask, struct capf_session *one, struct span key_hash)
{
	struct core *c = from->core;
	const char *device = one->device.name;
	struct err e = { 0 };

	if (!store_request_put(
		cluster_store(c->cluster), device, ask->public_key, key_hash, core_now(), &e) ||
	    !core_capf_reached(c, ask, device, STORE_CAPF_CA, waits, &e)) {
		core_capf_failed(from, ask, &e);
		return;
	}
	core_audit(c, "capf", "lsc-requested", device, "%s", "");
	if (!is_online(c) || !core_online_ask(c, one, ask, ask->public_key, &e))
		core_capf_reply_retry(from, ask);
}

/* The phone is let in and waits for the CA; false: there is no sense in that. */
static bool
wait_for_ca(struct core_front *from, const struct ask *ask, const struct phone *p)
{
	struct core *c = from->core;
	struct store_request r;
	struct capf_session *one;
	struct err e = { 0 };
	bool found, ok;

	if (!is_online(c) ||
	    !store_request_live(cluster_store(c->cluster), p->device.name, &r, &found, &e))
		return false;
	one = capf_sessions_begin(c->capf, from->index, ask->session, &p->device);
	text_printable(ask->peer, one->peer, sizeof one->peer);
	ok = found && core_online_ask(c, one, ask, bytes_span(&r.spki), &e);
	if (!ok)
		capf_sessions_end(c->capf, from->index, ask->session);
	store_request_free(&r);
	return ok;
}

void
core_capf_request_wait(struct core_front *from, const struct ask *ask, const struct phone *p)
{
	struct err e = { 0 };

	if (wait_for_ca(from, ask, p))
		return;
	if (core_capf_reached(from->core, ask, p->device.name, STORE_CAPF_CA, waits, &e))
		core_capf_reply_retry(from, ask);
	else
		core_capf_failed(from, ask, &e);
}
