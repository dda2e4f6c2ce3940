#include "../check.h"

#include "vectors.h"
#include "rules/trustview.h"
#include "wire/trustlist.h"

static struct cert *
cert_of(const char *path)
{
	struct bytes pem;
	struct err e = { 0 };
	struct cert *c;

	assert_true(vectors_read(path, &pem));
	c = cert_from_pem(bytes_span(&pem), &e);
	if (c == NULL)
		fail_msg("%s: %s", path, e.text);
	bytes_free(&pem);
	return c;
}

static void
assert_roles(const struct trustview_entry *entry, const uint8_t *roles, size_t count)
{
	assert_non_null(entry);
	assert_int_equal(entry->role_count, count);
	assert_memory_equal(entry->roles, roles, count);
}

static void
trustview_gives_own_certificates_the_functions_of_their_purpose(void **state)
{
	static const struct {
		enum purpose purpose;
		uint8_t roles[3];
		size_t count;
	} rows[] = {
		{ PURPOSE_CALLMANAGER, { 0, 1, 3 }, 3 },
		{ PURPOSE_CALLMANAGER_EC, { 3 }, 1 },
		{ PURPOSE_TVS, { 21 }, 1 },
		{ PURPOSE_CAPF, { 4 }, 1 },
		{ PURPOSE_ITLRECOVERY, { 0 }, 1 },
		{ PURPOSE_WEB, { 7 }, 1 },
		{ PURPOSE_CAPF_ISSUER, { 4 }, 1 },
	};
	struct cert *c = cert_of("keys/tvs.pem");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct trustview *v = trustview_new();

		trustview_add_own(v, rows[i].purpose, c);
		assert_roles(trustview_find_der(v, cert_der(c)), rows[i].roles, rows[i].count);
		trustview_free(v);
	}
	cert_free(c);
}

static void
trustview_gives_trusted_certificates_the_functions_of_their_store(void **state)
{
	static const struct {
		const char *store;
		uint8_t roles[2];
		size_t count;
	} rows[] = {
		{ "callmanager-trust", { 1, 3 }, 2 },
		{ "phone-sast-trust", { 0, 3 }, 2 },
		{ "capf-trust", { 4 }, 1 },
		{ "tvs-trust", { 21 }, 1 },
		{ "phone-vpn-trust", { 7 }, 1 },
		{ "phone-trust", { 7 }, 1 },
	};
	struct cert *c = cert_of("keys/tvs.pem");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct trustview *v = trustview_new();
		enum trust_store s;

		assert_true(trust_store_from_name(rows[i].store, &s));
		assert_string_equal(trust_store_name(s), rows[i].store);
		trustview_add_trusted(v, s, c);
		assert_roles(trustview_find_der(v, cert_der(c)), rows[i].roles, rows[i].count);
		trustview_free(v);
	}
	cert_free(c);
}

static void
trustview_gathers_functions_of_one_certificate_in_ascending_order(void **state)
{
	static const uint8_t all[] = { 0, 1, 3, 4, 7, 21 };
	struct trustview *v = trustview_new();
	struct cert *c = cert_of("keys/tvs.pem");

	(void)state;
	trustview_add_trusted(v, TRUST_PHONE_VPN, c);
	trustview_add_own(v, PURPOSE_TVS, c);
	trustview_add_trusted(v, TRUST_CALLMANAGER, c);
	trustview_add_own(v, PURPOSE_CALLMANAGER, c);
	trustview_add_own(v, PURPOSE_CAPF, c);
	trustview_add_trusted(v, TRUST_PHONE, c);
	assert_roles(trustview_find_der(v, cert_der(c)), all, sizeof all);
	cert_free(c);
	trustview_free(v);
}

static void
trustview_finds_by_issuer_and_serial_in_either_form_of_the_name(void **state)
{
	struct trustview *v = trustview_new();
	struct cert *c = cert_of("keys/comma.pem"), *other = cert_of("keys/tvs.pem");
	struct span none = { 0 }, cucm = span_str(cert_issuer_cucm(c));
	struct span peer = span_str(cert_issuer_peer(c)), serial = cert_serial(c);

	(void)state;
	trustview_add_own(v, PURPOSE_TVS, other);
	trustview_add_own(v, PURPOSE_CALLMANAGER, c);
	assert_false(span_eq(cucm, peer));
	assert_non_null(trustview_find(v, none, cucm, serial));
	assert_non_null(trustview_find(v, none, peer, serial));
	assert_non_null(trustview_find(v, span_str(cert_subject_peer(c)), cucm, serial));
	assert_null(trustview_find(v, span_str("CN=x"), cucm, serial));
	assert_null(trustview_find(v, none, span_str("CN=x"), serial));
	assert_null(trustview_find(v, none, cucm, cert_serial(other)));
	assert_null(trustview_find(v, none, cucm, none));
	cert_free(other);
	cert_free(c);
	trustview_free(v);
}

static void
trustview_takes_a_serial_with_its_sign_byte(void **state)
{
	struct trustview *v = trustview_new();
	struct cert *c = cert_of("keys/tvs.pem");
	uint8_t padded[64] = { 0 };

	(void)state;
	trustview_add_own(v, PURPOSE_TVS, c);
	memcpy(padded + 1, cert_serial(c).p, cert_serial(c).n);
	assert_non_null(trustview_find(v, (struct span){ 0 }, span_str(cert_issuer_cucm(c)),
	    span_of(padded, cert_serial(c).n + 1)));
	cert_free(c);
	trustview_free(v);
}

static void
trustview_does_not_vouch_for_what_was_not_added(void **state)
{
	struct trustview *v = trustview_new();
	struct cert *c = cert_of("keys/tvs.pem"), *other = cert_of("keys/ccm.pem");

	(void)state;
	assert_null(trustview_find_der(v, cert_der(c)));
	trustview_add_own(v, PURPOSE_TVS, c);
	assert_null(trustview_find_der(v, cert_der(other)));
	assert_null(trustview_find_der(v, span_of(cert_der(c).p, cert_der(c).n - 1)));
	assert_null(trustview_find_der(v, (struct span){ 0 }));
	cert_free(other);
	cert_free(c);
	trustview_free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trustview_gives_own_certificates_the_functions_of_their_purpose),
		cmocka_unit_test(trustview_gives_trusted_certificates_the_functions_of_their_store),
		cmocka_unit_test(trustview_gathers_functions_of_one_certificate_in_ascending_order),
		cmocka_unit_test(trustview_finds_by_issuer_and_serial_in_either_form_of_the_name),
		cmocka_unit_test(trustview_takes_a_serial_with_its_sign_byte),
		cmocka_unit_test(trustview_does_not_vouch_for_what_was_not_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
