#include "../check.h"

#include "pair.h"
#include "talk/tvs.h"
#include "transcript.h"
#include "vectors.h"

static const uint8_t der[] = { 0x30, 3, 2, 1, 5 };
#define DER    span_of(der, sizeof der)
#define DEVICE "CP-8861-SEP001122334455"

/* What core answers to every question. */
static bool
core_answer(void *arg, const struct ask *ask, struct answer *out)
{
	const struct answer *give = arg;
	enum ask_kind kind = ask->kind;

	*out = *give;
	out->kind = kind;
	out->id = ask->id;
	return true;
}

static struct answer
answer_yes(void)
{
	return (struct answer){
		.ok = true,
		.roles = { (const uint8_t *)"\x00\x03", 2 },
		.ttl = 86400,
		.certificate = DER,
	};
}

static struct tvsmsg
request_new(enum tvsmsg_command command, uint32_t session_id)
{
	struct tvsmsg m = {
		.command = command, .session_id = session_id, .device = span_str(DEVICE)
	};

	if (command == TVSMSG_VERIFY_REQUEST) {
		m.certificate = DER;
	} else {
		m.subject = span_str("CN=signer");
		m.issuer = span_str("CN=ca");
		m.serial = span_str("\x01\x02");
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

static void
feed(struct pair_end *end, const struct tvsmsg *m)
{
	struct bytes b = message_bytes(m);

	pair_end_feed(end, bytes_span(&b));
	bytes_free(&b);
}

static struct tvsmsg
take(struct pair_end *end)
{
	struct tvsmsg m;
	struct err e = { 0 };

	assert_ok(tvsmsg_parse(pair_end_take(end), &m, &e), e);
	return m;
}

/* The reserved byte of Unified CM's answer is not ours: we write 0 (tvs.md 6). */
static struct bytes
expected_response(struct span line)
{
	static const uint8_t zero;

	return vectors_splice(line, 3, 1, span_of(&zero, 1));
}

static void
server_replays(void *arg, const char *path, json_t *entry, struct span file)
{
	struct tvsmsg request, response;
	struct transcript t;
	struct answer answer;
	struct pair_end server;
	struct bytes want;
	struct ask ask;
	struct err e = { 0 };

	(void)arg;
	(void)entry;
	print_message("# %s\n", path);
	assert_ok(transcript_parse(file, &t, &e), e);
	assert_ok(tvsmsg_parse(transcript_line(&t, 0), &request, &e), e);
	assert_ok(tvsmsg_parse(transcript_line(&t, 1), &response, &e), e);
	answer = (struct answer){
		.ok = response.status == TVSMSG_VALID,
		.roles = span_of(response.roles, response.role_count),
		.ttl = response.ttl,
		.certificate = response.certificate,
	};
	pair_end_open(&server, &tvs_server, NULL, 0, core_answer, &answer);
	pair_end_feed(&server, transcript_line(&t, 0));
	ask = pair_end_asked(&server, 0);
	assert_int_equal(
	    ask.kind, request.command == TVSMSG_VERIFY_REQUEST ? ASK_TVS_VERIFY : ASK_TVS_QUERY);
	assert_span_equal(ask.name, request.device);
	assert_span_equal(ask.certificate, request.certificate);
	assert_span_equal(ask.subject, request.subject);
	assert_span_equal(ask.issuer, request.issuer);
	assert_span_equal(ask.serial, request.serial);
	assert_true(span_is(ask.peer, "127.0.0.1:50000"));
	want = expected_response(transcript_line(&t, 1));
	assert_span_equal(pair_end_take(&server), bytes_span(&want));
	assert_int_equal(server.write_count, 1);
	assert_int_equal(server.turn, TURN_GO_ON);
	bytes_free(&want);
	pair_end_close(&server);
	transcript_free(&t);
}

static void
tvs_server_replays_all_vectors(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("tvs", server_replays, NULL), 8);
}

static void
client_replays(void *arg, const char *path, json_t *entry, struct span file)
{
	struct tvs_client_result result;
	struct tvs_client_plan plan = { .result = &result };
	struct tvsmsg response;
	struct transcript t;
	struct pair_end client;
	struct err e = { 0 };

	(void)arg;
	(void)entry;
	print_message("# %s\n", path);
	assert_ok(transcript_parse(file, &t, &e), e);
	assert_ok(tvsmsg_parse(transcript_line(&t, 0), &plan.request, &e), e);
	assert_ok(tvsmsg_parse(transcript_line(&t, 1), &response, &e), e);
	pair_end_open(&client, &tvs_client, &plan, 0, NULL, NULL);
	assert_span_equal(pair_end_take(&client), transcript_line(&t, 0));
	assert_false(result.answered);
	pair_end_feed(&client, transcript_line(&t, 1));
	assert_int_equal(client.turn, TURN_DONE);
	assert_true(result.answered);
	assert_int_equal(result.valid, response.status == TVSMSG_VALID);
	assert_int_equal(result.role_count, response.role_count);
	assert_memory_equal(result.roles, response.roles, TVSMSG_ROLES_MAX);
	assert_int_equal(result.ttl, response.ttl);
	assert_span_equal(bytes_span(&result.certificate), response.certificate);
	bytes_free(&result.certificate);
	pair_end_close(&client);
	transcript_free(&t);
}

static void
tvs_client_replays_all_vectors(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("tvs", client_replays, NULL), 8);
}

static void
tvs_server_answers_many_requests_on_one_connection(void **state)
{
	struct answer answer = answer_yes();
	struct pair_end server;

	(void)state;
	pair_end_open(&server, &tvs_server, NULL, 0, core_answer, &answer);
	for (uint32_t i = 0; i < 100; i++) {
		bool is_query = i % 3 == 0;
		struct tvsmsg request =
		    request_new(is_query ? TVSMSG_QUERY_REQUEST : TVSMSG_VERIFY_REQUEST, 1001 + i);
		struct tvsmsg response;
		struct err e = { 0 };

		answer.ok = i % 2 == 0;
		feed(&server, &request);
		response = take(&server);
		assert_ok(tvsmsg_answers(&request, &response, &e), e);
		assert_int_equal(response.status, answer.ok ? TVSMSG_VALID : TVSMSG_INVALID);
		assert_int_equal(response.reserved, 0);
		assert_int_equal(server.turn, TURN_GO_ON);
	}
	pair_end_close(&server);
}

/* Two requests, as one stream, cut after every byte and in pieces of every size. */
static void
tvs_server_answers_requests_split_and_joined(void **state)
{
	struct tvsmsg verify = request_new(TVSMSG_VERIFY_REQUEST, 1);
	struct tvsmsg query = request_new(TVSMSG_QUERY_REQUEST, 2);
	struct bytes a = message_bytes(&verify), b = message_bytes(&query);
	struct bytes both = vectors_splice(bytes_span(&a), a.n, 0, bytes_span(&b));
	struct answer answer = answer_yes();

	(void)state;
	for (size_t piece = 1; piece <= both.n; piece++) {
		struct pair_end server;

		pair_end_open(&server, &tvs_server, NULL, 0, core_answer, &answer);
		for (size_t at = 0; at < both.n; at += piece)
			pair_end_feed(&server,
			    span_of(both.p + at, piece < both.n - at ? piece : both.n - at));
		assert_int_equal(server.ask_count, 2);
		assert_int_equal(server.write_count, 2);
		assert_int_equal(server.turn, TURN_GO_ON);
		pair_end_close(&server);
	}
	bytes_free(&a);
	bytes_free(&b);
	bytes_free(&both);
}

static void
tvs_server_says_only_invalid_when_core_knows_no_more(void **state)
{
	struct tvsmsg verify = request_new(TVSMSG_VERIFY_REQUEST, 1);
	struct tvsmsg query = request_new(TVSMSG_QUERY_REQUEST, 2), m;
	struct answer answer = answer_yes();
	struct pair_end server;

	(void)state;
	pair_end_open(&server, &tvs_server, NULL, 0, core_answer, &answer);
	answer.roles = (struct span){ 0 };
	feed(&server, &verify);
	m = take(&server);
	assert_int_equal(m.status, TVSMSG_INVALID);
	assert_false(m.has_roles || m.has_ttl);
	answer = answer_yes();
	answer.certificate = (struct span){ 0 };
	feed(&server, &query);
	m = take(&server);
	assert_int_equal(m.command, TVSMSG_QUERY_RESPONSE);
	assert_int_equal(m.status, TVSMSG_INVALID);
	assert_null(m.certificate.p);
	feed(&server, &verify);
	m = take(&server);
	assert_int_equal(m.status, TVSMSG_VALID);
	assert_null(m.certificate.p);
	pair_end_close(&server);
}

static void
tvs_server_fails_on_answers_that_fit_no_message(void **state)
{
	static const uint8_t large[65535];
	struct tvsmsg query = request_new(TVSMSG_QUERY_REQUEST, 2);

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct answer answer = answer_yes();
		struct pair_end server;

		if (i == 0)
			answer.roles = span_of(large, TVSMSG_ROLES_MAX + 1);
		else
			answer.certificate = span_of(large, sizeof large);
		pair_end_open(&server, &tvs_server, NULL, 0, core_answer, &answer);
		feed(&server, &query);
		assert_int_equal(server.turn, TURN_FAIL);
		assert_int_equal(server.err.code, ERR_LIMIT);
		assert_int_equal(server.sent.n, 0);
		pair_end_close(&server);
	}
}

static struct tvsmsg
response_new(enum tvsmsg_command command, uint32_t session_id)
{
	return (struct tvsmsg){ .command = command,
		.session_id = session_id,
		.has_status = true,
		.status = TVSMSG_INVALID };
}

static void
tvs_server_refuses_responses_and_broken_requests(void **state)
{
	struct tvsmsg broken = request_new(TVSMSG_VERIFY_REQUEST, 1);
	struct tvsmsg cases[] = {
		response_new(TVSMSG_VERIFY_RESPONSE, 1),
		response_new(TVSMSG_QUERY_RESPONSE, 1),
		broken,
	};
	static const char *const texts[] = { "command 2", "command 4", "V9" };

	(void)state;
	cases[2].certificate = (struct span){ 0 };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct answer answer = answer_yes();
		struct pair_end server;

		pair_end_open(&server, &tvs_server, NULL, 0, core_answer, &answer);
		feed(&server, &cases[i]);
		assert_int_equal(server.turn, TURN_FAIL);
		assert_non_null(strstr(server.err.text, texts[i]));
		assert_int_equal(server.ask_count + server.sent.n, 0);
		pair_end_close(&server);
	}
}

static void
tvs_server_takes_device_names_of_any_form(void **state)
{
	static const char *const names[] = { "CP-8861-SEPB000B4BA0AEE", "CP-36701-SEPB000B4BA0AEE",
		"SEPB000B4BA0AEE", "any ~ name; of 1 phone" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct tvsmsg request = request_new(TVSMSG_VERIFY_REQUEST, 1);
		struct answer answer = answer_yes();
		struct pair_end server;

		request.device = span_str(names[i]);
		pair_end_open(&server, &tvs_server, NULL, 0, core_answer, &answer);
		feed(&server, &request);
		assert_true(span_is(pair_end_asked(&server, 0).name, names[i]));
		assert_int_equal(server.turn, TURN_GO_ON);
		pair_end_close(&server);
	}
}

static void
tvs_server_refuses_answers_to_other_questions(void **state)
{
	struct tvsmsg request = request_new(TVSMSG_VERIFY_REQUEST, 1);
	struct answer answer = answer_yes();
	struct wr out = wr_new(TVSMSG_MAX);
	struct pair_end server;
	struct ask ask;
	struct err e;

	(void)state;
	answer.kind = ASK_TVS_QUERY;
	pair_end_open(&server, &tvs_server, NULL, 0, NULL, NULL);
	feed(&server, &request);
	assert_int_equal(server.turn, TURN_ASK);
	assert_int_equal(tvs_server.answer(server.session, &answer, &out, &ask, &e), TURN_FAIL);
	assert_int_equal(e.code, ERR_BUG);
	assert_int_equal(out.n, 0);
	wr_free(&out);
	pair_end_close(&server);
}

static void
tvs_client_refuses_what_does_not_answer_its_request(void **state)
{
	static const struct {
		enum tvsmsg_command request, response;
		uint32_t session_id;
	} cases[] = {
		{ TVSMSG_VERIFY_REQUEST, TVSMSG_QUERY_RESPONSE, 1001 },
		{ TVSMSG_QUERY_REQUEST, TVSMSG_VERIFY_RESPONSE, 1001 },
		{ TVSMSG_VERIFY_REQUEST, TVSMSG_VERIFY_RESPONSE, 1002 },
		{ TVSMSG_QUERY_REQUEST, TVSMSG_QUERY_RESPONSE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct tvsmsg response = response_new(cases[i].response, cases[i].session_id);
		struct tvs_client_result result;
		struct tvs_client_plan plan = { request_new(cases[i].request, 1001), &result };
		struct pair_end client;

		pair_end_open(&client, &tvs_client, &plan, 0, NULL, NULL);
		feed(&client, &response);
		assert_int_equal(client.turn, TURN_FAIL);
		assert_non_null(strstr(client.err.text, "V10"));
		assert_false(result.answered);
		pair_end_close(&client);
	}
}

static void
ends_meet(enum tvsmsg_command command, bool yes, const struct pair_line *line, size_t *carried)
{
	struct answer answer = answer_yes();
	struct tvs_client_result result;
	struct tvs_client_plan plan = { request_new(command, 7), &result };
	struct pair_end server, client;

	answer.ok = yes;
	pair_end_open(&server, &tvs_server, NULL, 0, core_answer, &answer);
	pair_end_open(&client, &tvs_client, &plan, 0, NULL, NULL);
	pair_run(&server, &client, line);
	assert_int_equal(client.turn, TURN_DONE);
	assert_int_equal(result.valid, yes);
	assert_int_equal(result.role_count, yes ? 2 : 0);
	assert_int_equal(result.certificate.n > 0, yes && command == TVSMSG_QUERY_REQUEST);
	*carried = server.sent.n + client.sent.n;
	bytes_free(&result.certificate);
	pair_end_close(&server);
	pair_end_close(&client);
}

static void
tvs_ends_understand_each_other_cut_at_every_byte(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		enum tvsmsg_command command = i < 2 ? TVSMSG_VERIFY_REQUEST : TVSMSG_QUERY_REQUEST;
		size_t n, again;

		ends_meet(command, i % 2, &(struct pair_line){ 0 }, &n);
		for (size_t cut = 1; cut < n; cut++)
			ends_meet(command, i % 2, &(struct pair_line){ .cut = cut }, &again);
		for (unsigned seed = 1; seed <= 20; seed++) {
			print_message("# seed %u\n", seed);
			ends_meet(command, i % 2, &(struct pair_line){ .seed = seed }, &again);
		}
		assert_int_equal(again, n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tvs_server_replays_all_vectors),
		cmocka_unit_test(tvs_client_replays_all_vectors),
		cmocka_unit_test(tvs_server_answers_many_requests_on_one_connection),
		cmocka_unit_test(tvs_server_answers_requests_split_and_joined),
		cmocka_unit_test(tvs_server_says_only_invalid_when_core_knows_no_more),
		cmocka_unit_test(tvs_server_fails_on_answers_that_fit_no_message),
		cmocka_unit_test(tvs_server_refuses_responses_and_broken_requests),
		cmocka_unit_test(tvs_server_takes_device_names_of_any_form),
		cmocka_unit_test(tvs_server_refuses_answers_to_other_questions),
		cmocka_unit_test(tvs_client_refuses_what_does_not_answer_its_request),
		cmocka_unit_test(tvs_ends_understand_each_other_cut_at_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
