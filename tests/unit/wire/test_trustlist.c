#include "../check.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "variant.h"
#include "vectors.h"

#include "base/mem.h"
#include "wire/trustlist.h"

#define PEER "tlv/itl-07-signer-rsa1024-sha1.tlv"
#define HASH "tlv/cucm-01-itl-8.0-layout-5438.tlv"
#define BARE "tlv/cucm-04-ctl-token-nonsecure.tlv"

/* An element is there exactly when expected.json has it, with a text, hex digits or a length. */
static void
assert_field(const struct trustlist_record *r, enum trustlist_tag tag, json_t *want,
    const char *key, struct span s)
{
	json_t *v = json_object_get(want, key);

	assert_int_equal(trustlist_has(r, tag), v != NULL);
	if (v == NULL)
		assert_null(s.p);
	else if (json_is_integer(v))
		assert_int_equal(s.n, json_integer_value(v));
	else if (tag == TRUSTLIST_SUBJECT || tag == TRUSTLIST_ISSUER)
		assert_span_equal(s, span_str(json_string_value(v)));
	else
		assert_true(vectors_is_hex(want, key, s));
}

/* expected.json drops the NULs and shows a name of nothing but NULs as "". */
static void
assert_host(const struct trustlist_record *r, json_t *want)
{
	json_t *v = json_object_get(want, "dns");
	struct span s = r->dns_name;

	assert_int_equal(trustlist_has(r, TRUSTLIST_DNS_NAME), v != NULL);
	if (v == NULL)
		return;
	assert_true(s.n > 0 && s.p[s.n - 1] == 0);
	while (s.n > 0 && s.p[s.n - 1] == 0)
		s.n--;
	assert_span_equal(s, span_str(json_string_value(v)));
}

static void
assert_certificate(const struct trustlist_record *r, json_t *want)
{
	uint8_t hash[20];
	size_t n;

	assert_int_equal(r->certificate.p != NULL, json_object_get(want, "sha1") != NULL);
	if (r->certificate.p == NULL)
		return;
	assert_true(EVP_Q_digest(NULL, "SHA1", NULL, r->certificate.p, r->certificate.n, hash, &n));
	assert_true(vectors_is_hex(want, "sha1", span_of(hash, n)));
}

static void
assert_record(const struct trustlist_record *r, json_t *want)
{
	json_t *order = json_object_get(want, "order");

	assert_int_equal(r->length, vectors_number(want, "length"));
	assert_int_equal(r->order_count, json_array_size(order));
	for (size_t i = 0; i < r->order_count; i++)
		assert_int_equal(r->order[i], json_integer_value(json_array_get(order, i)));
	assert_int_equal(r->function, vectors_number(want, "role"));
	assert_string_equal(function_name(r->function), vectors_text(want, "role_name"));
	assert_host(r, want);
	assert_field(r, TRUSTLIST_SUBJECT, want, "subject", r->subject);
	assert_field(r, TRUSTLIST_ISSUER, want, "issuer", r->issuer);
	assert_field(r, TRUSTLIST_SERIAL, want, "serial", r->serial);
	assert_field(r, TRUSTLIST_PUBLIC_KEY, want, "public_key", r->public_key);
	assert_field(r, TRUSTLIST_SIGNATURE, want, "signature", r->signature);
	assert_field(r, TRUSTLIST_CERTIFICATE, want, "certificate", r->certificate);
	assert_field(r, TRUSTLIST_IP_ADDRESS, want, "ip", r->ip_address);
	assert_field(r, TRUSTLIST_CERT_HASH, want, "cert_hash", r->cert_hash);
	assert_int_equal(trustlist_has(r, TRUSTLIST_HASH_ALGORITHM), r->cert_hash.p != NULL);
	if (r->cert_hash.p != NULL)
		assert_int_equal(r->hash_algorithm, vectors_number(want, "hash_alg"));
	assert_certificate(r, want);
}

static void
records_are_those_expected(void *arg, const char *path, json_t *entry, struct span file)
{
	json_t *parse = json_object_get(entry, "parse"),
	       *records = json_object_get(parse, "records");
	struct trustlist list;
	size_t offset;
	struct err e;

	(void)arg;
	assert_ok(trustlist_parse(file, &list, &e), e);
	assert_int_equal(list.env.header_length, vectors_number(parse, "header_length"));
	assert_int_equal(list.count, json_array_size(records));
	offset = list.env.header_length;
	for (size_t i = 0; i < list.count; i++) {
		assert_record(&list.records[i], json_array_get(records, i));
		assert_int_equal(list.records[i].offset, offset);
		offset += list.records[i].length;
	}
	assert_int_equal(offset, file.n);
	if (strncmp(vectors_text(parse, "filename"), "ITLFile", 7) == 0)
		assert_false(trustlist_is_ctl(&list));
	if (strncmp(path, "tlv/ctl", 7) == 0)
		assert_true(trustlist_is_ctl(&list));
	trustlist_free(&list);
}

static void
trustlist_parse_reads_every_field_of_every_vector(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("tlv", records_are_those_expected, NULL), 29);
}

static void
same_bytes_again(void *arg, const char *path, json_t *entry, struct span file)
{
	struct trustlist list;
	struct bytes out;
	struct err e;

	(void)arg, (void)path, (void)entry;
	assert_ok(trustlist_parse(file, &list, &e), e);
	assert_ok(trustlist_encode(&list, &out, &e), e);
	assert_span_equal(bytes_span(&out), file);
	bytes_free(&out);
	trustlist_free(&list);
}

static void
trustlist_encode_gives_the_bytes_that_were_parsed(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("tlv", same_bytes_again, NULL), 29);
}

static bool
parse(struct span file, struct err *e)
{
	struct trustlist list;

	if (!trustlist_parse(file, &list, e))
		return false;
	trustlist_free(&list);
	return true;
}

/* How many records end at or before n when n is not inside of one; else -1. No field counts the
 * records (files.md 1.1), so only the signature tells that whole ones are missing at the end. */
static long
records_before(const struct elements *found, size_t n)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct element *el = &found->all[i];

		if (el->at == n && el->record > 0 && el->tag == TRUSTLIST_RECORD_LENGTH)
			return (long)el->record - 1;
	}
	return -1;
}

static void
cuts_are_refused(void *arg, const char *path, json_t *entry, struct span file)
{
	struct elements found;

	(void)arg, (void)path, (void)entry;
	elements_find(file, true, &found);
	for (size_t n = 0; n < file.n; n++) {
		struct bytes cut = bytes_copy(span_of(file.p, n));
		long whole = records_before(&found, n);
		struct trustlist list;
		struct err e;

		if (whole >= 0) {
			assert_ok(trustlist_parse(bytes_span(&cut), &list, &e), e);
			assert_int_equal(list.count, whole);
			trustlist_free(&list);
		} else {
			assert_fails(trustlist_parse(bytes_span(&cut), &list, &e), e, ERR_MALFORMED,
			    "offset ");
			assert_true(elements_names_rule(e.text, NULL));
		}
		bytes_free(&cut);
	}
}

static void
trustlist_parse_refuses_a_file_cut_at_any_byte_of_a_record(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("tlv", cuts_are_refused, NULL), 29);
}

static void
trustlist_parse_refuses_every_length_that_lies(void **state)
{
	(void)state;
	assert_int_equal(variant_refused_lies(parse, "tlv", true), 29);
}

static const struct variant variants[] = {
	/* T1: 2.0 is for encrypted files. */
	{ PEER, 0, 1, ELEMENTS_VALUE, BYTES("\2\0"), "T1", "2.0, a trust list has 1.0 to 1.2" },
	{ PEER, 0, 1, ELEMENTS_VALUE, BYTES("\1\3"), "T1", "element 1 Version: 1.3, not 1.0" },
	/* The header's own rules: test_envelope.c. One of each passes through here. */
	{ PEER, 0, 2, ELEMENTS_PATCH, BYTES("\2\0\2\xff\xfc"), "T2",
	    "element 2 HeaderLength: 65532 in a" },
	{ PEER, 0, 2, ELEMENTS_PATCH, BYTES("\2\0\2\1\x31"), "T3", "is no multiple of 4" },
	{ PEER, 0, 9, ELEMENTS_PATCH, BYTES("\x09\0\4"), "T4", "where it may not" },
	{ PEER, 0, 5, ELEMENTS_REPLACE, BYTES(""), "T6", "header element 5 SERIALNUMBER: missing" },
	{ PEER, 0, 8, ELEMENTS_VALUE, BYTES("\1\1"), "T8", "2 bytes long, not 1" },
	{ PEER, 0, 8, ELEMENTS_VALUE, BYTES("\2"), "T9", "digest 2, not 1 or 3" },
	/* T5: unknown and double. */
	{ PEER, 1, 9, ELEMENTS_AFTER, BYTES("\x0d\0\0"), "T5",
	    "record 1 element 13 unknown: no such tag" },
	{ PEER, 2, 3, ELEMENTS_AFTER, BYTES("\0\0\0"), "T5",
	    "record 2 element 0 unknown: no such tag" },
	{ PEER, 1, 9, ELEMENTS_AFTER, BYTES("\xff\0\0"), "T5", "element 255 unknown: no such tag" },
	{ PEER, 2, 9, ELEMENTS_AFTER, BYTES("\4\0\2\0\1"), "T5",
	    "record 2 element 4 FUNCTION: a second" },
	{ PEER, 1, 5, ELEMENTS_AFTER, BYTES("\1\0\2\0\6"), "T5",
	    "element 1 RECORDLENGTH: a second one" },
	{ HASH, 1, 2, ELEMENTS_AFTER, BYTES("\2\0\1\0"), "T5",
	    "element 2 DNSNAME: a second one; the" },
	/* T7: strings and serials. */
	{ PEER, 1, 3, ELEMENTS_VALUE, BYTES(""), "T7", "element 3 SUBJECTNAME: no NUL at the end" },
	{ PEER, 1, 3, ELEMENTS_VALUE, BYTES("CN=a"), "T7", "SUBJECTNAME: no NUL at the end" },
	{ PEER, 1, 5, ELEMENTS_VALUE, BYTES("C\0N\0"), "T7", "ISSUERNAME: a NUL before the end" },
	{ PEER, 1, 5, ELEMENTS_VALUE, BYTES("\xff\0"), "T7", "element 5 ISSUERNAME: not UTF-8" },
	{ PEER, 2, 6, ELEMENTS_VALUE, BYTES(""), "T7", "record 2 element 6 SERIALNUMBER: empty" },
	{ HASH, 1, 2, ELEMENTS_VALUE, BYTES(""), "T7", "element 2 DNSNAME: no NUL at the end" },
	{ HASH, 1, 2, ELEMENTS_VALUE, BYTES("  "), "T7", "element 2 DNSNAME: no NUL at the end" },
	{ HASH, 1, 2, ELEMENTS_VALUE, BYTES("a\0b\0"), "T7", "something after the first NUL" },
	{ HASH, 1, 2, ELEMENTS_VALUE, BYTES("\0 "), "T7", "something after the first NUL" },
	{ HASH, 1, 2, ELEMENTS_VALUE, BYTES("\xc0\x80\0"), "T7", "element 2 DNSNAME: not UTF-8" },
	/* T8: fixed lengths. */
	{ PEER, 1, 4, ELEMENTS_VALUE, BYTES("\1"), "T8",
	    "element 4 FUNCTION: 1 bytes long, not 2" },
	{ HASH, 3, 12, ELEMENTS_VALUE, BYTES("\0\1"), "T8", "HASH ALGORITHM: 2 bytes long, not 1" },
	{ BARE, 1, 10, ELEMENTS_VALUE, BYTES("\1\2\3"), "T8", "IPADDRESS: 3 bytes long, not 4" },
	{ BARE, 1, 10, ELEMENTS_VALUE, BYTES("0123456789abcdef"), "T8", "16 bytes long, not 4" },
	/* T11: where a record begins and ends. */
	{ PEER, 1, 1, ELEMENTS_PATCH, BYTES("\2"), "T11",
	    "record 1 element 1 RECORDLENGTH: the record does" },
	{ PEER, 2, 1, ELEMENTS_PATCH, BYTES("\1\0\3"), "T11",
	    "record 2 element 1 RECORDLENGTH: the record" },
	{ PEER, 1, 1, ELEMENTS_PATCH, BYTES("\1\0\2\0\5"), "T11",
	    "5 bytes long where 2593 are left" },
	{ PEER, 1, 1, ELEMENTS_PATCH, BYTES("\1\0\2\xff\xff"), "T11",
	    "RECORDLENGTH: 65535 bytes long" },
	{ PEER, 1, 1, ELEMENTS_PATCH, BYTES("\1\0\2\3\xc7"), "T11",
	    "588 bytes long where 587 are left" },
	{ PEER, 2, 9, ELEMENTS_PATCH, BYTES("\x09\xff\xff"), "T11",
	    "record 2 element 9 CERTIFICATE: 65535" },
	{ PEER, 1, 9, ELEMENTS_AFTER, BYTES("\x0a"), "T11", "10 IPADDRESS: its length is cut off" },
	{ PEER, 2, 9, ELEMENTS_AFTER, BYTES("\x0a\0"), "T11", "its length is cut off" },
	/* T12: a record has a function. */
	{ PEER, 2, 4, ELEMENTS_REPLACE, BYTES(""), "T12", "record 2 element 4 FUNCTION: missing" },
	{ BARE, 3, 4, ELEMENTS_REPLACE, BYTES(""), "T12", "record 3 element 4 FUNCTION: missing" },
	/* T15: a hash and what it was made with. */
	{ HASH, 3, 11, ELEMENTS_REPLACE, BYTES(""), "T15", "12 HASH ALGORITHM: stands without 11" },
	{ HASH, 3, 12, ELEMENTS_REPLACE, BYTES(""), "T15", "11 CERTHASH: stands without 12" },
	{ HASH, 3, 12, ELEMENTS_VALUE, BYTES("\2"), "T15", "algorithm 2, not 1 or 3" },
	{ HASH, 4, 12, ELEMENTS_VALUE, BYTES("\3"), "T15", "20 bytes, where algorithm 3 means 64" },
	{ HASH, 4, 11, ELEMENTS_VALUE, BYTES(""), "T15", "0 bytes, where algorithm 1 means 20" },
};

static void
trustlist_parse_refuses_lists_that_break_a_rule(void **state)
{
	(void)state;
	variant_refused(parse, variants, sizeof variants / sizeof *variants);
}

/* What must go on working though no vector has it. */
static const struct variant unusual[] = {
	{ HASH, 1, 2, ELEMENTS_VALUE, BYTES(" \0"), "blank host name" },
	{ HASH, 1, 2, ELEMENTS_VALUE, BYTES("pub\0\0\0"), "host name and many NULs" },
	{ PEER, 2, 4, ELEMENTS_VALUE, BYTES("\0\22"), "function 18, which has no name" },
	{ PEER, 2, 4, ELEMENTS_VALUE, BYTES("\xff\xff"), "the largest function" },
	{ PEER, 2, 1, ELEMENTS_AFTER, BYTES("\2\0\1\0"), "another order" },
	{ PEER, 0, 28, ELEMENTS_REPLACE, BYTES(""), "no signer version" },
	{ PEER, 0, 15, ELEMENTS_AFTER, BYTES(""), "nothing altered" },
	{ HASH, 0, 15, ELEMENTS_AFTER, BYTES("\x1c\0\2\1\1"), "a signer version at the end" },
	{ PEER, 1, 3, ELEMENTS_VALUE, BYTES("\0"), "an empty subject" },
};

static void
trustlist_keeps_what_is_unusual_and_allowed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof unusual / sizeof *unusual; i++) {
		struct bytes file = variant_make(&unusual[i]);

		same_bytes_again(NULL, NULL, NULL, bytes_span(&file));
		bytes_free(&file);
	}
}

static void
trustlist_parse_keeps_functions_without_a_name(void **state)
{
	struct bytes file = variant_make(&unusual[2]);
	struct trustlist list;
	struct err e;

	(void)state;
	assert_ok(trustlist_parse(bytes_span(&file), &list, &e), e);
	assert_int_equal(list.records[1].function, 18);
	assert_null(function_name(18));
	trustlist_free(&list);
	bytes_free(&file);
}

static void
trustlist_encode_makes_record_lengths_itself(void **state)
{
	struct bytes file, out;
	struct trustlist list;
	struct err e;

	(void)state;
	assert_true(vectors_read(HASH, &file));
	assert_ok(trustlist_parse(bytes_span(&file), &list, &e), e);
	for (size_t i = 0; i < list.count; i++)
		list.records[i].length = 0;
	list.env.header_length = 0;
	list.env.order_count = 0;
	assert_ok(trustlist_encode(&list, &out, &e), e);
	assert_span_equal(bytes_span(&out), bytes_span(&file));
	trustlist_free(&list);
	bytes_free(&file);
	bytes_free(&out);
}

static void
trustlist_encode_refuses_a_record_over_its_length_field(void **state)
{
	struct bytes file, out, large = { mem_new(70000, 1), 70000 };
	struct trustlist list;
	struct err e;

	(void)state;
	assert_true(vectors_read(PEER, &file));
	assert_ok(trustlist_parse(bytes_span(&file), &list, &e), e);
	list.records[1].certificate = bytes_span(&large);
	assert_fails(trustlist_encode(&list, &out, &e), e, ERR_LIMIT,
	    "record 2 element 9 CERTIFICATE: does not fit");
	list.records[1].certificate.n = 65000;
	assert_fails(trustlist_encode(&list, &out, &e), e, ERR_LIMIT, "record 2: ");
	trustlist_free(&list);
	bytes_free(&file);
	bytes_free(&large);
}

/* A header and count bare records. */
static struct bytes
list_of(size_t count)
{
	static const uint8_t bare[] = { 1, 0, 2, 0, 10, 4, 0, 2, 0, 1 };
	struct bytes file, out;
	struct wr w = wr_new(TRUSTLIST_FILE_MAX + 100);
	struct err e;

	assert_true(vectors_read(PEER, &file));
	wr_span(&w, span_of(file.p, 304));
	for (size_t i = 0; i < count; i++)
		wr_span(&w, span_of(bare, sizeof bare));
	assert_ok(wr_done(&w, &out, &e), e);
	bytes_free(&file);
	return out;
}

static void
trustlist_parse_has_a_limit_of_records_and_bytes(void **state)
{
	struct bytes file = list_of(TRUSTLIST_RECORDS_MAX), out;
	struct trustlist list;
	struct err e;

	(void)state;
	assert_ok(trustlist_parse(bytes_span(&file), &list, &e), e);
	assert_int_equal(list.count, TRUSTLIST_RECORDS_MAX);
	list.count++;
	assert_fails(trustlist_encode(&list, &out, &e), e, ERR_LIMIT, "513 records");
	list.count--;
	trustlist_free(&list);
	bytes_free(&file);
	file = list_of(TRUSTLIST_RECORDS_MAX + 1);
	assert_fails(trustlist_parse(bytes_span(&file), &list, &e), e, ERR_LIMIT, "record 513");
	bytes_free(&file);
	file = (struct bytes){ mem_new(TRUSTLIST_FILE_MAX + 1, 1), TRUSTLIST_FILE_MAX + 1 };
	assert_fails(trustlist_parse(bytes_span(&file), &list, &e), e, ERR_LIMIT, "1048577 bytes");
	bytes_free(&file);
}

static void
functions_have_names_both_ways(void **state)
{
	static const struct {
		uint16_t number;
		const char *name;
	} rows[] = { { 0, "SAST" }, { 1, "CCM" }, { 2, "CCM+TFTP" }, { 3, "TFTP" }, { 4, "CAPF" },
		{ 7, "APP-SERVER" }, { 21, "TVS" } };
	uint16_t function;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_string_equal(function_name(rows[i].number), rows[i].name);
		assert_true(function_from_name(rows[i].name, &function));
		assert_int_equal(function, rows[i].number);
	}
	assert_false(function_from_name("sast", &function));
	assert_null(function_name(5));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trustlist_parse_reads_every_field_of_every_vector),
		cmocka_unit_test(trustlist_encode_gives_the_bytes_that_were_parsed),
		cmocka_unit_test(trustlist_parse_refuses_a_file_cut_at_any_byte_of_a_record),
		cmocka_unit_test(trustlist_parse_refuses_every_length_that_lies),
		cmocka_unit_test(trustlist_parse_refuses_lists_that_break_a_rule),
		cmocka_unit_test(trustlist_keeps_what_is_unusual_and_allowed),
		cmocka_unit_test(trustlist_parse_keeps_functions_without_a_name),
		cmocka_unit_test(trustlist_encode_makes_record_lengths_itself),
		cmocka_unit_test(trustlist_encode_refuses_a_record_over_its_length_field),
		cmocka_unit_test(trustlist_parse_has_a_limit_of_records_and_bytes),
		cmocka_unit_test(functions_have_names_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
