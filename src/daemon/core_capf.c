#include "daemon/core_capf.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "pki/digest.h"
#include "wire/capfmsg.h"

#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#define DAY_S       86400
#define FRONT_SHIFT 32 /* a session is known by its front and its session id */

struct session {
	uint64_t key;
	struct device device;
	int64_t lsc; /* store_lsc.id of what was issued; 0: nothing yet */
	UT_hash_handle hh;
};

struct capf_sessions {
	struct session *all;
};

struct capf_sessions *
capf_sessions_new(void)
{
	return mem_new(1, sizeof(struct capf_sessions));
}

static void
session_end(struct capf_sessions *s, struct session *one)
{
	if (one == NULL)
		return;
	HASH_DEL(s->all, one);
	free(one);
}

void
capf_sessions_free(struct capf_sessions *s)
{
	struct session *one, *next;

	if (s == NULL)
		return;
	HASH_ITER(hh, s->all, one, next)
	session_end(s, one);
	free(s);
}

void
capf_sessions_drop(struct capf_sessions *s, const struct core_front *from)
{
	struct session *one, *next;

	HASH_ITER(hh, s->all, one, next)
	if (one->key >> FRONT_SHIFT == from->index)
		session_end(s, one);
}

static uint64_t
session_key(const struct core_front *from, const struct ask *ask)
{
	return (uint64_t)from->index << FRONT_SHIFT | ask->session;
}

static struct session *
session_of(const struct core_front *from, const struct ask *ask)
{
	uint64_t key = session_key(from, ask);
	struct session *one;

	HASH_FIND(hh, from->core->capf->all, &key, sizeof key, one);
	return one;
}

static void
session_begin(const struct core_front *from, const struct ask *ask, const struct device *d)
{
	struct session *one;

	session_end(from->core->capf, session_of(from, ask));
	one = mem_new(1, sizeof *one);
	one->key = session_key(from, ask);
	one->device = *d;
	HASH_ADD(hh, from->core->capf->all, key, sizeof one->key, one);
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
static void
end_late(struct core *c, struct phone *p)
{
	struct err e = { 0 };

	phone_operation_failed(p, PHONE_FAIL_LATE, core_now());
	if (!store_phone_put(cluster_store(c->cluster), p, &e))
		log_event(
		    LOG_ERROR, "capf-status-lost phone=%s reason=\"%s\"", p->device.name, e.text);
	core_audit(c, "capf", "operation-failed", p->device.name, "%s", p->operation_status);
}

static void
start_known(struct core_front *from, const struct ask *ask, struct phone *p)
{
	struct core *c = from->core;
	struct answer a;

	if (p->operation == PHONE_OPERATION_NONE) {
		end_with(from, ask, CAPFMSG_REASON_NO_ACTION);
		return;
	}
	if (is_late(p, core_now())) {
		end_late(c, p);
		end_with(from, ask, CAPFMSG_REASON_INVALID);
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
	session_begin(from, ask, &p->device);
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
		log_event(LOG_WARNING, "capf-unknown peer=%.*s phone=%s", (int)ask->peer.n,
		    (const char *)ask->peer.p, d.name);
		end_with(from, ask, CAPFMSG_REASON_UNKNOWN_DEVICE);
		return;
	}
	start_known(from, ask, &p);
	mem_wipe(p.auth_string, sizeof p.auth_string);
}

/* --- issue: first transaction, before the phone gets it --- */

/* A phone that lost the last message comes again: the same key gets the same certificate. */
static bool
issue_new(struct core *c, const struct session *one, struct span spki, struct span key_hash,
    struct store_lsc *lsc, struct err *e)
{
	const struct cert *issuer = cluster_cert(c->cluster, PURPOSE_CAPF);
	time_t now = core_now();
	const struct signer_lsc request = { .device = one->device.name,
		.spki = spki,
		.not_before = now - DAY_S,
		.not_after = now + (time_t)cluster_conf(c->cluster)->lsc_days * DAY_S };
	struct bytes der;
	struct cert *made;
	char *serial;
	bool ok;

	if (!signer_issue(cluster_signer(c->cluster), cert_key_id(issuer), cert_der(issuer),
		&request, &der, e))
		return false;
	made = cert_parse(bytes_span(&der), e);
	if (made == NULL) {
		bytes_free(&der);
		return false;
	}
	serial = text_hex(cert_serial(made));
	*lsc = (struct store_lsc){ .der = der,
		.key_hash = bytes_copy(key_hash),
		.not_after = cert_not_after(made),
		.state = STORE_LSC_ISSUED,
		.issued = now };
	snprintf(lsc->device, sizeof lsc->device, "%s", one->device.name);
	snprintf(lsc->serial, sizeof lsc->serial, "%s", serial);
	free(serial);
	cert_free(made);
	ok = store_lsc_issue(cluster_store(c->cluster), lsc, e);
	if (ok)
		core_audit(c, "capf", "lsc-issued", lsc->device, "serial %s", lsc->serial);
	else
		store_lsc_free(lsc);
	return ok;
}

static bool
issue_or_repeat(
    struct core *c, struct session *one, struct span spki, struct store_lsc *lsc, struct err *e)
{
	struct digest hash;
	bool found;

	if (!digest_of(DIGEST_SHA256, spki, &hash, e) ||
	    !store_lsc_by_key(
		cluster_store(c->cluster), one->device.name, digest_span(&hash), lsc, &found, e))
		return false;
	if (!found && !issue_new(c, one, spki, digest_span(&hash), lsc, e))
		return false;
	one->lsc = lsc->id;
	return true;
}

static void
issue(struct core_front *from, const struct ask *ask)
{
	struct session *one = session_of(from, ask);
	struct answer a = { .kind = ask->kind, .id = ask->id };
	struct store_lsc lsc;
	struct err e = { 0 };

	if (one == NULL) {
		err_set(&e, ERR_REFUSED, "not authenticated");
		store_failed(from, ask, &e);
		return;
	}
	if (!issue_or_repeat(from->core, one, ask->public_key, &lsc, &e)) {
		store_failed(from, ask, &e);
		return;
	}
	a.ok = true;
	a.certificate = bytes_span(&lsc.der);
	core_reply(from, &a, -1);
	store_lsc_free(&lsc);
}

/* --- finish: second transaction, before END_SESSION leaves --- */

struct finish {
	struct core *core;
	const struct ask *ask;
	struct session *session;
	struct phone phone;
};

/* What each end of a session means for the phone's record. */
static bool
finish_record(struct store *s, struct finish *f, struct err *e)
{
	time_t now = core_now();

	switch ((enum ask_capf_end)f->ask->capf_end) {
	case CAPF_END_STORED:
		if (!store_lsc_confirm(s, f->session->lsc, now, e))
			return false;
		phone_operation_succeeded(&f->phone, now);
		return true;
	case CAPF_END_DELETED:
	case CAPF_END_DELETE_FAILED: /* it has none: that is what was wanted */
		if (!store_lsc_delete(s, f->session->device.name, now, e))
			return false;
		phone_operation_succeeded(&f->phone, now);
		return true;
	case CAPF_END_FETCHED:
	case CAPF_END_FETCH_EMPTY:
		phone_operation_succeeded(&f->phone, now);
		return true;
	case CAPF_END_KEYGEN_FAILED:
		phone_operation_failed(&f->phone, PHONE_FAIL_KEYGEN, now);
		return true;
	case CAPF_END_STORE_FAILED:
		phone_operation_failed(&f->phone, PHONE_FAIL_COMMUNICATION, now);
		return true;
	default: /* broken: it tries again by itself (doc/protocols/capf-operation.md 3.5) */
		return true;
	}
}

static bool
finish_stored(struct store *s, void *arg, struct err *e)
{
	struct finish *f = arg;
	bool found;

	if (!store_phone_get(s, f->session->device.name, &f->phone, &found, e))
		return false;
	if (!found)
		return true;
	return finish_record(s, f, e) && store_phone_put(s, &f->phone, e);
}

static void
finish(struct core_front *from, const struct ask *ask)
{
	struct finish f = { .core = from->core, .ask = ask, .session = session_of(from, ask) };
	struct answer a = { .kind = ask->kind, .id = ask->id, .ok = true };
	struct err e = { 0 };

	if (f.session == NULL) {
		core_reply(from, &a, -1);
		return;
	}
	if (!store_change(cluster_store(from->core->cluster), finish_stored, &f, &e)) {
		store_failed(from, ask, &e);
		return;
	}
	core_audit(from->core, "capf", "session-ended", f.session->device.name, "%s%s%.*s",
	    f.phone.operation_status, ask->text.n ? ": " : "", (int)ask->text.n,
	    (const char *)ask->text.p);
	session_end(from->core->capf, f.session);
	core_reply(from, &a, -1);
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

/* --- deadlines --- */

struct late {
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

void
core_capf_deadlines(struct core *c)
{
	struct store *s = cluster_store(c->cluster);
	struct late l = { .now = core_now() };
	struct err e = { 0 };

	if (!store_phone_each(s, collect_late, &l, &e))
		log_event(LOG_ERROR, "deadlines-failed reason=\"%s\"", e.text);
	for (size_t i = 0; i < l.count; i++) {
		struct phone p;
		bool found;

		if (store_phone_get(s, l.names[i].name, &p, &found, &e) && found &&
		    is_late(&p, l.now))
			end_late(c, &p);
	}
	free(l.names);
}
