#include "fixture.h"

#include "rules/signedfile.h"
#include "vectors.h"

#include <stdlib.h>

/* "keys/sast.pem" as the name that fixture_cert takes. */
static const char *
key_name(const json_t *path, char *out, size_t out_max)
{
	const char *s = json_string_value(path);

	assert_non_null(s);
	snprintf(out, out_max, "%.*s", (int)(strlen(s) - strlen("keys/.pem")), s + strlen("keys/"));
	return out;
}

static struct cert *
cert_of(const json_t *path)
{
	char name[64];

	return fixture_cert(key_name(path, name, sizeof name));
}

static struct privkey *
key_of(const json_t *path)
{
	char name[64];

	return fixture_key(key_name(path, name, sizeof name));
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

/* A record as the peer tool writes it: always whole, names in its own form. */
static struct trustlist_record
peer_record(const struct cert *c, uint16_t function)
{
	static const uint8_t order[] = { 1, 3, 5, 6, 4, 7, 8, 9 };
	struct trustlist_record r = { .function = function,
		.subject = span_str(cert_subject_peer(c)),
		.issuer = span_str(cert_issuer_peer(c)),
		.serial = cert_serial(c),
		.public_key = cert_public_key(c),
		.signature = cert_signature(c),
		.certificate = cert_der(c),
		.order_count = sizeof order };

	memcpy(r.order, order, sizeof order);
	return r;
}

static struct signedfile_head
head_of(const json_t *parse, const struct cert *signer)
{
	return (struct signedfile_head){
		.signer = signer,
		.names = SIGNEDFILE_PEER,
		.filename = json_string_value(json_object_get(parse, "filename")),
		.digest =
		    (enum envelope_digest)json_integer_value(json_object_get(parse, "digest")),
		.timestamp = (uint32_t)json_integer_value(json_object_get(parse, "timestamp")),
	};
}

/* Tag 28 stands behind tag 2. */
static void
add_signer_version(struct envelope *env, const char *text)
{
	unsigned major, minor;

	if (text == NULL)
		return;
	assert_int_equal(sscanf(text, "%u.%u", &major, &minor), 2);
	env->has_signer_version = true;
	env->signer_major = (uint8_t)major;
	env->signer_minor = (uint8_t)minor;
	memmove(env->order + 3, env->order + 2, env->order_count - 2);
	env->order[2] = ENVELOPE_SIGNER_VERSION;
	env->order_count++;
}

#define RECORDS_MAX 16

static void
rebuild_list(void *arg, const char *path, json_t *entry, struct span file)
{
	json_t *inputs = json_object_get(entry, "inputs"), *row;
	struct trustlist_record records[RECORDS_MAX];
	struct trustlist list = { .records = records };
	struct cert *certs[RECORDS_MAX], *signer = cert_of(json_object_get(inputs, "signer"));
	struct privkey *k = key_of(json_object_get(inputs, "signer"));
	struct signedfile_head head = head_of(json_object_get(entry, "parse"), signer);
	struct bytes bare, made;
	struct err e = { 0 };

	if (strcmp(json_string_value(json_object_get(inputs, "style")), "peer") == 0) {
		assert_ok(signedfile_envelope(&head, 1, 2, &list.env, &e), e);
		add_signer_version(&list.env, json_string_value(json_object_get(inputs, "tag28")));
		json_array_foreach(json_object_get(inputs, "records"), list.count, row)
		{
			const char *role = json_string_value(json_object_get(row, "role"));
			uint16_t function;

			assert_true(function_from_name(role, &function));
			certs[list.count] = cert_of(json_object_get(row, "certificate"));
			records[list.count] = peer_record(certs[list.count], function);
		}
		assert_ok(trustlist_encode(&list, &bare, &e), e);
		assert_ok(signedfile_sign(bytes_span(&bare), k, &made, &e), e);
		if (!span_eq(bytes_span(&made), file))
			fail_msg("%s is not rebuilt byte for byte", path);
		for (size_t i = 0; i < list.count; i++)
			cert_free(certs[i]);
		bytes_free(&made);
		bytes_free(&bare);
		++*(size_t *)arg;
	}
	key_free(k);
	cert_free(signer);
}

static void
every_peer_list_is_rebuilt_byte_for_byte(void **state)
{
	size_t count = 0;

	(void)state;
	assert_int_equal(vectors_each("tlv", rebuild_list, &count), 29);
	assert_int_equal(count, 24);
}

static void
rebuild_sgn(void *arg, const char *path, json_t *entry, struct span file)
{
	json_t *signer_path = json_object_get(json_object_get(entry, "options"), "cert");
	struct cert *signer = cert_of(signer_path);
	struct privkey *k = key_of(signer_path);
	struct signedfile_head head = head_of(json_object_get(entry, "parse"), signer);
	struct sgn s;
	struct bytes bare, made;
	struct err e = { 0 };

	(void)arg;
	assert_ok(sgn_parse(file, &s, &e), e);
	assert_ok(signedfile_make_sgn(&head, s.payload, &bare, &e), e);
	assert_ok(signedfile_sign(bytes_span(&bare), k, &made, &e), e);
	if (!span_eq(bytes_span(&made), file))
		fail_msg("%s is not rebuilt byte for byte", path);
	bytes_free(&made);
	bytes_free(&bare);
	key_free(k);
	cert_free(signer);
}

static void
every_signed_file_is_rebuilt_byte_for_byte(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("sgn", rebuild_sgn, NULL), 14);
}

/* Signing what is signed already changes nothing: the signature is not part of what it covers. */
static void
resign(void *arg, const char *path, json_t *entry, struct span file)
{
	json_t *options = json_object_get(entry, "options");
	json_t *signer = json_object_get(options, "cert");
	struct privkey *k;
	struct bytes made;
	struct err e = { 0 };

	(void)arg;
	if (signer == NULL)
		signer = json_object_get(json_object_get(entry, "inputs"), "signer");
	k = key_of(signer);
	if (!signedfile_sign(file, k, &made, &e))
		fail_msg("%s: %s", path, e.text);
	assert_span_equal(bytes_span(&made), file);
	bytes_free(&made);
	key_free(k);
}

static void
signing_a_vector_again_gives_the_same_bytes(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("tlv", resign, NULL), 29);
	assert_int_equal(vectors_each("enc", resign, NULL), 5);
}

static void
open_vector(void *arg, const char *path, json_t *entry, struct span file)
{
	json_t *options = json_object_get(entry, "options");
	const char *plain_path = json_string_value(json_object_get(options, "plain"));
	struct privkey *k = key_of(json_object_get(options, "key"));
	struct privkey *other = fixture_key("tvs");
	struct encfile f;
	struct bytes plain, want;
	struct err e = { 0 };

	(void)arg;
	assert_ok(encfile_parse(file, &f, &e), e);
	if (!signedfile_decrypt(&f, k, &plain, &e))
		fail_msg("%s: %s", path, e.text);
	assert_true(vectors_read(plain_path, &want));
	assert_span_equal(bytes_span(&plain), bytes_span(&want));
	bytes_wipe(&plain);
	assert_fails(signedfile_decrypt(&f, other, &plain, &e), e, ERR_CRYPTO, "E");
	bytes_free(&want);
	key_free(other);
	key_free(k);
}

static void
every_encrypted_vector_opens_to_its_plaintext(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("enc", open_vector, NULL), 5);
}

static void
check_encrypt(const char *phone_name, enum signedfile_names names, enum envelope_digest digest)
{
	struct cert *signer = fixture_cert("tftp"), *phone = fixture_cert(phone_name);
	struct privkey *k = fixture_key("tftp"), *phone_key = fixture_key(phone_name);
	struct signedfile_head head = { .signer = signer,
		.names = names,
		.filename = "SEP58971ECC97C1.cnf.xml.enc.sgn",
		.digest = digest,
		.timestamp = 1795319890 };
	struct bytes bare, made, plain;
	struct encfile f;
	struct err e = { 0 };

	assert_ok(signedfile_encrypt(&head, span_str("<device/>"), phone, &bare, &e), e);
	assert_ok(signedfile_sign(bytes_span(&bare), k, &made, &e), e);
	assert_ok(encfile_parse(bytes_span(&made), &f, &e), e);
	assert_ok(signedfile_check(&f.env, signer, &e), e);
	assert_int_equal(f.env.enc.key_bits, cert_key_bits(phone));
	assert_int_equal(f.env.enc.plain_digest, digest);
	assert_ok(signedfile_decrypt(&f, phone_key, &plain, &e), e);
	assert_span_equal(bytes_span(&plain), span_str("<device/>"));
	bytes_wipe(&plain);
	bytes_free(&made);
	bytes_free(&bare);
	key_free(phone_key);
	key_free(k);
	cert_free(phone);
	cert_free(signer);
}

static void
encrypted_files_open_with_the_key_they_are_for(void **state)
{
	(void)state;
	check_encrypt("lsc", SIGNEDFILE_PEER, ENVELOPE_SHA1);
	check_encrypt("lsc1024", SIGNEDFILE_CUCM, ENVELOPE_SHA1);
	check_encrypt("lsc4096", SIGNEDFILE_CUCM, ENVELOPE_SHA512);
	check_encrypt("mic", SIGNEDFILE_PEER, ENVELOPE_SHA512);
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

static void
signing_refuses_keys_that_do_not_fit_the_file(void **state)
{
	struct privkey *small = fixture_key("sast1024"), *ec = fixture_key("tftp-ec384");
	struct bytes file, out;
	struct err e;

	(void)state;
	assert_true(vectors_read("tlv/itl-01-sast-only-sha1.tlv", &file));
	assert_fails(signedfile_sign(bytes_span(&file), small, &out, &e), e, ERR_CRYPTO,
	    "room for a signature of 256 bytes, not 128");
	assert_fails(signedfile_sign(bytes_span(&file), ec, &out, &e), e, ERR_CRYPTO, "EC P-384");
	file.p[file.n - 1] = 0;
	assert_fails(
	    signedfile_sign(span_of(file.p, file.n - 1), small, &out, &e), e, ERR_MALFORMED, "T11");
	bytes_free(&file);
	key_free(ec);
	key_free(small);
}

static void
envelope_refuses_signers_and_names_it_cannot_hold(void **state)
{
	struct cert *ec = fixture_cert("tftp-ec384"), *rsa = fixture_cert("tftp");
	struct signedfile_head head = { .signer = ec, .filename = "a", .digest = ENVELOPE_SHA1 };
	struct envelope env;
	struct err e;

	(void)state;
	assert_fails(signedfile_envelope(&head, 1, 0, &env, &e), e, ERR_REFUSED, "signed with RSA");
	head.signer = rsa;
	head.filename = "";
	assert_fails(signedfile_envelope(&head, 1, 0, &env, &e), e, ERR_LIMIT, "file name");
	cert_free(rsa);
	cert_free(ec);
}

/* Unified CM's form of names goes with its order of elements. */
static void
envelope_in_cucm_form_has_cucm_names_and_order(void **state)
{
	struct cert *signer = fixture_cert("cucm-a-callmanager");
	struct signedfile_head head = { .signer = signer,
		.names = SIGNEDFILE_CUCM,
		.filename = "SEP58971ECC97C1.cnf.xml.sgn",
		.digest = ENVELOPE_SHA1,
		.timestamp = 1 };
	struct bytes bare;
	struct sgn s;
	struct err e = { 0 };
	static const uint8_t order[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15 };

	(void)state;
	assert_ok(signedfile_make_sgn(&head, span_str("x"), &bare, &e), e);
	assert_ok(sgn_parse(bytes_span(&bare), &s, &e), e);
	assert_true(span_is(
	    s.env.signer_name, "CN=ao115sub;OU=TAC;O=Cisco Systems;L=Boxborough;ST=MA;C=US"));
	assert_span_equal(span_of(s.env.order, s.env.order_count), span_of(order, sizeof order));
	assert_fails(signedfile_check(&s.env, signer, &e), e, ERR_CRYPTO, "does not fit");
	bytes_free(&bare);
	cert_free(signer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_list_verifies_by_itself_and_by_its_signer_only),
		cmocka_unit_test(every_vector_file_verifies_with_its_certificate_only),
		cmocka_unit_test(no_byte_of_a_signed_file_can_be_changed),
		cmocka_unit_test(every_peer_list_is_rebuilt_byte_for_byte),
		cmocka_unit_test(every_signed_file_is_rebuilt_byte_for_byte),
		cmocka_unit_test(signing_a_vector_again_gives_the_same_bytes),
		cmocka_unit_test(every_encrypted_vector_opens_to_its_plaintext),
		cmocka_unit_test(encrypted_files_open_with_the_key_they_are_for),
		cmocka_unit_test(list_whose_records_differ_from_their_certificates_breaks_t14),
		cmocka_unit_test(list_without_the_record_of_its_signer_breaks_t13),
		cmocka_unit_test(list_with_a_changed_signature_breaks_t10),
		cmocka_unit_test(kind_of_other_files_is_refused_with_a_reason),
		cmocka_unit_test(signing_refuses_keys_that_do_not_fit_the_file),
		cmocka_unit_test(envelope_refuses_signers_and_names_it_cannot_hold),
		cmocka_unit_test(envelope_in_cucm_form_has_cucm_names_and_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
