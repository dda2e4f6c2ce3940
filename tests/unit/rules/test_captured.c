#include "../check.h"

#include "lists.h"
#include "rules/captured.h"
#include "wire/tftp.h"

#define PHONE  "192.0.2.77"
#define SERVER "192.0.2.10"
#define CLIENT 50000 /* the phone's port */

/* Packets handed in one after the other, as a capture would have them. */
struct wire {
	struct captured *facts;
	size_t number;
	uint32_t seq[2]; /* of TCP, of the phone and of the server */
};

static struct wire
wire_new(const struct trust_eval_state *held, const char *only)
{
	struct captured_setup setup = { .held = held, .only = only != NULL };
	struct err e;

	if (only != NULL)
		assert_ok(packet_address_parse(only, &setup.phone, &e), e);
	return (struct wire){ .facts = captured_new(&setup), .seq = { 1000, 0xfffffff0 } };
}

static struct packet
between(enum packet_kind kind, const char *from, uint16_t from_port, const char *to,
    uint16_t to_port, struct span payload)
{
	struct packet p = { .kind = kind, .from_port = from_port, .to_port = to_port };
	struct err e;

	p.payload = payload;
	assert_ok(packet_address_parse(from, &p.from, &e), e);
	assert_ok(packet_address_parse(to, &p.to, &e), e);
	return p;
}

static void
udp(struct wire *w, const char *from, uint16_t from_port, const char *to, uint16_t to_port,
    struct span payload)
{
	struct packet p = between(PACKET_UDP, from, from_port, to, to_port, payload);

	captured_packet(w->facts, &p, ++w->number);
}

/* A segment between the phone and the server; offset: bytes before its turn. */
static void
segment(struct wire *w, bool by_phone, uint16_t port, uint8_t flags, struct span payload,
    uint32_t offset)
{
	struct packet p = by_phone ? between(PACKET_TCP, PHONE, CLIENT, SERVER, port, payload)
				   : between(PACKET_TCP, SERVER, port, PHONE, CLIENT, payload);
	uint32_t *seq = &w->seq[by_phone ? 0 : 1];

	p.flags = flags;
	p.seq = *seq + offset;
	captured_packet(w->facts, &p, ++w->number);
	if (offset == 0)
		*seq += (uint32_t)payload.n + ((flags & PACKET_SYN) != 0);
}

static void
say(struct wire *w, bool by_phone, uint16_t port, const void *bytes, size_t n)
{
	segment(w, by_phone, port, PACKET_ACK, span_of(bytes, n), 0);
}

static void
connect_to(struct wire *w, uint16_t port)
{
	segment(w, true, port, PACKET_SYN, span_of(NULL, 0), 0);
	segment(w, false, port, PACKET_SYN | PACKET_ACK, span_of(NULL, 0), 0);
}

static const struct captured_phone *
the_phone(struct wire *w)
{
	const struct captured_phone *phone;

	captured_end(w->facts);
	phone = captured_phone(w->facts, 0);
	assert_non_null(phone);
	assert_null(captured_phone(w->facts, 1));
	return phone;
}

/* --- files --- */

static void
request(struct wire *w, const char *name, uint16_t port)
{
	struct tftp_packet t = { .opcode = TFTP_RRQ, .name = span_str(name) };
	struct wr out = wr_new(1000);
	struct err e;

	assert_ok(tftp_encode(&t, &out, &e), e);
	udp(w, PHONE, port, SERVER, 69, wr_view(&out));
	wr_free(&out);
}

static void
files_have_the_answer_to_their_last_request(void **state)
{
	static const char data[] = { 0, 3, 0, 1, 'x' }, oack[] = { 0, 6, 'a', 0, 'b', 0 };
	static const char error[] = "\0\5\0\1File not found";
	struct wire w = wire_new(NULL, NULL);
	const struct captured_phone *phone;

	(void)state;
	request(&w, "CTLSEP001122334455.tlv", 1001);
	udp(&w, SERVER, 40000, PHONE, 1001, span_of(error, sizeof error));
	request(&w, "ITLSEP001122334455.tlv", 1002);
	request(&w, "ITLSEP001122334455.tlv", 1003);
	udp(&w, SERVER, 40001, PHONE, 1003, span_of(data, sizeof data));
	request(&w, "a\x80", 1004);
	request(&w, "oack", 1005);
	udp(&w, SERVER, 40002, PHONE, 1005, span_of(oack, sizeof oack));
	udp(&w, "192.0.2.11", 40002, PHONE, 1004, span_of(data, sizeof data)); /* of a stranger */
	phone = the_phone(&w);
	assert_int_equal(phone->files, 4);
	assert_string_equal(phone->file[0].name, "CTLSEP001122334455.tlv");
	assert_int_equal(phone->file[0].answer, CAPTURED_REFUSED);
	assert_int_equal(phone->file[0].code, 1);
	assert_string_equal(phone->file[0].text, "File not found");
	assert_int_equal(phone->file[1].answer, CAPTURED_GIVEN);
	assert_int_equal(phone->file[1].asked, 2);
	assert_int_equal(phone->file[1].packet, 3);
	assert_string_equal(phone->file[2].name, "a\\x80");
	assert_int_equal(phone->file[2].answer, CAPTURED_SILENCE);
	assert_int_equal(phone->file[3].answer, CAPTURED_GIVEN);
	captured_free(w.facts);
}

static void
files_over_http_have_their_status(void **state)
{
	static const char get[] = "GET /SEP001122334455.cnf.xml.sgn HTTP/1.1\r\nHost: x\r\n\r\n",
			  not_found[] = "HTTP/1.1 404 Not Found\r\n\r\n",
			  ok[] = "HTTP/1.1 200 OK\r\n";
	struct wire w = wire_new(NULL, NULL);
	const struct captured_phone *phone;

	(void)state;
	connect_to(&w, 6970);
	say(&w, true, 6970, get, sizeof get - 1);
	say(&w, false, 6970, not_found, sizeof not_found - 1);
	say(&w, true, 6970, "GET /a HTTP/1.1\r\n", 17);
	say(&w, false, 6970, ok, sizeof ok - 1);
	phone = the_phone(&w);
	assert_int_equal(phone->files, 2);
	assert_string_equal(phone->file[0].name, "SEP001122334455.cnf.xml.sgn");
	assert_int_equal(phone->file[0].code, 404);
	assert_int_equal(phone->file[0].answer, CAPTURED_REFUSED);
	assert_int_equal(phone->file[1].answer, CAPTURED_GIVEN);
	assert_true(phone->file[1].http);
	assert_int_equal(phone->server[0].service, CAPTURED_HTTP);
	assert_true(phone->server[0].both_ways);
	captured_free(w.facts);
}

/* --- connections --- */

static void
a_server_answers_refuses_or_is_silent(void **state)
{
	struct wire w = wire_new(NULL, NULL);
	const struct captured_server *s;

	(void)state;
	connect_to(&w, 2445);
	w.seq[0] += 1000;
	segment(&w, true, 2445, PACKET_SYN, span_of(NULL, 0), 0);
	segment(&w, false, 2445, PACKET_RST | PACKET_ACK, span_of(NULL, 0), 0);
	w.seq[0] += 1000;
	segment(&w, true, 2445, PACKET_SYN, span_of(NULL, 0), 0);
	w.seq[0]--;
	segment(&w, true, 2445, PACKET_SYN, span_of(NULL, 0), 0); /* repeated: the same try */
	s = &the_phone(&w)->server[0];
	assert_int_equal(s->service, CAPTURED_TVS);
	assert_int_equal(s->tries, 3);
	assert_int_equal(s->established, 1);
	assert_int_equal(s->refused, 1);
	assert_false(s->both_ways);
	captured_free(w.facts);
}

/* --- TLS --- */

#define ZERO8    0, 0, 0, 0, 0, 0, 0, 0
#define RANDOM32 ZERO8, ZERO8, ZERO8, ZERO8

static const uint8_t client_hello[] = { 22, 3, 1, 0, 4, 1, 0, 0, 0 };
static const uint8_t server_hello[] = { 22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1, RANDOM32, 0, 0, 0x35,
	0 };
static const uint8_t hello_13[] = { 22, 3, 3, 0, 50, 2, 0, 0, 46, 3, 3, RANDOM32, 0, 0x13, 1, 0, 0,
	6, 0, 43, 0, 2, 3, 4 };
static const uint8_t change_cipher[] = { 20, 3, 1, 0, 1, 1 };
static const uint8_t unknown_ca[] = { 21, 3, 1, 0, 2, 2, 48 };

/* A record with the Certificate message of c. Freed by the caller. */
static struct wr
certificate_record(const struct cert *c)
{
	size_t n = cert_der(c).n;
	struct wr w = wr_new(65536);

	wr_u8(&w, 22);
	wr_u16(&w, 0x0301);
	wr_u16(&w, (uint16_t)(n + 10));
	wr_u8(&w, 11);
	wr_u8(&w, 0), wr_u16(&w, (uint16_t)(n + 6));
	wr_u8(&w, 0), wr_u16(&w, (uint16_t)(n + 3));
	wr_u8(&w, 0), wr_u16(&w, (uint16_t)n);
	wr_span(&w, cert_der(c));
	return w;
}

static void
greet(struct wire *w, uint16_t port)
{
	connect_to(w, port);
	say(w, true, port, client_hello, sizeof client_hello);
	say(w, false, port, server_hello, sizeof server_hello);
}

/* The record in segments that come doubled and in another order. */
static void
say_in_disorder(struct wire *w, uint16_t port, struct span s)
{
	size_t third = s.n / 3;

	segment(w, false, port, PACKET_ACK, span_of(s.p + 2 * third, s.n - 2 * third),
	    (uint32_t)(2 * third));
	segment(w, false, port, PACKET_ACK, span_of(s.p, third), 0);
	w->seq[1] -= (uint32_t)third;
	segment(w, false, port, PACKET_ACK, span_of(s.p, third), 0);
	segment(w, false, port, PACKET_ACK, span_of(s.p + third, third), 0);
	w->seq[1] += (uint32_t)(s.n - 2 * third);
}

static void
the_tvs_certificate_is_compared_with_the_list(void **state)
{
	struct identity sast = identity_load("sast"), tvs = identity_load("tvs"),
			forged = identity_forge(&tvs, &sast);
	const struct list_entry entries[] = { { FUNCTION_SAST, &sast, false, false },
		{ FUNCTION_TVS, &tvs, true, false } };
	struct bytes file = list_make("ITLFile.tlv", &sast, entries, 2);
	const struct {
		const struct identity *shown;
		bool matches;
	} cases[] = { { &tvs, true }, { &forged, false }, { &sast, false } };
	struct trust_eval_state held = { 0 };
	struct trustlist list;
	struct err e;

	(void)state;
	assert_ok(trustlist_parse(bytes_span(&file), &list, &e), e);
	held.itl = &list;
	for (size_t i = 0; i < 3; i++) {
		struct wire w = wire_new(&held, NULL);
		struct wr record = certificate_record(cases[i].shown->cert);
		const struct captured_server *s;

		greet(&w, 2445);
		say_in_disorder(&w, 2445, wr_view(&record));
		say(&w, true, 2445, unknown_ca, sizeof unknown_ca);
		s = &the_phone(&w)->server[0];
		assert_int_equal(s->server.sight, CAPTURED_SHOWN);
		assert_span_equal(cert_der(s->server.cert), cert_der(cases[i].shown->cert));
		assert_true(s->judged);
		assert_int_equal(s->matches, cases[i].matches);
		assert_int_equal(s->version, TLSSEEN_1_0);
		assert_true(s->both_ways);
		assert_int_equal(s->alerts, 1);
		assert_true(s->alert[0].by_phone && s->alert[0].alert.description == 48);
		wr_free(&record);
		captured_free(w.facts);
	}
	trustlist_free(&list);
	bytes_free(&file);
	identity_free(&sast);
	identity_free(&tvs);
	identity_free(&forged);
}

static void
a_phones_certificate_is_seen_on_secure_signalling(void **state)
{
	struct identity lsc = identity_load("mic");
	struct wr record = certificate_record(lsc.cert);
	struct wire w = wire_new(NULL, NULL);
	const struct captured_server *s;

	(void)state;
	greet(&w, 5061);
	say(&w, true, 5061, record.p, record.n);
	say(&w, false, 5061, unknown_ca, sizeof unknown_ca);
	say(&w, false, 5061, unknown_ca, sizeof unknown_ca);
	s = &the_phone(&w)->server[0];
	assert_int_equal(s->service, CAPTURED_SIP);
	assert_int_equal(s->phone.sight, CAPTURED_SHOWN);
	assert_span_equal(cert_der(s->phone.cert), cert_der(lsc.cert));
	assert_int_equal(s->alerts, 1);
	assert_false(s->alert[0].by_phone);
	assert_int_equal(s->alert[0].count, 2);
	assert_false(s->judged);
	captured_free(w.facts);
	wr_free(&record);
	identity_free(&lsc);
}

static void
a_certificate_that_is_not_seen_has_a_reason(void **state)
{
	static const uint8_t empty[] = { 22, 3, 1, 0, 7, 11, 0, 0, 3, 0, 0, 0 };
	static const uint8_t broken[] = { 22, 3, 1, 0, 11, 11, 0, 0, 7, 0, 0, 4, 0, 0, 1, 'x' };
	const struct {
		const uint8_t *bytes;
		size_t n;
		bool by_phone;
		uint32_t offset; /* bytes that the capture lacks */
		enum captured_sight server, phone;
	} cases[] = {
		{ NULL, 0, false, 0, CAPTURED_NOT_SHOWN, CAPTURED_NOT_SHOWN },
		{ hello_13, sizeof hello_13, false, 0, CAPTURED_HIDDEN, CAPTURED_HIDDEN },
		{ change_cipher, sizeof change_cipher, false, 0, CAPTURED_RESUMED,
		    CAPTURED_NOT_SHOWN },
		{ change_cipher, sizeof change_cipher, false, 9, CAPTURED_LOST,
		    CAPTURED_NOT_SHOWN },
		{ empty, sizeof empty, true, 0, CAPTURED_NOT_SHOWN, CAPTURED_EMPTY },
		{ broken, sizeof broken, false, 0, CAPTURED_UNREADABLE, CAPTURED_NOT_SHOWN },
		{ (const uint8_t *)"HTTP/1.1", 8, false, 0, CAPTURED_UNREADABLE,
		    CAPTURED_NOT_SHOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct wire w = wire_new(NULL, NULL);
		const struct captured_server *s;

		greet(&w, 2443);
		if (cases[i].n > 0)
			segment(&w, cases[i].by_phone, 2443, PACKET_ACK,
			    span_of(cases[i].bytes, cases[i].n), cases[i].offset);
		s = &the_phone(&w)->server[0];
		assert_int_equal(s->server.sight, cases[i].server);
		assert_int_equal(s->phone.sight, cases[i].phone);
		assert_non_null(captured_sight_text(s->server.sight));
		captured_free(w.facts);
	}
}

/* --- names --- */

#define QUESTION(id, flags, rcode, answers) \
	0, id, flags, rcode, 0, 1, 0, answers, 0, 0, 0, 0, 3, 'p', 'u', 'b', 0, 0, 1, 0, 1

static void
names_that_do_not_resolve_are_told(void **state)
{
	static const uint8_t asked[] = { QUESTION(7, 1, 0, 0) };
	static const uint8_t address[] = { QUESTION(7, 0x81, 0, 1), 0xc0, 12, 0, 1, 0, 1, 0, 0, 0,
		9, 0, 4, 192, 0, 2, 1 };
	static const uint8_t none[] = { QUESTION(7, 0x81, 3, 0) },
			     empty[] = { QUESTION(7, 0x81, 0, 0) },
			     failed[] = { QUESTION(7, 0x81, 2, 0) },
			     other[] = { QUESTION(8, 0x81, 0, 0) };
	const struct {
		const uint8_t *bytes;
		size_t n;
		enum captured_resolution want;
	} cases[] = {
		{ none, sizeof none, CAPTURED_NO_NAME },
		{ empty, sizeof empty, CAPTURED_NO_RECORD },
		{ failed, sizeof failed, CAPTURED_FAILED },
		{ address, sizeof address, CAPTURED_RESOLVED },
		{ other, sizeof other, CAPTURED_UNANSWERED },
		{ (const uint8_t *)"", 0, CAPTURED_UNANSWERED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct wire w = wire_new(NULL, NULL);
		const struct captured_phone *phone;

		request(&w, "x", 1000);
		udp(&w, PHONE, 3000, "192.0.2.53", 53, span_of(asked, sizeof asked));
		udp(&w, "192.0.2.53", 53, PHONE, 3000, span_of(cases[i].bytes, cases[i].n));
		phone = the_phone(&w);
		assert_int_equal(phone->names, 1);
		assert_string_equal(phone->name[0].name, "pub");
		assert_int_equal(phone->name[0].type, 1);
		assert_int_equal(phone->name[0].resolution, cases[i].want);
		captured_free(w.facts);
	}
}

static void
who_only_asks_for_names_is_no_phone_unless_it_is_meant(void **state)
{
	static const uint8_t asked[] = { QUESTION(7, 1, 0, 0) };
	struct wire any = wire_new(NULL, NULL), one = wire_new(NULL, PHONE);

	(void)state;
	udp(&any, PHONE, 3000, "192.0.2.53", 53, span_of(asked, sizeof asked));
	captured_end(any.facts);
	assert_null(captured_phone(any.facts, 0));
	udp(&one, "192.0.2.78", 3000, "192.0.2.53", 53, span_of(asked, sizeof asked));
	udp(&one, PHONE, 3000, "192.0.2.53", 53, span_of(asked, sizeof asked));
	assert_int_equal(the_phone(&one)->names, 1);
	captured_free(any.facts);
	captured_free(one.facts);
}

/* --- bounds --- */

static void
what_does_not_fit_is_counted(void **state)
{
	struct wire w = wire_new(NULL, NULL);
	struct packet fragment = between(PACKET_FRAGMENT, PHONE, 0, SERVER, 0, span_of(NULL, 0));
	char text[64];

	(void)state;
	for (int i = 0; i < CAPTURED_FILES_MAX + 3; i++) {
		snprintf(text, sizeof text, "file%d", i);
		request(&w, text, 1000);
	}
	for (int i = 0; i < CAPTURED_PHONES_MAX + 1; i++) {
		static const char rrq[] = "\0\1x\0octet";

		snprintf(text, sizeof text, "10.0.%d.%d", i / 256, i % 256);
		udp(&w, text, 1000, SERVER, 69, span_of(rrq, sizeof rrq));
	}
	captured_packet(w.facts, &fragment, ++w.number);
	captured_end(w.facts);
	assert_int_equal(captured_phone(w.facts, 0)->files, CAPTURED_FILES_MAX);
	assert_int_equal(captured_phone(w.facts, 0)->left_out, 3);
	assert_non_null(captured_phone(w.facts, CAPTURED_PHONES_MAX - 1));
	assert_null(captured_phone(w.facts, CAPTURED_PHONES_MAX));
	assert_int_equal(captured_packets_left_out(w.facts), 2);
	assert_int_equal(captured_fragments(w.facts), 1);
	captured_free(w.facts);
}

static void
more_connections_than_are_followed_end_the_quietest(void **state)
{
	struct wire w = wire_new(NULL, NULL);
	const struct captured_server *s;

	(void)state;
	for (uint16_t i = 0; i < CAPTURED_STREAMS_MAX + 10; i++) {
		struct packet p = between(
		    PACKET_TCP, PHONE, (uint16_t)(CLIENT + i), SERVER, 3804, span_of(NULL, 0));

		p.flags = PACKET_SYN;
		captured_packet(w.facts, &p, ++w.number);
	}
	s = &the_phone(&w)->server[0];
	assert_int_equal(s->service, CAPTURED_CAPF);
	assert_int_equal(s->tries, CAPTURED_STREAMS_MAX + 10);
	captured_free(w.facts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_have_the_answer_to_their_last_request),
		cmocka_unit_test(files_over_http_have_their_status),
		cmocka_unit_test(a_server_answers_refuses_or_is_silent),
		cmocka_unit_test(the_tvs_certificate_is_compared_with_the_list),
		cmocka_unit_test(a_phones_certificate_is_seen_on_secure_signalling),
		cmocka_unit_test(a_certificate_that_is_not_seen_has_a_reason),
		cmocka_unit_test(names_that_do_not_resolve_are_told),
		cmocka_unit_test(who_only_asks_for_names_is_no_phone_unless_it_is_meant),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(more_connections_than_are_followed_end_the_quietest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
