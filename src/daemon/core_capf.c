#include "daemon/core_capf.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/core_capf_steps.h"
#include "daemon/core_forget.h"
#include "pki/digest.h"
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

/* In time that does not depend on where they differ. */
static bool
same_secret(struct span given, const char *stored)
{
	struct digest a, b;
	uint8_t differ = 0;

	if (!digest_of(DIGEST_SHA256, given, &a, NULL) ||
	    !digest_of(DIGEST_SHA256, span_str(stored), &b, NULL))
		return false;
	for (size_t i = 0; i < a.n; i++)
		differ |= (uint8_t)(a.p[i] ^ b.p[i]);
	return differ == 0;
}

static bool
is_authentic(const struct phone *p, const struct ask *ask)
{
	return p->auth_mode == PHONE_AUTH_NULL_STRING ||
	       (p->auth_string[0] != '\0' && same_secret(ask->password, p->auth_string));
}

static struct answer
operation_answer(const struct phone *p, const struct ask *ask)
{
	struct answer a = { .kind = ask->kind, .id = ask->id, .ok = true };

	switch (p->operation) {
	case PHONE_OPERATION_DELETE:
		a.capf = ANSWER_CAPF_DELETE;
		return a;
	case PHONE_OPERATION_TROUBLESHOOT:
		a.capf = ANSWER_CAPF_FETCH;
		return a;
	default:
		a.capf = ANSWER_CAPF_INSTALL;
		break;
	}
	if (p->key_order == PHONE_KEY_RSA_ONLY) {
		a.key_type = CAPFMSG_KEY_RSA;
		a.key_size = (uint16_t)p->rsa_size;
	} else {
		a.key_type = CAPFMSG_KEY_EC;
		a.curve = p->ec_size == 256   ? CAPFMSG_P256
			  : p->ec_size == 384 ? CAPFMSG_P384
					      : CAPFMSG_P521;
	}
	return a;
}

/* An attempt failed and the operation stays open: the phone or its user tries again. */
static void
note_attempt(struct core *c, const struct phone *p, enum phone_failure why)
{
	char text[PHONE_STATUS_MAX];

	core_audit(
	    c, "capf", "attempt-failed", p->device.name, "%s", phone_failure_text(p, why, text));
}

static void
start_known(struct core_front *from, const struct ask *ask, struct phone *p)
{
	struct core *c = from->core;
	struct answer a;
	struct err e = { 0 };

	if (p->operation == PHONE_OPERATION_NONE) {
		end_with(from, ask, CAPFMSG_REASON_NO_ACTION);
		return;
	}
	if (core_capf_is_late(p, core_now())) {
		if (core_capf_end_late(c, p, &e)) {
			core_forget_device(c, p->device.name);
			end_with(from, ask, CAPFMSG_REASON_INVALID);
		} else {
			core_capf_failed(from, ask, &e);
		}
		return;
	}
	if (!is_authentic(p, ask)) {
		log_event(LOG_WARNING,
		    "capf-refused peer=%.*s phone=%s reason=\"wrong authentication string\"",
		    (int)ask->peer.n, (const char *)ask->peer.p, p->device.name);
		note_attempt(c, p, PHONE_FAIL_AUTH_STRING);
		end_with(from, ask, CAPFMSG_REASON_INVALID);
		return;
	}
	capf_sessions_begin(c->capf, from->index, ask->session, &p->device);
	a = operation_answer(p, ask);
	core_reply(from, &a, -1);
}

static void
start(struct core_front *from, const struct ask *ask)
{
	struct device d;
	struct phone p;
	struct err e = { 0 };
	bool found = false;

	if (!device_parse(ask->name, &d, &e)) {
		end_with(from, ask, CAPFMSG_REASON_UNKNOWN_DEVICE);
		return;
	}
	if (!store_phone_get(cluster_store(from->core->cluster), d.name, &p, &found, &e)) {
		core_capf_failed(from, ask, &e);
		return;
	}
	if (!found || p.origin != PHONE_ADDED) {
		if (logbudget_take(&from->core->strangers, core_now()))
			log_event(LOG_WARNING, "capf-unknown peer=%.*s phone=%s", (int)ask->peer.n,
			    (const char *)ask->peer.p, d.name);
		end_with(from, ask, CAPFMSG_REASON_UNKNOWN_DEVICE);
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
