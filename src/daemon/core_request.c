#include "daemon/core_request.h"

#include "base/text.h"
#include "daemon/core_forget.h"
#include "daemon/core_issuer.h"
#include "pki/chain.h"
#include "pki/lsc_check.h"
#include "pki/trustset.h"

#include <stdio.h>
#include <stdlib.h>

#define CLOCK_S 3600 /* the CA's clock may be ahead */

const char *
core_request_outcome_name(enum core_request_outcome o)
{
	static const char *const names[] = { "taken", "already", "stale", "unknown", "refused" };

	return names[o];
}

/* --- what it must be --- */

bool
core_is_trusted_by_capf(struct core *c, const struct cert *cert, struct err *e)
{
	size_t count;
	struct cert *const *trusted = cluster_capf_trust(c->cluster, &count);
	struct trustset *set = trustset_new(e);
	bool ok = set != NULL;

	for (size_t i = 0; ok && i < count; i++)
		ok = trustset_add(set, trusted[i], NULL) ||
		     err_set(e, ERR_STORE, "capf-trust: %s cannot be used",
			 cert_subject_cucm(trusted[i]));
	ok = ok && trustset_check(set, cert, e);
	trustset_free(set);
	return ok;
}

static bool
is_named(const struct cert *cert, const char *device, struct err *e)
{
	return device_is_presented(span_str(cert_common_name(cert)), device) ||
	       err_set(e, ERR_REFUSED, "its key is that of %s, its common name \"%.64s\"", device,
		   cert_common_name(cert));
}

static bool
is_in_force(const struct cert *cert, struct err *e)
{
	if (cert_not_before(cert) > core_now() + CLOCK_S)
		return err_set(e, ERR_REFUSED, "it is not valid yet");
	return cert_not_after(cert) > core_now() || err_set(e, ERR_REFUSED, "it has expired");
}

static const struct cert *
issuer_of(struct core *c, const struct cert *cert, struct err *e)
{
	size_t count;
	struct cert *const *trusted = cluster_capf_trust(c->cluster, &count);
	const struct cert *issuer = chain_issuer(cert, trusted, count);

	if (issuer == NULL)
		err_set(
		    e, ERR_REFUSED, "its issuer %s is not in capf-trust", cert_issuer_cucm(cert));
	return issuer;
}

/* --- taking one --- */

struct taking {
	struct core *core;
	const struct cert *cert, *issuer;
	const struct store_request *request;
	struct store_lsc lsc;
};

static bool
take_stored(struct store *s, void *arg, struct err *e)
{
	struct taking *t = arg;

	if (!core_issuer_number(s, t->issuer, &t->lsc.issuer, e) ||
	    !store_lsc_issue(s, &t->lsc, e) ||
	    !store_request_signed(s, t->request->id, t->lsc.id, core_now(), e))
		return false;
	core_audit(t->core, "capf", "lsc-taken", t->lsc.device, "serial %s, issued by %s",
	    t->lsc.serial, cert_subject_cucm(t->issuer));
	return true;
}

static bool
take(struct core *c, const struct cert *cert, const struct cert *issuer,
    const struct store_request *r, struct core_request_verdict *v, struct err *e)
{
	char *serial = text_hex(cert_serial(cert));
	struct taking t = { .core = c,
		.cert = cert,
		.issuer = issuer,
		.request = r,
		.lsc = { .der = bytes_copy(cert_der(cert)),
		    .key_hash = bytes_copy(cert_key_id(cert)),
		    .not_after = cert_not_after(cert),
		    .issued = core_now(),
		    .external = true } };
	bool ok;

	snprintf(t.lsc.device, sizeof t.lsc.device, "%s", r->device);
	snprintf(t.lsc.serial, sizeof t.lsc.serial, "%s", serial);
	free(serial);
	ok = store_change(cluster_store(c->cluster), take_stored, &t, e);
	if (ok)
		core_forget_device(c, r->device);
	v->lsc = t.lsc.id;
	store_lsc_free(&t.lsc);
	return ok;
}

static void
say(struct core_request_verdict *v, enum core_request_outcome o, const char *device,
    const char *text)
{
	v->outcome = o;
	snprintf(v->device, sizeof v->device, "%s", device);
	snprintf(v->text, sizeof v->text, "%s", text);
}

static bool
judge_waiting(struct core *c, const struct cert *cert, const struct store_request *r,
    struct core_request_verdict *v, struct err *e)
{
	const struct cert *issuer;
	struct err why = { 0 };

	if (is_named(cert, r->device, &why) && is_in_force(cert, &why) && lsc_check(cert, &why) &&
	    (issuer = issuer_of(c, cert, &why)) != NULL && core_is_trusted_by_capf(c, cert, &why) &&
	    take(c, cert, issuer, r, v, &why)) {
		say(v, CORE_REQUEST_TAKEN, r->device, "");
		return true;
	}
	if (why.code == ERR_CONFLICT)
		err_set(&why, ERR_REFUSED, "its issuer has given this serial to another phone");
	say(v, CORE_REQUEST_REFUSED, r->device, why.text);
	return why.code != ERR_STORE || err_set(e, why.code, "%s", why.text);
}

static void
say_stale(struct core_request_verdict *v, const struct store_request *r)
{
	char text[ERR_TEXT_MAX], since[TEXT_TIME_MAX];

	snprintf(text, sizeof text, "the request was given up at %s: the phone asks anew",
	    text_time(r->changed, since));
	say(v, CORE_REQUEST_STALE, r->device, text);
}

/* No request has this key; somebody may have a certificate for it. */
static bool
judge_unasked(
    struct core *c, const struct cert *cert, struct core_request_verdict *v, struct err *e)
{
	char owner[DEVICE_NAME_MAX];

	if (!store_lsc_key_owner(cluster_store(c->cluster), "", cert_key_id(cert), owner, e))
		return false;
	if (owner[0] != '\0')
		say(v, CORE_REQUEST_ALREADY, owner, "the phone has its certificate");
	else
		say(v, CORE_REQUEST_UNKNOWN, "",
		    "no phone has asked for a certificate for its key");
	return true;
}

bool
core_request_take(
    struct core *c, const struct cert *cert, struct core_request_verdict *v, struct err *e)
{
	struct store_request r;
	bool found, ok = true;

	*v = (struct core_request_verdict){ 0 };
	if (!store_request_by_key(cluster_store(c->cluster), cert_key_id(cert), &r, &found, e))
		return false;
	if (!found)
		ok = judge_unasked(c, cert, v, e);
	else if (r.state == STORE_REQUEST_STALE)
		say_stale(v, &r);
	else if (r.state == STORE_REQUEST_SIGNED)
		say(v, CORE_REQUEST_ALREADY, r.device, "there is one that the phone will fetch");
	else
		ok = judge_waiting(c, cert, &r, v, e);
	store_request_free(&r);
	return ok;
}
