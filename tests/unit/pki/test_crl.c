#include "fixture.h"

#include "pki/crl.h"
#include "pki/issue.h"

#include <openssl/x509v3.h>
#include <stdlib.h>

#define NOW 1700000000
#define DAY 86400

static void
crl_make_lists_what_is_revoked_and_why(void **state)
{
	struct privkey *k = fixture_key("capf");
	struct cert *issuer =
	    fixture_issued_self(k, PURPOSE_CAPF_ISSUER, NOW - DAY, NOW + 100 * DAY);
	const struct signer_revoked revoked[] = { { span_of("\x7f\x02", 2), NOW - 5, 1 },
		{ span_of("\xff\x01", 2), NOW - 9, 0 } };
	const struct signer_crl wish = { 7, NOW, NOW + DAY, revoked, 2 };
	struct err e = { 0 };
	struct bytes der;
	const unsigned char *p;
	X509_CRL *crl;
	ASN1_INTEGER *number;
	char *pem;

	(void)state;
	assert_ok(crl_make(k, issuer, &wish, &der, &e), e);
	p = der.p;
	crl = d2i_X509_CRL(NULL, &p, (long)der.n);
	assert_non_null(crl);
	assert_int_equal(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)), 2);
	number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	assert_int_equal(ASN1_INTEGER_get(number), 7);
	ASN1_INTEGER_free(number);
	assert_true(X509_CRL_get_ext_by_NID(crl, NID_authority_key_identifier, -1) >= 0);
	X509_CRL_free(crl);
	pem = crl_to_pem(bytes_span(&der), &e);
	assert_non_null(strstr(pem, "BEGIN X509 CRL"));
	free(pem);
	bytes_free(&der);
	cert_free(issuer);
	key_free(k);
}

static void
crl_make_refuses_an_issuer_that_may_not_or_has_another_key(void **state)
{
	struct privkey *k = fixture_key("capf"), *other = fixture_key("tvs");
	struct cert *issuer = fixture_issued_self(k, PURPOSE_CAPF, NOW - DAY, NOW + 100 * DAY),
		    *server = fixture_issued_self(k, PURPOSE_TVS, NOW - DAY, NOW + 100 * DAY);
	struct signer_crl wish = { .number = 1, .this_update = NOW, .next_update = NOW + DAY };
	struct err e = { 0 };
	struct bytes der;

	(void)state;
	assert_fails(crl_make(other, issuer, &wish, &der, &e), e, ERR_CRYPTO, "not that of");
	assert_fails(crl_make(k, server, &wish, &der, &e), e, ERR_REFUSED, "no CRL signing");
	wish.next_update = NOW;
	assert_fails(crl_make(k, issuer, &wish, &der, &e), e, ERR_REFUSED, "ends before");
	assert_null(crl_to_pem(span_str("no list"), &e));
	cert_free(server);
	cert_free(issuer);
	key_free(other);
	key_free(k);
}

static void
crl_reason_from_name_knows_the_words_of_rfc_5280(void **state)
{
	unsigned code;

	(void)state;
	assert_true(crl_reason_from_name("superseded", &code));
	assert_int_equal(code, 4);
	assert_false(crl_reason_from_name("boredom", &code));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crl_make_lists_what_is_revoked_and_why),
		cmocka_unit_test(crl_make_refuses_an_issuer_that_may_not_or_has_another_key),
		cmocka_unit_test(crl_reason_from_name_knows_the_words_of_rfc_5280),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
