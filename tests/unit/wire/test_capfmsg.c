#include "message.h"
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

static bool
parse(struct span message, struct err *e)
{
	struct capfmsg m;

	return capfmsg_parse(message, false, &m, e);
}

static bool
parse_strict(struct span message, struct err *e)
{
	struct capfmsg m;

	return capfmsg_parse(message, true, &m, e);
}

static const struct message_kind kind = {
	.header = CAPFMSG_HEADER,
	.rules = "C",
	.nested = { CAPFMSG_CERTIFICATE, CAPFMSG_SHA2_SIGNED },
	.frame = capfmsg_frame,
	.parse = parse,
};

/* A header of that command before elements in hex, with the right length. */
static struct bytes
elements_message(uint8_t command, const char *hex)
{
	const uint8_t head[] = { 0x55, command, 0, 0, 0, 1 };

	return message_make(span_of(head, sizeof head), hex);
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
	static const struct message_byte rows[] = {
		{ 0, 0x57, "C1" },
		{ 1, 0, "C2" },
		{ 1, 24, "C2" },
		{ 1, 0xff, "C2" },
		{ 6, 1, "C3" },
		{ 7, 0, "C3" },
	};
	struct bytes good = elements_message(CAPFMSG_AUTH_RESPONSE, "01000101");

	(void)state;
	message_refused(&kind, bytes_span(&good), rows, sizeof rows / sizeof *rows);
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
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad_elements / sizeof bad_elements[0]; i++) {
		struct bytes bad =
		    elements_message(CAPFMSG_AUTH_RESPONSE, bad_elements[i].elements);

		assert_fails(parse(bytes_span(&bad), &e), e, ERR_MALFORMED, bad_elements[i].rule);
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

	(void)state;
	message_refused_cut(&kind, bytes_span(&good));
	bytes_free(&good);
}

static void
capfmsg_parse_refuses_every_length_that_lies(void **state)
{
	struct bytes good = elements_message(CAPFMSG_AUTH_RESPONSE, ALL_HEX);
	struct message_kind strict = kind;

	(void)state;
	strict.parse = parse_strict;
	message_refused_lies(&strict, bytes_span(&good));
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
