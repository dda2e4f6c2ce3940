#include "fixture.h"

#include "rules/bulkcert.h"

static void
bulkcert_type_of_file_is_what_its_name_begins_with_or_its_only_word(void **state)
{
	static const struct {
		const char *name;
		int type; /* -1: none */
	} table[] = {
		{ "CallManager.pem", BULKCERT_CALLMANAGER },
		{ "callmanager_tvs1.example.test.p12", BULKCERT_CALLMANAGER },
		{ "CallManager-ECDSA.pem", BULKCERT_CALLMANAGER_EC },
		{ "CallManager-EC_pub.p12", BULKCERT_CALLMANAGER_EC },
		{ "ITLRecovery.pem", BULKCERT_ITLRECOVERY },
		{ "CAPF_consolidated.p12", BULKCERT_CAPF },
		{ "TVS.pem", BULKCERT_TVS },
		{ "tomcat-ECDSA.pem", BULKCERT_TOMCAT },
		{ "web_pub.p12", BULKCERT_TOMCAT },
		{ "pub1-CallManager.pem", BULKCERT_CALLMANAGER },
		{ "pub1_callmanager-ecdsa.p12", BULKCERT_CALLMANAGER_EC },
		{ "pub-capf-capf.p12", BULKCERT_CAPF },
		{ "pub-capf-tvs.p12", -1 },
		{ "capfs.pem", -1 },
		{ "mytvs.pem", -1 },
		{ "all.p12", -1 },
		{ "", -1 },
	};
	enum bulkcert_type type;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		bool found = bulkcert_type_of_file(table[i].name, &type);

		if (found != (table[i].type >= 0) || (found && (int)type != table[i].type))
			fail_msg(
			    "%s: %s", table[i].name, found ? bulkcert_type_name(type) : "none");
	}
}

static void
bulkcert_labels_and_names_say_the_type_and_nothing_else_does(void **state)
{
	static const char *const none[] = { "CallManager", "callmanager pub", "CallManagers pub",
		"", "CN=CallManager pub" };
	char label[BULKCERT_LABEL_MAX];
	enum bulkcert_type type;

	(void)state;
	for (int t = 0; t < BULKCERT_TYPES; t++) {
		bulkcert_label((enum bulkcert_type)t, "pub.example.test", label);
		assert_true(bulkcert_type_of_label(label, &type));
		assert_int_equal(type, t);
		assert_true(
		    bulkcert_type_from_name(bulkcert_type_name((enum bulkcert_type)t), &type));
		assert_int_equal(type, t);
	}
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_false(bulkcert_type_of_label(none[i], &type));
	assert_false(bulkcert_type_from_name("phone-sast-trust", &type));
	assert_int_equal(bulkcert_type_of_purpose(PURPOSE_CAPF_ISSUER), BULKCERT_CAPF);
}

/* What TVS vouches for a certificate as follows from its stores. */
static void
bulkcert_stores_make_tvs_vouch_for_signers_and_for_no_capf_as_one(void **state)
{
	static const struct {
		enum bulkcert_type type;
		const char *roles; /* ascending numbers of functions */
	} table[] = {
		{ BULKCERT_CALLMANAGER, "0 1 3 " }, /* SAST, CCM, TFTP */
		{ BULKCERT_ITLRECOVERY, "0 1 3 " },
		{ BULKCERT_CALLMANAGER_EC, "1 3 " },
		{ BULKCERT_CAPF, "4 " },
		{ BULKCERT_TVS, "21 " },
		{ BULKCERT_TOMCAT, "7 " },
	};
	struct cert *c = fixture_cert("cucm-a-callmanager");

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		enum trust_store to[BULKCERT_STORES_MAX];
		size_t count = bulkcert_stores(table[i].type, to);
		struct trustview *v = trustview_new();
		const struct trustview_entry *entry;
		char roles[64] = "";

		for (size_t s = 0; s < count; s++)
			trustview_add_trusted(v, to[s], c);
		entry = trustview_find_der(v, cert_der(c));
		assert_non_null(entry);
		for (size_t r = 0; r < entry->role_count; r++)
			snprintf(roles + strlen(roles), sizeof roles - strlen(roles), "%d ",
			    entry->roles[r]);
		assert_string_equal(roles, table[i].roles);
		trustview_free(v);
	}
	cert_free(c);
}

static void
bulkcert_check_takes_no_ca_as_a_signer(void **state)
{
	struct cert *own = fixture_cert("cucm-a-callmanager"), *ca = fixture_cert("corpca");
	struct err e = { 0 };

	(void)state;
	for (int t = 0; t < BULKCERT_TYPES; t++)
		assert_ok(bulkcert_check((enum bulkcert_type)t, own, &e), e);
	assert_fails(bulkcert_check(BULKCERT_CALLMANAGER, ca, &e), e, ERR_REFUSED, "is a CA's");
	assert_fails(bulkcert_check(BULKCERT_CALLMANAGER_EC, ca, &e), e, ERR_REFUSED, "is a CA's");
	assert_fails(bulkcert_check(BULKCERT_ITLRECOVERY, ca, &e), e, ERR_REFUSED, "is a CA's");
	assert_ok(bulkcert_check(BULKCERT_CAPF, ca, &e), e);
	cert_free(own);
	cert_free(ca);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    bulkcert_type_of_file_is_what_its_name_begins_with_or_its_only_word),
		cmocka_unit_test(bulkcert_labels_and_names_say_the_type_and_nothing_else_does),
		cmocka_unit_test(bulkcert_stores_make_tvs_vouch_for_signers_and_for_no_capf_as_one),
		cmocka_unit_test(bulkcert_check_takes_no_ca_as_a_signer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
