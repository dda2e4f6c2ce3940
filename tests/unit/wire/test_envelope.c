#include "../check.h"

#include <stdlib.h>

#include "variant.h"
#include "vectors.h"

#include "wire/envelope.h"

#define LIST  "tlv/itl-07-signer-rsa1024-sha1.tlv"
#define CUCM  "tlv/cucm-01-itl-8.0-layout-5438.tlv"
#define CRYPT "enc/SEP001122334455.cnf.xml.enc.sgn"

static const char *const kinds[] = { "tlv", "sgn", "enc" };

static void
each_file(vectors_visit *visit)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		count += vectors_each(kinds[i], visit, NULL);
	assert_int_equal(count, 48);
}

static void
assert_text(json_t *parse, const char *key, struct span s)
{
	assert_non_null(vectors_text(parse, key));
	assert_span_equal(s, span_str(vectors_text(parse, key)));
}

static void
assert_version(json_t *parse, const char *key, uint8_t major, uint8_t minor)
{
	char text[8];

	snprintf(text, sizeof text, "%u.%u", major, minor);
	assert_text(parse, key, span_str(text));
}

static void
fields_are_those_expected(void *arg, const char *path, json_t *entry, struct span file)
{
	json_t *p = json_object_get(entry, "parse");
	struct envelope env;
	struct rd rest;
	struct err e;

	(void)arg, (void)path;
	assert_ok(envelope_parse(file, &env, &rest, &e), e);
	assert_version(p, "version", env.major, env.minor);
	assert_int_equal(env.header_length, vectors_number(p, "header_length"));
	assert_int_equal(env.has_signer_version, json_object_get(p, "signer_version") != NULL);
	if (env.has_signer_version)
		assert_version(p, "signer_version", env.signer_major, env.signer_minor);
	assert_int_equal(3 + env.signer_name.n + 1 + 3 + env.serial.n + 3 + env.issuer.n + 1,
	    vectors_number(p, "signer"));
	assert_text(p, "signer_name", env.signer_name);
	assert_text(p, "issuer", env.issuer);
	assert_true(vectors_is_hex(p, "serial", env.serial));
	assert_int_equal(vectors_number(p, "siginfo"), 15);
	assert_int_equal(vectors_number(p, "sigalginfo"), 8);
	assert_int_equal(env.digest, vectors_number(p, "digest"));
	assert_string_equal(envelope_digest_name(env.digest), vectors_text(p, "digest_name"));
	assert_int_equal(env.algorithm, vectors_number(p, "sigalg"));
	assert_int_equal(env.modulus, vectors_number(p, "modulus"));
	assert_int_equal(env.signature.n, vectors_number(p, "signature_length"));
	assert_text(p, "filename", env.filename);
	assert_int_equal(env.timestamp, vectors_number(p, "timestamp"));
	assert_int_equal(env.padding, vectors_number(p, "padding_bytes"));
	assert_int_equal(env.is_encrypted, json_object_get(p, "encinfo") != NULL);
	assert_int_equal(rd_offset(&rest), env.header_length);
	assert_int_equal(rest.n, file.n - env.header_length);
}

static void
envelope_parse_reads_every_field_of_every_vector(void **state)
{
	(void)state;
	each_file(fields_are_those_expected);
}

static void
same_bytes_again(void *arg, const char *path, json_t *entry, struct span file)
{
	struct envelope env;
	struct bytes out;
	struct wr w = wr_new(file.n);
	struct err e;

	(void)arg, (void)path, (void)entry;
	assert_ok(envelope_parse(file, &env, NULL, &e), e);
	assert_ok(envelope_encode(&env, &w, &e), e);
	assert_ok(wr_done(&w, &out, &e), e);
	assert_span_equal(bytes_span(&out), span_of(file.p, env.header_length));
	bytes_free(&out);
}

static void
envelope_encode_gives_the_bytes_that_were_parsed(void **state)
{
	(void)state;
	each_file(same_bytes_again);
}

/* The parts that a signature covers are the file without its tag-12 element. */
static void
signed_parts_leave_out_the_signature(void *arg, const char *path, json_t *entry, struct span file)
{
	struct elements found;
	const struct element *sig;
	struct envelope env;
	struct err e;

	(void)arg, (void)path, (void)entry;
	elements_find(file, false, &found);
	sig = elements_get(&found, 0, ENVELOPE_SIGNATURE);
	assert_ok(envelope_parse(file, &env, NULL, &e), e);
	assert_ptr_equal(env.signed_head.p, file.p);
	assert_int_equal(env.signed_head.n, sig->at);
	assert_ptr_equal(env.signed_tail.p, file.p + sig->at + 3 + sig->length);
	assert_ptr_equal(env.signed_tail.p + env.signed_tail.n, file.p + file.n);
}

static void
envelope_parse_finds_what_the_signature_covers(void **state)
{
	(void)state;
	each_file(signed_parts_leave_out_the_signature);
}

static bool
parse(struct span file, struct err *e)
{
	struct envelope env;

	return envelope_parse(file, &env, NULL, e);
}

static void
no_cut_is_taken(void *arg, const char *path, json_t *entry, struct span file)
{
	(void)arg, (void)path, (void)entry;
	variant_refused_cut(parse, file, (size_t)file.p[8] << 8 | file.p[9]);
}

static void
envelope_parse_refuses_a_header_cut_at_any_byte(void **state)
{
	(void)state;
	each_file(no_cut_is_taken);
}

static void
envelope_parse_refuses_every_length_that_lies(void **state)
{
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		count += variant_refused_lies(parse, kinds[i], false);
	assert_int_equal(count, 48);
}

static const struct variant variants[] = {
	/* T1: how it begins, and the versions there are. */
	{ LIST, 0, 1, ELEMENTS_PATCH, BYTES("\x02"), "T1",
	    "element 1 Version: the file does not begin" },
	{ LIST, 0, 1, ELEMENTS_PATCH, BYTES("\x01\x00\x03"), "T1", "does not begin with 01 00 02" },
	{ LIST, 0, 1, ELEMENTS_PATCH, BYTES("\x01\x00\x02\x01\x03"), "T1",
	    "1.3, not 1.0, 1.1, 1.2 or" },
	{ LIST, 0, 1, ELEMENTS_PATCH, BYTES("\x01\x00\x02\x02\x01"), "T1",
	    "2.1, not 1.0, 1.1, 1.2 or" },
	{ LIST, 0, 1, ELEMENTS_PATCH, BYTES("\x01\x00\x02\x00\x00"), "T1", "2.0" },
	{ LIST, 0, 2, ELEMENTS_PATCH, BYTES("\x03"), "T1",
	    "element 2 HeaderLength: the second element" },
	{ LIST, 0, 2, ELEMENTS_PATCH, BYTES("\x02\x00\x04"), "T1", "is not 02 00 02" },
	/* T2: the header length in its file, elements in the header. */
	{ LIST, 0, 2, ELEMENTS_PATCH, BYTES("\x02\x00\x02\x00\x08"), "T2",
	    "element 2 HeaderLength: 8 in a" },
	{ LIST, 0, 2, ELEMENTS_PATCH, BYTES("\x02\x00\x02\xff\xfc"), "T2",
	    "65532 in a file of 2897 bytes" },
	{ LIST, 0, 2, ELEMENTS_PATCH, BYTES("\x02\x00\x02\x00\x10"), "T2",
	    "element 3 SIGNERID: its length is cut off" },
	{ LIST, 0, 14, ELEMENTS_PATCH, BYTES("\x0e\xff\xff"), "T2",
	    "element 14 FILENAME: 65535 bytes" },
	{ LIST, 0, 12, ELEMENTS_PATCH, BYTES("\x0c\x7f\xff"), "T2",
	    "element 12 SIGNATURE: 32767 bytes long where" },
	/* T3: alignment and padding. */
	{ LIST, 0, 2, ELEMENTS_PATCH, BYTES("\x02\x00\x02\x01\x2e"), "T3", "is no multiple of 4" },
	{ LIST, 0, 15, ELEMENTS_AFTER, BYTES("\r\r\r\r"), "T3", "element 13 PADDING: " },
	{ LIST, 0, 12, ELEMENTS_AFTER, BYTES("\r\r"), "T3", "an element follows the padding" },
	{ LIST, 0, 4, ELEMENTS_AFTER, BYTES("\r"), "T3",
	    "element 13 PADDING: padding before the end" },
	{ LIST, 0, 11, ELEMENTS_AFTER, BYTES("\r"), "T3", "padding before the end" },
	/* T4: boxes. */
	{ LIST, 0, 3, ELEMENTS_AFTER, BYTES("\x05\x00\x01\x09"), "T4",
	    "stands outside of 3 SIGNERID" },
	{ LIST, 0, 7, ELEMENTS_AFTER, BYTES("\x0a\x00\x01\x00"), "T4",
	    "stands outside of 9 SIGNATUREALGOINFO" },
	{ LIST, 0, 4, ELEMENTS_AFTER, BYTES("\x0f\x00\x04\x00\x00\x00\x00"), "T4",
	    "element 15 TIMESTAMP: stands in 3 SIGNERID, where it may not" },
	{ LIST, 0, 3, ELEMENTS_PATCH, BYTES("\x03\x00\x05"), "T4", "are left" },
	{ LIST, 0, 9, ELEMENTS_PATCH, BYTES("\x09\x00\x04"), "T4",
	    "SIGNATUREMODULUS: stands in 7 SIGNATUREINFO, where" },
	{ LIST, 0, 9, ELEMENTS_PATCH, BYTES("\x09\x00\x09"), "T4",
	    "9 bytes long where 8 are left" },
	{ LIST, 0, 7, ELEMENTS_PATCH, BYTES("\x07\x00\x10"), "T4",
	    "element 12 SIGNATURE: stands in 7 SIGNATUREINFO" },
	{ LIST, 0, 5, ELEMENTS_PATCH, BYTES("\x05\x01\x00"), "T4", "256 bytes long where" },
	/* T5: unknown and double. */
	{ LIST, 0, 15, ELEMENTS_AFTER, BYTES("\x1d\x00\x01\x00"), "T5",
	    "element 29 unknown: no such tag" },
	{ LIST, 0, 15, ELEMENTS_AFTER, BYTES("\x00\x00\x00"), "T5",
	    "element 0 unknown: no such tag" },
	{ LIST, 0, 4, ELEMENTS_AFTER, BYTES("\xff\x00\x00"), "T5",
	    "element 255 unknown: no such tag" },
	{ LIST, 0, 15, ELEMENTS_AFTER, BYTES("\x0f\x00\x04\x00\x00\x00\x00"), "T5",
	    "a second one; the first" },
	{ LIST, 0, 2, ELEMENTS_AFTER, BYTES("\x01\x00\x02\x01\x02"), "T5",
	    "element 1 Version: a second one" },
	{ LIST, 0, 28, ELEMENTS_AFTER, BYTES("\x1c\x00\x02\x01\x00"), "T5",
	    "a second one; the first" },
	{ LIST, 0, 5, ELEMENTS_AFTER, BYTES("\x05\x00\x01\x09"), "T5",
	    "element 5 SERIALNUMBER: a second" },
	{ LIST, 0, 15, ELEMENTS_AFTER, BYTES("\x1a\x00\x01\x01"), "T5", "unknown in version 1.2" },
	/* T6: what must be there. */
	{ LIST, 0, 4, ELEMENTS_REPLACE, BYTES(""), "T6", "element 4 SIGNERNAME: missing" },
	{ LIST, 0, 5, ELEMENTS_REPLACE, BYTES(""), "T6", "element 5 SERIALNUMBER: missing" },
	{ LIST, 0, 6, ELEMENTS_REPLACE, BYTES(""), "T6", "element 6 CANAME: missing" },
	{ LIST, 0, 8, ELEMENTS_REPLACE, BYTES(""), "T6", "element 8 DIGESTALGORTITHM: missing" },
	{ LIST, 0, 10, ELEMENTS_REPLACE, BYTES(""), "T6",
	    "element 10 SIGNATUREALGORTITHM: missing" },
	{ LIST, 0, 11, ELEMENTS_REPLACE, BYTES(""), "T6", "element 11 SIGNATUREMODULUS: missing" },
	{ LIST, 0, 12, ELEMENTS_REPLACE, BYTES(""), "T6", "element 12 SIGNATURE: missing" },
	{ LIST, 0, 14, ELEMENTS_REPLACE, BYTES(""), "T6", "element 14 FILENAME: missing" },
	{ LIST, 0, 15, ELEMENTS_REPLACE, BYTES(""), "T6", "element 15 TIMESTAMP: missing" },
	{ LIST, 0, 3, ELEMENTS_REPLACE, BYTES("\x03\x00\x00"), "T6",
	    "element 4 SIGNERNAME: missing" },
	{ LIST, 0, 7, ELEMENTS_REPLACE, BYTES(""), "T6", "element 8 DIGESTALGORTITHM: missing" },
	/* T7: strings and serials. */
	{ LIST, 0, 4, ELEMENTS_VALUE, BYTES(""), "T7", "element 4 SIGNERNAME: no NUL at the end" },
	{ LIST, 0, 4, ELEMENTS_VALUE, BYTES("CN=a"), "T7", "no NUL at the end" },
	{ LIST, 0, 4, ELEMENTS_VALUE, BYTES("CN\0=a"), "T7", "a NUL before the end" },
	{ LIST, 0, 6, ELEMENTS_VALUE, BYTES("CN=a\0\0"), "T7",
	    "element 6 CANAME: a NUL before the end" },
	{ LIST, 0, 14, ELEMENTS_VALUE, BYTES("\xc3\x28.tlv\0"), "T7",
	    "element 14 FILENAME: not UTF-8" },
	{ LIST, 0, 14, ELEMENTS_VALUE, BYTES("\xed\xa0\x80\0"), "T7", "not UTF-8" },
	{ LIST, 0, 5, ELEMENTS_VALUE, BYTES(""), "T7", "element 5 SERIALNUMBER: empty" },
	/* T8: fixed lengths. */
	{ LIST, 0, 8, ELEMENTS_VALUE, BYTES("\0\1"), "T8",
	    "DIGESTALGORTITHM: 2 bytes long, not 1" },
	{ LIST, 0, 10, ELEMENTS_VALUE, BYTES(""), "T8",
	    "SIGNATUREALGORTITHM: 0 bytes long, not 1" },
	{ LIST, 0, 11, ELEMENTS_VALUE, BYTES("\0\1"), "T8",
	    "SIGNATUREMODULUS: 2 bytes long, not 1" },
	{ LIST, 0, 28, ELEMENTS_VALUE, BYTES("\1"), "T8", "SIGNERVERSION: 1 bytes long, not 2" },
	{ LIST, 0, 15, ELEMENTS_VALUE, BYTES("\1\2\3"), "T8", "TIMESTAMP: 3 bytes long, not 4" },
	{ CRYPT, 0, 19, ELEMENTS_VALUE, BYTES("\1\2\3"), "T8",
	    "element 19 IV: 3 bytes long, not 16" },
	{ CRYPT, 0, 20, ELEMENTS_VALUE, BYTES("\1"), "T8", "BODYPADDING: 1 bytes long, not 2" },
	{ CRYPT, 0, 26, ELEMENTS_VALUE, BYTES(""), "T8", "PLAINDIGEST: 0 bytes long, not 1" },
	/* T9: digest, algorithm, modulus. */
	{ LIST, 0, 8, ELEMENTS_VALUE, BYTES("\2"), "T9", "DIGESTALGORTITHM: digest 2, not 1 or 3" },
	{ LIST, 0, 8, ELEMENTS_VALUE, BYTES("\0"), "T9", "digest 0, not 1 or 3" },
	{ LIST, 0, 10, ELEMENTS_VALUE, BYTES("\1"), "T9",
	    "SIGNATUREALGORTITHM: algorithm 1, not 0" },
	{ LIST, 0, 11, ELEMENTS_VALUE, BYTES("\4"), "T9", "SIGNATUREMODULUS: code 4, not 0 to 3" },
	{ LIST, 0, 11, ELEMENTS_VALUE, BYTES("\2"), "T9",
	    "128 bytes, where modulus code 2 means 256" },
	{ LIST, 0, 12, ELEMENTS_VALUE, BYTES("short"), "T9",
	    "SIGNATURE: 5 bytes, where modulus code 1" },
	{ LIST, 0, 12, ELEMENTS_VALUE, BYTES(""), "T9",
	    "SIGNATURE: 0 bytes, where modulus code 1 means" },
};

static void
envelope_parse_refuses_headers_that_break_a_rule(void **state)
{
	(void)state;
	variant_refused(parse, variants, sizeof variants / sizeof *variants);
}

static void
envelope_parse_takes_each_version_and_names_it(void **state)
{
	static const uint8_t versions[][2] = { { 1, 0 }, { 1, 1 }, { 1, 2 } };
	struct bytes file;
	struct envelope env;
	struct err e;
	uint8_t major, minor;

	(void)state;
	assert_true(vectors_read(CUCM, &file));
	for (size_t i = 0; i < 3; i++) {
		memcpy(file.p + 3, versions[i], 2);
		assert_ok(envelope_parse(bytes_span(&file), &env, NULL, &e), e);
		assert_ok(envelope_version(bytes_span(&file), &major, &minor, &e), e);
		assert_int_equal(env.major, major);
		assert_int_equal(env.minor, minor);
		assert_memory_equal(versions[i], &env.major, 2);
	}
	assert_fails(envelope_version(span_of(file.p, 9), &major, &minor, &e), e, ERR_MALFORMED,
	    "offset 9: header element 1 Version: the file ends");
	bytes_free(&file);
}

static void
envelope_encode_without_an_order_writes_unified_cms(void **state)
{
	struct bytes file;
	struct envelope env, again;
	struct wr w = wr_new(65536);
	struct err e;

	(void)state;
	assert_true(vectors_read(CUCM, &file));
	assert_ok(envelope_parse(bytes_span(&file), &env, NULL, &e), e);
	env.order_count = 0;
	env.header_length = 0;
	env.padding = 0;
	assert_ok(envelope_encode(&env, &w, &e), e);
	assert_span_equal(wr_view(&w), span_of(file.p, 296));

	wr_reset(&w);
	env.has_signer_version = true;
	env.signer_major = 1;
	env.signer_minor = 1;
	assert_ok(envelope_encode(&env, &w, &e), e);
	assert_ok(envelope_parse(wr_view(&w), &again, NULL, &e), e);
	assert_memory_equal(again.order, "\1\2\34\3\4\5\6\7\10\11\12\13\14\16\17", 15);
	assert_int_equal(again.order_count, 15);
	assert_true(again.has_signer_version);
	assert_int_equal(again.signer_minor, 1);
	assert_int_equal(again.header_length, 300);
	wr_free(&w);
	bytes_free(&file);
}

static void
envelope_encode_refuses_what_could_not_be_read_again(void **state)
{
	static char long_name[ENVELOPE_NAME_MAX];
	struct bytes file;
	struct envelope env, bad;
	struct wr w = wr_new(65536);
	struct err e;

	(void)state;
	memset(long_name, 'n', sizeof long_name);
	assert_true(vectors_read(CUCM, &file));
	assert_ok(envelope_parse(bytes_span(&file), &env, NULL, &e), e);
	bad = env;
	bad.signer_name = span_of("a\0b", 3);
	assert_fails(envelope_encode(&bad, &w, &e), e, ERR_MALFORMED,
	    "header element 4 SIGNERNAME: a NUL before the end (T7)");
	wr_reset(&w);
	bad.signer_name = span_of(long_name, sizeof long_name);
	assert_fails(envelope_encode(&bad, &w, &e), e, ERR_MALFORMED, "longer than we take");
	wr_reset(&w);
	bad.signer_name = span_of(long_name, sizeof long_name - 1);
	assert_ok(envelope_encode(&bad, &w, &e), e);
	assert_ok(envelope_parse(wr_view(&w), &bad, NULL, &e), e);
	wr_free(&w);
	bytes_free(&file);
}

static void
envelope_encode_refuses_a_value_larger_than_its_length_field(void **state)
{
	struct bytes file, large = { calloc(1, 70000), 70000 };
	struct envelope env;
	struct wr w = wr_new(200000);
	struct err e;

	(void)state;
	assert_true(vectors_read(CUCM, &file));
	assert_ok(envelope_parse(bytes_span(&file), &env, NULL, &e), e);
	env.signature = bytes_span(&large);
	assert_fails(envelope_encode(&env, &w, &e), e, ERR_LIMIT,
	    "header element 12 SIGNATURE: does not fit");
	wr_reset(&w);
	env.signature.n = 65535;
	assert_fails(envelope_encode(&env, &w, &e), e, ERR_LIMIT, "at most 65532");
	bytes_free(&large);
	bytes_free(&file);
	wr_free(&w);
}

static void
envelope_codes_have_sizes_and_names(void **state)
{
	uint8_t code;
	struct err e;

	(void)state;
	for (uint8_t i = 0; i <= 3; i++) {
		assert_ok(envelope_modulus_code(envelope_modulus_size(i), &code, &e), e);
		assert_int_equal(code, i);
	}
	assert_int_equal(envelope_modulus_size(2), 256);
	assert_int_equal(envelope_modulus_size(4), 0);
	assert_fails(envelope_modulus_code(384, &code, &e), e, ERR_LIMIT, "384 bytes");
	assert_int_equal(envelope_digest_size(ENVELOPE_SHA1), 20);
	assert_int_equal(envelope_digest_size(ENVELOPE_SHA512), 64);
	assert_int_equal(envelope_digest_size(2), 0);
	assert_string_equal(envelope_digest_name(2), "unknown");
	assert_string_equal(envelope_tag_name(ENVELOPE_DIGEST), "DIGESTALGORTITHM");
	assert_string_equal(envelope_tag_name(ENVELOPE_WRAPPED_KEY), "WRAPPEDKEY");
	assert_string_equal(envelope_tag_name(29), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(envelope_parse_reads_every_field_of_every_vector),
		cmocka_unit_test(envelope_encode_gives_the_bytes_that_were_parsed),
		cmocka_unit_test(envelope_parse_finds_what_the_signature_covers),
		cmocka_unit_test(envelope_parse_refuses_a_header_cut_at_any_byte),
		cmocka_unit_test(envelope_parse_refuses_every_length_that_lies),
		cmocka_unit_test(envelope_parse_refuses_headers_that_break_a_rule),
		cmocka_unit_test(envelope_parse_takes_each_version_and_names_it),
		cmocka_unit_test(envelope_encode_without_an_order_writes_unified_cms),
		cmocka_unit_test(envelope_encode_refuses_what_could_not_be_read_again),
		cmocka_unit_test(envelope_encode_refuses_a_value_larger_than_its_length_field),
		cmocka_unit_test(envelope_codes_have_sizes_and_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
