#include "daemon/core_online.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/core_capf_attempt.h"
#include "daemon/core_capf_steps.h"
#include "daemon/core_forget.h"
#include "daemon/core_lsc.h"
#include "daemon/core_request.h"
#include "files/wholefile.h"
#include "pki/csr.h"
#include "wire/capfmsg.h"

#include <stdio.h>

#define WAIT_S 15 /* fronts wait for 30; phones come again after that (capf-operation.md 3.5) */

/* --- there --- */

/* The first line of the file. */
static bool
secret_read(const char *path, struct bytes *out, struct err *e)
{
	if (!wholefile_read(path, RAMSG_TEXT_MAX, out, e))
		return err_in(e, "online-ca-secret-file");
	while (out->n > 0 && (out->p[out->n - 1] == '\n' || out->p[out->n - 1] == '\r'))
		out->n--;
	return true;
}

static void
trusted_fill(const struct core *c, struct ra_ask *q)
{
	size_t count;
	struct cert *const *trusted = cluster_capf_trust(c->cluster, &count);

	for (size_t i = 0; i < count && q->trusted_count < RAMSG_TRUSTED_MAX; i++)
		q->trusted[q->trusted_count++] = cert_der(trusted[i]);
}

static bool
send(struct core *c, const char *device, struct span spki, struct err *e)
{
	const struct conf *conf = cluster_conf(c->cluster);
	struct signer_lsc lsc = { .device = device, .spki = spki };
	struct ra_ask q = { .timeout_s = (uint16_t)conf->online_ca_timeout_s,
		.url = span_str(conf->online_ca_url),
		.reference = span_str(conf->online_ca_reference) };
	struct bytes secret, csr = { 0 };
	bool ok;

	if (!secret_read(conf->online_ca_secret_file, &secret, e))
		return false;
	core_lsc_subject(&lsc, conf);
	trusted_fill(c, &q);
	ok = csr_for_phone(&lsc, &csr, e);
	q.secret = bytes_span(&secret);
	q.csr = bytes_span(&csr);
	ok = ok && rapool_ask(c->rapool, device, &q, e);
	bytes_free(&csr);
	bytes_wipe(&secret);
	return ok;
}

bool
core_online_ask(struct core *c, struct capf_session *one, const struct ask *ask, struct span spki,
    struct err *e)
{
	if (!rapool_has(c->rapool, one->device.name) && !send(c, one->device.name, spki, e)) {
		log_event(LOG_ERROR, "online-ca-not-asked phone=%s reason=\"%s\"", one->device.name,
		    e->text);
		return false;
	}
	one->waiting_ask = ask->id;
	one->waiting_kind = (uint8_t)ask->kind;
	one->waiting_since = core_now();
	return true;
}

/* --- and back, to the phone --- */

/* The question that the phone's session waits for; NULL: it has gone, or does not wait. */
static struct core_front *
front_of(struct core *c, const struct capf_session *one, struct ask *question)
{
	if (one == NULL || one->waiting_ask == 0)
		return NULL;
	*question = (struct ask){ .kind = (enum ask_kind)one->waiting_kind,
		.id = one->waiting_ask,
		.session = one->session,
		.peer = span_str(one->peer),
		.name = span_str(one->device.name) };
	return c->front[one->front];
}

static void
tell_retry(struct core *c, struct capf_session *one)
{
	struct ask question;
	struct core_front *to = front_of(c, one, &question);

	if (to == NULL)
		return;
	core_capf_reply_retry(to, &question);
	capf_sessions_end(c->capf, to->index, question.session);
}

static void
tell_refused(struct core *c, struct capf_session *one)
{
	struct ask question;
	struct core_front *to = front_of(c, one, &question);

	if (to == NULL)
		return;
	core_capf_reply_end(to, &question, true, CAPFMSG_REASON_INVALID);
	capf_sessions_end(c->capf, to->index, question.session);
}

static void
give(struct core *c, struct capf_session *one, int64_t lsc, struct span der)
{
	struct ask question;
	struct core_front *to = front_of(c, one, &question);
	struct answer a = { .ok = true, .certificate = der, .capf = ANSWER_CAPF_STORE };
	struct err e = { 0 };

	if (to == NULL)
		return;
	a.kind = question.kind;
	a.id = question.id;
	one->waiting_ask = 0;
	one->lsc = lsc;
	one->fetches = question.kind == ASK_CAPF_START;
	if (core_capf_reached(c, &question, one->device.name, STORE_CAPF_STORE, "", &e))
		core_reply(to, &a, -1);
	else
		core_capf_failed(to, &question, &e);
}

/* --- what has gone wrong --- */

struct failing {
	struct core *core;
	const char *device;
	enum phone_failure why;
	bool is_final; /* trying again does not help */
	char cause[STORE_CAUSE_MAX];
};

static bool
attempt_put(struct store *s, const struct failing *f, struct err *e)
{
	struct store_attempt a;

	if (!store_attempt_get(s, f->device, &a, e))
		return false;
	a.step = STORE_CAPF_CA;
	a.at = core_now();
	snprintf(a.reason, sizeof a.reason, "%s", f->cause);
	return store_attempt_put(s, f->device, &a, e);
}

static bool
fail_stored(struct store *s, void *arg, struct err *e)
{
	const struct failing *f = arg;
	struct phone p;
	bool found, ok;

	if (!store_phone_get(s, f->device, &p, &found, e))
		return false;
	if (!found || p.operation != PHONE_OPERATION_INSTALL)
		return true;
	ok = attempt_put(s, f, e) &&
	     (f->is_final ? store_request_withdraw(s, f->device, core_now(), e) &&
				core_capf_operation_failed(f->core, &p, f->why, f->cause, e)
			  : core_capf_attempt_failed(f->core, &p, f->why, f->cause, e));
	mem_wipe(p.auth_string, sizeof p.auth_string);
	return ok;
}

static void
fail(struct core *c, const char *device, enum phone_failure why, bool is_final, const char *cause)
{
	struct failing f = { .core = c, .device = device, .why = why, .is_final = is_final };
	struct capf_session *one = capf_sessions_of(c->capf, device);
	struct err e = { 0 };

	snprintf(f.cause, sizeof f.cause, "the CA: %.200s", cause);
	log_event(LOG_WARNING, "online-ca-failed phone=%s reason=%s", device,
	    log_quote(span_str(f.cause)));
	if (!store_change(cluster_store(c->cluster), fail_stored, &f, &e))
		log_event(LOG_ERROR, "attempt-not-stored phone=%s reason=\"%s\"", device, e.text);
	core_forget_device(c, device);
	if (is_final)
		tell_refused(c, one);
	else
		tell_retry(c, one);
}

/* --- what the CA has made --- */

static void
take(struct core *c, const char *device, struct span der)
{
	struct core_request_verdict v = { .outcome = CORE_REQUEST_REFUSED };
	struct err e = { 0 };
	struct cert *cert = cert_parse(der, &e);

	if (cert == NULL)
		fail(c, device, PHONE_FAIL_CA_REJECTED, true, e.text);
	else if (!core_request_take(c, cert, &v, &e))
		fail(c, device, PHONE_FAIL_PLAIN, false, e.text);
	else if (v.outcome == CORE_REQUEST_TAKEN)
		give(c, capf_sessions_of(c->capf, v.device), v.lsc, der);
	else if (v.outcome == CORE_REQUEST_REFUSED)
		fail(c, device, PHONE_FAIL_CA_REJECTED, true, v.text);
	else /* it was given up meanwhile: the phone begins again */
		tell_retry(c, capf_sessions_of(c->capf, device));
	cert_free(cert);
}

void
core_online_done(void *arg, const char *device, const struct ra_answer *answer)
{
	char text[ERR_TEXT_MAX];

	snprintf(text, sizeof text, "%.*s", (int)answer->text.n,
	    answer->text.n > 0 ? (const char *)answer->text.p : "");
	switch (answer->outcome) {
	case RA_CERTIFIED:
		take(arg, device, answer->certificate);
		break;
	case RA_REJECTED:
		fail(arg, device, PHONE_FAIL_CA_REJECTED, true, text);
		break;
	case RA_BAD_CREDENTIALS:
		fail(arg, device, PHONE_FAIL_CREDENTIALS, true, text);
		break;
	case RA_NO_ANSWER:
	case RA_OUTCOMES:
		fail(arg, device, PHONE_FAIL_CA_COMMUNICATION, false, text);
		break;
	}
}

static void
waits_no_longer(void *arg, struct capf_session *one)
{
	tell_retry(arg, one);
}

void
core_online_step(struct core *c)
{
	capf_sessions_waiting(c->capf, core_now() - WAIT_S, waits_no_longer, c);
}
