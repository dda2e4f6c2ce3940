#include "../check.h"

#include "capf_fake.h"

#define SESSION 0xbee
#define BIT(t)  (1u << (t))

/* A server that has been told to do that operation and waits for the phone's response to it. */
static void
server_in_work(struct pair_end *server, struct capf_fake *f, enum answer_capf operation)
{
	struct capfmsg hello = capf_fake_message(CAPFMSG_AUTH_RESPONSE, SESSION);

	*f = capf_fake_new(operation);
	pair_end_open(server, &capf_server, NULL, SESSION, capf_fake_answer, f);
	capf_fake_feed(server, &hello);
	(void)pair_end_take(server);
	assert_int_equal(server->turn, TURN_GO_ON);
}

static void
capf_server_speaks_first_in_one_write(void **state)
{
	struct capf_fake f = capf_fake_new(ANSWER_CAPF_END);
	struct pair_end server;
	struct capfmsg m;

	(void)state;
	pair_end_open(&server, &capf_server, NULL, 0xfffffffe, capf_fake_answer, &f);
	m = capf_fake_take(&server);
	assert_int_equal(server.write_count, 1);
	assert_int_equal(m.command, CAPFMSG_AUTH_REQUEST);
	assert_int_equal(m.session_id, 0xfffffffe);
	assert_int_equal(m.version, 3);
	assert_int_equal(m.auth_type, 0);
	pair_end_close(&server);
}

static void
capf_server_asks_who_the_phone_is(void **state)
{
	struct capfmsg hello = capf_fake_message(CAPFMSG_AUTH_RESPONSE, SESSION);
	struct capf_fake f = capf_fake_new(ANSWER_CAPF_END);
	struct pair_end server;
	struct ask ask;

	(void)state;
	f.start.reason = CAPFMSG_REASON_UNKNOWN_DEVICE;
	pair_end_open(&server, &capf_server, NULL, SESSION, capf_fake_answer, &f);
	(void)pair_end_take(&server);
	capf_fake_feed(&server, &hello);
	assert_int_equal(server.turn, TURN_DONE);
	assert_int_equal(server.ask_count, 1);
	ask = pair_end_asked(&server, 0);
	assert_int_equal(ask.kind, ASK_CAPF_START);
	assert_int_equal(ask.session, SESSION);
	assert_true(span_is(ask.name, CAPF_FAKE_DEVICE));
	assert_true(span_is(ask.password, "1234"));
	assert_true(span_is(ask.peer, "127.0.0.1:50000"));
	assert_int_equal(capf_fake_take(&server).reason, CAPFMSG_REASON_UNKNOWN_DEVICE);
	pair_end_close(&server);
}

static void
capf_server_refuses_auth_responses_that_cannot_be_used(void **state)
{
	static const struct {
		uint32_t lacks;
		uint8_t version;
		const char *device, *text;
	} cases[] = {
		{ BIT(CAPFMSG_REASON), 3, CAPF_FAKE_DEVICE, "C10" },
		{ BIT(CAPFMSG_PROTOCOL_VERSION), 3, CAPF_FAKE_DEVICE, "C10" },
		{ BIT(CAPFMSG_DEVICE_NAME), 3, CAPF_FAKE_DEVICE, "C10" },
		{ 0, 4, CAPF_FAKE_DEVICE, "version 4" },
		{ 0, 0xff, CAPF_FAKE_DEVICE, "version 255" },
		{ 0, 3, "", "device name" },
		{ 0, 3, "SEPaabbccddeeff", "device name" },
		{ 0, 3, "../../etc", "device name" },
		{ 0, 3, "\n", "device name" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct capfmsg hello = capf_fake_message(CAPFMSG_AUTH_RESPONSE, SESSION), end;
		struct capf_fake f = capf_fake_new(ANSWER_CAPF_INSTALL);
		struct pair_end server;

		hello.has &= ~cases[i].lacks;
		hello.version = cases[i].version;
		hello.device = span_str(cases[i].device);
		pair_end_open(&server, &capf_server, NULL, SESSION, capf_fake_answer, &f);
		(void)pair_end_take(&server);
		capf_fake_feed(&server, &hello);
		end = capf_fake_take(&server);
		assert_int_equal(end.command, CAPFMSG_END_SESSION);
		assert_int_equal(end.reason, CAPFMSG_REASON_INVALID);
		assert_int_equal(server.turn, TURN_FAIL);
		assert_non_null(strstr(server.err.text, cases[i].text));
		assert_int_equal(server.ask_count, 0);
		pair_end_close(&server);
	}
}

static void
capf_server_takes_a_soft_phone_without_password(void **state)
{
	struct capfmsg hello = {
		.command = CAPFMSG_AUTH_RESPONSE,
		.session_id = SESSION,
		.has =
		    BIT(CAPFMSG_REASON) | BIT(CAPFMSG_PROTOCOL_VERSION) | BIT(CAPFMSG_DEVICE_NAME),
		.version = 2,
		.device = span_str("CSF123"),
	};
	struct capf_fake f = capf_fake_new(ANSWER_CAPF_INSTALL);
	struct pair_end server;

	(void)state;
	pair_end_open(&server, &capf_server, NULL, SESSION, capf_fake_answer, &f);
	capf_fake_feed(&server, &hello);
	assert_int_equal(server.turn, TURN_GO_ON);
	assert_int_equal(pair_end_asked(&server, 0).password.n, 0);
	pair_end_close(&server);
}

static void
capf_server_asks_for_the_key_that_core_wants(void **state)
{
	static const struct {
		uint8_t type, curve;
		uint16_t size;
		uint32_t has;
	} cases[] = {
		{ CAPFMSG_KEY_RSA, 0, 512, BIT(CAPFMSG_KEY_TYPE) | BIT(CAPFMSG_KEY_SIZE) },
		{ CAPFMSG_KEY_RSA, 0, 4096, BIT(CAPFMSG_KEY_TYPE) | BIT(CAPFMSG_KEY_SIZE) },
		{ CAPFMSG_KEY_EC, CAPFMSG_P521, 0, BIT(CAPFMSG_KEY_TYPE) | BIT(CAPFMSG_CURVE) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct capfmsg hello = capf_fake_message(CAPFMSG_AUTH_RESPONSE, SESSION), m;
		struct capf_fake f = capf_fake_new(ANSWER_CAPF_INSTALL);
		struct pair_end server;

		f.start.key_type = cases[i].type;
		f.start.key_size = cases[i].size;
		f.start.curve = cases[i].curve;
		pair_end_open(&server, &capf_server, NULL, SESSION, capf_fake_answer, &f);
		(void)pair_end_take(&server);
		capf_fake_feed(&server, &hello);
		m = capf_fake_take(&server);
		assert_int_equal(m.command, CAPFMSG_KEYGEN_REQUEST);
		assert_int_equal(m.has, cases[i].has);
		assert_int_equal(m.key_type, cases[i].type);
		assert_int_equal(m.key_size, cases[i].size);
		assert_int_equal(m.curve, cases[i].curve);
		pair_end_close(&server);
	}
}

/* What a phone may answer to an operation, what core is told and the reason in END_SESSION. */
static void
capf_server_tells_core_how_it_ended_before_the_phone(void **state)
{
	static const struct {
		enum answer_capf operation;
		enum capfmsg_command command;
		uint32_t lacks;
		uint8_t reason;
		enum ask_capf_end how;
		uint8_t end;
	} cases[] = {
		{ ANSWER_CAPF_INSTALL, CAPFMSG_KEYGEN_RESPONSE, BIT(CAPFMSG_PUBLIC_KEY), 7,
		    CAPF_END_KEYGEN_FAILED, 7 },
		{ ANSWER_CAPF_FETCH, CAPFMSG_FETCH_RESPONSE, 0, 1, CAPF_END_FETCHED, 0 },
		{ ANSWER_CAPF_FETCH, CAPFMSG_FETCH_RESPONSE, BIT(CAPFMSG_CERTIFICATE), 7,
		    CAPF_END_FETCH_EMPTY, 0 },
		{ ANSWER_CAPF_FETCH, CAPFMSG_FETCH_RESPONSE, BIT(CAPFMSG_CERTIFICATE), 1,
		    CAPF_END_FETCH_EMPTY, 0 },
		{ ANSWER_CAPF_DELETE, CAPFMSG_DELETE_RESPONSE, 0, 1, CAPF_END_DELETED, 1 },
		{ ANSWER_CAPF_DELETE, CAPFMSG_DELETE_RESPONSE, 0, 7, CAPF_END_DELETE_FAILED, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (int lost = 0; lost < 2; lost++) {
			struct capfmsg m = capf_fake_message(cases[i].command, SESSION);
			struct capf_fake f;
			struct pair_end server;
			struct ask ask;

			server_in_work(&server, &f, cases[i].operation);
			f.is_finish_lost = lost;
			m.has &= ~cases[i].lacks;
			m.reason = cases[i].reason;
			capf_fake_feed(&server, &m);
			ask = pair_end_asked(&server, 1);
			assert_int_equal(ask.kind, ASK_CAPF_FINISH);
			assert_int_equal(ask.capf_end, cases[i].how);
			assert_int_equal(ask.session, SESSION);
			assert_int_equal(ask.certificate.n > 0, cases[i].how == CAPF_END_FETCHED);
			assert_int_equal(server.turn, lost ? TURN_FAIL : TURN_DONE);
			if (lost)
				assert_int_equal(pair_end_take(&server).n, 0);
			else
				assert_int_equal(capf_fake_take(&server).reason, cases[i].end);
			pair_end_close(&server);
		}
	}
}

static void
capf_server_confirms_a_certificate_only_when_that_is_stored(void **state)
{
	static const struct {
		uint8_t reason;
		bool lost;
		enum ask_capf_end how;
		enum turn turn;
		uint8_t end;
	} cases[] = {
		{ 1, false, CAPF_END_STORED, TURN_DONE, 1 },
		{ 1, true, CAPF_END_STORED, TURN_FAIL, 0 },
		{ 7, false, CAPF_END_STORE_FAILED, TURN_DONE, 7 },
		{ 0, false, CAPF_END_STORE_FAILED, TURN_DONE, 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct capfmsg key = capf_fake_message(CAPFMSG_KEYGEN_RESPONSE, SESSION);
		struct capfmsg stored = capf_fake_message(CAPFMSG_STORE_RESPONSE, SESSION), m;
		struct capf_fake f;
		struct pair_end server;

		server_in_work(&server, &f, ANSWER_CAPF_INSTALL);
		capf_fake_feed(&server, &key);
		assert_span_equal(pair_end_asked(&server, 1).public_key, f.public_key);
		m = capf_fake_take(&server);
		assert_int_equal(m.command, CAPFMSG_STORE_REQUEST);
		assert_int_equal(m.cert_type, CAPFMSG_CERT_LSC);
		assert_int_equal(m.inner_type, CAPFMSG_CERT_LSC);
		assert_span_equal(m.certificate, f.certificate);
		f.is_finish_lost = cases[i].lost;
		stored.reason = cases[i].reason;
		capf_fake_feed(&server, &stored);
		assert_int_equal(pair_end_asked(&server, 2).capf_end, cases[i].how);
		assert_int_equal(server.turn, cases[i].turn);
		if (cases[i].turn == TURN_DONE)
			assert_int_equal(capf_fake_take(&server).reason, cases[i].end);
		else
			assert_int_equal(pair_end_take(&server).n, 0);
		pair_end_close(&server);
	}
}

static void
capf_server_ends_with_7_when_no_certificate_is_issued(void **state)
{
	struct capfmsg key = capf_fake_message(CAPFMSG_KEYGEN_RESPONSE, SESSION), m;
	struct capf_fake f;
	struct pair_end server;
	struct ask ask;

	(void)state;
	server_in_work(&server, &f, ANSWER_CAPF_INSTALL);
	f.certificate = (struct span){ 0 };
	capf_fake_feed(&server, &key);
	ask = pair_end_asked(&server, 2);
	assert_int_equal(ask.capf_end, CAPF_END_BROKEN);
	assert_true(span_is(ask.text, "no certificate was issued: no key for it"));
	m = capf_fake_take(&server);
	assert_int_equal(m.command, CAPFMSG_END_SESSION);
	assert_int_equal(m.reason, CAPFMSG_REASON_INVALID);
	assert_int_equal(server.turn, TURN_DONE);
	pair_end_close(&server);
}

static void
capf_server_fails_when_a_certificate_fits_no_message(void **state)
{
	static uint8_t large[65535];
	struct capfmsg key = capf_fake_message(CAPFMSG_KEYGEN_RESPONSE, SESSION);
	struct capf_fake f;
	struct pair_end server;

	(void)state;
	server_in_work(&server, &f, ANSWER_CAPF_INSTALL);
	f.certificate = span_of(large, sizeof large);
	capf_fake_feed(&server, &key);
	assert_int_equal(pair_end_asked(&server, 2).capf_end, CAPF_END_BROKEN);
	assert_int_equal(pair_end_take(&server).n, 0);
	assert_int_equal(server.turn, TURN_FAIL);
	assert_int_equal(server.err.code, ERR_LIMIT);
	pair_end_close(&server);
}

static void
capf_server_and_client_hold_the_session_id(void **state)
{
	struct capfmsg hello = capf_fake_message(CAPFMSG_AUTH_RESPONSE, SESSION + 1);
	struct capfmsg order = capf_fake_message(CAPFMSG_FETCH_REQUEST, SESSION + 1);
	struct capf_fake f = capf_fake_new(ANSWER_CAPF_FETCH);
	struct capf_client_result result;
	struct capf_client_plan plan = capf_fake_plan(&f, "", &result);
	struct pair_end end;

	(void)state;
	pair_end_open(&end, &capf_server, NULL, SESSION, capf_fake_answer, &f);
	capf_fake_feed(&end, &hello);
	assert_int_equal(end.turn, TURN_FAIL);
	assert_non_null(strstr(end.err.text, "C8"));
	assert_int_equal(end.ask_count, 0);
	pair_end_close(&end);

	server_in_work(&end, &f, ANSWER_CAPF_DELETE);
	hello.command = CAPFMSG_DELETE_RESPONSE;
	capf_fake_feed(&end, &hello);
	assert_int_equal(end.turn, TURN_FAIL);
	assert_non_null(strstr(end.err.text, "C8"));
	assert_int_equal(pair_end_asked(&end, 1).capf_end, CAPF_END_REFUSED);
	pair_end_close(&end);

	pair_end_open(&end, &capf_client, &plan, 0, NULL, NULL);
	hello = capf_fake_message(CAPFMSG_AUTH_REQUEST, SESSION);
	capf_fake_feed(&end, &hello);
	capf_fake_feed(&end, &order);
	assert_int_equal(end.turn, TURN_FAIL);
	assert_non_null(strstr(end.err.text, "C8"));
	pair_end_close(&end);
}

static void
capf_client_sends_its_mic_when_it_has_no_lsc(void **state)
{
	static const uint8_t der_mic[] = { 0x30, 3, 2, 1, 3 };
	struct capfmsg hello = capf_fake_message(CAPFMSG_AUTH_REQUEST, SESSION);
	struct capfmsg order = { .command = CAPFMSG_FETCH_REQUEST, .session_id = SESSION };
	struct capf_fake f = capf_fake_new(ANSWER_CAPF_FETCH);
	struct capf_client_result result;
	struct capf_client_plan plan = capf_fake_plan(&f, "", &result);

	(void)state;
	f.mic = span_of(der_mic, sizeof der_mic);
	for (int has_lsc = 1; has_lsc >= 0; has_lsc--) {
		struct pair_end end;
		struct capfmsg sent;

		pair_end_open(&end, &capf_client, &plan, 0, NULL, NULL);
		capf_fake_feed(&end, &hello);
		(void)capf_fake_take(&end);
		capf_fake_feed(&end, &order);
		sent = capf_fake_take(&end);
		assert_int_equal(sent.inner_type, has_lsc ? CAPFMSG_CERT_LSC : CAPFMSG_CERT_MIC);
		assert_span_equal(sent.certificate, has_lsc ? f.lsc : f.mic);
		assert_true(result.fetched);
		pair_end_close(&end);
		f.lsc = (struct span){ 0 };
	}
}

static void
capf_server_answers_an_abort_and_tells_core(void **state)
{
	struct capfmsg abort_request = { .command = CAPFMSG_ABORT_REQUEST, .session_id = SESSION };
	struct capf_fake f;
	struct pair_end server;
	struct ask ask;

	(void)state;
	server_in_work(&server, &f, ANSWER_CAPF_INSTALL);
	capf_fake_feed(&server, &abort_request);
	ask = pair_end_asked(&server, 1);
	assert_int_equal(ask.capf_end, CAPF_END_REFUSED);
	assert_true(span_is(ask.text, "while it made its key: the phone aborted"));
	assert_int_equal(capf_fake_take(&server).command, CAPFMSG_ABORT_RESPONSE);
	assert_int_equal(server.turn, TURN_FAIL);
	pair_end_close(&server);

	pair_end_open(&server, &capf_server, NULL, SESSION, capf_fake_answer, &f);
	(void)pair_end_take(&server);
	capf_fake_feed(&server, &abort_request);
	assert_int_equal(server.ask_count, 0);
	assert_int_equal(capf_fake_take(&server).command, CAPFMSG_ABORT_RESPONSE);
	assert_int_equal(server.turn, TURN_FAIL);
	pair_end_close(&server);
}

static void
capf_server_refuses_answers_to_other_questions(void **state)
{
	struct capfmsg hello = capf_fake_message(CAPFMSG_AUTH_RESPONSE, SESSION);
	struct answer answer = { .kind = ASK_CAPF_ISSUE, .ok = true };
	struct wr out = wr_new(CAPFMSG_MAX);
	struct pair_end server;
	struct ask ask;
	struct err e;

	(void)state;
	pair_end_open(&server, &capf_server, NULL, SESSION, NULL, NULL);
	capf_fake_feed(&server, &hello);
	assert_int_equal(server.turn, TURN_ASK);
	assert_int_equal(capf_server.answer(server.session, &answer, &out, &ask, &e), TURN_FAIL);
	assert_int_equal(e.code, ERR_BUG);
	assert_int_equal(out.n, 0);
	wr_free(&out);
	pair_end_close(&server);
}

static void
capf_client_ends_when_told_to_come_again(void **state)
{
	struct capfmsg hello = capf_fake_message(CAPFMSG_AUTH_REQUEST, SESSION);
	struct capfmsg later = { .command = CAPFMSG_RETRY_LATER, .session_id = SESSION };
	struct capf_fake f = capf_fake_new(ANSWER_CAPF_END);
	struct capf_client_result result;
	struct capf_client_plan plan = capf_fake_plan(&f, "", &result);
	struct pair_end client;

	(void)state;
	pair_end_open(&client, &capf_client, &plan, 0, NULL, NULL);
	capf_fake_feed(&client, &hello);
	capf_fake_feed(&client, &later);
	assert_int_equal(client.turn, TURN_FAIL);
	assert_int_equal(client.err.code, ERR_AGAIN);
	assert_string_equal(client.err.text, "retry later");
	assert_string_equal(result.last, "retry-later");
	assert_false(result.ended);
	pair_end_close(&client);
}

static void
capf_client_refuses_orders_that_lack_what_they_need(void **state)
{
	static const struct {
		enum capfmsg_command command;
		uint32_t has;
		uint16_t key_size;
		uint8_t key_type, curve;
		const char *text;
	} cases[] = {
		{ CAPFMSG_KEYGEN_REQUEST, 0, 0, 0, 0, "0 bits" },
		{ CAPFMSG_KEYGEN_REQUEST, BIT(CAPFMSG_KEY_SIZE), 2047, 0, 0, "2047 bits" },
		{ CAPFMSG_KEYGEN_REQUEST, BIT(CAPFMSG_KEY_TYPE), 0, 1, 0, "curve" },
		{ CAPFMSG_KEYGEN_REQUEST, BIT(CAPFMSG_KEY_TYPE) | BIT(CAPFMSG_CURVE), 0, 1, 3,
		    "curve" },
		{ CAPFMSG_KEYGEN_REQUEST, BIT(CAPFMSG_KEY_TYPE), 0, 2, 0, "key type 2" },
		{ CAPFMSG_END_SESSION, 0, 0, 0, 0, "end without a reason" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct capfmsg hello = capf_fake_message(CAPFMSG_AUTH_REQUEST, SESSION);
		struct capfmsg order = { .command = cases[i].command,
			.session_id = SESSION,
			.has = cases[i].has,
			.key_size = cases[i].key_size,
			.key_type = cases[i].key_type,
			.curve = cases[i].curve };
		struct capf_fake f = capf_fake_new(ANSWER_CAPF_END);
		struct capf_client_result result;
		struct capf_client_plan plan = capf_fake_plan(&f, "", &result);
		struct pair_end client;

		pair_end_open(&client, &capf_client, &plan, 0, NULL, NULL);
		capf_fake_feed(&client, &hello);
		capf_fake_feed(&client, &order);
		assert_int_equal(client.turn, TURN_FAIL);
		assert_non_null(strstr(client.err.text, cases[i].text));
		pair_end_close(&client);
	}
}

static void
capf_client_refuses_a_server_of_a_newer_version(void **state)
{
	struct capfmsg hello = capf_fake_message(CAPFMSG_AUTH_REQUEST, SESSION);
	struct capf_fake f = capf_fake_new(ANSWER_CAPF_END);
	struct capf_client_result result;
	struct capf_client_plan plan = capf_fake_plan(&f, "", &result);
	struct pair_end client;

	(void)state;
	hello.version = 4;
	pair_end_open(&client, &capf_client, &plan, 0, NULL, NULL);
	capf_fake_feed(&client, &hello);
	assert_int_equal(client.turn, TURN_FAIL);
	assert_non_null(strstr(client.err.text, "version 4"));
	pair_end_close(&client);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capf_server_speaks_first_in_one_write),
		cmocka_unit_test(capf_server_asks_who_the_phone_is),
		cmocka_unit_test(capf_server_refuses_auth_responses_that_cannot_be_used),
		cmocka_unit_test(capf_server_takes_a_soft_phone_without_password),
		cmocka_unit_test(capf_server_asks_for_the_key_that_core_wants),
		cmocka_unit_test(capf_server_tells_core_how_it_ended_before_the_phone),
		cmocka_unit_test(capf_server_confirms_a_certificate_only_when_that_is_stored),
		cmocka_unit_test(capf_server_ends_with_7_when_no_certificate_is_issued),
		cmocka_unit_test(capf_server_fails_when_a_certificate_fits_no_message),
		cmocka_unit_test(capf_server_and_client_hold_the_session_id),
		cmocka_unit_test(capf_server_answers_an_abort_and_tells_core),
		cmocka_unit_test(capf_server_refuses_answers_to_other_questions),
		cmocka_unit_test(capf_client_ends_when_told_to_come_again),
		cmocka_unit_test(capf_client_sends_its_mic_when_it_has_no_lsc),
		cmocka_unit_test(capf_client_refuses_orders_that_lack_what_they_need),
		cmocka_unit_test(capf_client_refuses_a_server_of_a_newer_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
