#include "daemon/core_capf_steps.h"

#include "base/mem.h"
#include "daemon/core_lsc.h"
#include "pki/digest.h"

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

void
core_capf_issue(struct core_front *from, const struct ask *ask)
{
	struct capf_session *one = core_capf_session(from, ask);
	struct issue is = { .core = from->core, .spki = ask->public_key };
	struct answer a = { .kind = ask->kind, .id = ask->id, .ok = true };
	struct err e = { 0 };

	if (one == NULL) {
		err_set(&e, ERR_REFUSED, "not authenticated");
		core_capf_failed(from, ask, &e);
		return;
	}
	is.device = &one->device;
	if (digest_of(DIGEST_SHA256, ask->public_key, &is.key_hash, &e) &&
	    store_change(cluster_store(from->core->cluster), issue_stored, &is, &e)) {
		one->lsc = is.lsc.id;
		a.certificate = bytes_span(&is.lsc.der);
		core_reply(from, &a, -1);
	} else {
		core_capf_failed(from, ask, &e);
	}
	store_lsc_free(&is.lsc);
}
