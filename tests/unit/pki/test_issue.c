#include "fixture.h"

#include "pki/issue.h"
#include "pki/request.h"
#include "vectors.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
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

/* SubjectPublicKeyInfo of RSA with a modulus of that many bits, and exponent; they need not make
 * a key. */
static struct bytes
rsa_spki(int bits, bool odd, unsigned long exponent)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_new(), *exp = BN_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params;
	unsigned char *der = NULL;
	struct bytes out;
	int size;

	BN_set_bit(n, bits - 1);
	if (odd)
		BN_set_bit(n, 0);
	BN_set_word(exp, exponent);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, exp);
	params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_fromdata_init(ctx);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params), 1);
	size = i2d_PUBKEY(pkey, &der);
	assert_true(size > 0);
	out = bytes_copy(span_of(der, (size_t)size));
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(exp);
	BN_free(n);
	return out;
}

static const struct {
	int bits;
	bool odd;
	unsigned long exponent;
	const char *reason; /* NULL: taken */
} rsa_rows[] = {
	{ 1024, true, 3, NULL },
	{ 4096, true, 65537, NULL },
	{ 2048, true, 17, NULL },
	{ 512, true, 65537, NULL },
	{ 511, true, 65537, "512 to 4096 are allowed" },
	{ 4097, true, 65537, "RSA of 4097 bits" },
	{ 2048, false, 65537, "modulus is even" },
	{ 2048, true, 1, "exponent" },
	{ 2048, true, 2, "exponent" },
	{ 2048, true, 65536, "exponent" },
};

static void
request_check_spki_judges_rsa_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rsa_rows / sizeof rsa_rows[0]; i++) {
		struct bytes spki =
		    rsa_spki(rsa_rows[i].bits, rsa_rows[i].odd, rsa_rows[i].exponent);
		struct err e = { 0 };

		if (rsa_rows[i].reason == NULL)
			assert_ok(request_check_spki(bytes_span(&spki), &e), e);
		else
			assert_fails(request_check_spki(bytes_span(&spki), &e), e, ERR_REFUSED,
			    rsa_rows[i].reason);
		bytes_free(&spki);
	}
}

static void
request_check_spki_wants_a_point_on_an_allowed_curve(void **state)
{
	struct privkey *k = fixture_key("lsc-ec384");
	struct bytes spki = bytes_copy(key_spki(k));
	EVP_PKEY *pkey = EVP_EC_gen("secp256k1");
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(pkey, &der);
	struct err e = { 0 };

	(void)state;
	assert_ok(request_check_spki(bytes_span(&spki), &e), e);
	spki.p[spki.n - 1] ^= 1;
	assert_fails(request_check_spki(bytes_span(&spki), &e), e, ERR_REFUSED, "public key");
	assert_fails(request_check_spki(span_of(der, (size_t)n), &e), e, ERR_REFUSED,
	    "EC secp256k1; P-256, P-384 and P-521 are allowed");
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	der = NULL;
	n = i2d_PUBKEY(pkey, &der);
	assert_fails(
	    request_check_spki(span_of(der, (size_t)n), &e), e, ERR_REFUSED, "neither RSA nor EC");
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	bytes_free(&spki);
	key_free(k);
}

/* Points as P-256 keys have them: 04, 32 bytes of x, 32 of y. */
static void
request_check_spki_refuses_what_encodes_no_point(void **state)
{
	struct privkey *k = fixture_key("ccm-ec256");
	struct span good = key_spki(k);
	struct bytes far = bytes_copy(good), hybrid = bytes_copy(good);
	/* y is cut off; the three lengths before are 30 59 30 13 ... 03 42 00 04 */
	struct bytes short_one = bytes_copy(span_of(good.p, good.n - 32));
	struct err e;

	(void)state;
	assert_int_equal(good.n, 91);
	memset(far.p + 27, 0xff, 32); /* more than the field has */
	assert_fails(
	    request_check_spki(bytes_span(&far), &e), e, ERR_REFUSED, "not a point of P-256");
	hybrid.p[26] = 0x06;
	assert_fails(request_check_spki(bytes_span(&hybrid), &e), e, ERR_REFUSED, "one whole");
	short_one.p[1] = 0x59 - 32;
	short_one.p[24] = 0x42 - 32;
	assert_fails(
	    request_check_spki(bytes_span(&short_one), &e), e, ERR_REFUSED, "not a point of P-256");
	bytes_free(&short_one);
	bytes_free(&hybrid);
	bytes_free(&far);
	key_free(k);
}

static const struct {
	const char *key;
	bool rsa;
	unsigned bits;
} kind_rows[] = {
	{ "lsc", true, 2048 },
	{ "lsc1024", true, 1024 },
	{ "lsc4096", true, 4096 },
	{ "ccm-ec256", false, 256 },
	{ "lsc-ec384", false, 384 },
	{ "app-ec521", false, 521 },
};

static void
request_spki_kind_tells_family_and_size(void **state)
{
	struct err e;
	unsigned bits;
	bool rsa;

	(void)state;
	for (size_t i = 0; i < sizeof kind_rows / sizeof kind_rows[0]; i++) {
		struct privkey *k = fixture_key(kind_rows[i].key);

		assert_ok(request_spki_kind(key_spki(k), &rsa, &bits, &e), e);
		assert_int_equal(rsa, kind_rows[i].rsa);
		assert_int_equal(bits, kind_rows[i].bits);
		key_free(k);
	}
	assert_fails(request_spki_kind(span_str("x"), &rsa, &bits, &e), e, ERR_REFUSED,
	    "not a SubjectPublicKeyInfo");
}

static void
request_check_spki_refuses_all_but_one_whole_der(void **state)
{
	struct privkey *k = fixture_key("lsc");
	struct span spki = key_spki(k);
	struct bytes longer = vectors_splice(spki, spki.n, 0, span_str("x"));
	struct err e;

	(void)state;
	for (size_t n = 0; n < spki.n; n++) {
		struct bytes cut = vectors_splice(spki, n, spki.n - n, span_of(NULL, 0));

		assert_fails(
		    request_check_spki(bytes_span(&cut), &e), e, ERR_REFUSED, "public key");
		bytes_free(&cut);
	}
	assert_fails(request_check_spki(bytes_span(&longer), &e), e, ERR_REFUSED, "one whole");
	bytes_free(&longer);
	key_free(k);
}

static void
request_check_spki_refuses_forms_that_only_decoders_take(void **state)
{
	struct privkey *k = fixture_key("lsc");
	/* 30 82 nn nn 30 0d 06 09 rsaEncryption 05 00 03 ... */
	struct bytes bare = vectors_splice(key_spki(k), 17, 2, span_of(NULL, 0));
	EVP_PKEY *ec = EVP_EC_gen("P-256");
	unsigned char *der = NULL;
	struct err e;
	int n;

	(void)state;
	assert_int_equal(bare.p[5], 0x0d);
	bare.p[3] = (uint8_t)(bare.p[3] - 2);
	bare.p[5] = 0x0b;
	assert_fails(request_check_spki(bytes_span(&bare), &e), e, ERR_REFUSED, "one whole");
	bytes_free(&bare);
	key_free(k);
	assert_int_equal(EVP_PKEY_set_utf8_string_param(ec, "point-format", "compressed"), 1);
	n = i2d_PUBKEY(ec, &der);
	assert_true(n > 0);
	assert_fails(request_check_spki(span_of(der, (size_t)n), &e), e, ERR_REFUSED, "one whole");
	OPENSSL_free(der);
	EVP_PKEY_free(ec);
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
		cmocka_unit_test(request_check_spki_judges_rsa_numbers),
		cmocka_unit_test(request_check_spki_wants_a_point_on_an_allowed_curve),
		cmocka_unit_test(request_check_spki_refuses_what_encodes_no_point),
		cmocka_unit_test(request_spki_kind_tells_family_and_size),
		cmocka_unit_test(request_check_spki_refuses_all_but_one_whole_der),
		cmocka_unit_test(request_check_spki_refuses_forms_that_only_decoders_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
