#include "fixture.h"

#include "pki/ocspreq.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

/* Requests are made by OpenSSL and changed byte by byte. */

static X509 *
x509_of(const struct cert *c)
{
	const unsigned char *p = cert_der(c).p;

	return d2i_X509(NULL, &p, (long)cert_der(c).n);
}

static OCSP_REQUEST *
request_for(size_t count, const EVP_MD *md)
{
	struct cert *lsc = fixture_cert("lsc"), *capf = fixture_cert("capf");
	X509 *subject = x509_of(lsc), *issuer = x509_of(capf);
	OCSP_REQUEST *r = OCSP_REQUEST_new();

	for (size_t i = 0; i < count; i++)
		assert_non_null(OCSP_request_add0_id(r, OCSP_cert_to_id(md, subject, issuer)));
	X509_free(subject);
	X509_free(issuer);
	cert_free(lsc);
	cert_free(capf);
	return r;
}

/* Frees it. */
static size_t
der_of(OCSP_REQUEST *r, uint8_t *out, size_t max)
{
	unsigned char *p = out;
	int n = i2d_OCSP_REQUEST(r, NULL);

	assert_true(n > 0 && (size_t)n <= max);
	(void)i2d_OCSP_REQUEST(r, &p);
	OCSP_REQUEST_free(r);
	return (size_t)n;
}

static bool
parse(OCSP_REQUEST *r, struct ocspreq *out, struct err *e)
{
	uint8_t der[OCSPREQ_MAX * 2];

	return ocspreq_parse(span_of(der, der_of(r, der, sizeof der)), out, e);
}

static void
ocspreq_reads_what_openssl_asks(void **state)
{
	const struct {
		const EVP_MD *md;
		enum certid_hash hash;
	} rows[] = { { EVP_sha1(), CERTID_SHA1 }, { EVP_sha256(), CERTID_SHA256 },
		{ EVP_sha384(), CERTID_SHA384 }, { EVP_sha512(), CERTID_SHA512 } };
	struct cert *lsc = fixture_cert("lsc");
	struct ocspreq out;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_ok(parse(request_for(CERTID_QUERY_MAX, rows[i].md), &out, &e), e);
		assert_int_equal(out.query.count, CERTID_QUERY_MAX);
		for (size_t j = 0; j < out.query.count; j++) {
			assert_int_equal(out.query.id[j].hash, rows[i].hash);
			assert_int_equal(
			    out.query.id[j].issuer_name.n, certid_hash_size(rows[i].hash));
			assert_span_equal(out.query.id[j].serial, cert_serial(lsc));
		}
		assert_int_equal(out.query.nonce.n, 0);
	}
	cert_free(lsc);
}

static void
ocspreq_reads_the_nonce(void **state)
{
	static unsigned char nonce[CERTID_NONCE_MAX + 1] = "nonce";
	OCSP_REQUEST *r = request_for(1, EVP_sha1());
	struct ocspreq out;
	struct err e = { 0 };

	(void)state;
	OCSP_request_add1_nonce(r, nonce, CERTID_NONCE_MAX);
	assert_ok(parse(r, &out, &e), e);
	assert_span_equal(out.query.nonce, span_of(nonce, CERTID_NONCE_MAX));
	r = request_for(1, EVP_sha1());
	OCSP_request_add1_nonce(r, nonce, CERTID_NONCE_MAX + 1);
	assert_fails(parse(r, &out, &e), e, ERR_LIMIT, "nonce of 33");
}

static X509_EXTENSION *
extension(int nid, const char *content, size_t n, int critical)
{
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext;

	ASN1_OCTET_STRING_set(data, (const unsigned char *)content, (int)n);
	ext = X509_EXTENSION_create_by_NID(NULL, nid, critical, data);
	ASN1_OCTET_STRING_free(data);
	return ext;
}

static bool
parse_with(X509_EXTENSION *ext, X509_EXTENSION *second, struct ocspreq *out, struct err *e)
{
	OCSP_REQUEST *r = request_for(1, EVP_sha1());

	OCSP_REQUEST_add_ext(r, ext, -1);
	if (second != NULL)
		OCSP_REQUEST_add_ext(r, second, -1);
	X509_EXTENSION_free(ext);
	X509_EXTENSION_free(second);
	return parse(r, out, e);
}

static void
ocspreq_refuses_a_nonce_that_is_none_or_comes_twice(void **state)
{
	const int nid = NID_id_pkix_OCSP_Nonce;
	struct ocspreq out;
	struct err e;

	(void)state;
	assert_fails(parse_with(extension(nid, "\x04\x00", 2, 0), NULL, &out, &e), e, ERR_LIMIT,
	    "nonce of 0");
	assert_fails(parse_with(extension(nid, "raw bytes", 9, 0), NULL, &out, &e), e,
	    ERR_MALFORMED, "nonce");
	assert_fails(parse_with(extension(nid, "\x04\x01x!", 4, 0), NULL, &out, &e), e,
	    ERR_MALFORMED, "bytes behind");
	assert_fails(parse_with(extension(nid, "\x04\x01x", 3, 0),
			 extension(nid, "\x04\x01x", 3, 0), &out, &e),
	    e, ERR_MALFORMED, "a second nonce");
}

static void
ocspreq_refuses_critical_extensions_that_it_does_not_know(void **state)
{
	const int nid = NID_id_pkix_OCSP_serviceLocator;
	OCSP_REQUEST *r = request_for(1, EVP_sha1());
	X509_EXTENSION *ext = extension(nid, "\x05\x00", 2, 1);
	struct ocspreq out;
	struct err e = { 0 };

	(void)state;
	assert_ok(parse_with(extension(nid, "\x05\x00", 2, 0), NULL, &out, &e), e);
	assert_fails(parse_with(extension(nid, "\x05\x00", 2, 1), NULL, &out, &e), e, ERR_REFUSED,
	    "critical");
	OCSP_ONEREQ_add_ext(OCSP_request_onereq_get0(r, 0), ext, -1);
	X509_EXTENSION_free(ext);
	assert_fails(parse(r, &out, &e), e, ERR_REFUSED, "certificate 1: a critical");
}

static void
ocspreq_refuses_too_many_and_none(void **state)
{
	static uint8_t much[OCSPREQ_MAX + 1];
	struct ocspreq out;
	struct err e;

	(void)state;
	assert_fails(parse(request_for(CERTID_QUERY_MAX + 1, EVP_sha1()), &out, &e), e, ERR_LIMIT,
	    "17 certificates");
	assert_fails(parse(request_for(0, EVP_sha1()), &out, &e), e, ERR_LIMIT, "0 certificates");
	assert_fails(ocspreq_parse(span_of(much, sizeof much), &out, &e), e, ERR_LIMIT, "8193");
	assert_fails(ocspreq_parse((struct span){ 0 }, &out, &e), e, ERR_LIMIT, "0 bytes");
}

static bool
parse_serial(const char *decimal, struct ocspreq *out, struct err *e)
{
	OCSP_REQUEST *r = request_for(1, EVP_sha1());
	OCSP_CERTID *id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(r, 0));
	ASN1_INTEGER *serial, *given = s2i_ASN1_INTEGER(NULL, decimal);

	OCSP_id_get0_info(NULL, NULL, NULL, &serial, id);
	ASN1_STRING_copy(serial, given);
	ASN1_INTEGER_free(given);
	return parse(r, out, e);
}

static void
ocspreq_refuses_serials_that_no_certificate_has(void **state)
{
	struct ocspreq out;
	struct err e = { 0 };

	(void)state;
	assert_ok(parse_serial("0xffffffffffffffffffffffffffffffffffffffff", &out, &e), e);
	assert_int_equal(out.query.id[0].serial.n, CERTID_SERIAL_MAX);
	assert_ok(parse_serial("0", &out, &e), e);
	assert_span_equal(out.query.id[0].serial, span_of("\0", 1));
	assert_fails(parse_serial("0x01ffffffffffffffffffffffffffffffffffffffff", &out, &e), e,
	    ERR_LIMIT, "serial of 21");
	assert_fails(parse_serial("-5", &out, &e), e, ERR_MALFORMED, "negative");
}

static void
ocspreq_refuses_hashes_of_other_kinds_and_lengths(void **state)
{
	OCSP_REQUEST *r = request_for(1, EVP_sha1());
	ASN1_OCTET_STRING *key;
	struct ocspreq out;
	struct err e;

	(void)state;
	assert_fails(parse(request_for(1, EVP_md5()), &out, &e), e, ERR_UNKNOWN, "a hash other");
	OCSP_id_get0_info(
	    NULL, NULL, &key, NULL, OCSP_onereq_get0_id(OCSP_request_onereq_get0(r, 0)));
	ASN1_OCTET_STRING_set(key, (const unsigned char *)"short", 5);
	assert_fails(parse(r, &out, &e), e, ERR_MALFORMED, "20 and 5 bytes");
}

static void
ocspreq_refuses_what_is_cut_short_or_left_over(void **state)
{
	uint8_t der[OCSPREQ_MAX];
	size_t n = der_of(request_for(2, EVP_sha256()), der, sizeof der - 1);
	struct ocspreq out;
	struct err e;

	(void)state;
	for (size_t i = 1; i < n; i++)
		assert_fails(
		    ocspreq_parse(span_of(der, i), &out, &e), e, ERR_MALFORMED, "OCSP request");
	der[n] = 0;
	assert_fails(
	    ocspreq_parse(span_of(der, n + 1), &out, &e), e, ERR_MALFORMED, "1 bytes behind");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ocspreq_reads_what_openssl_asks),
		cmocka_unit_test(ocspreq_reads_the_nonce),
		cmocka_unit_test(ocspreq_refuses_a_nonce_that_is_none_or_comes_twice),
		cmocka_unit_test(ocspreq_refuses_critical_extensions_that_it_does_not_know),
		cmocka_unit_test(ocspreq_refuses_too_many_and_none),
		cmocka_unit_test(ocspreq_refuses_serials_that_no_certificate_has),
		cmocka_unit_test(ocspreq_refuses_hashes_of_other_kinds_and_lengths),
		cmocka_unit_test(ocspreq_refuses_what_is_cut_short_or_left_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
