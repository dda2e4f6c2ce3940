#include "daemon/core_capf.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/core_capf_attempt.h"
#include "daemon/core_capf_cert.h"
#include "daemon/core_capf_key.h"
#include "daemon/core_capf_request.h"
#include "daemon/core_capf_steps.h"
#include "daemon/core_forget.h"
#include "wire/capfmsg.h"

#include <stdio.h>

struct capf_session *
core_capf_session(const struct core_front *from, const struct ask *ask)
{
	return capf_sessions_find(from->core->capf, from->index, ask->session);
}

void
core_capf_reply_end(struct core_front *to, const struct ask *ask, bool ok, uint8_t reason)
{
	const struct answer a = { .kind = ask->kind,
		.id = ask->id,
		.ok = ok,
		.capf = ANSWER_CAPF_END,
		.reason = reason };

	core_reply(to, &a, -1);
}

/* The session is to end with this reason; that is an answer like any other. */
static void
end_with(struct core_front *to, const struct ask *ask, uint8_t reason)
{
	core_capf_reply_end(to, ask, true, reason);
}

/* Something of ours failed: the phone is refused, nothing has changed. */
void
core_capf_failed(struct core_front *to, const struct ask *ask, const struct err *e)
{
	log_event(LOG_ERROR, "capf-failed peer=%.*s phone=%s reason=\"%s\"", (int)ask->peer.n,
	    (const char *)ask->peer.p, log_quote(ask->name), e->text);
	core_capf_reply_end(to, ask, false, CAPFMSG_REASON_INVALID);
}

/* --- start: who is this and what may it do --- */

/* What the phone is told to do. False: EC only, and it is too old for that. */
static bool
operation_answer(const struct phone *p, const struct ask *ask, bool ec_failed, struct answer *a)
{
	*a = (struct answer){ .kind = ask->kind, .id = ask->id, .ok = true };
	switch (p->operation) {
	case PHONE_OPERATION_DELETE:
		a->capf = ANSWER_CAPF_DELETE;
		return true;
	case PHONE_OPERATION_TROUBLESHOOT:
		a->capf = ANSWER_CAPF_FETCH;
		return true;
	default:
		a->capf = ANSWER_CAPF_INSTALL;
		return core_capf_key_order(p, ask->capf_version, ec_failed, a);
	}
}

/* The phone is refused with reason 7, and its operation has failed or stays open. */
static void
refuse_late(struct core_front *from, const struct ask *ask, struct phone *p)
{
	struct core *c = from->core;
	struct err e = { 0 };

	if (core_capf_end_late(c, p, &e) &&
	    core_capf_reached(c, ask, p->device.name, STORE_CAPF_AUTHENTICATION,
		"it came too late: the operation was to be complete before", &e)) {
		core_forget_device(c, p->device.name);
		end_with(from, ask, CAPFMSG_REASON_INVALID);
	} else {
		core_capf_failed(from, ask, &e);
	}
}

/* What was ordered cannot be had, and trying again does not help. */
static void
refuse_order(struct core_front *from, const struct ask *ask, struct phone *p,
    enum phone_failure failure, const char *why)
{
	struct core *c = from->core;
	struct err e = { 0 };

	log_event(LOG_WARNING, "capf-refused peer=%.*s phone=%s reason=%s", (int)ask->peer.n,
	    (const char *)ask->peer.p, p->device.name, log_quote(span_str(why)));
	if (core_capf_operation_failed(c, p, failure, why, &e) &&
	    core_capf_reached(c, ask, p->device.name, STORE_CAPF_AUTHENTICATION, why, &e)) {
		core_forget_device(c, p->device.name);
		end_with(from, ask, CAPFMSG_REASON_INVALID);
	} else {
		core_capf_failed(from, ask, &e);
	}
}

/* A phone that comes again from where it was has given up the session before. Another one that
 * claims its name meanwhile waits until that has ended (doc/protocols/capf.md). */
static bool
is_claimed(struct core_front *from, const struct ask *ask, const struct phone *p)
{
	const struct capf_session *other = capf_sessions_of(from->core->capf, p->device.name);

	if (other == NULL || span_eq(ask_host(ask->peer), ask_host(span_str(other->peer))))
		return false;
	log_event(LOG_WARNING,
	    "capf-claimed-twice peer=%.*s phone=%s reason=\"%s is in a session under that name\"",
	    (int)ask->peer.n, (const char *)ask->peer.p, p->device.name, other->peer);
	return true;
}

void
core_capf_reply_retry(struct core_front *to, const struct ask *ask)
{
	const struct answer a = {
		.kind = ask->kind, .id = ask->id, .ok = true, .capf = ANSWER_CAPF_RETRY
	};

	if (ask->kind != ASK_CAPF_START)
		capf_sessions_end(to->core->capf, to->index, ask->session);
	core_reply(to, &a, -1);
}

/* lsc: store_lsc.id of the certificate that it is given at once; 0: none. */
static void
let_in(struct core_front *from, const struct ask *ask, const struct phone *p,
    const struct answer *a, int64_t lsc)
{
	bool install = a->capf == ANSWER_CAPF_INSTALL;
	struct capf_session *one;
	struct err e = { 0 };

	if (!core_capf_cert_keep(from->core, p, ask, &e)) {
		core_capf_failed(from, ask, &e);
		return;
	}
	one = capf_sessions_begin(from->core->capf, from->index, ask->session, &p->device);
	one->step = install ? STORE_CAPF_KEYGEN : lsc != 0 ? STORE_CAPF_STORE : STORE_CAPF_PHONE;
	one->begun = core_now();
	text_printable(ask->peer, one->peer, sizeof one->peer);
	one->lsc = lsc;
	one->fetches = lsc != 0;
	if (install)
		core_capf_key_asked(one, a);
	core_reply(from, a, -1);
}

/* Asked only of phones that may have either kind of key. */
static bool
ec_has_failed(struct core *c, const struct phone *p, bool *failed, struct err *e)
{
	struct store_attempt before;

	*failed = false;
	if (p->key_order != PHONE_KEY_EC_PREFERRED)
		return true;
	if (!store_attempt_get(cluster_store(c->cluster), p->device.name, &before, e))
		return false;
	*failed = before.ec_failed;
	return true;
}

static void
start_operation(struct core_front *from, const struct ask *ask, struct phone *p)
{
	struct answer a;
	struct err e = { 0 };
	bool ec_failed;

	if (!ec_has_failed(from->core, p, &ec_failed, &e))
		core_capf_failed(from, ask, &e);
	else if (!operation_answer(p, ask, ec_failed, &a))
		refuse_order(from, ask, p, PHONE_FAIL_EC_ONLY, "the phone makes no EC keys");
	else if (a.capf == ANSWER_CAPF_INSTALL && a.key_type == CAPFMSG_KEY_RSA &&
		 !core_capf_key_allowed(cluster_conf(from->core->cluster), p, &e))
		refuse_order(from, ask, p, PHONE_FAIL_PLAIN, e.text);
	else
		let_in(from, ask, p, &a, 0);
}

static void
start_install(struct core_front *from, const struct ask *ask, struct phone *p)
{
	struct answer a = {
		.kind = ask->kind, .id = ask->id, .ok = true, .capf = ANSWER_CAPF_STORE
	};
	enum core_capf_at_hand hand;
	struct store_lsc lsc;
	struct err e = { 0 };

	if (!core_capf_request_look(from->core, p, &hand, &lsc, &e)) {
		core_capf_failed(from, ask, &e);
	} else if (hand == CORE_CAPF_WAITING) {
		core_capf_request_wait(from, ask, p);
	} else if (hand == CORE_CAPF_SIGNED) {
		a.certificate = bytes_span(&lsc.der);
		let_in(from, ask, p, &a, lsc.id);
	} else {
		start_operation(from, ask, p);
	}
	store_lsc_free(&lsc);
}

static void
start_authentic(struct core_front *from, const struct ask *ask, struct phone *p)
{
	if (is_claimed(from, ask, p))
		core_capf_reply_retry(from, ask);
	else if (p->operation == PHONE_OPERATION_INSTALL)
		start_install(from, ask, p);
	else
		start_operation(from, ask, p);
}

static void
start_known(struct core_front *from, const struct ask *ask, struct phone *p)
{
	if (p->operation == PHONE_OPERATION_NONE)
		end_with(from, ask, CAPFMSG_REASON_NO_ACTION);
	else if (core_capf_is_late(p, core_now()))
		refuse_late(from, ask, p);
	else if (core_capf_let_in(from, ask, p))
		start_authentic(from, ask, p);
}

/* [capf] capf-names */
static bool
may_be_named(const struct conf *conf, const char *name)
{
	for (const char *word = conf->capf_names; *word != '\0';) {
		size_t n = strcspn(word, " ");

		if (n > 0 && strncmp(name, word, n) == 0)
			return true;
		word += n + strspn(word + n, " ");
	}
	return false;
}

static void
refuse_stranger(struct core_front *from, const struct ask *ask, const char *why)
{
	if (logbudget_take(&from->core->strangers, core_now()))
		log_event(LOG_WARNING, "capf-unknown peer=%.*s phone=%s reason=\"%s\"",
		    (int)ask->peer.n, (const char *)ask->peer.p, log_quote(ask->name), why);
	end_with(from, ask, CAPFMSG_REASON_UNKNOWN_DEVICE);
}

static void
start(struct core_front *from, const struct ask *ask)
{
	struct device d;
	struct phone p;
	struct err e = { 0 };
	bool found = false;

	if (!device_parse(ask->name, &d, &e)) {
		refuse_stranger(from, ask, "not a device name");
		return;
	}
	if (!may_be_named(cluster_conf(from->core->cluster), d.name)) {
		refuse_stranger(from, ask, "[capf] capf-names has no such beginning");
		return;
	}
	if (!store_phone_get(cluster_store(from->core->cluster), d.name, &p, &found, &e)) {
		core_capf_failed(from, ask, &e);
		return;
	}
	if (!found || p.origin != PHONE_ADDED) {
		refuse_stranger(from, ask, "no such phone");
		return;
	}
	start_known(from, ask, &p);
	mem_wipe(p.auth_string, sizeof p.auth_string);
}

void
core_capf_ask(struct core_front *from, const struct ask *ask)
{
	switch (ask->kind) {
	case ASK_CAPF_START:
		start(from, ask);
		break;
	case ASK_CAPF_ISSUE:
		core_capf_issue(from, ask);
		break;
	default:
		core_capf_finish(from, ask);
		break;
	}
}

void
core_capf_fail(struct core_front *from, const struct ask *ask, const struct err *e)
{
	core_capf_failed(from, ask, e);
	capf_sessions_end(from->core->capf, from->index, ask->session);
}
