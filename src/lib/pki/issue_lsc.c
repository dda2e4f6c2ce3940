#include "base/device.h"
#include "pki/issue_internal.h"
#include "pki/ossl.h"
#include "pki/request.h"

#include <stdio.h>

#define CRL_PLACE  "URI:"
#define OCSP_PLACE "OCSP;URI:"

/* capf.md 5.6, captured. */
static const struct issue_extension lsc_extensions[] = {
	{ NID_basic_constraints, "critical,CA:FALSE" },
	{ NID_key_usage, "critical,digitalSignature,keyEncipherment" },
	{ NID_subject_key_identifier, "hash" },
	{ NID_authority_key_identifier, "keyid" },
	{ NID_undef, NULL },
};

/* What a request asks for; the rest is the CA's. */
static const struct issue_extension wished_extensions[] = {
	{ NID_basic_constraints, "critical,CA:FALSE" },
	{ NID_key_usage, "critical,digitalSignature,keyEncipherment" },
	{ NID_undef, NULL },
};

/* 1.3.6.1.5.5.7.3.5 is ipsecEndSystem. */
static const char *const usages[] = {
	[SIGNER_LSC_USAGES_CUCM] = "serverAuth,clientAuth,1.3.6.1.5.5.7.3.5",
	[SIGNER_LSC_USAGES_CLIENT] = "clientAuth",
};

static const char *
wish_of(const struct signer_lsc *lsc, enum subject_part part)
{
	switch (part) {
	case PART_C:
		return lsc->country;
	case PART_O:
		return lsc->org;
	case PART_OU:
		return lsc->org_unit;
	case PART_ST:
		return lsc->state;
	case PART_L:
		return lsc->locality;
	default:
		return NULL;
	}
}

/* An attribute as the issuer has it, unless another value is wished for. */
static bool
take_entry(X509_NAME *name, const X509_NAME_ENTRY *entry, const struct signer_lsc *lsc,
    bool done[PART_COUNT], struct err *e)
{
	int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));

	for (enum subject_part part = 0; part < PART_COUNT; part++) {
		if (part == PART_CN || issue_parts[part].nid != nid)
			continue;
		if (wish_of(lsc, part) == NULL) {
			if (X509_NAME_add_entry(name, entry, -1, 0) != 1)
				return ossl_fail(e, ERR_CRYPTO, "cannot write the subject");
		} else if (!done[part]) {
			if (!issue_add_part(name, part, wish_of(lsc, part), e))
				return false;
		}
		done[part] = true;
	}
	return true;
}

/* CN is the device; O, OU, L, ST and C follow as the issuer has them (capf.md 5.6, captured). */
static bool
fill_subject(X509_NAME *name, const X509_NAME *issuer, const struct signer_lsc *lsc, struct err *e)
{
	bool done[PART_COUNT] = { false };

	if (!issue_add_part(name, PART_CN, lsc->device, e))
		return false;
	for (int i = 0; i < X509_NAME_entry_count(issuer); i++)
		if (!take_entry(name, X509_NAME_get_entry(issuer, i), lsc, done, e))
			return false;
	for (enum subject_part part = 0; part < PART_COUNT; part++)
		if (!done[part] && !issue_add_part(name, part, wish_of(lsc, part), e))
			return false;
	return true;
}

static bool
add_device_alt_name(X509 *x509, const char *device, struct err *e)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	bool ok =
	    issue_add_alt_name(names, GEN_URI, device, e) && issue_write_alt_names(x509, names, e);

	GENERAL_NAMES_free(names);
	return ok;
}

/* Adds where something is found; url NULL: nothing. */
static bool
add_place(X509 *x509, X509 *ca, int nid, const char *what, const char *url, struct err *e)
{
	char place[SIGNER_URL_MAX + sizeof OCSP_PLACE];
	const struct issue_extension list[] = { { nid, place }, { NID_undef, NULL } };

	if (url == NULL)
		return true;
	if (strlen(url) > SIGNER_URL_MAX || strpbrk(url, ",; ") != NULL)
		return err_set(e, ERR_REFUSED, "%s URL: not one URL of at most %d bytes", what,
		    SIGNER_URL_MAX);
	snprintf(place, sizeof place, "%s%s", nid == NID_info_access ? OCSP_PLACE : CRL_PLACE, url);
	return issue_add_extensions(x509, ca, list, e);
}

/* What differs from one cluster to the next. */
static bool
add_wished_extensions(X509 *x509, X509 *ca, const struct signer_lsc *lsc, struct err *e)
{
	const struct issue_extension list[] = { { NID_ext_key_usage, usages[lsc->usages] },
		{ NID_undef, NULL } };

	return issue_add_extensions(x509, ca, list, e) &&
	       add_place(x509, ca, NID_crl_distribution_points, "CRL", lsc->crl_url, e) &&
	       add_place(x509, ca, NID_info_access, "OCSP", lsc->ocsp_url, e);
}

static bool
fill_lsc(X509 *x509, const struct cert *issuer, const struct signer_lsc *lsc, struct err *e)
{
	X509 *ca = cert_x509(issuer);

	if (X509_set_version(x509, X509_VERSION_3) != 1 ||
	    X509_set_issuer_name(x509, X509_get_subject_name(ca)) != 1)
		return ossl_fail(e, ERR_CRYPTO, "cannot make a certificate");
	return ossl_spki_put(x509, lsc->spki, e) && issue_set_serial(x509, lsc->serial, e) &&
	       issue_set_validity(x509, lsc->not_before, lsc->not_after, e) &&
	       fill_subject(X509_get_subject_name(x509), X509_get_subject_name(ca), lsc, e) &&
	       issue_add_extensions(x509, ca, lsc_extensions, e) &&
	       add_wished_extensions(x509, ca, lsc, e) && add_device_alt_name(x509, lsc->device, e);
}

bool
issue_lsc(const struct privkey *k, const struct cert *issuer, const struct signer_lsc *lsc,
    struct bytes *cert_der, struct err *e)
{
	struct device device;
	X509 *x509;
	bool ok;

	if (!device_parse(span_str(lsc->device), &device, e) || !request_check_spki(lsc->spki, e))
		return err_in(e, "LSC");
	if (!key_fits(k, issuer))
		return err_set(e, ERR_CRYPTO, "LSC: the key is not that of the CAPF certificate %s",
		    cert_subject_cucm(issuer));
	if (!cert_is_ca(issuer))
		return err_set(e, ERR_REFUSED, "LSC: the CAPF certificate %s is no CA (CA:TRUE)",
		    cert_subject_cucm(issuer));
	x509 = X509_new();
	if (x509 == NULL)
		return ossl_fail(e, ERR_CRYPTO, "cannot make a certificate");
	ok = fill_lsc(x509, issuer, lsc, e) && issue_sign(x509, k, cert_der, e);
	X509_free(x509);
	return ok || err_in(e, "LSC of %s", device.name);
}

static bool
fill_wishes(X509 *x509, const struct signer_lsc *lsc, struct err *e)
{
	X509_NAME *nobody = X509_NAME_new();
	bool ok = nobody != NULL && X509_set_version(x509, X509_VERSION_3) == 1 &&
		  ossl_spki_put(x509, lsc->spki, e) &&
		  fill_subject(X509_get_subject_name(x509), nobody, lsc, e) &&
		  issue_add_extensions(x509, x509, wished_extensions, e) &&
		  add_wished_extensions(x509, x509, lsc, e) &&
		  add_device_alt_name(x509, lsc->device, e);

	X509_NAME_free(nobody);
	return ok;
}

X509 *
issue_lsc_wishes(const struct signer_lsc *lsc, struct err *e)
{
	X509 *x509 = X509_new();

	if (x509 == NULL)
		ossl_fail(e, ERR_CRYPTO, "cannot make a request");
	else if (fill_wishes(x509, lsc, e))
		return x509;
	X509_free(x509);
	return NULL;
}
