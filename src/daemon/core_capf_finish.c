#include "daemon/core_capf_steps.h"

#include "base/mem.h"
#include "base/text.h"
#include "daemon/core_capf_attempt.h"
#include "daemon/core_forget.h"
#include "wire/capfmsg.h"

#include <stdio.h>

/* A phone comes three more times after a failure (doc/protocols/capf-operation.md 3.5). */
#define BROKEN_MAX 4

struct finish {
	struct core *core;
	const struct ask *ask;
	struct capf_session *session;
	char cause[STORE_CAUSE_MAX];
};

static enum ask_capf_end
how_ended(const struct finish *f)
{
	return (enum ask_capf_end)f->ask->capf_end;
}

/* Before it came to an end. */
static bool
is_cut_short(enum ask_capf_end how)
{
	return how == CAPF_END_BROKEN || how == CAPF_END_REFUSED;
}

/* What happened to the phone's certificate. */
static bool
finish_lsc(struct store *s, const struct finish *f, time_t now, struct err *e)
{
	switch (how_ended(f)) {
	case CAPF_END_STORED:
		return store_lsc_confirm(s, f->session->lsc, now, e) &&
		       store_request_done(s, f->session->lsc, e);
	case CAPF_END_STORE_FAILED: /* it holds the key no more, and will be asked for another */
		return !f->session->fetches ||
		       store_request_withdraw(s, f->session->device.name, now, e);
	case CAPF_END_DELETED:
	case CAPF_END_DELETE_FAILED: /* it has none: that is what was wanted */
		return store_lsc_delete(s, f->session->device.name, now, e);
	default:
		return true;
	}
}

/* The time for making a key is over, however the line was lost then. */
static bool
keygen_timed_out(const struct finish *f)
{
	const struct capf_session *one = f->session;

	return how_ended(f) == CAPF_END_BROKEN && one->lsc == 0 && one->fault == CAPF_FAULT_NONE &&
	       one->asked_bits > 0 &&
	       core_now() - one->asked_at >= (time_t)cluster_conf(f->core->cluster)->capf_keygen_s;
}

static bool
keygen_failed(const struct finish *f)
{
	return how_ended(f) == CAPF_END_KEYGEN_FAILED || f->session->fault == CAPF_FAULT_KEY ||
	       keygen_timed_out(f);
}

/* One failure more of those that a phone has; it is over when it has had them all. */
static bool
failed_once_more(struct finish *f, struct phone *p, unsigned *count, unsigned max,
    enum phone_failure why, struct err *e)
{
	char cause[STORE_CAUSE_MAX];

	(*count)++;
	snprintf(cause, sizeof cause, "attempt %u of %u: %.160s", *count, max, f->cause);
	if (*count < max)
		return core_capf_attempt_failed(f->core, p, why, cause, e);
	phone_operation_failed(p, why, core_now());
	return core_capf_history(f->core, p, cause, e);
}

static bool
finish_broken(struct finish *f, struct phone *p, struct store_attempt *a, struct err *e)
{
	unsigned tries = cluster_conf(f->core->cluster)->capf_keygen_tries;

	if (keygen_failed(f)) {
		a->ec_failed |= f->session->asked_ec && how_ended(f) == CAPF_END_KEYGEN_FAILED;
		return failed_once_more(f, p, &a->keygen_failures, tries, PHONE_FAIL_KEYGEN, e);
	}
	if (f->session->fault == CAPF_FAULT_OURS) /* said already; the phone may come again */
		return core_capf_attempt_failed(f->core, p, PHONE_FAIL_PLAIN, f->cause, e);
	return failed_once_more(f, p, &a->broken, BROKEN_MAX,
	    how_ended(f) == CAPF_END_BROKEN ? PHONE_FAIL_COMMUNICATION : PHONE_FAIL_PLAIN, e);
}

static enum phone_operation
operation_of(enum ask_capf_end how)
{
	switch (how) {
	case CAPF_END_STORED:
	case CAPF_END_STORE_FAILED:
	case CAPF_END_KEYGEN_FAILED:
		return PHONE_OPERATION_INSTALL;
	case CAPF_END_DELETED:
	case CAPF_END_DELETE_FAILED:
		return PHONE_OPERATION_DELETE;
	default:
		return PHONE_OPERATION_TROUBLESHOOT;
	}
}

/* What it means for the operation. Another one that was set meanwhile stays open. */
static bool
finish_operation(struct finish *f, struct phone *p, struct store_attempt *a, struct err *e)
{
	enum ask_capf_end how = how_ended(f);

	if (p->operation == PHONE_OPERATION_NONE)
		return true;
	if (is_cut_short(how))
		return finish_broken(f, p, a, e);
	if (p->operation != operation_of(how))
		return true;
	if (how == CAPF_END_KEYGEN_FAILED || (how == CAPF_END_STORE_FAILED && f->session->fetches))
		return finish_broken(f, p, a, e);
	if (how == CAPF_END_STORE_FAILED)
		phone_operation_failed(p, PHONE_FAIL_PLAIN, core_now());
	else
		phone_operation_succeeded(p, core_now());
	return core_capf_history(f->core, p, f->cause, e);
}

/* What it sent is kept as it came, whatever it is: that is what the operation is for. */
static bool
finish_fetched(struct store *s, const struct finish *f, time_t now, struct err *e)
{
	const struct store_fetched got = { f->ask->cert_type == CAPFMSG_CERT_MIC, now,
		f->ask->certificate };

	return how_ended(f) != CAPF_END_FETCHED ||
	       store_fetched_put(s, f->session->device.name, &got, e);
}

/* How far it came. */
static enum store_capf_step
step_of(const struct finish *f)
{
	enum ask_capf_end how = how_ended(f);

	if (is_cut_short(how))
		return f->session->fault != CAPF_FAULT_NONE ? STORE_CAPF_CA
		       : f->session->lsc != 0               ? STORE_CAPF_STORE
							    : f->session->step;
	if (how == CAPF_END_KEYGEN_FAILED)
		return STORE_CAPF_KEYGEN;
	return how == CAPF_END_STORE_FAILED ? STORE_CAPF_STORE : STORE_CAPF_DONE;
}

static bool
finish_attempt(struct store *s, struct finish *f, struct phone *p, struct err *e)
{
	struct store_attempt a = { 0 };
	bool is_done = step_of(f) == STORE_CAPF_DONE;

	/* only failures are counted */
	if ((!is_done && !store_attempt_get(s, p->device.name, &a, e)) ||
	    !finish_operation(f, p, &a, e) || !store_phone_operation_put(s, p, e) ||
	    !finish_fetched(s, f, core_now(), e))
		return false;
	if (is_done)
		return core_capf_reached(
		    f->core, f->ask, p->device.name, STORE_CAPF_DONE, f->cause, e);
	a.step = step_of(f);
	a.at = core_now();
	snprintf(a.reason, sizeof a.reason, "%s", f->cause);
	text_printable(f->ask->peer, a.address, sizeof a.address);
	return store_attempt_put(s, p->device.name, &a, e);
}

/* Why it ended so, in one line; what the session knows is better than what its end says. */
static void
find_cause(struct finish *f)
{
	if (f->session->fault != CAPF_FAULT_NONE)
		text_printable(span_str(f->session->why), f->cause, sizeof f->cause);
	else
		text_printable(f->ask->text, f->cause, sizeof f->cause);
}

/* A phone that was deleted meanwhile has its certificate all the same. */
static bool
finish_stored(struct store *s, void *arg, struct err *e)
{
	struct finish *f = arg;
	struct phone p;
	bool found, ok;

	find_cause(f);
	if (!finish_lsc(s, f, core_now(), e) ||
	    !store_phone_get(s, f->session->device.name, &p, &found, e))
		return false;
	ok = !found || finish_attempt(s, f, &p, e);
	mem_wipe(p.auth_string, sizeof p.auth_string);
	if (ok)
		core_audit(f->core, "capf", "session-ended", f->session->device.name, "%s%s%s",
		    found ? p.operation_status : "deleted", f->cause[0] != '\0' ? ": " : "",
		    f->cause);
	return ok;
}

/* Without a session only a broken one has nothing to be stored: what a phone says that it did must
 * not be confirmed unrecorded. */
void
core_capf_finish(struct core_front *from, const struct ask *ask)
{
	struct finish f = {
		.core = from->core, .ask = ask, .session = core_capf_session(from, ask)
	};
	struct err e = { 0 };
	bool is_open = f.session != NULL;

	if (!is_open && !is_cut_short(how_ended(&f))) {
		err_set(&e, ERR_REFUSED, "no such session");
		core_capf_failed(from, ask, &e);
	} else if (is_open &&
		   !store_change(cluster_store(from->core->cluster), finish_stored, &f, &e)) {
		core_capf_failed(from, ask, &e);
	} else {
		/* before the phone hears that it is done, and asks for its configuration */
		if (is_open)
			core_forget_device(from->core, f.session->device.name);
		core_capf_reply_end(from, ask, true, CAPFMSG_REASON_NO_ACTION);
	}
	capf_sessions_end(from->core->capf, from->index, ask->session);
}
