#include "../check.h"

#include <openssl/evp.h>

#include "variant.h"
#include "vectors.h"

#include "wire/sgn.h"

#define TONES "sgn/g3-tones.xml.sgn"
#define CRYPT "enc/SEP001122334455.cnf.xml.enc.sgn"

static void
payload_is_that_expected(void *arg, const char *path, json_t *entry, struct span file)
{
	json_t *parse = json_object_get(entry, "parse");
	uint8_t hash[32];
	size_t n;
	struct sgn s;
	struct err e;

	(void)arg, (void)path;
	assert_ok(sgn_parse(file, &s, &e), e);
	assert_int_equal(s.payload.n, vectors_number(parse, "payload_length"));
	assert_ptr_equal(s.payload.p, file.p + s.env.header_length);
	assert_true(EVP_Q_digest(NULL, "SHA256", NULL, s.payload.p, s.payload.n, hash, &n));
	assert_true(vectors_is_hex(parse, "payload_sha256", span_of(hash, n)));
}

static void
sgn_parse_reads_header_and_payload_of_every_vector(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("sgn", payload_is_that_expected, NULL), 14);
}

static void
payload_is_the_file_beside_it(void *arg, const char *path, json_t *entry, struct span file)
{
	char plain[200];
	struct bytes beside;
	struct sgn s;
	struct err e;

	(void)arg, (void)entry;
	if (strncmp(path, "sgn/", 4) != 0)
		return;
	snprintf(plain, sizeof plain, "%.*s", (int)strlen(path) - 4, path);
	assert_true(vectors_read(plain, &beside));
	assert_ok(sgn_parse(file, &s, &e), e);
	assert_span_equal(s.payload, bytes_span(&beside));
	bytes_free(&beside);
}

static void
sgn_parse_gives_the_file_that_was_signed(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("sgn", payload_is_the_file_beside_it, NULL), 14);
}

static void
same_bytes_again(void *arg, const char *path, json_t *entry, struct span file)
{
	struct sgn s;
	struct bytes out;
	struct err e;

	(void)arg, (void)path, (void)entry;
	assert_ok(sgn_parse(file, &s, &e), e);
	assert_ok(sgn_encode(&s, &out, &e), e);
	assert_span_equal(bytes_span(&out), file);
	bytes_free(&out);
}

static void
sgn_encode_gives_the_bytes_that_were_parsed(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("sgn", same_bytes_again, NULL), 14);
}

static bool
parse(struct span file, struct err *e)
{
	struct sgn s;

	return sgn_parse(file, &s, e);
}

/* The header does not know how long the payload is (files.md 3): a payload that was cut is seen by
 * its signature only. */
static void
cuts_of_the_header_are_refused(void *arg, const char *path, json_t *entry, struct span file)
{
	struct sgn whole, s;
	size_t header;
	struct err e;

	(void)arg, (void)path, (void)entry;
	assert_ok(sgn_parse(file, &whole, &e), e);
	header = whole.env.header_length;
	variant_refused_cut(parse, file, header);
	for (size_t n = header; n < file.n && n < header + 100; n++) {
		struct bytes cut = bytes_copy(span_of(file.p, n));

		assert_ok(sgn_parse(bytes_span(&cut), &s, &e), e);
		assert_int_equal(s.payload.n, n - header);
		bytes_free(&cut);
	}
}

static void
sgn_parse_refuses_a_header_cut_at_any_byte(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("sgn", cuts_of_the_header_are_refused, NULL), 14);
}

static void
sgn_parse_refuses_every_length_that_lies(void **state)
{
	(void)state;
	assert_int_equal(variant_refused_lies(parse, "sgn", false), 14);
}

/* A good file with one element altered. The other rules of the header: test_envelope.c. */
static const struct variant variants[] = {
	{ TONES, 0, 1, ELEMENTS_VALUE, BYTES("\1\1"), "S1", "1.1, a signed file has 1.0" },
	{ TONES, 0, 1, ELEMENTS_VALUE, BYTES("\1\2"), "S1", "1.2, a signed file has 1.0" },
	{ TONES, 0, 1, ELEMENTS_VALUE, BYTES("\2\0"), "S1", "2.0, a signed file has 1.0" },
	{ CRYPT, 0, 15, ELEMENTS_AFTER, BYTES(""), "S1", "2.0, a signed file has 1.0" },
	{ TONES, 0, 1, ELEMENTS_VALUE, BYTES("\3\0"), "T1",
	    "element 1 Version: 3.0, not 1.0, 1.1" },
	{ TONES, 0, 12, ELEMENTS_AFTER, BYTES("\r"), "T3", "an element follows the padding" },
	{ TONES, 0, 8, ELEMENTS_REPLACE, BYTES(""), "T6", "element 8 DIGESTALGORTITHM: missing" },
	{ TONES, 0, 14, ELEMENTS_VALUE, BYTES("x"), "T7",
	    "element 14 FILENAME: no NUL at the end" },
	{ TONES, 0, 15, ELEMENTS_AFTER, BYTES("\x1b\0\0"), "T5",
	    "27 PLAINHASH: unknown in version 1.0" },
};

static void
sgn_parse_refuses_files_that_break_a_rule(void **state)
{
	(void)state;
	variant_refused(parse, variants, sizeof variants / sizeof *variants);
}

static void
sgn_encode_makes_a_header_of_any_padding(void **state)
{
	struct bytes file, out;
	struct sgn s, again;
	struct err e;
	bool seen[4] = { false };

	(void)state;
	assert_true(vectors_read(TONES, &file));
	assert_ok(sgn_parse(bytes_span(&file), &s, &e), e);
	s.env.order_count = 0;
	for (size_t n = 0; n < 4; n++) {
		s.env.filename = span_of("abcd", n);
		assert_ok(sgn_encode(&s, &out, &e), e);
		assert_ok(sgn_parse(bytes_span(&out), &again, &e), e);
		assert_int_equal(again.env.header_length % 4, 0);
		assert_span_equal(again.env.filename, s.env.filename);
		assert_span_equal(again.payload, s.payload);
		seen[again.env.padding] = true;
		bytes_free(&out);
	}
	assert_true(seen[0] && seen[1] && seen[2] && seen[3]);
	bytes_free(&file);
}

static void
sgn_encode_says_what_does_not_fit(void **state)
{
	struct bytes file, out;
	struct sgn s;
	struct err e;

	(void)state;
	assert_true(vectors_read(TONES, &file));
	assert_ok(sgn_parse(bytes_span(&file), &s, &e), e);
	s.env.filename = span_of("a\0b", 3);
	assert_fails(sgn_encode(&s, &out, &e), e, ERR_MALFORMED, "header element 14 FILENAME");
	bytes_free(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sgn_parse_reads_header_and_payload_of_every_vector),
		cmocka_unit_test(sgn_parse_gives_the_file_that_was_signed),
		cmocka_unit_test(sgn_encode_gives_the_bytes_that_were_parsed),
		cmocka_unit_test(sgn_parse_refuses_a_header_cut_at_any_byte),
		cmocka_unit_test(sgn_parse_refuses_every_length_that_lies),
		cmocka_unit_test(sgn_parse_refuses_files_that_break_a_rule),
		cmocka_unit_test(sgn_encode_makes_a_header_of_any_padding),
		cmocka_unit_test(sgn_encode_says_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
