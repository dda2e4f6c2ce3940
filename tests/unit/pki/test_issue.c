#include "fixture.h"

#include "pki/issue.h"

#include <openssl/x509v3.h>

#define DAY       86400
#define TODAY     1800000000
#define KU_SERVER (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT)

static const char *const dns[] = { "pub1.example.lab", "pub1", NULL };
static const char *const ips[] = { "192.0.2.1", "2001:db8::1", NULL };

static struct signer_template
template_of(enum purpose purpose)
{
	return (struct signer_template){
		.purpose = purpose,
		.common_name = "pub1.example.lab",
		.org_unit = "TAC",
		.org = "Example Systems",
		.locality = "Boxborough",
		.state = "MA",
		.country = "US",
		.dns_names = dns,
		.ip_names = ips,
		.not_before = TODAY,
		.not_after = TODAY + 5 * 365 * DAY,
		.rsa_bits = 2048,
	};
}

static X509 *
x509_of(struct span der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);

	assert_non_null(x);
	return x;
}

static bool
has_eku(X509 *x, const char *oid)
{
	EXTENDED_KEY_USAGE *eku = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
	bool found = false;
	char text[80];

	for (int i = 0; i < sk_ASN1_OBJECT_num(eku); i++) {
		OBJ_obj2txt(text, sizeof text, sk_ASN1_OBJECT_value(eku, i), 1);
		found = found || strcmp(text, oid) == 0;
	}
	sk_ASN1_OBJECT_pop_free(eku, ASN1_OBJECT_free);
	return found;
}

static bool
is_critical(X509 *x, int nid)
{
	int at = X509_get_ext_by_NID(x, nid, -1);

	return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(x, at)) == 1;
}

#define OID_SERVER "1.3.6.1.5.5.7.3.1"
#define OID_CLIENT "1.3.6.1.5.5.7.3.2"
#define OID_IPSEC  "1.3.6.1.5.5.7.3.5"

/* OpenSSL itself accepts the chain: leaf under a trusted anchor, for a purpose, at a time. */
static bool
chain_is_good(X509 *leaf, X509 *anchor, int purpose, time_t when)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool ok;

	X509_STORE_add_cert(store, anchor);
	X509_STORE_CTX_init(ctx, store, leaf, NULL);
	X509_STORE_CTX_set_time(ctx, 0, when);
	X509_STORE_CTX_set_purpose(ctx, purpose);
	ok = X509_verify_cert(ctx) == 1;
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return ok;
}

static void
check_self(enum purpose purpose)
{
	struct signer_template t = template_of(purpose);
	struct err e = { 0 };
	struct privkey *k = key_make_for(purpose, 2048, &e);
	struct bytes der;
	struct cert *c;
	X509 *x;
	bool capf = purpose == PURPOSE_CAPF, issuer = purpose == PURPOSE_CAPF_ISSUER;
	bool is_ca = capf || issuer;

	assert_ok(issue_self(k, &t, &der, &e), e);
	c = cert_parse(bytes_span(&der), &e);
	assert_non_null(c);
	assert_ok(cert_is_issued_by(c, c, &e), e);
	assert_true(key_fits(k, c));
	assert_int_equal(cert_is_ca(c), is_ca);
	assert_int_equal(cert_serial(c).n, 16);
	assert_int_equal(cert_serial(c).p[0] & 0x80, 0);
	assert_string_equal(cert_subject_cucm(c),
	    "CN=pub1.example.lab;OU=TAC;O=Example Systems;L=Boxborough;ST=MA;C=US");
	assert_int_equal(cert_not_before(c), t.not_before);
	assert_int_equal(cert_not_after(c), t.not_after);
	assert_string_equal(
	    cert_key_text(c), purpose == PURPOSE_CALLMANAGER_EC ? "EC P-384" : "RSA 2048");
	x = x509_of(bytes_span(&der));
	assert_int_equal(
	    X509_get_key_usage(x), capf     ? KU_DIGITAL_SIGNATURE | KU_KEY_CERT_SIGN | KU_CRL_SIGN
				   : issuer ? KU_KEY_CERT_SIGN | KU_CRL_SIGN
					    : KU_SERVER);
	assert_int_equal(has_eku(x, OID_SERVER), !issuer);
	assert_int_equal(has_eku(x, OID_CLIENT), !issuer);
	assert_int_equal(X509_get_pathlen(x), is_ca ? 0 : -1);
	assert_int_equal(is_critical(x, NID_basic_constraints), is_ca);
	assert_non_null(X509_get0_subject_key_id(x));
	assert_int_equal(X509_check_host(x, "pub1", 0, 0, NULL), 1);
	assert_int_equal(X509_check_ip_asc(x, "192.0.2.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(x, "2001:db8::1", 0), 1);
	assert_int_equal(X509_check_ip_asc(x, "192.0.2.2", 0), 0);
	assert_int_equal(chain_is_good(x, x, X509_PURPOSE_SSL_SERVER, TODAY + DAY), !issuer);
	X509_free(x);
	cert_free(c);
	bytes_free(&der);
	key_free(k);
}

static void
issue_self_gives_each_purpose_its_usages(void **state)
{
	(void)state;
	for (enum purpose p = 0; p < PURPOSE_COUNT; p++)
		check_self(p);
}

static void
issue_self_never_repeats_a_serial(void **state)
{
	struct signer_template t = template_of(PURPOSE_TVS);
	struct privkey *k = fixture_key("tvs");
	struct bytes a, b;
	struct cert *ca, *cb;
	struct err e = { 0 };

	(void)state;
	assert_ok(issue_self(k, &t, &a, &e), e);
	assert_ok(issue_self(k, &t, &b, &e), e);
	ca = cert_parse(bytes_span(&a), &e);
	cb = cert_parse(bytes_span(&b), &e);
	assert_false(span_eq(cert_serial(ca), cert_serial(cb)));
	cert_free(ca);
	cert_free(cb);
	bytes_free(&a);
	bytes_free(&b);
	key_free(k);
}

struct refusal {
	const char *cn, *org, *country, *dns, *ip, *reason;
};

static const struct refusal refusals[] = {
	{ NULL, "a", "US", "a", "192.0.2.1", "common name is needed" },
	{ "", "a", "US", "a", "192.0.2.1", "common name: 0 characters" },
	{ "a;b", "a", "US", "a", "192.0.2.1", "common name \"a;b\"" },
	{ "a,b", "a", "US", "a", "192.0.2.1", "common name" },
	{ "a\"b", "a", "US", "a", "192.0.2.1", "common name" },
	{ "a\nb", "a", "US", "a", "192.0.2.1", "common name \"a\\x0ab\"" },
	{ "M\xc3\xbcnchen", "a", "US", "a", "192.0.2.1", "printable ASCII" },
	{ "0123456789012345678901234567890123456789012345678901234567890123x", "a", "US", "a",
	    "192.0.2.1", "common name: 65 characters; 1 to 64" },
	{ "a", "b;", "US", "a", "192.0.2.1", "organization \"b;\"" },
	{ "a", NULL, "USA", "a", "192.0.2.1", "country: 3" },
	{ "a", NULL, "us", "a", "192.0.2.1", "two upper-case letters" },
	{ "a", NULL, NULL, "a b", "192.0.2.1", "DNS name \"a b\"" },
	{ "a", NULL, NULL, "", "192.0.2.1", "DNS name: 0" },
	{ "a", NULL, NULL, "a", "192.0.2.256", "alternative name \"192.0.2.256\"" },
};

static void
issue_self_refuses_names_that_lists_cannot_carry(void **state)
{
	struct privkey *k = fixture_key("tvs");

	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		const struct refusal *r = &refusals[i];
		const char *const row_dns[] = { r->dns, NULL };
		const char *const row_ips[] = { r->ip, NULL };
		struct signer_template t = { .purpose = PURPOSE_TVS,
			.common_name = r->cn,
			.org = r->org,
			.country = r->country,
			.dns_names = row_dns,
			.ip_names = row_ips,
			.not_before = TODAY,
			.not_after = TODAY + DAY };
		struct bytes der;
		struct err e;

		assert_fails(issue_self(k, &t, &der, &e), e, ERR_REFUSED, r->reason);
	}
	key_free(k);
}

static void
issue_self_refuses_validity_that_ends_first(void **state)
{
	struct signer_template t = template_of(PURPOSE_WEB);
	struct privkey *k = fixture_key("app");
	struct bytes der;
	struct err e;

	(void)state;
	t.not_after = t.not_before;
	assert_fails(issue_self(k, &t, &der, &e), e, ERR_REFUSED, "web certificate: the validity");
	key_free(k);
}

/* What capf.md 5.6 wants of an LSC beside its names. */
static void
check_lsc_extensions(X509 *x, X509 *ca_x)
{
	GENERAL_NAMES *alt;

	assert_int_equal(X509_get_version(x), X509_VERSION_3);
	assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT);
	assert_true(is_critical(x, NID_key_usage) && is_critical(x, NID_basic_constraints));
	assert_true(has_eku(x, OID_SERVER) && has_eku(x, OID_CLIENT) && has_eku(x, OID_IPSEC));
	alt = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	assert_int_equal(sk_GENERAL_NAME_num(alt), 1);
	assert_int_equal(sk_GENERAL_NAME_value(alt, 0)->type, GEN_URI);
	GENERAL_NAMES_free(alt);
	assert_non_null(X509_get0_subject_key_id(x));
	assert_int_equal(
	    ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(x), X509_get0_subject_key_id(ca_x)),
	    0);
	assert_int_equal(X509_get_signature_nid(x), NID_sha256WithRSAEncryption);
	assert_true(chain_is_good(x, ca_x, X509_PURPOSE_SSL_CLIENT, TODAY + DAY));
	assert_false(chain_is_good(x, ca_x, X509_PURPOSE_SSL_CLIENT, TODAY + 400 * DAY));
}

/* A CAPF certificate of ours and an LSC under it for a vector's public key. */
static void
check_lsc(const char *phone_key)
{
	struct signer_template t = template_of(PURPOSE_CAPF);
	struct err e = { 0 };
	struct privkey *k = fixture_key("capf"), *phone = fixture_key(phone_key);
	struct signer_lsc lsc = { .device = "SEP58971ECC97C1",
		.spki = key_spki(phone),
		.not_before = TODAY,
		.not_after = TODAY + 365 * DAY };
	struct bytes ca_der, der;
	struct cert *ca, *c;
	X509 *x, *ca_x;

	assert_ok(issue_self(k, &t, &ca_der, &e), e);
	ca = cert_parse(bytes_span(&ca_der), &e);
	assert_ok(issue_lsc(k, ca, &lsc, &der, &e), e);
	c = cert_parse(bytes_span(&der), &e);
	assert_non_null(c);
	assert_ok(cert_is_issued_by(c, ca, &e), e);
	assert_true(key_fits(phone, c));
	assert_string_equal(cert_common_name(c), "SEP58971ECC97C1");
	/* In the issuer's own order, which is C O OU CN ST L. */
	assert_string_equal(cert_subject_peer(c),
	    "CN=SEP58971ECC97C1,C=US,O=Example Systems,OU=TAC,ST=MA,L=Boxborough");
	assert_string_equal(cert_issuer_peer(c), cert_subject_peer(ca));
	assert_int_equal(cert_serial(c).n, 16);
	assert_false(cert_is_ca(c));
	assert_int_equal(cert_not_after(c), lsc.not_after);
	x = x509_of(bytes_span(&der));
	ca_x = x509_of(bytes_span(&ca_der));
	check_lsc_extensions(x, ca_x);
	X509_free(ca_x);
	X509_free(x);
	cert_free(c);
	cert_free(ca);
	bytes_free(&der);
	bytes_free(&ca_der);
	key_free(phone);
	key_free(k);
}

static void
issue_lsc_certifies_rsa_and_ec_keys(void **state)
{
	(void)state;
	check_lsc("lsc");
	check_lsc("lsc1024");
	check_lsc("lsc4096");
	check_lsc("lsc-ec384");
	check_lsc("ccm-ec256");
	check_lsc("app-ec521");
}

static void
issue_lsc_takes_the_subject_usages_and_places_that_are_wished_for(void **state)
{
	struct signer_template t = template_of(PURPOSE_CAPF);
	struct err e = { 0 };
	struct privkey *k = fixture_key("capf"), *phone = fixture_key("lsc");
	struct signer_lsc lsc = { .device = "SEP58971ECC97C1",
		.spki = key_spki(phone),
		.not_before = TODAY,
		.not_after = TODAY + DAY,
		.serial = span_str("0123456789abcdef"),
		.org = "Other Org",
		.state = "NH",
		.usages = SIGNER_LSC_USAGES_CLIENT,
		.crl_url = "http://192.0.2.1:6970/capf.crl",
		.ocsp_url = "http://192.0.2.1:6970/ocsp" };
	struct bytes ca_der, der;
	struct cert *ca, *c;
	X509 *x;
	STACK_OF(OPENSSL_STRING) * responders;
	char *points;

	(void)state;
	t.state = NULL;
	assert_ok(issue_self(k, &t, &ca_der, &e), e);
	ca = cert_parse(bytes_span(&ca_der), &e);
	assert_ok(issue_lsc(k, ca, &lsc, &der, &e), e);
	c = cert_parse(bytes_span(&der), &e);
	assert_string_equal(
	    cert_subject_peer(c), "CN=SEP58971ECC97C1,C=US,O=Other Org,OU=TAC,L=Boxborough,ST=NH");
	assert_span_equal(cert_serial(c), lsc.serial);
	x = x509_of(bytes_span(&der));
	assert_true(has_eku(x, OID_CLIENT));
	assert_false(has_eku(x, OID_SERVER) || has_eku(x, OID_IPSEC));
	assert_true(X509_get_ext_by_NID(x, NID_crl_distribution_points, -1) >= 0);
	points = memmem(der.p, der.n, lsc.crl_url, strlen(lsc.crl_url));
	assert_non_null(points);
	responders = X509_get1_ocsp(x);
	assert_int_equal(sk_OPENSSL_STRING_num(responders), 1);
	assert_string_equal(sk_OPENSSL_STRING_value(responders, 0), lsc.ocsp_url);
	X509_email_free(responders);
	bytes_free(&der);
	lsc.crl_url = "http://192.0.2.1/a,b";
	assert_fails(issue_lsc(k, ca, &lsc, &der, &e), e, ERR_REFUSED, "CRL URL");
	lsc.crl_url = NULL;
	lsc.ocsp_url = "http://192.0.2.1/a;b";
	assert_fails(issue_lsc(k, ca, &lsc, &der, &e), e, ERR_REFUSED, "OCSP URL");
	X509_free(x);
	cert_free(c);
	cert_free(ca);
	bytes_free(&ca_der);
	key_free(phone);
	key_free(k);
}

static void
assert_extension(X509 *x, int nid, const char *text)
{
	X509_EXTENSION *want = X509V3_EXT_conf_nid(NULL, NULL, nid, text);
	X509_EXTENSION *got = X509_get_ext(x, X509_get_ext_by_NID(x, nid, -1));

	assert_non_null(want);
	assert_non_null(got);
	assert_int_equal(X509_EXTENSION_get_critical(got), X509_EXTENSION_get_critical(want));
	assert_int_equal(
	    ASN1_OCTET_STRING_cmp(X509_EXTENSION_get_data(got), X509_EXTENSION_get_data(want)), 0);
	X509_EXTENSION_free(want);
}

/* Some extensions are kept from one certificate to the next. */
static void
issue_lsc_says_the_same_each_time(void **state)
{
	static const char *const eku[] = { "serverAuth,clientAuth,1.3.6.1.5.5.7.3.5", "clientAuth",
		"serverAuth,clientAuth,1.3.6.1.5.5.7.3.5" };
	static const enum signer_lsc_usages usages[] = { SIGNER_LSC_USAGES_CUCM,
		SIGNER_LSC_USAGES_CLIENT, SIGNER_LSC_USAGES_CUCM };
	struct privkey *k = fixture_key("capf"), *phone = fixture_key("lsc");
	struct cert *ca = fixture_cert("capf");
	struct signer_lsc lsc = { .device = "SEP58971ECC97C1",
		.spki = key_spki(phone),
		.serial = span_str("0123456789abcdef"),
		.not_before = TODAY,
		.not_after = TODAY + DAY };
	struct bytes der[3];
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		X509 *x;

		lsc.usages = usages[i];
		assert_ok(issue_lsc(k, ca, &lsc, &der[i], &e), e);
		x = x509_of(bytes_span(&der[i]));
		assert_extension(x, NID_basic_constraints, "critical,CA:FALSE");
		assert_extension(x, NID_key_usage, "critical,digitalSignature,keyEncipherment");
		assert_extension(x, NID_ext_key_usage, eku[i]);
		X509_free(x);
	}
	assert_span_equal(bytes_span(&der[0]), bytes_span(&der[2]));
	assert_false(span_eq(bytes_span(&der[0]), bytes_span(&der[1])));
	for (size_t i = 0; i < 3; i++)
		bytes_free(&der[i]);
	cert_free(ca);
	key_free(phone);
	key_free(k);
}

static void
issue_lsc_refuses_wrong_issuer_key_and_device(void **state)
{
	struct privkey *k = fixture_key("capf"), *other = fixture_key("tvs");
	struct privkey *no_ca_key = fixture_key("cucm-a-capf");
	struct cert *ca = fixture_cert("capf"), *no_ca = fixture_cert("cucm-a-capf");
	struct signer_lsc lsc = { .device = "SEP58971ECC97C1",
		.spki = key_spki(other),
		.not_before = TODAY,
		.not_after = TODAY + DAY };
	struct bytes der;
	struct err e = { 0 };

	(void)state;
	assert_fails(issue_lsc(other, ca, &lsc, &der, &e), e, ERR_CRYPTO, "not that of the CAPF");
	assert_fails(issue_lsc(no_ca_key, no_ca, &lsc, &der, &e), e, ERR_REFUSED, "is no CA");
	lsc.device = "SEP58971ecc97c1";
	assert_false(issue_lsc(k, ca, &lsc, &der, &e));
	lsc.device = "a;b";
	assert_false(issue_lsc(k, ca, &lsc, &der, &e));
	lsc.device = "CSFalice";
	lsc.serial = span_of("1234567890abcdefg", 17);
	assert_fails(issue_lsc(k, ca, &lsc, &der, &e), e, ERR_REFUSED, "serial number");
	lsc.serial = span_of("\0001", 2);
	assert_fails(issue_lsc(k, ca, &lsc, &der, &e), e, ERR_REFUSED, "serial number");
	lsc.serial = (struct span){ 0 };
	lsc.not_after = lsc.not_before - 1;
	assert_fails(
	    issue_lsc(k, ca, &lsc, &der, &e), e, ERR_REFUSED, "LSC of CSFalice: the validity");
	lsc.spki.n--;
	assert_fails(issue_lsc(k, ca, &lsc, &der, &e), e, ERR_REFUSED, "public key");
	cert_free(no_ca);
	cert_free(ca);
	key_free(no_ca_key);
	key_free(other);
	key_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(issue_self_gives_each_purpose_its_usages),
		cmocka_unit_test(issue_self_never_repeats_a_serial),
		cmocka_unit_test(issue_self_refuses_names_that_lists_cannot_carry),
		cmocka_unit_test(issue_self_refuses_validity_that_ends_first),
		cmocka_unit_test(issue_lsc_certifies_rsa_and_ec_keys),
		cmocka_unit_test(issue_lsc_takes_the_subject_usages_and_places_that_are_wished_for),
		cmocka_unit_test(issue_lsc_says_the_same_each_time),
		cmocka_unit_test(issue_lsc_refuses_wrong_issuer_key_and_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
