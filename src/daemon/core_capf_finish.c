#include "daemon/core_capf_steps.h"

#include "base/mem.h"
#include "daemon/core_forget.h"
#include "wire/capfmsg.h"

struct finish {
	struct core *core;
	const struct ask *ask;
	const struct capf_session *session;
};

/* What happened to the phone's certificate. */
static bool
finish_lsc(struct store *s, const struct finish *f, time_t now, struct err *e)
{
	switch ((enum ask_capf_end)f->ask->capf_end) {
	case CAPF_END_STORED:
		return store_lsc_confirm(s, f->session->lsc, now, e);
	case CAPF_END_DELETED:
	case CAPF_END_DELETE_FAILED: /* it has none: that is what was wanted */
		return store_lsc_delete(s, f->session->device.name, now, e);
	default:
		return true;
	}
}

/* What it means for the operation. Another one that was set meanwhile stays open. */
static void
finish_operation(struct phone *p, enum ask_capf_end how, time_t now)
{
	switch (how) {
	case CAPF_END_STORED:
		if (p->operation == PHONE_OPERATION_INSTALL)
			phone_operation_succeeded(p, now);
		return;
	case CAPF_END_DELETED:
	case CAPF_END_DELETE_FAILED:
		if (p->operation == PHONE_OPERATION_DELETE)
			phone_operation_succeeded(p, now);
		return;
	case CAPF_END_FETCHED:
	case CAPF_END_FETCH_EMPTY:
		if (p->operation == PHONE_OPERATION_TROUBLESHOOT)
			phone_operation_succeeded(p, now);
		return;
	case CAPF_END_KEYGEN_FAILED:
	case CAPF_END_STORE_FAILED:
		if (p->operation == PHONE_OPERATION_INSTALL)
			phone_operation_failed(p,
			    how == CAPF_END_KEYGEN_FAILED ? PHONE_FAIL_KEYGEN
							  : PHONE_FAIL_COMMUNICATION,
			    now);
		return;
	case CAPF_END_BROKEN: /* it tries again by itself (doc/protocols/capf-operation.md 3.5) */
		return;
	}
}

/* A phone that was deleted meanwhile has its certificate all the same. */
static bool
finish_stored(struct store *s, void *arg, struct err *e)
{
	struct finish *f = arg;
	const struct ask *ask = f->ask;
	time_t now = core_now();
	struct phone p;
	bool found, ok;

	if (!finish_lsc(s, f, now, e) ||
	    !store_phone_get(s, f->session->device.name, &p, &found, e))
		return false;
	finish_operation(&p, (enum ask_capf_end)ask->capf_end, now);
	ok = !found || store_phone_put(s, &p, e);
	mem_wipe(p.auth_string, sizeof p.auth_string);
	if (ok)
		core_audit(f->core, "capf", "session-ended", f->session->device.name, "%s%s%.*s",
		    found ? p.operation_status : "deleted", ask->text.n ? ": " : "",
		    (int)ask->text.n, (const char *)ask->text.p);
	return ok;
}

/* Without a session only a broken one has nothing to be stored: what a phone says that it did must
 * not be confirmed unrecorded. */
void
core_capf_finish(struct core_front *from, const struct ask *ask)
{
	struct finish f = { from->core, ask, core_capf_session(from, ask) };
	struct err e = { 0 };
	bool is_open = f.session != NULL;

	if (!is_open && ask->capf_end != CAPF_END_BROKEN) {
		err_set(&e, ERR_REFUSED, "no such session");
		core_capf_failed(from, ask, &e);
	} else if (is_open &&
		   !store_change(cluster_store(from->core->cluster), finish_stored, &f, &e)) {
		core_capf_failed(from, ask, &e);
	} else {
		/* before the phone hears that it is done, and asks for its configuration */
		if (is_open && ask->capf_end != CAPF_END_BROKEN)
			core_forget_device(from->core, f.session->device.name);
		core_capf_reply_end(from, ask, true, CAPFMSG_REASON_NO_ACTION);
	}
	capf_sessions_end(from->core->capf, from->index, ask->session);
}
