#include "../check.h"

#include "base/text.h"
#include "transcript.h"
#include "vectors.h"
#include "wire/capfmsg.h"

#define BIT(tag) (1u << (tag))

static void
assert_number(const json_t *o, const char *key, const struct capfmsg *m, int tag, unsigned got)
{
	const json_t *want = json_object_get(o, key);

	assert_int_equal((m->has & BIT(tag)) != 0, want != NULL);
	assert_int_equal(got, json_integer_value(want));
}

static void
assert_text(const json_t *o, const char *key, const struct capfmsg *m, int tag, struct span got)
{
	const char *want = json_string_value(json_object_get(o, key));

	assert_int_equal((m->has & BIT(tag)) != 0, want != NULL);
	if (want != NULL)
		assert_true(span_is(got, want));
}

/* The expected parse gives sizes; extra is what it counts before the bytes that we hand out. */
static void
assert_size(
    const json_t *o, const char *key, const struct capfmsg *m, int tag, size_t got, size_t extra)
{
	const char *want = json_string_value(json_object_get(o, key));
	char size[32];

	assert_int_equal((m->has & BIT(tag)) != 0, want != NULL);
	snprintf(size, sizeof size, "%zu bytes", got + extra);
	if (want != NULL)
		assert_string_equal(size, want);
}

static void
assert_message(const json_t *o, const struct capfmsg *m)
{
	assert_string_equal(
	    capfmsg_command_name(m->command), json_string_value(json_object_get(o, "command")));
	assert_number(o, "reason", m, CAPFMSG_REASON, m->reason);
	assert_number(o, "cert_type", m, CAPFMSG_CERT_TYPE, m->cert_type);
	assert_number(o, "inner_type", m, CAPFMSG_CERTIFICATE, m->inner_type);
	assert_number(o, "version", m, CAPFMSG_PROTOCOL_VERSION, m->version);
	assert_number(o, "auth_type", m, CAPFMSG_AUTH_TYPE, m->auth_type);
	assert_number(o, "key_size", m, CAPFMSG_KEY_SIZE, m->key_size);
	assert_number(o, "key_type", m, CAPFMSG_KEY_TYPE, m->key_type);
	assert_number(o, "curve", m, CAPFMSG_CURVE, m->curve);
	assert_text(o, "password", m, CAPFMSG_PASSWORD, m->password);
	assert_text(o, "device", m, CAPFMSG_DEVICE_NAME, m->device);
	assert_size(o, "certificate", m, CAPFMSG_CERTIFICATE, m->certificate.n, 0);
	assert_size(o, "signed_data", m, CAPFMSG_SIGNED_DATA, m->signed_data.n, 0);
	assert_size(o, "public_key", m, CAPFMSG_PUBLIC_KEY, m->public_key.n, 0);
	assert_size(o, "sudi", m, CAPFMSG_SUDI, m->sudi.n, 0);
	assert_size(o, "sha2", m, CAPFMSG_SHA2_SIGNED, m->sha2_signed.n, 3);
}

static void
assert_line(const json_t *o, struct span bytes, char from, uint32_t session_id)
{
	struct wr w = wr_new(CAPFMSG_MAX);
	struct capfmsg m;
	struct err e = { 0 };

	assert_ok(capfmsg_parse(bytes, true, &m, &e), e);
	assert_message(o, &m);
	assert_int_equal(m.session_id, session_id);
	assert_int_equal(*json_string_value(json_object_get(o, "from")), from);
	assert_ok(capfmsg_encode(&m, &w, &e), e);
	assert_span_equal(wr_view(&w), bytes);
	wr_free(&w);
}

static void
check_vector(void *arg, const char *path, json_t *entry, struct span file)
{
	const json_t *parse = json_object_get(entry, "parse"), *message;
	uint32_t session_id = (uint32_t)json_integer_value(json_object_get(parse, "session_id"));
	struct transcript t;
	struct err e = { 0 };
	size_t i, line = 0;

	(void)arg;
	print_message("# %s\n", path);
	assert_ok(transcript_parse(file, &t, &e), e);
	json_array_foreach(json_object_get(parse, "messages"), i, message)
	{
		if (json_object_get(message, "command") == NULL)
			continue; /* a remark about a signature */
		assert_true(line < t.count);
		assert_line(message, transcript_line(&t, line), t.from[line], session_id);
		line++;
	}
	assert_int_equal(line, t.count);
	transcript_free(&t);
}

static void
capfmsg_reads_and_reproduces_all_vectors(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("capf", check_vector, NULL), 31);
}

/* A header of that command before elements in hex, with the right length. */
static struct bytes
elements_message(uint8_t command, const char *hex)
{
	struct wr w = wr_new(CAPFMSG_MAX);
	struct bytes body, out;
	struct err e = { 0 };

	assert_ok(text_unhex(span_str(hex), &body, &e), e);
	wr_u8(&w, 0x55);
	wr_u8(&w, command);
	wr_u32(&w, 1);
	wr_u16(&w, (uint16_t)body.n);
	wr_span(&w, bytes_span(&body));
	assert_ok(wr_done(&w, &out, &e), e);
	bytes_free(&body);
	return out;
}

/* Every element that there is, in the order in which we write them. */
#define ALL_HEX \
	"010001010200026f6b0300010104000a010007000130030201050500021234060002010207000103" \
	"080001000a000208000b00033132000c000200010d000441424300100001000900053003020105" \
	"1100010112000102130001011400050300020910"

static void
capfmsg_reproduces_every_element(void **state)
{
	struct bytes in = elements_message(CAPFMSG_AUTH_RESPONSE, ALL_HEX);
	struct wr w = wr_new(CAPFMSG_MAX);
	struct capfmsg m;
	struct err e = { 0 };

	(void)state;
	assert_ok(capfmsg_parse(bytes_span(&in), true, &m, &e), e);
	assert_true(span_is(m.password, "12"));
	assert_true(span_is(m.device, "ABC"));
	assert_int_equal(m.key_size, 2048);
	assert_int_equal(m.sha2_signed.n, 2);
	assert_int_equal(m.inner_type, CAPFMSG_CERT_LSC);
	assert_ok(capfmsg_encode(&m, &w, &e), e);
	assert_span_equal(wr_view(&w), bytes_span(&in));
	wr_free(&w);
	bytes_free(&in);
}

static void
capfmsg_parse_refuses_headers_that_are_not_capf(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		const char *rule;
	} cases[] = {
		{ 0, 0x57, "C1" },
		{ 1, 0, "C2" },
		{ 1, 24, "C2" },
		{ 1, 0xff, "C2" },
		{ 6, 1, "C3" },
		{ 7, 0, "C3" },
	};
	struct bytes good = elements_message(CAPFMSG_AUTH_RESPONSE, "01000101");
	struct capfmsg m;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bytes bad =
		    vectors_splice(bytes_span(&good), cases[i].at, 1, span_of(&cases[i].value, 1));

		assert_fails(capfmsg_parse(bytes_span(&bad), false, &m, &e), e, ERR_MALFORMED,
		    cases[i].rule);
		bytes_free(&bad);
	}
	bytes_free(&good);
}

static const struct {
	const char *elements, *rule;
} bad_elements[] = {
	{ "01", "C4" },
	{ "0100", "C4" },
	{ "01000201", "C4" },
	{ "0100010107", "C4" },
	{ "0100010101000101", "C5: element 1 " },
	{ "070001030800010007000103", "C5: element 7 " },
	{ "010000", "C6: expected 1 byte in element 1 " },
	{ "0100020101", "C6: expected 1 byte in element 1 " },
	{ "0300020101", "C6: expected 1 byte in element 3 " },
	{ "070000", "C6: expected 1 byte in element 7 " },
	{ "080000", "C6: expected 1 byte in element 8 " },
	{ "0a000108", "C6: expected 2 bytes in element 10" },
	{ "0a0003080000", "C6: expected 2 bytes in element 10" },
	{ "110000", "C6: expected 1 byte in element 17" },
	{ "1200020000", "C6: expected 1 byte in element 18" },
	{ "1300020000", "C6: expected 1 byte in element 19" },
	{ "0b0000", "in element 11" },
	{ "0b000131", "in element 11" },
	{ "0b0003310032", "in element 11" },
	{ "0b0003310000", "in element 11" },
	{ "0b00026100", "in element 11" },
	{ "0b00022000", "in element 11" },
	{ "0b00113031323334353637383930313233343500", "in element 11" },
	{ "0d0000", "C6: expected a text" },
	{ "0d0003414243", "C6: expected a text" },
	{ "0d000441004200", "C6: expected a text" },
	{ "0d000441420000", "C6: expected a text" },
	{ "140000", "C6: expected 03" },
	{ "14000402000101", "C6: expected 03" },
	{ "14000403000201", "C6: expected 03" },
	{ "1400050300010101", "C6: expected 03" },
	{ "040000", "C7" },
	{ "04000a02000700013003020105", "C7" },
	{ "04000a01000600013003020105", "C7" },
	{ "04000a01000800013003020105", "C7" },
	{ "04000b0100070001300302010500", "C7" },
	{ "04000a01000701013003020105", "C7" },
	{ "04000a01000700013002020105", "C7" },
	{ "04000a01000700013004020105", "C7" },
	{ "04000a01000700013103020105", "C7" },
	{ "04000401000100", "C7" },
	{ "0400050100020001", "C7" },
	{ "090000", "C7" },
	{ "0900053002020105", "C7" },
	{ "090006300302010500", "C7" },
};

static void
capfmsg_parse_names_the_rule_that_elements_break(void **state)
{
	struct capfmsg m;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad_elements / sizeof bad_elements[0]; i++) {
		struct bytes bad =
		    elements_message(CAPFMSG_AUTH_RESPONSE, bad_elements[i].elements);

		assert_fails(capfmsg_parse(bytes_span(&bad), false, &m, &e), e, ERR_MALFORMED,
		    bad_elements[i].rule);
		bytes_free(&bad);
	}
}

static void
capfmsg_parse_refuses_unknown_elements_only_when_strict(void **state)
{
	static const char *const unknown[] = { "000000", "0e000101", "0f0000", "15000101",
		"ff0000" };

	(void)state;
	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
		struct bytes in = elements_message(CAPFMSG_END_SESSION, unknown[i]);
		struct capfmsg m;
		struct err e = { 0 };

		assert_ok(capfmsg_parse(bytes_span(&in), false, &m, &e), e);
		assert_int_equal(m.has, 0);
		assert_fails(capfmsg_parse(bytes_span(&in), true, &m, &e), e, ERR_MALFORMED, "C5");
		bytes_free(&in);
	}
}

static void
capfmsg_parse_refuses_every_cut_and_frame_waits_for_the_rest(void **state)
{
	struct bytes good = elements_message(CAPFMSG_AUTH_RESPONSE, ALL_HEX);
	struct capfmsg m;
	struct err e = { 0 };
	size_t whole;

	(void)state;
	for (size_t n = 0; n < good.n; n++) {
		struct bytes cut = bytes_copy(span_of(good.p, n));

		assert_ok(capfmsg_frame(bytes_span(&cut), &whole, &e), e);
		assert_int_equal(whole, n < CAPFMSG_HEADER ? 0 : good.n);
		assert_fails(capfmsg_parse(bytes_span(&cut), false, &m, &e), e, ERR_MALFORMED, "C");
		bytes_free(&cut);
	}
	bytes_free(&good);
}

/* Offsets of the lengths in a message: its own, those of elements, and the two nested ones. */
static size_t
length_offsets(struct span message, size_t *out)
{
	struct rd r = rd_open(message);
	struct span skipped;
	size_t count = 0;
	uint16_t length;
	uint8_t tag;

	assert_true(rd_span(&r, CAPFMSG_HEADER - 2, &skipped));
	out[count++] = rd_offset(&r);
	assert_true(rd_u16(&r, &length));
	while (rd_u8(&r, &tag)) {
		out[count++] = rd_offset(&r);
		assert_true(rd_u16(&r, &length));
		if (tag == CAPFMSG_CERTIFICATE || tag == CAPFMSG_SHA2_SIGNED)
			out[count++] = rd_offset(&r) + 1;
		assert_true(rd_span(&r, length, &skipped));
	}
	return count;
}

static void
capfmsg_parse_refuses_every_length_that_lies(void **state)
{
	struct bytes good = elements_message(CAPFMSG_AUTH_RESPONSE, ALL_HEX);
	size_t at[32], count = length_offsets(bytes_span(&good), at);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		uint16_t was = (uint16_t)(good.p[at[i]] << 8 | good.p[at[i] + 1]);
		const uint16_t lies[] = { 0, (uint16_t)(was - 1), (uint16_t)(was + 1),
			(uint16_t)(was + 256), 0x7fff, 0xffff };

		for (size_t k = 0; k < sizeof lies / sizeof lies[0]; k++) {
			const uint8_t lie[] = { (uint8_t)(lies[k] >> 8), (uint8_t)lies[k] };
			struct bytes bad =
			    vectors_splice(bytes_span(&good), at[i], 2, span_of(lie, 2));
			struct capfmsg m;
			struct err e;

			assert_fails(
			    capfmsg_parse(bytes_span(&bad), true, &m, &e), e, ERR_MALFORMED, "C");
			bytes_free(&bad);
		}
	}
	bytes_free(&good);
}

static void
capfmsg_encode_refuses_what_does_not_fit(void **state)
{
	static const uint8_t large[65536];
	struct capfmsg m = { .command = CAPFMSG_STORE_REQUEST, .has = BIT(CAPFMSG_CERTIFICATE) };
	struct wr w = wr_new(CAPFMSG_MAX + 100);
	struct err e;

	(void)state;
	for (size_t n = sizeof large - 8; n <= sizeof large; n++) {
		m.certificate = span_of(large, n);
		assert_fails(capfmsg_encode(&m, &w, &e), e, ERR_LIMIT, "capf message");
		wr_reset(&w);
	}
	wr_free(&w);
}

static void
capfmsg_command_name_knows_all_commands(void **state)
{
	(void)state;
	for (unsigned c = 1; c <= CAPFMSG_SIGN_RESPONSE; c++)
		assert_string_not_equal(capfmsg_command_name(c), "unknown");
	assert_string_equal(capfmsg_command_name(CAPFMSG_ABORT_RESPONSE), "abort-res");
	assert_string_equal(capfmsg_command_name(0), "unknown");
	assert_string_equal(capfmsg_command_name(24), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capfmsg_reads_and_reproduces_all_vectors),
		cmocka_unit_test(capfmsg_reproduces_every_element),
		cmocka_unit_test(capfmsg_parse_refuses_headers_that_are_not_capf),
		cmocka_unit_test(capfmsg_parse_names_the_rule_that_elements_break),
		cmocka_unit_test(capfmsg_parse_refuses_unknown_elements_only_when_strict),
		cmocka_unit_test(capfmsg_parse_refuses_every_cut_and_frame_waits_for_the_rest),
		cmocka_unit_test(capfmsg_parse_refuses_every_length_that_lies),
		cmocka_unit_test(capfmsg_encode_refuses_what_does_not_fit),
		cmocka_unit_test(capfmsg_command_name_knows_all_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
