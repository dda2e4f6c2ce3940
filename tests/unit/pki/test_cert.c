#include "fixture.h"

#include "base/mem.h"
#include "base/text.h"
#include "pki/issue.h"
#include "vectors.h"

#include <stdlib.h>

struct names_row {
	const char *key, *cucm, *peer, *serial, *kind;
	size_t public_key, signature;
	bool is_ca;
};

static const struct names_row rows[] = {
	{ "sast", "CN=SAST;OU=Trust;O=Example Phones", "CN=SAST,O=Example Phones,OU=Trust",
	    "9b11223344556677889900aabbccddee", "RSA 2048", 270, 256, true },
	{ "cucm-a-callmanager", "CN=ao115sub;OU=TAC;O=Cisco Systems;L=Boxborough;ST=MA;C=US",
	    "C=US,O=Cisco Systems,OU=TAC,CN=ao115sub,ST=MA,L=Boxborough",
	    "48f7d2f3a26637f2dddfc47ce6b9cd44", "RSA 2048", 270, 256, false },
	{ "comma", "CN=Smith, John + Co = \"x\" <y>; z;OU=#hash \\ back;O= leading space ",
	    "CN=Smith\\, John \\+ Co = \\\"x\\\" \\<y\\>\\; z,O=\\ leading space\\ ,"
	    "OU=\\#hash \\\\ back",
	    "deadbeef", "RSA 2048", 270, 256, true },
	{ "utf8",
	    "CN=T\xc3\xa9l\xc3\xa9phonie-M\xc3\xbcnchen;OU=\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e;"
	    "O=Soci\xc3\xa9t\xc3\xa9 \xc2\xabG\xc3\xa9n\xc3\xa9rale\xc2\xbb",
	    "CN=T\xc3\xa9l\xc3\xa9phonie-M\xc3\xbcnchen,"
	    "O=Soci\xc3\xa9t\xc3\xa9 \xc2\xabG\xc3\xa9n\xc3\xa9rale\xc2\xbb,"
	    "OU=\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
	    "c0ffee", "RSA 2048", 270, 256, true },
	{ "multirdn", "CN=two;OU=one;O=Multi", "O=Multi,OU=one,CN=two", "c0de", "RSA 2048", 270,
	    256, true },
	{ "mic", "CN=CP-8861-SEP58971ECC97C1;O=Example Manufacturing",
	    "CN=CP-8861-SEP58971ECC97C1,O=Example Manufacturing,"
	    "2.5.4.5=PID:CP-8861 SN:FCH00000001",
	    "1a2b3c4d", "RSA 2048", 270, 256, false },
	{ "corpca", "CN=CORP-AD", "CN=CORP-AD,DC=example,DC=lab", "01", "RSA 2048", 270, 256,
	    true },
	{ "sast1024", "CN=SAST1024;OU=Trust;O=Example Phones",
	    "CN=SAST1024,O=Example Phones,OU=Trust", "2e3e1a7bdaa64d84", "RSA 1024", 140, 128,
	    true },
	{ "sast4096", "CN=SAST4096;OU=Trust;O=Example Phones",
	    "CN=SAST4096,O=Example Phones,OU=Trust", "7f", "RSA 4096", 526, 512, true },
	{ "tvs", "CN=tvs1;OU=TAC;O=Example Systems", "CN=tvs1,O=Example Systems,OU=TAC", "80",
	    "RSA 2048", 270, 256, true },
	{ "ccm-ec256", "CN=pub1-EC256;OU=TAC;O=Example Systems",
	    "CN=pub1-EC256,O=Example Systems,OU=TAC", "8000", "EC P-256", 65, 0, true },
	{ "tftp-ec384", "CN=pub1-EC;OU=TAC;O=Example Systems",
	    "CN=pub1-EC,O=Example Systems,OU=TAC", "53cc1d87ba6a28bdda22b249568b516c", "EC P-384",
	    97, 0, true },
	{ "app-ec521", "CN=app-EC521;OU=TAC;O=Example Systems",
	    "CN=app-EC521,O=Example Systems,OU=TAC", "0102", "EC P-521", 133, 0, true },
	{ "cucm-a-capf", "CN=CAPF-7f0ae8d7;OU=TAC;O=Cisco Systems;L=Boxborough;ST=MA;C=US",
	    "C=US,O=Cisco Systems,OU=TAC,CN=CAPF-7f0ae8d7,ST=MA,L=Boxborough",
	    "64f2fe613b79c5d362e26dab4a8b761b", "RSA 2048", 270, 256, false },
};

static void
cert_gives_names_serials_and_keys_as_trust_lists_have_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cert *c = fixture_cert(rows[i].key);
		char *serial = text_hex(cert_serial(c));

		assert_string_equal(cert_subject_cucm(c), rows[i].cucm);
		assert_string_equal(cert_subject_peer(c), rows[i].peer);
		assert_string_equal(serial, rows[i].serial);
		assert_string_equal(cert_key_text(c), rows[i].kind);
		assert_int_equal(cert_public_key(c).n, rows[i].public_key);
		if (rows[i].signature > 0)
			assert_int_equal(cert_signature(c).n, rows[i].signature);
		assert_int_equal(cert_is_ca(c), rows[i].is_ca);
		assert_int_equal(cert_is_rsa(c), strncmp(rows[i].kind, "RSA", 3) == 0);
		free(serial);
		cert_free(c);
	}
}

static void
cert_of_every_vector_key_reads_back_from_der_and_pem(void **state)
{
	(void)state;
	for (size_t i = 0; fixture_names[i] != NULL; i++) {
		struct cert *c = fixture_cert(fixture_names[i]), *again;
		struct err e = { 0 };
		char *pem = cert_to_pem(c);

		again = cert_parse(cert_der(c), &e);
		assert_non_null(again);
		assert_span_equal(cert_sha256(again), cert_sha256(c));
		cert_free(again);
		again = cert_from_pem(span_str(pem), &e);
		assert_non_null(again);
		assert_span_equal(cert_der(again), cert_der(c));
		assert_span_equal(cert_key_id(again), cert_key_id(c));
		assert_true(cert_not_before(c) < cert_not_after(c));
		cert_free(again);
		free(pem);
		cert_free(c);
	}
}

static void
cert_parse_refuses_all_but_one_whole_der(void **state)
{
	struct cert *c = fixture_cert("sast");
	struct span der = cert_der(c);
	struct bytes longer = vectors_splice(der, der.n, 0, span_str("x"));
	struct err e = { 0 };

	(void)state;
	assert_null(cert_parse(bytes_span(&longer), &e));
	assert_non_null(strstr(e.text, "one whole DER"));
	for (size_t n = 0; n < der.n; n++) {
		struct bytes cut = vectors_splice(der, n, der.n - n, span_of(NULL, 0));

		assert_null(cert_parse(bytes_span(&cut), &e));
		bytes_free(&cut);
	}
	bytes_free(&longer);
	cert_free(c);
}

/* The outer length in a longer form than DER allows: the same certificate in other bytes. */
static void
cert_parse_refuses_lengths_that_der_does_not_allow(void **state)
{
	static const uint8_t head[] = { 0x30, 0x83, 0x00 };
	struct cert *c = fixture_cert("sast");
	struct span der = cert_der(c);
	struct bytes other = vectors_splice(der, 0, 2, span_of(head, sizeof head));
	struct err e = { 0 };

	(void)state;
	assert_int_equal(der.p[1], 0x82);
	assert_null(cert_parse(bytes_span(&other), &e));
	bytes_free(&other);
	cert_free(c);
}

/* "CN=SAST" with a NUL in it would look like another name to whoever compares C strings. */
static void
cert_parse_refuses_nul_in_a_name(void **state)
{
	struct cert *c = fixture_cert("sast");
	struct bytes der = bytes_copy(cert_der(c));
	struct err e = { 0 };
	size_t changed = 0;

	(void)state;
	for (size_t i = 0; i + 4 <= der.n; i++)
		if (memcmp(der.p + i, "SAST", 4) == 0) {
			der.p[i + 2] = 0;
			changed++;
		}
	assert_int_equal(changed, 2);
	assert_null(cert_parse(bytes_span(&der), &e));
	assert_int_equal(e.code, ERR_MALFORMED);
	assert_non_null(strstr(e.text, "NUL"));
	bytes_free(&der);
	cert_free(c);
}

static void
cert_from_pem_refuses_text_without_certificate(void **state)
{
	struct bytes key;
	struct privkey *k = fixture_key("sast");
	struct err e = { 0 };

	(void)state;
	assert_null(cert_from_pem(span_str(""), &e));
	assert_null(cert_from_pem(span_str("-----BEGIN CERTIFICATE-----\nAAAA\n"), &e));
	assert_ok(key_to_pem(k, &key, &e), e);
	assert_null(cert_from_pem(bytes_span(&key), &e));
	assert_non_null(strstr(e.text, "no PEM certificate"));
	bytes_wipe(&key);
	key_free(k);
}

static void
cert_is_issued_by_wants_name_and_signature(void **state)
{
	struct cert *ca = fixture_cert("corpca"), *leaf = fixture_cert("casigned");
	struct cert *other = fixture_cert("mic-ca"), *mic = fixture_cert("mic");
	struct err e = { 0 };
	struct bytes der;
	struct cert *forged;

	(void)state;
	assert_ok(cert_is_issued_by(leaf, ca, &e), e);
	assert_ok(cert_is_issued_by(mic, other, &e), e);
	assert_fails(cert_is_issued_by(leaf, other, &e), e, ERR_CRYPTO, "is not subject");
	assert_ok(cert_is_issued_by(ca, ca, &e), e);
	assert_fails(cert_is_issued_by(leaf, leaf, &e), e, ERR_CRYPTO, "is not subject");
	der = bytes_copy(cert_der(leaf));
	der.p[der.n - 1] ^= 1;
	forged = cert_parse(bytes_span(&der), &e);
	assert_non_null(forged);
	assert_fails(cert_is_issued_by(forged, ca, &e), e, ERR_CRYPTO, "does not fit");
	bytes_free(&der);
	cert_free(forged);
	cert_free(mic);
	cert_free(other);
	cert_free(leaf);
	cert_free(ca);
}

static void
cert_ref_keeps_a_certificate_for_each_owner(void **state)
{
	struct cert *c = fixture_cert("utf8");
	struct cert *second = cert_ref(c);

	(void)state;
	cert_free(c);
	assert_non_null(strstr(cert_common_name(second), "phonie"));
	cert_free(second);
	cert_free(NULL);
}

static void
cert_names_host_and_address_go_by_alternative_names(void **state)
{
	const char *const dns[] = { "pub.example.test", NULL }, *const ip[] = { "192.0.2.1", NULL };
	struct signer_template t = { .purpose = PURPOSE_TVS,
		.common_name = "label",
		.dns_names = dns,
		.ip_names = ip,
		.not_after = 1 };
	struct privkey *k = fixture_key("sast");
	struct err e = { 0 };
	struct bytes der;
	struct cert *c;

	(void)state;
	assert_ok(issue_self(k, &t, &der, &e), e);
	c = cert_parse(bytes_span(&der), &e);
	assert_non_null(c);
	assert_true(cert_names_host(c, "PUB.example.test"));
	assert_false(cert_names_host(c, "label"));
	assert_false(cert_names_host(c, "example.test"));
	assert_true(cert_names_address(c, "192.0.2.1"));
	assert_false(cert_names_address(c, "192.0.2.2"));
	cert_free(c);
	bytes_free(&der);
	key_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cert_gives_names_serials_and_keys_as_trust_lists_have_them),
		cmocka_unit_test(cert_of_every_vector_key_reads_back_from_der_and_pem),
		cmocka_unit_test(cert_parse_refuses_all_but_one_whole_der),
		cmocka_unit_test(cert_parse_refuses_lengths_that_der_does_not_allow),
		cmocka_unit_test(cert_parse_refuses_nul_in_a_name),
		cmocka_unit_test(cert_from_pem_refuses_text_without_certificate),
		cmocka_unit_test(cert_is_issued_by_wants_name_and_signature),
		cmocka_unit_test(cert_ref_keeps_a_certificate_for_each_owner),
		cmocka_unit_test(cert_names_host_and_address_go_by_alternative_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
