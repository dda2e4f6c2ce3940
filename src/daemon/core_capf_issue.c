#include "daemon/core_capf_steps.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/core_capf_attempt.h"
#include "daemon/core_capf_key.h"
#include "daemon/core_capf_request.h"
#include "daemon/core_lsc.h"
#include "pki/digest.h"
#include "wire/capfmsg.h"

#include <stdio.h>

struct issue {
	struct core *core;
	const struct ask *ask;
	const struct device *device;
	struct span spki;
	struct digest key_hash;
	struct store_lsc lsc; /* what the phone gets */
	bool unwanted;        /* the operation was taken back meanwhile */
};

/* The operation may have been taken back, and the phone deleted, while it made its key. */
static bool
still_wanted(struct store *s, struct issue *is, struct err *e)
{
	struct phone p;
	bool found, wanted;

	if (!store_phone_get(s, is->device->name, &p, &found, e))
		return false;
	wanted = found && p.origin == PHONE_ADDED && p.operation == PHONE_OPERATION_INSTALL;
	mem_wipe(p.auth_string, sizeof p.auth_string);
	is->unwanted = !wanted;
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
	can = cert != NULL && cert_is_issued_by(cert, cluster_issuer(c->cluster), NULL);
	cert_free(cert);
	return can;
}

/* A phone that lost the last message comes again: the same key gets the same certificate. */
static bool
issue_stored(struct store *s, void *arg, struct err *e)
{
	struct issue *is = arg;
	bool found, is_cut;

	if (!still_wanted(s, is, e) ||
	    !core_capf_reached(is->core, is->ask, is->device->name, STORE_CAPF_STORE, "", e) ||
	    !store_lsc_by_key(s, is->device->name, digest_span(&is->key_hash), &is->lsc, &found, e))
		return false;
	if (found && can_repeat(is->core, &is->lsc))
		return true;
	store_lsc_free(&is->lsc);
	if (!core_lsc_make(is->core, is->device->name, is->spki, core_now(), &is->lsc, &is_cut, e))
		return false;
	core_audit(is->core, "capf", "lsc-issued", is->device->name, "serial %s%s", is->lsc.serial,
	    is_cut ? ", ends with its issuer" : "");
	return true;
}

/* The session stays until its end is told; then it is known why. What the phone can do better is
 * its key; anything else is ours. */
static void
refuse(struct core_front *from, const struct ask *ask, struct capf_session *one,
    enum capf_fault fault, const struct err *e)
{
	struct err lost = { 0 };

	one->fault = fault;
	snprintf(one->why, sizeof one->why, "%s", e->text);
	if (fault == CAPF_FAULT_KEY) {
		log_event(LOG_WARNING, "capf-key-refused peer=%.*s phone=%s reason=%s",
		    (int)ask->peer.n, (const char *)ask->peer.p, one->device.name,
		    log_quote(span_str(e->text)));
		core_capf_reply_end(from, ask, false, CAPFMSG_REASON_INVALID);
	} else {
		core_capf_failed(from, ask, e);
	}
	if (!core_capf_reached(from->core, ask, one->device.name, STORE_CAPF_CA, one->why, &lost))
		log_event(LOG_ERROR, "attempt-not-stored phone=%s reason=\"%s\"", one->device.name,
		    lost.text);
}

static enum capf_fault
fault_of(const struct err *e)
{
	return e->code == ERR_REFUSED ? CAPF_FAULT_KEY : CAPF_FAULT_OURS;
}

void
core_capf_issue(struct core_front *from, const struct ask *ask)
{
	struct capf_session *one = core_capf_session(from, ask);
	struct issue is = { .core = from->core, .ask = ask, .spki = ask->public_key };
	struct answer a = { .kind = ask->kind, .id = ask->id, .ok = true };
	struct err e = { 0 };

	if (one == NULL) {
		err_set(&e, ERR_REFUSED, "not authenticated");
		core_capf_failed(from, ask, &e);
		return;
	}
	is.device = &one->device;
	if (!digest_of(DIGEST_SHA256, ask->public_key, &is.key_hash, &e) ||
	    !core_capf_key_check(from->core, one, ask->public_key, digest_span(&is.key_hash), &e)) {
		refuse(from, ask, one, fault_of(&e), &e);
	} else if (conf_issuer_is_external(cluster_conf(from->core->cluster))) {
		core_capf_request_put(from, ask, one, digest_span(&is.key_hash));
	} else if (store_change(cluster_store(from->core->cluster), issue_stored, &is, &e)) {
		one->lsc = is.lsc.id;
		a.certificate = bytes_span(&is.lsc.der);
		core_reply(from, &a, -1);
	} else {
		refuse(from, ask, one, is.unwanted ? CAPF_FAULT_OURS : fault_of(&e), &e);
	}
	store_lsc_free(&is.lsc);
}
