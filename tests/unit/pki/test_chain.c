#include "fixture.h"

#include "pki/chain.h"
#include "pki/csr.h"
#include "pki/issue.h"
#include "pki/ossl.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#define NOW 1700000000
#define DAY 86400

/* The texts of certificates of the vectors, one behind the other; names end with NULL. */
static char *
texts(const char *const *names)
{
	char *all = calloc(1, 65536);

	for (; *names != NULL; names++) {
		struct cert *c = fixture_cert(*names);
		char *pem = cert_to_pem(c);

		strcat(all, pem);
		free(pem);
		cert_free(c);
	}
	return all;
}

static void
chain_from_pem_takes_every_certificate(void **state)
{
	const char *const names[] = { "capf", "tvs", "cucm-a-capf", NULL };
	char *pem = texts(names);
	struct chain ch;
	struct cert *tvs = fixture_cert("tvs");
	struct err e = { 0 };

	(void)state;
	assert_ok(chain_from_pem(span_str(pem), &ch, &e), e);
	assert_int_equal(ch.count, 3);
	assert_true(span_eq(cert_der(ch.cert[1]), cert_der(tvs)));
	assert_null(chain_issuer(ch.cert[0], ch.cert, ch.count)); /* it signed itself */
	chain_free(&ch);
	assert_int_equal(ch.count, 0);
	cert_free(tvs);
	free(pem);
}

static void
chain_from_pem_refuses_none_broken_and_repeated_ones(void **state)
{
	const char *const twice[] = { "capf", "tvs", "capf", NULL };
	char *pem = texts(twice);
	struct chain ch;
	struct err e;

	(void)state;
	assert_fails(chain_from_pem(span_str(""), &ch, &e), e, ERR_MALFORMED, "no PEM certificate");
	assert_fails(chain_from_pem(span_str(pem), &ch, &e), e, ERR_MALFORMED,
	    "certificate 3: stands there twice");
	assert_fails(chain_from_pem(span_of(pem, strlen(pem) / 2), &ch, &e), e, ERR_MALFORMED,
	    "certificate 2 is broken");
	assert_int_equal(ch.count, 0);
	free(pem);
}

static void
chain_verify_judges_an_lsc_at_a_time(void **state)
{
	struct privkey *k = fixture_key("capf"), *phone = fixture_key("lsc");
	struct cert *ca = fixture_issued_self(k, PURPOSE_CAPF_ISSUER, NOW - DAY, NOW + 10 * DAY),
		    *lsc;
	const struct signer_lsc wish = { .device = "SEP001122334455",
		.spki = key_spki(phone),
		.not_before = NOW - DAY,
		.not_after = NOW + 5 * DAY };
	struct chain ch = { 0 };
	struct bytes der;
	struct err e = { 0 };

	(void)state;
	assert_ok(issue_lsc(k, ca, &wish, &der, &e), e);
	lsc = cert_parse(bytes_span(&der), &e);
	assert_true(chain_add(&ch, ca));
	assert_ok(chain_verify(lsc, &ch, NOW, &e), e);
	assert_fails(chain_verify(lsc, &ch, NOW + 6 * DAY, &e), e, ERR_REFUSED, "expired");
	assert_ptr_equal(chain_issuer(lsc, ch.cert, ch.count), ca);
	chain_free(&ch);
	bytes_free(&der);
	cert_free(lsc);
	cert_free(ca);
	key_free(phone);
	key_free(k);
}

/* A certificate of CAPF's kind with these extended key usages, signed by k itself. */
static struct cert *
capf_for(const struct privkey *k, const char *usages)
{
	struct cert *like = fixture_issued_self(k, PURPOSE_CAPF, NOW - DAY, NOW + 10 * DAY), *c;
	X509 *x509 = X509_dup(cert_x509(like));
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, usages);
	unsigned char *der = NULL;
	int n;

	X509_EXTENSION_free(
	    X509_delete_ext(x509, X509_get_ext_by_NID(x509, NID_ext_key_usage, -1)));
	assert_int_equal(X509_add_ext(x509, ext, -1), 1);
	assert_true(X509_sign(x509, key_pkey(k), EVP_sha256()) > 0);
	n = i2d_X509(x509, &der);
	c = cert_parse(span_of(der, (size_t)n), NULL);
	assert_non_null(c);
	OPENSSL_free(der);
	X509_EXTENSION_free(ext);
	X509_free(x509);
	cert_free(like);
	return c;
}

static void
chain_verify_lsc_lets_serverauth_of_the_issuer_pass_and_nothing_else(void **state)
{
	static const struct {
		const char *usages;
		bool is_good;
	} rows[] = { { "serverAuth,clientAuth", true }, { "serverAuth", true },
		{ "emailProtection", false } };
	struct privkey *k = fixture_key("capf"), *phone = fixture_key("lsc");
	const struct signer_lsc wish = { .device = "SEP001122334455",
		.spki = key_spki(phone),
		.not_before = NOW - DAY,
		.not_after = NOW + 5 * DAY };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cert *ca = capf_for(k, rows[i].usages), *lsc;
		struct chain ch = { 0 };
		struct bytes der;
		struct err e = { 0 };

		assert_ok(issue_lsc(k, ca, &wish, &der, &e), e);
		lsc = cert_parse(bytes_span(&der), &e);
		assert_true(chain_add(&ch, ca));
		assert_int_equal(chain_verify_lsc(lsc, &ch, NOW, NULL), rows[i].is_good);
		assert_int_equal(chain_verify(lsc, &ch, NOW, NULL), i == 0);
		assert_false(chain_verify_lsc(lsc, &ch, NOW + 6 * DAY, NULL));
		/* It is still no client's certificate itself. */
		assert_int_equal(chain_verify_lsc(ca, &ch, NOW, NULL), i == 0);
		chain_free(&ch);
		bytes_free(&der);
		cert_free(lsc);
		cert_free(ca);
	}
	key_free(phone);
	key_free(k);
}

static void
csr_make_asks_for_what_the_certificate_says(void **state)
{
	struct privkey *k = fixture_key("capf");
	struct cert *like = fixture_issued_self(k, PURPOSE_CAPF, NOW - DAY, NOW + DAY);
	struct err e = { 0 };
	struct bytes pem;
	BIO *bio;
	X509_REQ *req;
	STACK_OF(X509_EXTENSION) * wished;

	(void)state;
	assert_ok(csr_make(k, like, &pem, &e), e);
	bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	assert_non_null(req);
	assert_int_equal(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)), 1);
	wished = X509_REQ_get_extensions(req);
	assert_true(X509v3_get_ext_by_NID(wished, NID_basic_constraints, -1) >= 0);
	assert_true(X509v3_get_ext_by_NID(wished, NID_key_usage, -1) >= 0);
	assert_true(X509v3_get_ext_by_NID(wished, NID_subject_key_identifier, -1) < 0);
	sk_X509_EXTENSION_pop_free(wished, X509_EXTENSION_free);
	X509_REQ_free(req);
	BIO_free(bio);
	bytes_free(&pem);
	cert_free(like);
	key_free(k);
}

/* It is for the phone's key and cannot be taken for a proof of having it. */
static void
csr_for_phone_asks_for_an_lsc_and_is_not_signed(void **state)
{
	struct privkey *k = fixture_key("capf");
	const struct signer_lsc lsc = {
		.device = "SEP001122334455", .spki = key_spki(k), .org = "Phones Ltd"
	};
	struct err e = { 0 };
	struct bytes pem;
	unsigned char *spki = NULL;
	BIO *bio;
	X509_REQ *req;
	STACK_OF(X509_EXTENSION) * wished;
	int n;

	(void)state;
	assert_ok(csr_for_phone(&lsc, &pem, &e), e);
	bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	assert_non_null(req);
	assert_int_equal(X509_REQ_get_signature_nid(req), NID_id_alg_noSignature);
	assert_true(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)) <= 0);
	n = i2d_PUBKEY(X509_REQ_get0_pubkey(req), &spki);
	assert_span_equal(span_of(spki, (size_t)n), key_spki(k));
	wished = X509_REQ_get_extensions(req);
	assert_true(X509v3_get_ext_by_NID(wished, NID_subject_alt_name, -1) >= 0);
	assert_true(X509v3_get_ext_by_NID(wished, NID_ext_key_usage, -1) >= 0);
	sk_X509_EXTENSION_pop_free(wished, X509_EXTENSION_free);
	OPENSSL_free(spki);
	X509_REQ_free(req);
	BIO_free(bio);
	bytes_free(&pem);
	key_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chain_from_pem_takes_every_certificate),
		cmocka_unit_test(chain_from_pem_refuses_none_broken_and_repeated_ones),
		cmocka_unit_test(chain_verify_judges_an_lsc_at_a_time),
		cmocka_unit_test(
		    chain_verify_lsc_lets_serverauth_of_the_issuer_pass_and_nothing_else),
		cmocka_unit_test(csr_make_asks_for_what_the_certificate_says),
		cmocka_unit_test(csr_for_phone_asks_for_an_lsc_and_is_not_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
