#include "daemon/core_capf_steps.h"

#include "base/mem.h"
#include "base/text.h"
#include "pki/digest.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_S 86400

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
