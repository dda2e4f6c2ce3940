#include "../check.h"

#include <openssl/evp.h>

#include "variant.h"
#include "vectors.h"

#include "wire/encfile.h"

#define CRYPT "enc/SEP001122334455.cnf.xml.enc.sgn"
#define STUB  "enc/SEP001122334455.cnf.xml.sgn"

/* The file beside it is what was encrypted; its hash stands in the header. */
static void
assert_plain(const struct encfile *f, json_t *entry)
{
	json_t *parse = json_object_get(entry, "parse");
	const char *path = vectors_text(json_object_get(entry, "options"), "plain");
	const struct envelope_enc *enc = &f->env.enc;
	struct bytes plain;
	uint8_t hash[64];
	size_t n;

	assert_true(vectors_read(path, &plain));
	assert_int_equal(plain.n, vectors_number(parse, "plain_length"));
	assert_int_equal(f->body.n, plain.n + enc->padding);
	assert_true(EVP_Q_digest(
	    NULL, envelope_digest_name(enc->plain_digest), NULL, plain.p, plain.n, hash, &n));
	assert_span_equal(enc->plain_hash, span_of(hash, n));
	assert_true(EVP_Q_digest(NULL, "SHA256", NULL, plain.p, plain.n, hash, &n));
	assert_true(vectors_is_hex(parse, "plain_sha256", span_of(hash, n)));
	bytes_free(&plain);
}

static void
fields_are_those_expected(void *arg, const char *path, json_t *entry, struct span file)
{
	json_t *parse = json_object_get(entry, "parse");
	const struct envelope_enc *enc;
	struct encfile f;
	struct err e;

	(void)arg, (void)path;
	assert_ok(encfile_parse(file, &f, &e), e);
	enc = &f.env.enc;
	assert_true(f.env.is_encrypted);
	assert_int_equal(enc->cipher, vectors_number(parse, "cipher"));
	assert_int_equal(enc->iv.n, 16);
	assert_int_equal(enc->padding, vectors_number(parse, "padding"));
	assert_int_equal(enc->key_cipher, vectors_number(parse, "keycipher"));
	assert_int_equal(enc->key_bits, vectors_number(parse, "keybits"));
	assert_int_equal(enc->key_algorithm, vectors_number(parse, "keyalg"));
	assert_int_equal(enc->wrapped_key.n * 8, vectors_number(parse, "keybits"));
	assert_int_equal(enc->plain_digest, vectors_number(parse, "enc_digest"));
	assert_int_equal(4 + 3 + enc->iv.n + 5, vectors_number(parse, "ivinfo"));
	assert_int_equal(4 + 5 + 4 + 3 + enc->wrapped_key.n, vectors_number(parse, "keyinfo"));
	assert_int_equal(3 + vectors_number(parse, "ivinfo") + 3 + vectors_number(parse, "keyinfo"),
	    vectors_number(parse, "encinfo"));
	assert_ptr_equal(f.body.p, file.p + f.env.header_length);
	assert_int_equal(f.body.n, file.n - f.env.header_length);
	assert_plain(&f, entry);
}

static void
encfile_parse_reads_every_field_of_every_vector(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("enc", fields_are_those_expected, NULL), 5);
}

static void
same_bytes_again(void *arg, const char *path, json_t *entry, struct span file)
{
	struct encfile f;
	struct bytes out;
	struct err e;

	(void)arg, (void)path, (void)entry;
	assert_ok(encfile_parse(file, &f, &e), e);
	assert_ok(encfile_encode(&f, &out, &e), e);
	assert_span_equal(bytes_span(&out), file);
	bytes_free(&out);
}

static void
encfile_encode_gives_the_bytes_that_were_parsed(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("enc", same_bytes_again, NULL), 5);
}

static bool
parse(struct span file, struct err *e)
{
	struct encfile f;

	return encfile_parse(file, &f, e);
}

/* The header does not know how long the body is (files.md 4): one that was cut between blocks is
 * seen by its signature only. */
static void
cuts_are_refused(void *arg, const char *path, json_t *entry, struct span file)
{
	struct encfile whole, f;
	size_t header;
	struct err e;

	(void)arg, (void)path, (void)entry;
	assert_ok(encfile_parse(file, &whole, &e), e);
	header = whole.env.header_length;
	variant_refused_cut(parse, file, header);
	for (size_t n = header; n < file.n; n++) {
		struct bytes cut = bytes_copy(span_of(file.p, n));

		if (n > header && (n - header) % ENCFILE_BLOCK == 0) {
			assert_ok(encfile_parse(bytes_span(&cut), &f, &e), e);
			assert_int_equal(f.body.n, n - header);
		} else {
			assert_fails(encfile_parse(bytes_span(&cut), &f, &e), e, ERR_MALFORMED,
			    "blocks of 16 (E3)");
		}
		bytes_free(&cut);
	}
}

static void
encfile_parse_refuses_a_file_cut_at_any_byte_of_a_block(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("enc", cuts_are_refused, NULL), 5);
}

static void
encfile_parse_refuses_every_length_that_lies(void **state)
{
	(void)state;
	assert_int_equal(variant_refused_lies(parse, "enc", false), 5);
}

/* A good file with one element altered. The other rules of the header: test_envelope.c. */
static const struct variant variants[] = {
	/* E1: version. */
	{ CRYPT, 0, 1, ELEMENTS_VALUE, BYTES("\1\0"), "E1", "1.0, an encrypted file has 2.0" },
	{ CRYPT, 0, 1, ELEMENTS_VALUE, BYTES("\1\2"), "E1", "1.2, an encrypted file has 2.0" },
	{ STUB, 0, 1, ELEMENTS_AFTER, BYTES(""), "E1", "1.0, an encrypted file has 2.0" },
	{ CRYPT, 0, 1, ELEMENTS_VALUE, BYTES("\2\1"), "T1",
	    "element 1 Version: 2.1, not 1.0, 1.1, 1.2 or" },
	/* E2: what must be there. */
	{ STUB, 0, 1, ELEMENTS_VALUE, BYTES("\2\0"), "E2", "element 18 CIPHER: missing" },
	{ CRYPT, 0, 16, ELEMENTS_REPLACE, BYTES(""), "E2", "element 18 CIPHER: missing" },
	{ CRYPT, 0, 17, ELEMENTS_REPLACE, BYTES(""), "E2", "element 18 CIPHER: missing" },
	{ CRYPT, 0, 18, ELEMENTS_REPLACE, BYTES(""), "E2", "element 18 CIPHER: missing" },
	{ CRYPT, 0, 19, ELEMENTS_REPLACE, BYTES(""), "E2", "element 19 IV: missing" },
	{ CRYPT, 0, 20, ELEMENTS_REPLACE, BYTES(""), "E2", "element 20 BODYPADDING: missing" },
	{ CRYPT, 0, 21, ELEMENTS_REPLACE, BYTES(""), "E2", "element 22 KEYCIPHER: missing" },
	{ CRYPT, 0, 22, ELEMENTS_REPLACE, BYTES(""), "E2", "element 22 KEYCIPHER: missing" },
	{ CRYPT, 0, 23, ELEMENTS_REPLACE, BYTES(""), "E2", "element 23 KEYBITS: missing" },
	{ CRYPT, 0, 24, ELEMENTS_REPLACE, BYTES(""), "E2", "element 24 KEYALGORITHM: missing" },
	{ CRYPT, 0, 25, ELEMENTS_REPLACE, BYTES(""), "E2", "element 25 WRAPPEDKEY: missing" },
	{ CRYPT, 0, 26, ELEMENTS_REPLACE, BYTES(""), "E2", "element 26 PLAINDIGEST: missing" },
	{ CRYPT, 0, 27, ELEMENTS_REPLACE, BYTES(""), "E2", "element 27 PLAINHASH: missing" },
	{ CRYPT, 0, 21, ELEMENTS_VALUE, BYTES(""), "E2", "element 22 KEYCIPHER: missing" },
	/* E4: padding of the body. */
	{ CRYPT, 0, 20, ELEMENTS_VALUE, BYTES("\0\0"), "E4",
	    "element 20 BODYPADDING: 0 bytes, not 1 to 16" },
	{ CRYPT, 0, 20, ELEMENTS_VALUE, BYTES("\0\21"), "E4", "17 bytes, not 1 to 16" },
	{ CRYPT, 0, 20, ELEMENTS_VALUE, BYTES("\1\1"), "E4", "257 bytes, not 1 to 16" },
	/* E5: bits of the wrapped key. */
	{ CRYPT, 0, 23, ELEMENTS_VALUE, BYTES("\4\1"), "E5",
	    "element 23 KEYBITS: 1025 bits, where the" },
	{ CRYPT, 0, 25, ELEMENTS_VALUE, BYTES("short"), "E5", "the wrapped key has 5 bytes" },
	{ CRYPT, 0, 25, ELEMENTS_VALUE, BYTES(""), "E5", "the wrapped key has 0 bytes" },
	/* E6: hash of the plain text. */
	{ CRYPT, 0, 26, ELEMENTS_VALUE, BYTES("\2"), "E6", "26 PLAINDIGEST: digest 2, not 1 or 3" },
	{ CRYPT, 0, 26, ELEMENTS_VALUE, BYTES("\3"), "E6", "20 bytes, where digest 3 means 64" },
	{ CRYPT, 0, 27, ELEMENTS_VALUE, BYTES("short"), "E6",
	    "27 PLAINHASH: 5 bytes, where digest 1" },
	/* T4, T5, T8 in what only these files have. */
	{ CRYPT, 0, 27, ELEMENTS_AFTER, BYTES("\x12\0\1\0"), "T4",
	    "18 CIPHER: stands outside of 17 IVINFO" },
	{ CRYPT, 0, 18, ELEMENTS_AFTER, BYTES("\x16\0\1\0"), "T4",
	    "22 KEYCIPHER: stands in 17 IVINFO, where" },
	{ CRYPT, 0, 24, ELEMENTS_AFTER, BYTES("\x18\0\1\1"), "T5",
	    "element 24 KEYALGORITHM: a second one" },
	{ CRYPT, 0, 19, ELEMENTS_VALUE, BYTES("\1"), "T8", "element 19 IV: 1 bytes long, not 16" },
};

static void
encfile_parse_refuses_files_that_break_a_rule(void **state)
{
	(void)state;
	variant_refused(parse, variants, sizeof variants / sizeof *variants);
}

static void
encfile_encode_without_an_order_puts_the_encryption_last(void **state)
{
	struct bytes file, out;
	struct encfile f, again;
	struct err e;

	(void)state;
	assert_true(vectors_read(CRYPT, &file));
	assert_ok(encfile_parse(bytes_span(&file), &f, &e), e);
	f.env.order_count = 0;
	assert_ok(encfile_encode(&f, &out, &e), e);
	assert_ok(encfile_parse(bytes_span(&out), &again, &e), e);
	assert_int_equal(again.env.order_count, 26);
	for (uint8_t i = 0; i < 12; i++)
		assert_int_equal(again.env.order[14 + i], ENVELOPE_ENC_INFO + i);
	assert_span_equal(again.env.enc.wrapped_key, f.env.enc.wrapped_key);
	assert_span_equal(again.body, f.body);
	bytes_free(&out);
	bytes_free(&file);
}

static void
encfile_encode_says_what_does_not_fit(void **state)
{
	struct bytes file, out;
	struct encfile f;
	struct err e;

	(void)state;
	assert_true(vectors_read(CRYPT, &file));
	assert_ok(encfile_parse(bytes_span(&file), &f, &e), e);
	f.env.issuer = span_of("\xff", 1);
	assert_fails(encfile_encode(&f, &out, &e), e, ERR_MALFORMED,
	    "header element 6 CANAME: not UTF-8 (T7)");
	bytes_free(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encfile_parse_reads_every_field_of_every_vector),
		cmocka_unit_test(encfile_encode_gives_the_bytes_that_were_parsed),
		cmocka_unit_test(encfile_parse_refuses_a_file_cut_at_any_byte_of_a_block),
		cmocka_unit_test(encfile_parse_refuses_every_length_that_lies),
		cmocka_unit_test(encfile_parse_refuses_files_that_break_a_rule),
		cmocka_unit_test(encfile_encode_without_an_order_puts_the_encryption_last),
		cmocka_unit_test(encfile_encode_says_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
