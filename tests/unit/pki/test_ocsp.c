#include "fixture.h"

#include "pki/digest.h"
#include "pki/ocsp.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <time.h>

#define HOUR 3600
#define DAY  86400

/* An issuer and hashes that name it; it is valid now, as OpenSSL asks when it judges an answer. */
struct issuer {
	struct privkey *key;
	struct cert *cert;
	X509 *x509;
	uint8_t name[CERTID_HASH_MAX], public[CERTID_HASH_MAX];
};

static struct issuer
issuer_make(const char *key, enum purpose purpose)
{
	time_t now = time(NULL);
	struct issuer i = { .key = fixture_key(key) };
	const unsigned char *p;

	i.cert = fixture_issued_self(i.key, purpose, now - DAY, now + DAY);
	p = cert_der(i.cert).p;
	i.x509 = d2i_X509(NULL, &p, (long)cert_der(i.cert).n);
	return i;
}

static void
issuer_free(struct issuer *i)
{
	X509_free(i->x509);
	cert_free(i->cert);
	key_free(i->key);
}

static struct certid
id_of(struct issuer *i, const char *serial)
{
	assert_true(X509_NAME_digest(X509_get_subject_name(i->x509), EVP_sha256(), i->name, NULL));
	assert_true(X509_pubkey_digest(i->x509, EVP_sha256(), i->public, NULL));
	return (struct certid){ CERTID_SHA256, span_of(i->name, 32), span_of(i->public, 32),
		span_str(serial) };
}

static OCSP_BASICRESP *
read_answer(struct bytes *der)
{
	const unsigned char *p = der->p;
	OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, (long)der->n);
	OCSP_BASICRESP *basic;

	assert_non_null(r);
	assert_ptr_equal(p, der->p + der->n);
	assert_int_equal(OCSP_response_status(r), OCSP_RESPONSE_STATUS_SUCCESSFUL);
	basic = OCSP_response_get1_basic(r);
	assert_non_null(basic);
	OCSP_RESPONSE_free(r);
	bytes_free(der);
	return basic;
}

/* As FreeRADIUS does: the signer comes out of the answer. */
static bool
is_verified(OCSP_BASICRESP *basic, X509 *anchor)
{
	X509_STORE *store = X509_STORE_new();
	bool ok;

	X509_STORE_add_cert(store, anchor);
	ok = OCSP_basic_verify(basic, NULL, store, 0) == 1;
	X509_STORE_free(store);
	return ok;
}

static void
assert_status(OCSP_BASICRESP *basic, int at, int status, int reason, const char *serial)
{
	OCSP_SINGLERESP *one = OCSP_resp_get0(basic, at);
	ASN1_GENERALIZEDTIME *from, *to;
	ASN1_INTEGER *n;
	int why = -1; /* OpenSSL sets it for revoked ones alone */

	assert_int_equal(OCSP_single_get0_status(one, &why, NULL, &from, &to), status);
	assert_int_equal(why, reason);
	assert_int_equal(OCSP_check_validity(from, to, 0, -1), 1);
	OCSP_id_get0_info(
	    NULL, NULL, NULL, &n, (OCSP_CERTID *)(uintptr_t)OCSP_SINGLERESP_get0_id(one));
	assert_span_equal(
	    span_of(ASN1_STRING_get0_data(n), (size_t)ASN1_STRING_length(n)), span_str(serial));
}

static void
ocsp_make_says_of_each_what_it_was_told(void **state)
{
	struct issuer i = issuer_make("capf", PURPOSE_CAPF_ISSUER);
	const struct certid good = id_of(&i, "good"), bad = id_of(&i, "\xff\x01"),
			    old = id_of(&i, "old"), never = id_of(&i, "never");
	const time_t now = time(NULL);
	const struct signer_cert_status status[] = { { .id = good, .state = SIGNER_CERT_GOOD },
		{ bad, SIGNER_CERT_REVOKED, now - 9, CRL_REASON_KEY_COMPROMISE },
		{ old, SIGNER_CERT_REVOKED, now - 9, CRL_REASON_UNSPECIFIED },
		{ .id = never, .state = SIGNER_CERT_UNKNOWN } };
	const struct signer_ocsp what = { now - 60, now + HOUR, { 0 }, status, 4 };
	struct err e = { 0 };
	struct bytes der;
	OCSP_BASICRESP *basic;

	(void)state;
	assert_ok(ocsp_make(i.key, i.cert, &what, &der, &e), e);
	basic = read_answer(&der);
	assert_true(is_verified(basic, i.x509));
	assert_int_equal(OCSP_resp_count(basic), 4);
	assert_status(basic, 0, V_OCSP_CERTSTATUS_GOOD, -1, "good");
	assert_status(basic, 1, V_OCSP_CERTSTATUS_REVOKED, CRL_REASON_KEY_COMPROMISE, "\xff\x01");
	assert_status(basic, 2, V_OCSP_CERTSTATUS_REVOKED, -1, "old");
	assert_status(basic, 3, V_OCSP_CERTSTATUS_UNKNOWN, -1, "never");
	assert_int_equal(OCSP_BASICRESP_get_ext_count(basic), 0);
	OCSP_BASICRESP_free(basic);
	issuer_free(&i);
}

static void
ocsp_make_gives_the_nonce_back(void **state)
{
	static unsigned char nonce[] = "0123456789abcdef";
	struct issuer i = issuer_make("capf", PURPOSE_CAPF);
	const struct signer_cert_status status = { .id = id_of(&i, "x") };
	const time_t now = time(NULL);
	const struct signer_ocsp what = { now, now + HOUR, span_of(nonce, 16), &status, 1 };
	OCSP_REQUEST *request = OCSP_REQUEST_new();
	struct err e = { 0 };
	struct bytes der;
	OCSP_BASICRESP *basic;

	(void)state;
	OCSP_request_add1_nonce(request, nonce, 16);
	assert_ok(ocsp_make(i.key, i.cert, &what, &der, &e), e);
	basic = read_answer(&der);
	assert_int_equal(OCSP_check_nonce(request, basic), 1);
	OCSP_REQUEST_free(request);
	OCSP_BASICRESP_free(basic);
	issuer_free(&i);
}

static void
ocsp_make_speaks_only_for_its_own_issuer(void **state)
{
	struct issuer i = issuer_make("capf", PURPOSE_CAPF_ISSUER),
		      other = issuer_make("corpca", PURPOSE_CAPF_ISSUER);
	struct signer_cert_status status = { .id = id_of(&other, "x"), .state = SIGNER_CERT_GOOD };
	const time_t now = time(NULL);
	struct signer_ocsp what = { now, now + HOUR, { 0 }, &status, 1 };
	struct err e = { 0 };
	struct bytes der;
	OCSP_BASICRESP *basic;

	(void)state;
	assert_false(ocsp_is_issuer(i.cert, &status.id));
	assert_true(ocsp_is_issuer(other.cert, &status.id));
	assert_fails(ocsp_make(i.key, i.cert, &what, &der, &e), e, ERR_REFUSED, "is not one of");
	status.state = SIGNER_CERT_REVOKED;
	assert_fails(ocsp_make(i.key, i.cert, &what, &der, &e), e, ERR_REFUSED, "is not one of");
	assert_fails(ocsp_make(other.key, i.cert, &what, &der, &e), e, ERR_CRYPTO, "not that of");
	status.state = SIGNER_CERT_UNKNOWN;
	assert_ok(ocsp_make(i.key, i.cert, &what, &der, &e), e);
	basic = read_answer(&der);
	assert_status(basic, 0, V_OCSP_CERTSTATUS_UNKNOWN, -1, "x");
	assert_false(is_verified(basic, i.x509)); /* nobody takes it for the other's word */
	OCSP_BASICRESP_free(basic);
	what.next_update = now;
	assert_fails(ocsp_make(i.key, i.cert, &what, &der, &e), e, ERR_REFUSED, "ends before");
	what.next_update = now + 1;
	what.count = 0;
	assert_fails(ocsp_make(i.key, i.cert, &what, &der, &e), e, ERR_REFUSED, "says nothing");
	issuer_free(&other);
	issuer_free(&i);
}

static void
ocsp_is_issuer_goes_by_every_hash(void **state)
{
	const struct {
		enum certid_hash hash;
		const EVP_MD *md;
	} rows[] = { { CERTID_SHA1, EVP_sha1() }, { CERTID_SHA256, EVP_sha256() },
		{ CERTID_SHA384, EVP_sha384() }, { CERTID_SHA512, EVP_sha512() } };
	struct issuer i = issuer_make("capf", PURPOSE_CAPF);

	(void)state;
	for (size_t at = 0; at < sizeof rows / sizeof rows[0]; at++) {
		size_t n = certid_hash_size(rows[at].hash);
		struct certid id = { rows[at].hash, span_of(i.name, n), span_of(i.public, n),
			span_str("1") };

		X509_NAME_digest(X509_get_subject_name(i.x509), rows[at].md, i.name, NULL);
		X509_pubkey_digest(i.x509, rows[at].md, i.public, NULL);
		assert_true(ocsp_is_issuer(i.cert, &id));
		i.public[n - 1] ^= 1;
		assert_false(ocsp_is_issuer(i.cert, &id));
		i.public[n - 1] ^= 1;
		i.name[0] ^= 1;
		assert_false(ocsp_is_issuer(i.cert, &id));
	}
	issuer_free(&i);
}

static void
ocsp_fault_is_the_number_of_the_rfc(void **state)
{
	uint8_t out[OCSP_FAULT_SIZE];

	(void)state;
	ocsp_fault(OCSP_FAULT_MALFORMED, out);
	assert_memory_equal(out, "\x30\x03\x0a\x01\x01", OCSP_FAULT_SIZE);
	ocsp_fault(OCSP_FAULT_UNAUTHORIZED, out);
	assert_memory_equal(out, "\x30\x03\x0a\x01\x06", OCSP_FAULT_SIZE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ocsp_make_says_of_each_what_it_was_told),
		cmocka_unit_test(ocsp_make_gives_the_nonce_back),
		cmocka_unit_test(ocsp_make_speaks_only_for_its_own_issuer),
		cmocka_unit_test(ocsp_is_issuer_goes_by_every_hash),
		cmocka_unit_test(ocsp_fault_is_the_number_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
