#include "../check.h"

#include "fixture.h"
#include "rules/signedcert.h"

#define NOW 1700000000
#define DAY 86400

static const struct certusage server = { .digital_signature = true,
	.key_encipherment = true,
	.server_auth = true,
	.client_auth = true,
	.path_length = CERTUSAGE_NO_PATH_LENGTH };
static const struct certusage capf = {
	.digital_signature = true, .cert_sign = true, .server_auth = true, .is_ca = true
};

static void
signedcert_takes_what_a_purpose_needs_and_no_more(void **state)
{
	static const enum purpose servers[] = { PURPOSE_CALLMANAGER, PURPOSE_TVS, PURPOSE_WEB };
	struct certusage ec = server, deep = capf;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof servers / sizeof *servers; i++)
		assert_ok(signedcert_usages(servers[i], &server, true, &e), e);
	ec.key_encipherment = false;
	assert_ok(signedcert_usages(PURPOSE_CALLMANAGER_EC, &ec, false, &e), e);
	assert_ok(signedcert_usages(PURPOSE_CAPF, &capf, true, &e), e);
	deep.digital_signature = deep.server_auth = false;
	deep.path_length = 2;
	assert_ok(signedcert_usages(PURPOSE_CAPF_ISSUER, &deep, true, &e), e);
}

static void
signedcert_says_what_is_missing(void **state)
{
	struct certusage u[13];
	const struct row {
		enum purpose purpose;
		bool is_rsa;
		const char *why;
	} rows[] = {
		{ PURPOSE_TVS, true, "tvs: it lacks key usage digitalSignature" },
		{ PURPOSE_TVS, true, "tvs: it lacks key usage keyEncipherment" },
		{ PURPOSE_WEB, true, "web: it lacks extended key usage serverAuth" },
		{ PURPOSE_CALLMANAGER_EC, false,
		    "callmanager-ec: it lacks extended key usage clientAuth" },
		{ PURPOSE_CALLMANAGER, true, "callmanager: it is a CA" },
		{ PURPOSE_WEB, true, "web: it is signed with MD5 or SHA-1" },
		{ PURPOSE_CAPF, true, "capf: it lacks CA:TRUE" },
		{ PURPOSE_CAPF, true, "capf: it lacks key usage keyCertSign" },
		{ PURPOSE_CAPF, true, "capf: it lacks key usage digitalSignature" },
		{ PURPOSE_CAPF, true, "capf: it lacks extended key usage serverAuth" },
		{ PURPOSE_CAPF, true, "capf: it lacks pathlen:0" },
		{ PURPOSE_CAPF_ISSUER, true, "capf-issuer: it lacks CA:TRUE" },
		{ PURPOSE_CAPF, true, "capf: it is not signed with SHA-256" },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < 13; i++)
		u[i] = i < 6 ? server : capf;
	u[0].digital_signature = u[1].key_encipherment = false;
	u[2].server_auth = u[3].client_auth = false;
	u[4].is_ca = true;
	u[5].signature = CERTUSAGE_WEAK;
	u[6].is_ca = u[7].cert_sign = u[8].digital_signature = u[9].server_auth = false;
	u[10].path_length = CERTUSAGE_NO_PATH_LENGTH;
	u[11].is_ca = false;
	u[12].signature = CERTUSAGE_OTHER;
	for (size_t i = 0; i < 13; i++)
		assert_fails(signedcert_usages(rows[i].purpose, &u[i], rows[i].is_rsa, &e), e,
		    ERR_REFUSED, rows[i].why);
}

static void
signedcert_takes_the_usages_of_the_certificates_that_we_make(void **state)
{
	struct err e = { 0 };

	(void)state;
	for (int p = 0; p < PURPOSE_COUNT; p++) {
		struct privkey *k = key_make_for((enum purpose)p, 2048, &e);
		struct cert *c = fixture_issued_self(k, (enum purpose)p, NOW, NOW + DAY);
		const struct certusage u = certusage_of(c);

		if (signedcert_may((enum purpose)p, &e))
			assert_ok(signedcert_usages((enum purpose)p, &u, cert_is_rsa(c), &e), e);
		else
			assert_int_equal(p, PURPOSE_ITLRECOVERY);
		cert_free(c);
		key_free(k);
	}
}

static void
signedcert_holds_names_to_those_that_were_asked_for(void **state)
{
	struct cert *signed_ = fixture_cert("casigned"), *other = fixture_cert("tvs");
	struct err e = { 0 };

	(void)state;
	assert_fails(signedcert_names(PURPOSE_TVS, other, signed_, "tvs1", &e), e, ERR_REFUSED,
	    "tvs: its common name is \"tvs1\", and \"CUCM8-Publisher.example.lab\" was asked for");
	assert_fails(signedcert_names(PURPOSE_TVS, other, other, "elsewhere.example.test", &e), e,
	    ERR_REFUSED, "lack elsewhere.example.test");
	assert_ok(signedcert_names(PURPOSE_TVS, other, other, "tvs1", &e), e);
	assert_ok(signedcert_names(PURPOSE_CAPF, other, other, "elsewhere", &e), e);
	cert_free(signed_);
	cert_free(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signedcert_takes_what_a_purpose_needs_and_no_more),
		cmocka_unit_test(signedcert_says_what_is_missing),
		cmocka_unit_test(signedcert_takes_the_usages_of_the_certificates_that_we_make),
		cmocka_unit_test(signedcert_holds_names_to_those_that_were_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
