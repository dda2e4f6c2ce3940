#include "fixture.h"

#include "rules/signedfile.h"
#include "vectors.h"

#include <stdlib.h>

static struct cert *
cert_of(const json_t *path)
{
	return fixture_cert(json_string_value(path));
}

static struct privkey *
key_of(const json_t *path)
{
	return fixture_key(json_string_value(path));
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
		cmocka_unit_test(every_peer_list_is_rebuilt_byte_for_byte),
		cmocka_unit_test(every_signed_file_is_rebuilt_byte_for_byte),
		cmocka_unit_test(signing_a_vector_again_gives_the_same_bytes),
		cmocka_unit_test(every_encrypted_vector_opens_to_its_plaintext),
		cmocka_unit_test(encrypted_files_open_with_the_key_they_are_for),
		cmocka_unit_test(signing_refuses_keys_that_do_not_fit_the_file),
		cmocka_unit_test(envelope_refuses_signers_and_names_it_cannot_hold),
		cmocka_unit_test(envelope_in_cucm_form_has_cucm_names_and_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
