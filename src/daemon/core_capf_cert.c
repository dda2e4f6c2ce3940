#include "daemon/core_capf_cert.h"

#include "daemon/core_request.h"
#include "pki/proof.h"
#include "rules/usage.h"
#include "wire/sudi.h"

#include <string.h>

/* One certificate that was shown. */
struct shown {
	struct core *core;
	const struct phone *phone;
	struct cert *cert;
	bool is_lsc; /* a CAPF of this cluster issued it, or another CA for this phone */
};

/* --- what it is --- */

struct on_record {
	struct span der;
	bool found, live;
};

static bool
find_record(void *arg, const struct store_lsc *l)
{
	struct on_record *r = arg;

	if (!span_eq(bytes_span(&l->der), r->der))
		return true;
	r->found = true;
	r->live = l->state == STORE_LSC_ISSUED || l->state == STORE_LSC_CONFIRMED;
	return false;
}

static bool
look_up(const struct shown *s, struct on_record *r, struct err *e)
{
	*r = (struct on_record){ .der = cert_der(s->cert) };
	return store_lsc_each(
		   cluster_store(s->core->cluster), s->phone->device.name, find_record, r, e) ||
	       err_set(e, ERR_STORE, "the LSCs on record cannot be read");
}

/* An earlier CAPF counts, also when it is trusted no longer: what it issued was an LSC. */
static bool
find_issuer(void *arg, const struct store_cert *one)
{
	struct shown *s = arg;
	struct cert *issuer;

	if (!usage_allows(one->purpose, USAGE_ISSUE))
		return true;
	issuer = cert_parse(bytes_span(&one->der), NULL);
	s->is_lsc = issuer != NULL && cert_is_issued_by(s->cert, issuer, NULL);
	cert_free(issuer);
	return !s->is_lsc;
}

static const char *
kind_text(const struct shown *s)
{
	return s->is_lsc ? "LSC" : "MIC";
}

/* --- precedence: the phone shows the other one only when it has none of the preferred kind --- */

static bool
is_preferred(const struct shown *s, struct err *e)
{
	struct bytes mic;
	bool has_mic;

	if (s->phone->auth_mode == PHONE_AUTH_LSC)
		return s->is_lsc || s->phone->lsc_serial[0] == '\0' ||
		       err_set(e, ERR_REFUSED, "it showed a MIC and has an LSC");
	if (!s->is_lsc)
		return true;
	if (!store_phone_mic_get(cluster_store(s->core->cluster), s->phone->device.name, &mic, e))
		return err_set(e, ERR_STORE, "the MIC on record cannot be read");
	has_mic = mic.n > 0;
	bytes_free(&mic);
	return !has_mic || err_set(e, ERR_REFUSED, "it showed an LSC and has a MIC");
}

/* --- dates and states --- */

static bool
is_in_force(const struct shown *s, struct err *e)
{
	time_t now = core_now();
	bool may_expire = !s->is_lsc && s->phone->operation == PHONE_OPERATION_INSTALL &&
			  cluster_conf(s->core->cluster)->expired_mic == CONF_EXPIRED_ENROL_ONLY;

	if (cert_not_before(s->cert) > now)
		return err_set(e, ERR_REFUSED, "the %s is not valid yet", kind_text(s));
	return cert_not_after(s->cert) > now || may_expire ||
	       err_set(e, ERR_REFUSED, "the %s has expired", kind_text(s));
}

/* An LSC that CAPF issued and nobody recorded was not issued by this program. */
static bool
is_live(const struct shown *s, struct err *e)
{
	struct on_record r;

	if (!s->is_lsc)
		return true;
	if (!look_up(s, &r, e))
		return false;
	if (!r.found)
		return err_set(e, ERR_REFUSED, "the LSC is not on record");
	return r.live || err_set(e, ERR_REFUSED, "the LSC was superseded or deleted");
}

static bool
is_named(const struct shown *s, struct err *e)
{
	return device_is_presented(span_str(cert_common_name(s->cert)), s->phone->device.name) ||
	       err_set(e, ERR_REFUSED, "the %s is that of \"%.64s\"", kind_text(s),
		   cert_common_name(s->cert));
}

static bool
is_good(const struct shown *s, struct err *e)
{
	return is_named(s, e) && is_in_force(s, e) &&
	       core_is_trusted_by_capf(s->core, s->cert, e) && is_live(s, e);
}

static bool
show(struct shown *s, struct span der, struct err *e)
{
	struct on_record r;

	s->cert = cert_parse(der, e);
	if (s->cert == NULL)
		return false;
	if (!store_cert_each(cluster_store(s->core->cluster), find_issuer, s, e))
		return err_set(e, ERR_STORE, "CAPF's certificates cannot be read");
	if (s->is_lsc)
		return true;
	if (!look_up(s, &r, e))
		return false;
	s->is_lsc = r.found;
	return true;
}

/* --- SUDI: another certificate, whose key has signed this session's number --- */

static bool
sudi_is_good(struct shown *s, const struct ask *ask, struct err *e)
{
	struct sudi parts;

	return sudi_parse(ask->sudi, &parts, e) && show(s, parts.certificate, e) && is_good(s, e) &&
	       proof_check_session(
		   s->cert, ask->session, &(struct proof){ parts.sha1, parts.sha512 }, e);
}

/* Phones send none with an EC certificate, or it means nothing (capf.md 5.5). */
static bool
check_sudi(const struct shown *s, const struct ask *ask, enum phone_failure *why, struct err *e)
{
	struct shown sudi = { .core = s->core, .phone = s->phone };
	bool ok;

	if (ask->sudi.n == 0 || !cert_is_rsa(s->cert))
		return true;
	*why = PHONE_FAIL_MIC;
	ok = sudi_is_good(&sudi, ask, e) || err_in(e, "SUDI");
	cert_free(sudi.cert);
	return ok;
}

bool
core_capf_cert_check(struct core *c, const struct phone *p, const struct ask *ask,
    enum phone_failure *why, struct err *e)
{
	struct shown s = { .core = c, .phone = p };
	const struct proof proof = { ask->signed_data, ask->sha2_signed };
	enum phone_failure preferred =
	    p->auth_mode == PHONE_AUTH_LSC ? PHONE_FAIL_LSC : PHONE_FAIL_MIC;
	bool ok;

	*why = preferred;
	if (ask->certificate.n == 0)
		return err_set(e, ERR_REFUSED, "it showed no certificate");
	ok = show(&s, ask->certificate, e) && is_preferred(&s, e);
	if (ok) {
		*why = s.is_lsc ? PHONE_FAIL_LSC : PHONE_FAIL_MIC;
		ok = is_good(&s, e) && proof_check(s.cert, p->device.name, &proof, e) &&
		     check_sudi(&s, ask, why, e);
	}
	cert_free(s.cert);
	return ok;
}

/* --- what is kept of it --- */

static bool
keep(struct core *c, const struct phone *p, struct span der, struct err *e)
{
	struct shown s = { .core = c, .phone = p };
	struct store_fetched got = { .at = core_now(), .der = der };
	bool ok = show(&s, der, e);

	got.is_mic = !s.is_lsc;
	cert_free(s.cert);
	return ok && store_fetched_put(cluster_store(c->cluster), p->device.name, &got, e);
}

bool
core_capf_cert_keep(struct core *c, const struct phone *p, const struct ask *ask, struct err *e)
{
	struct sudi parts;

	if (p->operation != PHONE_OPERATION_TROUBLESHOOT ||
	    (p->auth_mode != PHONE_AUTH_LSC && p->auth_mode != PHONE_AUTH_MIC))
		return true;
	if (!keep(c, p, ask->certificate, e))
		return false;
	return ask->sudi.n == 0 || !sudi_parse(ask->sudi, &parts, NULL) ||
	       keep(c, p, parts.certificate, e);
}
