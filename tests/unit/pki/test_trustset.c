#include "fixture.h"

#include "pki/trustset.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#define DAY 86400

/* A maker's chain: kinds of keys and the hash that it signs with. */
struct kind {
	const char *name;
	unsigned rsa_bits; /* 0: P-256 */
	const EVP_MD *(*md)(void);
};

static const struct kind rsa_now = { "RSA 2048, SHA-256", 2048, EVP_sha256 };
static const struct kind rsa_old = { "RSA 1024, SHA-1", 1024, EVP_sha1 };
static const struct kind ec_now = { "P-256, SHA-256", 0, EVP_sha256 };

enum role { ROLE_CA, ROLE_PHONE, ROLE_BARE }; /* BARE: version 1 */

struct made {
	EVP_PKEY *key;
	X509 *x509;
	struct cert *cert;
};

static EVP_PKEY *
key_of(const struct kind *kind)
{
	EVP_PKEY *k = kind->rsa_bits > 0 ? EVP_RSA_gen(kind->rsa_bits) : EVP_EC_gen("P-256");

	assert_non_null(k);
	return k;
}

static void
fill_name(X509_NAME *name, const char *cn)
{
	assert_int_equal(X509_NAME_add_entry_by_txt(
			     name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0),
	    1);
}

static void
add_basic(X509 *x, const char *text)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, text);

	assert_int_equal(X509_add_ext(x, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

static void
parse_made(struct made *m)
{
	unsigned char *der = NULL;
	int n = i2d_X509(m->x509, &der);
	struct err e = { 0 };

	m->cert = cert_parse(span_of(der, (size_t)n), &e);
	assert_ok(m->cert != NULL, e);
	OPENSSL_free(der);
}

/* Signed by issuer; NULL: by itself. It has expired when it ends in the past. */
static struct made
make(const char *cn, const struct kind *kind, enum role role, const struct made *issuer, long end)
{
	static long serial;
	struct made m = { .key = key_of(kind), .x509 = X509_new() };

	if (role != ROLE_BARE)
		X509_set_version(m.x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(m.x509), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(m.x509), -10L * DAY);
	X509_gmtime_adj(X509_getm_notAfter(m.x509), end);
	X509_set_pubkey(m.x509, m.key);
	fill_name(X509_get_subject_name(m.x509), cn);
	if (issuer != NULL)
		X509_set_issuer_name(m.x509, X509_get_subject_name(issuer->x509));
	else
		X509_set_issuer_name(m.x509, X509_get_subject_name(m.x509));
	if (role != ROLE_BARE)
		add_basic(m.x509, role == ROLE_CA ? "critical,CA:TRUE" : "critical,CA:FALSE");
	assert_true(X509_sign(m.x509, issuer != NULL ? issuer->key : m.key, kind->md()) > 0);
	parse_made(&m);
	return m;
}

static void
made_free(struct made *m)
{
	EVP_PKEY_free(m->key);
	X509_free(m->x509);
	cert_free(m->cert);
}

/* Whether a set of these two (NULL: none) takes the certificate. */
static bool
takes(const struct made *one, const struct made *two, const struct made *c, struct err *e)
{
	struct trustset *s = trustset_new(e);
	bool ok;

	assert_non_null(s);
	assert_ok(one == NULL || trustset_add(s, one->cert, e), *e);
	assert_ok(two == NULL || trustset_add(s, two->cert, e), *e);
	ok = trustset_check(s, c->cert, e);
	trustset_free(s);
	return ok;
}

static void
check_chain(const struct kind *kind)
{
	struct made root = make("Maker Root", kind, ROLE_CA, NULL, DAY);
	struct made ca = make("Maker CA", kind, ROLE_CA, &root, DAY);
	struct made phone = make("CP-8861-SEP001122334455", kind, ROLE_PHONE, &ca, DAY);
	struct made direct = make("CP-8861-SEP001122334456", kind, ROLE_PHONE, &root, DAY);
	struct err e = { 0 };

	print_message("# %s\n", kind->name);
	assert_ok(takes(&root, &ca, &phone, &e), e);
	assert_ok(takes(&ca, &root, &phone, &e), e);
	assert_ok(takes(&ca, NULL, &phone, &e), e); /* it ends a chain by itself */
	assert_ok(takes(&root, NULL, &direct, &e), e);
	assert_ok(takes(&root, NULL, &ca, &e), e);
	assert_fails(takes(&root, NULL, &phone, &e), e, ERR_REFUSED, "issuer");
	assert_fails(takes(&ca, NULL, &direct, &e), e, ERR_REFUSED, "issuer");
	assert_fails(takes(NULL, NULL, &direct, &e), e, ERR_REFUSED, "issuer");
	made_free(&direct);
	made_free(&phone);
	made_free(&ca);
	made_free(&root);
}

static void
trustset_takes_rsa_and_ec_chains_over_an_intermediate(void **state)
{
	(void)state;
	check_chain(&rsa_now);
	check_chain(&ec_now);
}

static void
trustset_takes_what_an_old_root_signed_with_sha1(void **state)
{
	(void)state;
	check_chain(&rsa_old);
}

static void
trustset_takes_an_ec_phone_below_an_rsa_root(void **state)
{
	struct made root = make("Maker Root", &rsa_now, ROLE_CA, NULL, DAY);
	struct made phone = make("CP-8861-SEP001122334455", &ec_now, ROLE_PHONE, &root, DAY);
	struct err e = { 0 };

	(void)state;
	assert_ok(takes(&root, NULL, &phone, &e), e);
	made_free(&phone);
	made_free(&root);
}

static void
trustset_judges_no_dates(void **state)
{
	struct made root = make("Maker Root", &ec_now, ROLE_CA, NULL, -2L * DAY);
	struct made phone = make("CP-8861-SEP001122334455", &ec_now, ROLE_PHONE, &root, -DAY);
	struct err e = { 0 };

	(void)state;
	assert_ok(takes(&root, NULL, &phone, &e), e);
	made_free(&phone);
	made_free(&root);
}

static void
trustset_tells_a_root_from_another_of_the_same_name(void **state)
{
	struct made root = make("Maker Root", &ec_now, ROLE_CA, NULL, DAY);
	struct made other = make("Maker Root", &ec_now, ROLE_CA, NULL, DAY);
	struct made phone = make("CP-8861-SEP001122334455", &ec_now, ROLE_PHONE, &root, DAY);
	struct err e = { 0 };

	(void)state;
	assert_fails(takes(&other, NULL, &phone, &e), e, ERR_REFUSED, "signature");
	assert_ok(takes(&root, &root, &phone, &e), e); /* in twice is no error */
	made_free(&phone);
	made_free(&other);
	made_free(&root);
}

/* OpenSSL lets both be a trusted issuer. */
static void
trustset_refuses_what_no_ca_signed(void **state)
{
	static const enum role roles[] = { ROLE_PHONE, ROLE_BARE };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct made root = make("Maker Root", &ec_now, roles[i], NULL, DAY);
		struct made phone =
		    make("CP-8861-SEP001122334455", &ec_now, ROLE_PHONE, &root, DAY);

		assert_fails(takes(&root, NULL, &phone, &e), e, ERR_REFUSED, "CA");
		made_free(&phone);
		made_free(&root);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trustset_takes_rsa_and_ec_chains_over_an_intermediate),
		cmocka_unit_test(trustset_takes_what_an_old_root_signed_with_sha1),
		cmocka_unit_test(trustset_takes_an_ec_phone_below_an_rsa_root),
		cmocka_unit_test(trustset_judges_no_dates),
		cmocka_unit_test(trustset_tells_a_root_from_another_of_the_same_name),
		cmocka_unit_test(trustset_refuses_what_no_ca_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
