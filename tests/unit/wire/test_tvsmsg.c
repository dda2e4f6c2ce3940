#include "base/text.h"
#include "message.h"
#include "transcript.h"
#include "vectors.h"
#include "wire/tvsmsg.h"

static const char der[] = "\x30\x03\x02\x01\x05"; /* the smallest that looks like a certificate */
#define DER span_of(der, sizeof der - 1)

static void
assert_bytes_field(const json_t *o, const char *key, struct span got)
{
	const char *want = json_string_value(json_object_get(o, key));
	char size[32];

	snprintf(size, sizeof size, "%zu bytes", got.n);
	if (want == NULL)
		assert_null(got.p);
	else
		assert_string_equal(want, size);
}

static void
assert_text_field(const json_t *o, const char *key, struct span got)
{
	const char *want = json_string_value(json_object_get(o, key));

	if (want == NULL)
		assert_null(got.p);
	else
		assert_true(span_is(got, want));
}

static void
assert_serial_field(const json_t *o, struct span got)
{
	const char *want = json_string_value(json_object_get(o, "serial"));
	struct bytes serial;

	if (want == NULL) {
		assert_null(got.p);
		return;
	}
	assert_true(text_unhex(span_str(want), &serial, NULL));
	assert_span_equal(got, bytes_span(&serial));
	bytes_free(&serial);
}

static void
assert_roles_field(const json_t *o, const struct tvsmsg *m)
{
	const json_t *roles = json_object_get(o, "roles");

	assert_int_equal(m->has_roles, roles != NULL);
	assert_int_equal(m->role_count, json_array_size(roles));
	for (size_t i = 0; i < m->role_count; i++)
		assert_int_equal(m->roles[i], json_integer_value(json_array_get(roles, i)));
}

static void
assert_message(const json_t *o, struct span bytes, struct tvsmsg *m)
{
	struct wr w = wr_new(TVSMSG_MAX);
	struct err e = { 0 };

	assert_ok(tvsmsg_parse(bytes, m, &e), e);
	assert_text_field(o, "device", m->device);
	assert_text_field(o, "subject", m->subject);
	assert_text_field(o, "issuer", m->issuer);
	assert_serial_field(o, m->serial);
	assert_bytes_field(o, "certificate", m->certificate);
	assert_int_equal(m->has_status, json_object_get(o, "status") != NULL);
	assert_int_equal(m->status, json_integer_value(json_object_get(o, "status")));
	assert_int_equal(m->has_ttl, json_object_get(o, "ttl") != NULL);
	assert_int_equal(m->ttl, json_integer_value(json_object_get(o, "ttl")));
	assert_roles_field(o, m);
	assert_ok(tvsmsg_encode(m, &w, &e), e);
	assert_span_equal(wr_view(&w), bytes);
	wr_free(&w);
}

static void
check_vector(void *arg, const char *path, json_t *entry, struct span file)
{
	const json_t *parse = json_object_get(entry, "parse");
	bool is_query =
	    strcmp(json_string_value(json_object_get(parse, "request")), "query-req") == 0;
	struct tvsmsg request, response;
	struct transcript t;
	struct err e = { 0 };

	(void)arg;
	print_message("# %s\n", path);
	assert_ok(transcript_parse(file, &t, &e), e);
	assert_int_equal(t.count, 2);
	assert_message(
	    json_object_get(parse, "request_elements"), transcript_line(&t, 0), &request);
	assert_message(
	    json_object_get(parse, "response_elements"), transcript_line(&t, 1), &response);
	assert_int_equal(request.command, is_query ? TVSMSG_QUERY_REQUEST : TVSMSG_VERIFY_REQUEST);
	assert_int_equal(
	    request.session_id, json_integer_value(json_object_get(parse, "session_id")));
	assert_ok(tvsmsg_answers(&request, &response, &e), e);
	transcript_free(&t);
}

static void
tvsmsg_reads_and_reproduces_all_vectors(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("tvs", check_vector, NULL), 8);
}

/* A whole message for each command; the tables below damage them. */
static struct tvsmsg
message_new(enum tvsmsg_command command)
{
	struct tvsmsg m = { .command = command, .session_id = 1001 };

	if (command == TVSMSG_VERIFY_REQUEST || command == TVSMSG_QUERY_REQUEST)
		m.device = span_str("CP-8861-SEP001122334455");
	if (command == TVSMSG_VERIFY_REQUEST || command == TVSMSG_QUERY_RESPONSE)
		m.certificate = DER;
	if (command == TVSMSG_QUERY_REQUEST) {
		m.subject = span_str("CN=a");
		m.issuer = span_str("CN=b");
		m.serial = span_str("\x01");
	}
	if (command == TVSMSG_VERIFY_RESPONSE || command == TVSMSG_QUERY_RESPONSE) {
		m.has_status = m.has_roles = m.has_ttl = true;
		m.roles[0] = 3;
		m.role_count = 1;
		m.ttl = TVSMSG_TTL;
	}
	return m;
}

static struct bytes
message_bytes(const struct tvsmsg *m)
{
	struct wr w = wr_new(TVSMSG_MAX);
	struct bytes out;
	struct err e = { 0 };

	assert_ok(tvsmsg_encode(m, &w, &e), e);
	assert_ok(wr_done(&w, &out, &e), e);
	return out;
}

static bool
parse(struct span message, struct err *e)
{
	struct tvsmsg m;

	return tvsmsg_parse(message, &m, e);
}

static const struct message_kind kind = {
	.header = TVSMSG_HEADER,
	.rules = "V",
	.frame = tvsmsg_frame,
	.parse = parse,
};

static void
tvsmsg_parse_refuses_headers_that_are_not_tvs(void **state)
{
	static const struct message_byte rows[] = {
		{ 0, 0x55, "V1: protocol" },
		{ 1, 0, "V1: version" },
		{ 1, 2, "V1: version" },
		{ 2, 0, "V2" },
		{ 2, 5, "V2" },
		{ 2, 0xff, "V2" },
		{ 8, 1, "V3" },
		{ 9, 0, "V3" },
	};
	struct tvsmsg m = message_new(TVSMSG_VERIFY_REQUEST);
	struct bytes good = message_bytes(&m);

	(void)state;
	message_refused(&kind, bytes_span(&good), rows, sizeof rows / sizeof *rows);
	bytes_free(&good);
}

/* A header of that command before elements in hex, with the right length. */
static struct bytes
elements_message(uint8_t command, const char *hex)
{
	const uint8_t head[] = { 0x57, 1, command, 0, 0, 0, 0, 1 };

	return message_make(span_of(head, sizeof head), hex);
}

/* Good elements in hex. */
#define DEVICE  "0100020141"
#define CERT    "0200053003020105"
#define SUBJECT "0300026100"
#define ISSUER  "0400026200"
#define SERIAL  "05000101"
#define VALID   "07000100"
#define ROLES   "08000103"
#define TTL     "09000400015180"

static const struct {
	uint8_t command;
	const char *elements, *rule;
} bad_elements[] = {
	{ 1, DEVICE CERT "02", "V4" },
	{ 1, DEVICE CERT "0600", "V4" },
	{ 1, DEVICE CERT "06000200", "V4" },
	{ 1, DEVICE DEVICE CERT, "V5" },
	{ 1, DEVICE CERT CERT, "V5" },
	{ 2, VALID VALID ROLES TTL, "V5" },
	{ 2, VALID ROLES TTL TTL, "V5" },
	{ 2, "070000", "V6: element 7" },
	{ 2, "0700020000", "V6: element 7" },
	{ 2, "07000102", "V6: element 7" },
	{ 2, VALID "080000" TTL, "V6: element 8" },
	{ 2, VALID ROLES "090003000151", "V6: element 9" },
	{ 2, VALID ROLES "0900050000015180", "V6: element 9" },
	{ 3, DEVICE "03000161" ISSUER SERIAL, "V6: element 3" },
	{ 3, DEVICE "03000100" ISSUER SERIAL, "V6: element 3" },
	{ 3, DEVICE "030003610062" ISSUER SERIAL, "V6: element 3" },
	{ 3, DEVICE SUBJECT "04000162" SERIAL, "V6: element 4" },
	{ 3, DEVICE SUBJECT "04000100" SERIAL, "V6: element 4" },
	{ 3, DEVICE SUBJECT "040003620000" SERIAL, "V6: element 4" },
	{ 3, DEVICE SUBJECT ISSUER "050000", "V6: element 5" },
	{ 1, "010000" CERT, "V7" },
	{ 1, "01000101" CERT, "V7" },
	{ 1, "0100024141" CERT, "V7" },
	{ 1, "010003014100" CERT, "V7" },
	{ 1, "0100030141ff" CERT, "V7" },
	{ 1, DEVICE "020000", "V8" },
	{ 1, DEVICE "0200053103020105", "V8" },
	{ 1, DEVICE "0200053002020105", "V8" },
	{ 1, DEVICE "0200053004020105", "V8" },
	{ 1, DEVICE "020006308103020105", "V8" },
	{ 1, DEVICE "0200053080020105", "V8" },
	{ 1, DEVICE, "V9: element 2" },
	{ 1, CERT, "V9: element 1" },
	{ 2, "", "V9: element 7" },
	{ 2, VALID TTL, "V9: element 8" },
	{ 2, VALID ROLES, "V9: element 9" },
	{ 3, SUBJECT ISSUER SERIAL, "V9: element 1" },
	{ 3, DEVICE ISSUER SERIAL, "V9: element 3" },
	{ 3, DEVICE SUBJECT SERIAL, "V9: element 4" },
	{ 3, DEVICE SUBJECT ISSUER, "V9: element 5" },
	{ 4, VALID ROLES TTL, "V9: element 2" },
	{ 4, VALID CERT TTL, "V9: element 8" },
};

static void
tvsmsg_parse_names_the_rule_that_elements_break(void **state)
{
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad_elements / sizeof bad_elements[0]; i++) {
		struct bytes bad =
		    elements_message(bad_elements[i].command, bad_elements[i].elements);

		assert_fails(parse(bytes_span(&bad), &e), e, ERR_MALFORMED, bad_elements[i].rule);
		bytes_free(&bad);
	}
}

static void
tvsmsg_parse_refuses_more_roles_than_there_is_room_for(void **state)
{
	char hex[256] = VALID TTL "080021";
	struct bytes bad;
	struct tvsmsg m;
	struct err e;

	(void)state;
	for (int i = 0; i <= TVSMSG_ROLES_MAX; i++)
		strcat(hex, "01");
	bad = elements_message(2, hex);
	assert_fails(tvsmsg_parse(bytes_span(&bad), &m, &e), e, ERR_MALFORMED, "V6: element 8");
	bytes_free(&bad);
}

static void
tvsmsg_parse_skips_elements_that_nobody_knows(void **state)
{
	struct bytes in = elements_message(1, "06000101" DEVICE "060000" CERT "ff000401020304");
	struct tvsmsg m;
	struct err e = { 0 };

	(void)state;
	assert_ok(tvsmsg_parse(bytes_span(&in), &m, &e), e);
	assert_true(span_is(m.device, "A"));
	assert_span_equal(m.certificate, DER);
	bytes_free(&in);
}

static void
tvsmsg_parse_refuses_every_cut_and_frame_waits_for_the_rest(void **state)
{
	(void)state;
	for (unsigned c = TVSMSG_VERIFY_REQUEST; c <= TVSMSG_QUERY_RESPONSE; c++) {
		struct tvsmsg m = message_new(c), parsed;
		struct bytes good = message_bytes(&m);
		struct err e = { 0 };

		message_refused_cut(&kind, bytes_span(&good));
		assert_ok(tvsmsg_parse(bytes_span(&good), &parsed, &e), e);
		bytes_free(&good);
	}
}

static void
tvsmsg_parse_refuses_every_length_that_lies(void **state)
{
	(void)state;
	for (unsigned c = TVSMSG_VERIFY_REQUEST; c <= TVSMSG_QUERY_RESPONSE; c++) {
		struct tvsmsg m = message_new(c);
		struct bytes good = message_bytes(&m);

		message_refused_lies(&kind, bytes_span(&good));
		bytes_free(&good);
	}
}

static void
tvsmsg_encode_refuses_what_does_not_fit(void **state)
{
	static const uint8_t large[65536];
	struct tvsmsg m = message_new(TVSMSG_VERIFY_REQUEST);
	struct wr w = wr_new(TVSMSG_MAX + 100);
	struct err e;

	(void)state;
	m.certificate = span_of(large, sizeof large);
	assert_fails(tvsmsg_encode(&m, &w, &e), e, ERR_LIMIT, "tvs message");
	wr_reset(&w);
	m.certificate = span_of(large, sizeof large - 20); /* fits its own length alone */
	assert_fails(tvsmsg_encode(&m, &w, &e), e, ERR_LIMIT, "tvs message");
	wr_reset(&w);
	m = message_new(TVSMSG_VERIFY_RESPONSE);
	m.role_count = TVSMSG_ROLES_MAX + 1;
	assert_fails(tvsmsg_encode(&m, &w, &e), e, ERR_LIMIT, "roles");
	wr_free(&w);
}

static void
tvsmsg_answers_refuses_what_fits_another_request(void **state)
{
	struct tvsmsg verify = message_new(TVSMSG_VERIFY_REQUEST);
	struct tvsmsg query = message_new(TVSMSG_QUERY_REQUEST);
	struct tvsmsg yes = message_new(TVSMSG_VERIFY_RESPONSE);
	struct tvsmsg found = message_new(TVSMSG_QUERY_RESPONSE), m;
	struct err e = { 0 };

	(void)state;
	assert_ok(tvsmsg_answers(&verify, &yes, &e), e);
	assert_ok(tvsmsg_answers(&query, &found, &e), e);
	assert_fails(tvsmsg_answers(&verify, &found, &e), e, ERR_MALFORMED, "V10: command");
	assert_fails(tvsmsg_answers(&query, &yes, &e), e, ERR_MALFORMED, "V10: command");
	assert_fails(tvsmsg_answers(&verify, &query, &e), e, ERR_MALFORMED, "V10: command");
	assert_fails(tvsmsg_answers(&yes, &query, &e), e, ERR_MALFORMED, "V10: command");
	m = yes;
	m.session_id++;
	assert_fails(tvsmsg_answers(&verify, &m, &e), e, ERR_MALFORMED, "V10: session id");
	m = yes;
	m.has_ttl = false;
	assert_fails(tvsmsg_answers(&verify, &m, &e), e, ERR_MALFORMED, "V10: element 9");
	m = found;
	m.certificate = (struct span){ 0 };
	assert_fails(tvsmsg_answers(&query, &m, &e), e, ERR_MALFORMED, "V10: element 2");
	m = (struct tvsmsg){ .command = TVSMSG_QUERY_RESPONSE,
		.session_id = 1001,
		.has_status = true,
		.status = TVSMSG_INVALID };
	assert_ok(tvsmsg_answers(&query, &m, &e), e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tvsmsg_reads_and_reproduces_all_vectors),
		cmocka_unit_test(tvsmsg_parse_refuses_headers_that_are_not_tvs),
		cmocka_unit_test(tvsmsg_parse_names_the_rule_that_elements_break),
		cmocka_unit_test(tvsmsg_parse_refuses_more_roles_than_there_is_room_for),
		cmocka_unit_test(tvsmsg_parse_skips_elements_that_nobody_knows),
		cmocka_unit_test(tvsmsg_parse_refuses_every_cut_and_frame_waits_for_the_rest),
		cmocka_unit_test(tvsmsg_parse_refuses_every_length_that_lies),
		cmocka_unit_test(tvsmsg_encode_refuses_what_does_not_fit),
		cmocka_unit_test(tvsmsg_answers_refuses_what_fits_another_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
