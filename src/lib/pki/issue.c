#include "pki/issue_internal.h"

#include "base/text.h"
#include "pki/ossl.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <ctype.h>

#define DNS_NAME_MAX   253
#define COUNTRY_LENGTH 2
#define CONSTANTS_MAX  16 /* extensions that the tables of this folder have */

const struct issue_part issue_parts[PART_COUNT] = {
	[PART_C] = { NID_countryName, "country", COUNTRY_LENGTH },
	[PART_O] = { NID_organizationName, "organization", 64 },
	[PART_OU] = { NID_organizationalUnitName, "organizational unit", 64 },
	[PART_CN] = { NID_commonName, "common name", 64 },
	[PART_ST] = { NID_stateOrProvinceName, "state", 128 },
	[PART_L] = { NID_localityName, "locality", 128 },
};

static const struct issue_extension server_extensions[] = {
	{ NID_key_usage, "critical,digitalSignature,keyEncipherment,dataEncipherment" },
	{ NID_ext_key_usage, "serverAuth,clientAuth" },
	{ NID_subject_key_identifier, "hash" },
	{ NID_undef, NULL },
};

/* Unified CM's table has serverAuth alone. OpenSSL, and with it FreeRADIUS, then refuses every LSC
 * below it as a TLS client's certificate: usages of a CA bound those of what it issued. So
 * clientAuth stands here too; and cRLSign, without which nobody believes its revocation list. */
static const struct issue_extension capf_extensions[] = {
	{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
	{ NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign" },
	{ NID_ext_key_usage, "serverAuth,clientAuth" },
	{ NID_subject_key_identifier, "hash" },
	{ NID_undef, NULL },
};

/* It serves no TLS. Usages of a CA bound those below it, so it has none that extend. */
static const struct issue_extension issuer_extensions[] = {
	{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
	{ NID_key_usage, "critical,keyCertSign,cRLSign" },
	{ NID_subject_key_identifier, "hash" },
	{ NID_undef, NULL },
};

bool
issue_name_check(const char *what, const char *value, size_t max, struct err *e)
{
	struct span s = span_str(value);
	char shown[80];

	if (s.n == 0 || s.n > max)
		return err_set(
		    e, ERR_REFUSED, "%s: %zu characters; 1 to %zu are allowed", what, s.n, max);
	if (!text_is_printable(s) || strpbrk(value, ";,\"") != NULL)
		return err_set(e, ERR_REFUSED,
		    "%s \"%s\": only printable ASCII without ; , and \" can stand in a trust list",
		    what, text_printable(s, shown, sizeof shown));
	return true;
}

bool
issue_add_part(X509_NAME *name, enum subject_part part, const char *value, struct err *e)
{
	if (value == NULL)
		return true;
	if (!issue_name_check(issue_parts[part].what, value, issue_parts[part].max, e))
		return false;
	if (part == PART_C &&
	    (strlen(value) != COUNTRY_LENGTH || !isupper((unsigned char)value[0]) ||
		!isupper((unsigned char)value[1])))
		return err_set(
		    e, ERR_REFUSED, "country \"%s\": two upper-case letters are expected", value);
	if (X509_NAME_add_entry_by_NID(name, issue_parts[part].nid, MBSTRING_ASC,
		(const unsigned char *)value, -1, -1, 0) != 1)
		return ossl_fail(e, ERR_CRYPTO, "%s \"%s\"", issue_parts[part].what, value);
	return true;
}

static bool
fill_subject(X509_NAME *name, const struct signer_template *t, struct err *e)
{
	const char *values[PART_COUNT] = {
		[PART_C] = t->country,
		[PART_O] = t->org,
		[PART_OU] = t->org_unit,
		[PART_CN] = t->common_name,
		[PART_ST] = t->state,
		[PART_L] = t->locality,
	};

	if (t->common_name == NULL)
		return err_set(e, ERR_REFUSED, "a common name is needed");
	for (enum subject_part part = 0; part < PART_COUNT; part++)
		if (!issue_add_part(name, part, values[part], e))
			return false;
	return true;
}

bool
issue_serial_make(uint8_t serial[ISSUE_SERIAL_SIZE], struct err *e)
{
	if (RAND_bytes(serial, ISSUE_SERIAL_SIZE) != 1)
		return ossl_fail(e, ERR_CRYPTO, "no random numbers");
	serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40);
	return true;
}

bool
issue_set_serial(X509 *x509, struct span serial, struct err *e)
{
	uint8_t made[ISSUE_SERIAL_SIZE];
	BIGNUM *n;
	bool ok;

	if (serial.n == 0) {
		if (!issue_serial_make(made, e))
			return false;
		serial = span_of(made, sizeof made);
	}
	if (serial.n > ISSUE_SERIAL_SIZE || serial.p[0] == 0)
		return err_set(e, ERR_REFUSED, "serial number: not a magnitude of at most %d bytes",
		    ISSUE_SERIAL_SIZE);
	n = BN_bin2bn(serial.p, (int)serial.n, NULL);
	ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x509)) != NULL;
	BN_free(n);
	return ok || ossl_fail(e, ERR_CRYPTO, "cannot write the serial number");
}

bool
issue_set_validity(X509 *x509, time_t not_before, time_t not_after, struct err *e)
{
	if (not_after <= not_before)
		return err_set(e, ERR_REFUSED, "the validity ends before it begins");
	if (ASN1_TIME_set(X509_getm_notBefore(x509), not_before) == NULL ||
	    ASN1_TIME_set(X509_getm_notAfter(x509), not_after) == NULL)
		return ossl_fail(e, ERR_CRYPTO, "the validity cannot be written");
	return true;
}

/* Others say something about the certificate or its issuer. */
static bool
is_constant(int nid)
{
	return nid == NID_basic_constraints || nid == NID_key_usage || nid == NID_ext_key_usage;
}

/* A constant one is made from its text once and kept. NULL: it cannot be made, or there is no more
 * room. */
static X509_EXTENSION *
constant_of(X509V3_CTX *ctx, const struct issue_extension *x)
{
	static struct {
		const char *value;
		X509_EXTENSION *made;
	} kept[CONSTANTS_MAX];

	for (size_t i = 0; i < CONSTANTS_MAX; i++) {
		if (kept[i].made == NULL) {
			kept[i].made = X509V3_EXT_conf_nid(NULL, ctx, x->nid, x->value);
			kept[i].value = x->value;
			return kept[i].made;
		}
		if (kept[i].value == x->value &&
		    OBJ_obj2nid(X509_EXTENSION_get_object(kept[i].made)) == x->nid)
			return kept[i].made;
	}
	return NULL;
}

/* list ends with NID_undef. */
bool
issue_add_extensions(X509 *x509, X509 *issuer, const struct issue_extension *list, struct err *e)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
	for (; list->nid != NID_undef; list++) {
		bool constant = is_constant(list->nid);
		X509_EXTENSION *ext = constant
					  ? constant_of(&ctx, list)
					  : X509V3_EXT_conf_nid(NULL, &ctx, list->nid, list->value);
		bool ok = ext != NULL && X509_add_ext(x509, ext, -1) == 1;

		if (!constant)
			X509_EXTENSION_free(ext);
		if (!ok)
			return ossl_fail(
			    e, ERR_CRYPTO, "cannot write the extension %s", list->value);
	}
	return true;
}

bool
issue_add_alt_name(GENERAL_NAMES *names, int type, const char *text, struct err *e)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_STRING *value = type == GEN_IPADD ? a2i_IPADDRESS(text) : ASN1_IA5STRING_new();

	if (name == NULL || value == NULL ||
	    (type != GEN_IPADD && ASN1_STRING_set(value, text, -1) != 1)) {
		GENERAL_NAME_free(name);
		ASN1_STRING_free(value);
		return ossl_fail(e, ERR_REFUSED, "alternative name \"%s\"", text);
	}
	GENERAL_NAME_set0_value(name, type, value);
	if (sk_GENERAL_NAME_push(names, name) > 0)
		return true;
	GENERAL_NAME_free(name);
	return ossl_fail(e, ERR_CRYPTO, "cannot write alternative names");
}

bool
issue_dns_name_check(const char *name, struct err *e)
{
	if (!issue_name_check("DNS name", name, DNS_NAME_MAX, e))
		return false;
	for (const char *p = name; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("-._", *p) == NULL)
			return err_set(e, ERR_REFUSED,
			    "DNS name \"%s\": letters, digits, '-', '_' and '.' are allowed", name);
	return true;
}

static bool
fill_alt_names(GENERAL_NAMES *names, const struct signer_template *t, struct err *e)
{
	for (size_t i = 0; t->dns_names != NULL && t->dns_names[i] != NULL; i++)
		if (!issue_dns_name_check(t->dns_names[i], e) ||
		    !issue_add_alt_name(names, GEN_DNS, t->dns_names[i], e))
			return false;
	for (size_t i = 0; t->ip_names != NULL && t->ip_names[i] != NULL; i++)
		if (!issue_add_alt_name(names, GEN_IPADD, t->ip_names[i], e))
			return false;
	return true;
}

bool
issue_write_alt_names(X509 *x509, GENERAL_NAMES *names, struct err *e)
{
	if (sk_GENERAL_NAME_num(names) == 0 ||
	    X509_add1_ext_i2d(x509, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1)
		return true;
	return ossl_fail(e, ERR_CRYPTO, "cannot write alternative names");
}

static bool
add_template_alt_names(X509 *x509, const struct signer_template *t, struct err *e)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	bool ok = fill_alt_names(names, t, e) && issue_write_alt_names(x509, names, e);

	GENERAL_NAMES_free(names);
	return ok;
}

bool
issue_sign(X509 *x509, const struct privkey *k, struct bytes *cert_der, struct err *e)
{
	unsigned char *der = NULL;
	int n = -1;

	if (X509_sign(x509, key_pkey(k), EVP_sha256()) > 0)
		n = i2d_X509(x509, &der);
	if (n <= 0)
		return ossl_fail(e, ERR_CRYPTO, "cannot sign the certificate");
	*cert_der = bytes_copy(span_of(der, (size_t)n));
	OPENSSL_free(der);
	return true;
}

static const struct issue_extension *
extensions_of(enum purpose p)
{
	switch (p) {
	case PURPOSE_CAPF:
		return capf_extensions;
	case PURPOSE_CAPF_ISSUER:
		return issuer_extensions;
	default:
		return server_extensions;
	}
}

static bool
fill_self(X509 *x509, const struct privkey *k, const struct signer_template *t, struct err *e)
{
	X509_NAME *subject = X509_get_subject_name(x509);

	if (X509_set_version(x509, X509_VERSION_3) != 1 || X509_set_pubkey(x509, key_pkey(k)) != 1)
		return ossl_fail(e, ERR_CRYPTO, "cannot make a certificate");
	if (!issue_set_serial(x509, (struct span){ 0 }, e) ||
	    !issue_set_validity(x509, t->not_before, t->not_after, e) ||
	    !fill_subject(subject, t, e))
		return false;
	if (X509_set_issuer_name(x509, subject) != 1)
		return ossl_fail(e, ERR_CRYPTO, "cannot write the issuer");
	return issue_add_extensions(x509, x509, extensions_of(t->purpose), e) &&
	       add_template_alt_names(x509, t, e);
}

bool
issue_self(
    const struct privkey *k, const struct signer_template *t, struct bytes *cert_der, struct err *e)
{
	X509 *x509 = X509_new();
	bool ok;

	if (x509 == NULL)
		return ossl_fail(e, ERR_CRYPTO, "cannot make a certificate");
	ok = fill_self(x509, k, t, e) && issue_sign(x509, k, cert_der, e);
	X509_free(x509);
	return ok || err_in(e, "%s certificate", purpose_name(t->purpose));
}
