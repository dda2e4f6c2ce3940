#include "daemon/core_capf.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/capf_sessions.h"
#include "daemon/core_forget.h"
#include "pki/digest.h"
#include "wire/capfmsg.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_S           86400
#define LATE_ONE_BY_ONE 200 /* of more at once, everything is forgotten */

static struct capf_session *
session_of(const struct core_front *from, const struct ask *ask)
{
	return capf_sessions_find(from->core->capf, from->index, ask->session);
}

static void
reply_end(struct core_front *to, const struct ask *ask, bool ok, uint8_t reason)
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
	reply_end(to, ask, true, reason);
}

/* Something of ours failed: the phone is refused, nothing has changed. */
static void
store_failed(struct core_front *to, const struct ask *ask, const struct err *e)
{
	log_event(LOG_ERROR, "capf-failed peer=%.*s phone=%s reason=\"%s\"", (int)ask->peer.n,
	    (const char *)ask->peer.p, log_quote(ask->name), e->text);
	reply_end(to, ask, false, CAPFMSG_REASON_INVALID);
}

/* --- start: who is this and what may it do --- */

static bool
is_late(const struct phone *p, time_t now)
{
	return p->operation != PHONE_OPERATION_NONE && p->complete_by != 0 && now > p->complete_by;
}

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

/* The deadline is past: the operation is over. */
static bool
end_late(struct core *c, struct phone *p, struct err *e)
{
	phone_operation_failed(p, PHONE_FAIL_LATE, core_now());
	if (!store_phone_put(cluster_store(c->cluster), p, e))
		return false;
	core_audit(c, "capf", "operation-failed", p->device.name, "%s", p->operation_status);
	return true;
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
	if (is_late(p, core_now())) {
		if (end_late(c, p, &e)) {
			core_forget_device(c, p->device.name);
			end_with(from, ask, CAPFMSG_REASON_INVALID);
		} else {
			store_failed(from, ask, &e);
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
		store_failed(from, ask, &e);
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

/* --- issue: first transaction, before the phone gets it --- */

struct issue {
	struct core *core;
	const struct device *device;
	struct span spki;
	struct digest key_hash;
	struct store_lsc lsc; /* what the phone gets */
};

/* The operation may have been taken back, and the phone deleted, while it made its key. */
static bool
still_wanted(struct store *s, const struct issue *is, struct err *e)
{
	struct phone p;
	bool found, wanted;

	if (!store_phone_get(s, is->device->name, &p, &found, e))
		return false;
	wanted = found && p.origin == PHONE_ADDED && p.operation == PHONE_OPERATION_INSTALL;
	mem_wipe(p.auth_string, sizeof p.auth_string);
	return wanted || err_set(e, ERR_REFUSED, "no install operation is pending any more");
}

/* One that the phone has confirmed is not given again: who orders another wants a new one. */
static bool
can_repeat(const struct core *c, const struct store_lsc *lsc)
{
	struct cert *cert;
	bool can;

	if (lsc->state != STORE_LSC_ISSUED || lsc->not_after <= core_now())
		return false;
	cert = cert_parse(bytes_span(&lsc->der), NULL);
	can = cert != NULL && cert_is_issued_by(cert, cluster_cert(c->cluster, PURPOSE_CAPF), NULL);
	cert_free(cert);
	return can;
}

static bool
issue_new(struct issue *is, struct err *e)
{
	struct cluster *cluster = is->core->cluster;
	const struct cert *issuer = cluster_cert(cluster, PURPOSE_CAPF);
	time_t now = core_now();
	const struct signer_lsc request = { .device = is->device->name,
		.spki = is->spki,
		.not_before = now - DAY_S,
		.not_after = now + (time_t)cluster_conf(cluster)->lsc_days * DAY_S };
	struct cert *made;
	char *serial;

	if (!signer_issue(cluster_signer(cluster), cert_key_id(issuer), cert_der(issuer), &request,
		&is->lsc.der, e))
		return false;
	made = cert_parse(bytes_span(&is->lsc.der), e);
	if (made == NULL)
		return false;
	serial = text_hex(cert_serial(made));
	snprintf(is->lsc.serial, sizeof is->lsc.serial, "%s", serial);
	snprintf(is->lsc.device, sizeof is->lsc.device, "%s", is->device->name);
	is->lsc.key_hash = bytes_copy(digest_span(&is->key_hash));
	is->lsc.not_after = cert_not_after(made);
	is->lsc.issued = now;
	free(serial);
	cert_free(made);
	return store_lsc_issue(cluster_store(cluster), &is->lsc, e);
}

/* A phone that lost the last message comes again: the same key gets the same certificate. */
static bool
issue_stored(struct store *s, void *arg, struct err *e)
{
	struct issue *is = arg;
	bool found;

	if (!still_wanted(s, is, e) ||
	    !store_lsc_by_key(s, is->device->name, digest_span(&is->key_hash), &is->lsc, &found, e))
		return false;
	if (found && can_repeat(is->core, &is->lsc))
		return true;
	store_lsc_free(&is->lsc);
	is->lsc = (struct store_lsc){ 0 };
	if (!issue_new(is, e))
		return false;
	core_audit(is->core, "capf", "lsc-issued", is->device->name, "serial %s", is->lsc.serial);
	return true;
}

static void
issue(struct core_front *from, const struct ask *ask)
{
	struct capf_session *one = session_of(from, ask);
	struct issue is = { .core = from->core, .spki = ask->public_key };
	struct answer a = { .kind = ask->kind, .id = ask->id, .ok = true };
	struct err e = { 0 };

	if (one == NULL) {
		err_set(&e, ERR_REFUSED, "not authenticated");
		store_failed(from, ask, &e);
		return;
	}
	is.device = &one->device;
	if (digest_of(DIGEST_SHA256, ask->public_key, &is.key_hash, &e) &&
	    store_change(cluster_store(from->core->cluster), issue_stored, &is, &e)) {
		one->lsc = is.lsc.id;
		a.certificate = bytes_span(&is.lsc.der);
		core_reply(from, &a, -1);
	} else {
		store_failed(from, ask, &e);
	}
	store_lsc_free(&is.lsc);
}

/* --- finish: second transaction, before END_SESSION leaves --- */

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
static void
finish(struct core_front *from, const struct ask *ask)
{
	struct finish f = { from->core, ask, session_of(from, ask) };
	struct err e = { 0 };
	bool is_open = f.session != NULL;

	if (!is_open && ask->capf_end != CAPF_END_BROKEN) {
		err_set(&e, ERR_REFUSED, "no such session");
		store_failed(from, ask, &e);
	} else if (is_open &&
		   !store_change(cluster_store(from->core->cluster), finish_stored, &f, &e)) {
		store_failed(from, ask, &e);
	} else {
		/* before the phone hears that it is done, and asks for its configuration */
		if (is_open && ask->capf_end != CAPF_END_BROKEN)
			core_forget_device(from->core, f.session->device.name);
		reply_end(from, ask, true, CAPFMSG_REASON_NO_ACTION);
	}
	capf_sessions_end(from->core->capf, from->index, ask->session);
}

void
core_capf_ask(struct core_front *from, const struct ask *ask)
{
	switch (ask->kind) {
	case ASK_CAPF_START:
		start(from, ask);
		break;
	case ASK_CAPF_ISSUE:
		issue(from, ask);
		break;
	default:
		finish(from, ask);
		break;
	}
}

void
core_capf_fail(struct core_front *from, const struct ask *ask, const struct err *e)
{
	store_failed(from, ask, e);
	capf_sessions_end(from->core->capf, from->index, ask->session);
}

/* --- deadlines --- */

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

	if (is_late(p, l->now)) {
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
		ok = !found || end_late(l->core, &p, e);
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
	else if (l.count > LATE_ONE_BY_ONE)
		core_forget_all(c);
	else
		for (size_t i = 0; i < l.count; i++)
			core_forget_device(c, l.names[i].name);
	free(l.names);
}
