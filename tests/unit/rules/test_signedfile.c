#include "fixture.h"

#include "rules/signedfile.h"
#include "vectors.h"

#include <stdlib.h>

static struct cert *
cert_of(const json_t *path)
{
	return fixture_cert(json_string_value(path));
}

static void
check_list_vector(void *arg, const char *path, json_t *entry, struct span file)
{
	struct cert *signer = cert_of(json_object_get(json_object_get(entry, "inputs"), "signer"));
	struct cert *other = fixture_cert("corpca");
	enum signedfile_kind kind;
	struct trustlist list;
	struct err e = { 0 };

	(void)arg;
	assert_ok(signedfile_kind(file, &kind, &e), e);
	assert_int_equal(kind, SIGNEDFILE_LIST);
	assert_ok(trustlist_parse(file, &list, &e), e);
	if (!signedfile_check_list(&list, NULL, &e))
		fail_msg("%s: %s", path, e.text);
	assert_ok(signedfile_check_list(&list, signer, &e), e);
	assert_fails(signedfile_check_list(&list, other, &e), e, ERR_CRYPTO, "T10");
	assert_span_equal(signedfile_list_signer(&list)->certificate, cert_der(signer));
	trustlist_free(&list);
	cert_free(other);
	cert_free(signer);
}

static void
every_vector_list_verifies_by_itself_and_by_its_signer_only(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("tlv", check_list_vector, NULL), 29);
}

static void
check_file_vector(void *arg, const char *path, json_t *entry, struct span file)
{
	enum signedfile_kind kind, *want = arg;
	struct cert *signer = cert_of(json_object_get(json_object_get(entry, "options"), "cert"));
	struct cert *other = fixture_cert("sast");
	struct envelope env;
	struct err e = { 0 };

	assert_ok(signedfile_kind(file, &kind, &e), e);
	assert_int_equal(kind, *want);
	assert_ok(envelope_parse(file, &env, NULL, &e), e);
	if (!signedfile_check(&env, signer, &e))
		fail_msg("%s: %s", path, e.text);
	assert_true(span_is(env.signer_name, cert_subject_peer(signer)));
	assert_true(span_is(env.issuer, cert_issuer_peer(signer)));
	assert_fails(signedfile_check(&env, other, &e), e, ERR_CRYPTO, "another certificate");
	cert_free(other);
	cert_free(signer);
}

static void
every_vector_file_verifies_with_its_certificate_only(void **state)
{
	enum signedfile_kind sgn = SIGNEDFILE_SGN, enc = SIGNEDFILE_ENC;

	(void)state;
	assert_int_equal(vectors_each("sgn", check_file_vector, &sgn), 14);
	assert_int_equal(vectors_each("enc", check_file_vector, &enc), 5);
}

/* Every byte of a file counts: parsing or the signature refuses each change. */
static void
check_every_flip(const char *path, const char *signer)
{
	struct cert *c = fixture_cert(signer);
	struct bytes file;

	assert_true(vectors_read(path, &file));
	for (size_t i = 0; i < file.n; i++) {
		struct envelope env;
		struct err e = { 0 };

		file.p[i] ^= 0x41;
		if (envelope_parse(bytes_span(&file), &env, NULL, &e) &&
		    signedfile_check(&env, c, &e))
			fail_msg("%s: byte %zu changed and taken", path, i);
		assert_int_not_equal(e.code, ERR_NONE);
		file.p[i] ^= 0x41;
	}
	bytes_free(&file);
	cert_free(c);
}

static void
no_byte_of_a_signed_file_can_be_changed(void **state)
{
	(void)state;
	check_every_flip("tlv/itl-07-signer-rsa1024-sha1.tlv", "sast1024");
	check_every_flip("tlv/cucm-04-ctl-token-nonsecure.tlv", "cucm-token1");
	check_every_flip("sgn/SEP001122334455.cnf.xml.sgn", "tftp1024");
	check_every_flip("enc/SEP001122334455.cnf.xml.enc.sgn", "tftp1024");
}

/* Offset of an element's value inside a file, found by the span that the parser lent. */
static size_t
offset_of(struct span file, struct span value)
{
	return (size_t)(value.p - file.p);
}

/* A list of the vectors with one byte changed where at points, signed again by its signer, so that
 * only the rule in question can refuse it. */
static void
check_changed_record(size_t record, const uint8_t *at, struct span file, const char *reason)
{
	struct privkey *k = fixture_key("sast");
	struct bytes changed = bytes_copy(file), signed_again;
	struct trustlist list;
	struct err e = { 0 };
	char where[32];

	changed.p[at - file.p] ^= 0x01;
	assert_ok(signedfile_sign(bytes_span(&changed), k, &signed_again, &e), e);
	assert_ok(trustlist_parse(bytes_span(&signed_again), &list, &e), e);
	assert_fails(signedfile_check_list(&list, NULL, &e), e, ERR_MALFORMED, reason);
	snprintf(where, sizeof where, "record %zu", record);
	if (record > 0)
		assert_non_null(strstr(e.text, where));
	trustlist_free(&list);
	bytes_free(&signed_again);
	bytes_free(&changed);
	key_free(k);
}

static void
list_whose_records_differ_from_their_certificates_breaks_t14(void **state)
{
	struct bytes file;
	struct trustlist list;
	const struct trustlist_record *r;
	struct err e = { 0 };

	(void)state;
	assert_true(vectors_read("tlv/itl-03-all-roles-sha1.tlv", &file));
	assert_ok(trustlist_parse(bytes_span(&file), &list, &e), e);
	r = &list.records[1];
	check_changed_record(2, r->serial.p, bytes_span(&file), "6 SERIALNUMBER");
	check_changed_record(2, r->public_key.p + 20, bytes_span(&file), "7 PUBLICKEY");
	check_changed_record(2, r->signature.p, bytes_span(&file), "8 SIGNATURE");
	check_changed_record(2, r->certificate.p + 1, bytes_span(&file), "T14");
	r = &list.records[6];
	check_changed_record(7, r->certificate.p + r->certificate.n - 1, bytes_span(&file), "T14");
	trustlist_free(&list);
	bytes_free(&file);
}

static void
list_without_the_record_of_its_signer_breaks_t13(void **state)
{
	struct bytes file;
	struct trustlist list;
	struct err e = { 0 };

	(void)state;
	assert_true(vectors_read("tlv/itl-03-all-roles-sha1.tlv", &file));
	assert_ok(trustlist_parse(bytes_span(&file), &list, &e), e);
	check_changed_record(0, list.records[0].serial.p, bytes_span(&file), "T13");
	check_changed_record(0, list.records[0].issuer.p, bytes_span(&file), "T13");
	check_changed_record(0, list.env.serial.p, bytes_span(&file), "T13");
	trustlist_free(&list);
	/* The only SAST record given another function. */
	assert_ok(trustlist_parse(bytes_span(&file), &list, &e), e);
	list.records[0].function = FUNCTION_CCM;
	assert_fails(signedfile_check_list(&list, NULL, &e), e, ERR_MALFORMED, "T13");
	trustlist_free(&list);
	bytes_free(&file);
}

static void
list_with_a_changed_signature_breaks_t10(void **state)
{
	struct bytes file;
	struct trustlist list;
	struct err e = { 0 };
	size_t at;

	(void)state;
	assert_true(vectors_read("tlv/cucm-02-itl-11.x-layout.tlv", &file));
	assert_ok(trustlist_parse(bytes_span(&file), &list, &e), e);
	at = offset_of(bytes_span(&file), list.env.signature);
	trustlist_free(&list);
	file.p[at] ^= 1;
	assert_ok(trustlist_parse(bytes_span(&file), &list, &e), e);
	assert_fails(signedfile_check_list(&list, NULL, &e), e, ERR_CRYPTO, "T10");
	trustlist_free(&list);
	bytes_free(&file);
}

static void
kind_of_other_files_is_refused_with_a_reason(void **state)
{
	enum signedfile_kind kind;
	struct err e;

	(void)state;
	assert_fails(signedfile_kind(span_str(""), &kind, &e), e, ERR_MALFORMED, "neither");
	assert_fails(
	    signedfile_kind(span_str("<device></device>"), &kind, &e), e, ERR_MALFORMED, "T1");
	assert_string_equal(signedfile_kind_name(SIGNEDFILE_ENC), "encrypted file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_list_verifies_by_itself_and_by_its_signer_only),
		cmocka_unit_test(every_vector_file_verifies_with_its_certificate_only),
		cmocka_unit_test(no_byte_of_a_signed_file_can_be_changed),
		cmocka_unit_test(list_whose_records_differ_from_their_certificates_breaks_t14),
		cmocka_unit_test(list_without_the_record_of_its_signer_breaks_t13),
		cmocka_unit_test(list_with_a_changed_signature_breaks_t10),
		cmocka_unit_test(kind_of_other_files_is_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
