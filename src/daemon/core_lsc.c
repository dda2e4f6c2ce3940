#include "daemon/core_lsc.h"

#include "base/text.h"
#include "cluster/cluster_import.h"
#include "daemon/core_issuer.h"
#include "pki/digest.h"
#include "pki/issue.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_S        86400
#define SERIAL_TRIES 3 /* of 126 random bits each: one is enough unless the source is broken */

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

/* The validity lies within the issuer's: one that outlives it is refused by whoever looks at both.
 */
static bool
validity_set(struct signer_lsc *r, const struct cert *issuer, unsigned days, time_t now,
    bool *is_cut, struct err *e)
{
	if (cert_not_after(issuer) <= now)
		return err_set(e, ERR_CRYPTO, "the issuer's certificate %s has expired",
		    cert_subject_cucm(issuer));
	if (cert_not_before(issuer) > now)
		return err_set(e, ERR_CRYPTO, "the issuer's certificate %s is not valid yet",
		    cert_subject_cucm(issuer));
	r->not_before = now - DAY_S; /* phones' clocks may be behind */
	if (r->not_before < cert_not_before(issuer))
		r->not_before = cert_not_before(issuer);
	r->not_after = now + (time_t)days * DAY_S;
	*is_cut = r->not_after > cert_not_after(issuer);
	if (*is_cut)
		r->not_after = cert_not_after(issuer);
	return true;
}

void
core_lsc_subject(struct signer_lsc *r, const struct conf *conf)
{
	r->org = or_null(conf->lsc_org);
	r->org_unit = or_null(conf->lsc_unit);
	r->locality = or_null(conf->lsc_locality);
	r->state = or_null(conf->lsc_state);
	r->country = or_null(conf->lsc_country);
	r->usages = (enum signer_lsc_usages)conf->lsc_usages;
}

/* What was asked for stands in the certificate: it need not be read to be known. */
static bool
record(struct store_lsc *l, const struct signer_lsc *r, time_t now, struct err *e)
{
	struct digest key_hash;
	char *serial;

	if (!digest_of(DIGEST_SHA256, r->spki, &key_hash, e))
		return false;
	serial = text_hex(r->serial);
	snprintf(l->serial, sizeof l->serial, "%s", serial);
	snprintf(l->device, sizeof l->device, "%s", r->device);
	l->key_hash = bytes_copy(digest_span(&key_hash));
	l->not_after = r->not_after;
	l->issued = now;
	free(serial);
	return true;
}

static bool
make_one(struct core *c, const struct cert *issuer, struct signer_lsc *r, time_t now,
    struct store_lsc *out, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	uint8_t serial[ISSUE_SERIAL_SIZE];

	*out = (struct store_lsc){ 0 };
	r->serial = span_of(serial, sizeof serial);
	return issue_serial_make(serial, e) &&
	       signer_issue(cluster_signer(c->cluster), cert_key_id(issuer), cert_der(issuer), r,
		   &out->der, e) &&
	       record(out, r, now, e) && core_issuer_number(s, issuer, &out->issuer, e) &&
	       store_lsc_issue(s, out, e);
}

bool
core_lsc_make(struct core *c, const char *device, struct span spki, time_t now,
    struct store_lsc *out, bool *is_cut, struct err *e)
{
	const struct cert *issuer = cluster_issuer(c->cluster);
	const struct conf *conf = cluster_conf(c->cluster);
	struct signer_lsc r = { .device = device, .spki = spki };
	char name[CLUSTER_CRL_NAME_MAX], url[SIGNER_URL_MAX + 1];
	struct err why = { 0 };

	*out = (struct store_lsc){ 0 };
	if (!validity_set(&r, issuer, conf->lsc_days, now, is_cut, e))
		return false;
	core_lsc_subject(&r, conf);
	if (conf->crl_url[0] != '\0') {
		cluster_crl_name(issuer, name);
		snprintf(url, sizeof url, "%s%s", conf->crl_url, name);
		r.crl_url = url;
	}
	r.ocsp_url = or_null(conf->ocsp_url);
	for (int i = 0; i < SERIAL_TRIES; i++) {
		if (make_one(c, issuer, &r, now, out, &why))
			return true;
		if (why.code != ERR_CONFLICT)
			break;
		store_lsc_free(out);
	}
	return err_set(e, why.code, "%s", why.text);
}
