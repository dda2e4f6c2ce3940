/* Each end by itself, packet by packet. */
#include "transfer.h"

static void
tftp_netascii_turns_line_ends_both_ways(void **state)
{
	struct tftp_netascii at = { 0 };
	struct wr there = wr_new(100), back = wr_new(100);
	struct span text = span_str("a\nb\rc\r\n\n");
	bool cr = false;

	(void)state;
	assert_int_equal(tftp_netascii_encode(text, &at, 3, &there), 3);
	assert_int_equal(tftp_netascii_encode(text, &at, 2, &there), 2);
	assert_int_equal(tftp_netascii_encode(text, &at, 50, &there), 8);
	assert_span_equal(wr_view(&there), span_of("a\r\nb\r\0c\r\0\r\n\r\n", 13));
	for (size_t i = 0; i < there.n; i++)
		tftp_netascii_decode(span_of(there.p + i, 1), &cr, &back);
	assert_span_equal(wr_view(&back), text);
	assert_false(cr);
	wr_free(&there);
	wr_free(&back);
}

/* A server that has sent its first packets, for single steps. */
static void
server_begin(struct tftp_server *t, struct span body, const struct tftp_options *o, struct wr *w)
{
	tftp_server_start(t, TFTP_OCTET, o, body, &transfer_policy, 0);
	*w = wr_new(TFTP_SERVER_PACKET_MAX);
}

/* How many packets there are to send; last: the block number of the last one. */
static size_t
server_count(struct tftp_server *t, struct wr *w, uint16_t *last)
{
	struct span data;
	struct tftp_packet p;
	size_t count = 0;

	while (tftp_server_next(t, w, &data)) {
		count++;
		if (tftp_parse(wr_view(w), &p, NULL))
			*last = p.block;
	}
	return count;
}

static size_t
server_ack(struct tftp_server *t, struct wr *w, uint16_t block, uint16_t *last)
{
	const struct tftp_packet p = { .opcode = TFTP_ACK, .block = block };
	struct err e;

	assert_int_equal(tftp_server_receive(t, &p, 5, &e), TURN_GO_ON);
	return server_count(t, w, last);
}

static void
tftp_server_grants_at_most_its_policy(void **state)
{
	struct tftp_options asked = { .has_blksize = true,
		.blksize = 65464,
		.has_windowsize = true,
		.windowsize = 65535,
		.has_tsize = true,
		.has_timeout = true,
		.timeout = 3 };
	struct bytes body = transfer_body(1000);
	struct tftp_server t;
	struct tftp_packet p;
	struct span data;
	struct wr w;
	struct err e;

	(void)state;
	server_begin(&t, bytes_span(&body), &asked, &w);
	assert_true(tftp_server_next(&t, &w, &data));
	assert_ok(tftp_parse(wr_view(&w), &p, &e), e);
	assert_int_equal(p.opcode, TFTP_OACK);
	assert_int_equal(p.options.blksize, 65464);
	assert_int_equal(p.options.windowsize, 64);
	assert_int_equal(p.options.tsize, 1000);
	assert_int_equal(p.options.timeout, 3);
	assert_int_equal(t.timer.deadline_ms, 3000);
	wr_free(&w);
	tftp_server_start(&t, TFTP_NETASCII, &asked, bytes_span(&body), &transfer_policy, 0);
	assert_false(t.granted.has_tsize);
	assert_int_equal(t.granted.blksize, TFTP_NETASCII_BLOCK_MAX);
	asked.timeout = 9;
	tftp_server_start(&t, TFTP_OCTET, &asked, bytes_span(&body), &transfer_policy, 0);
	assert_false(t.granted.has_timeout);
	assert_int_equal(t.timer.deadline_ms, 1000);
	bytes_free(&body);
}

static void
tftp_server_never_answers_a_repeated_acknowledgement(void **state)
{
	const struct tftp_options asked = { .has_windowsize = true, .windowsize = 4 };
	struct bytes body = transfer_body(512 * 20);
	struct tftp_server t;
	uint16_t last = 0;
	struct wr w;

	(void)state;
	server_begin(&t, bytes_span(&body), &asked, &w);
	assert_int_equal(server_count(&t, &w, &last), 1); /* the OACK alone */
	assert_int_equal(server_ack(&t, &w, 1, &last), 0);
	assert_int_equal(server_ack(&t, &w, 0, &last), 4);
	assert_int_equal(server_ack(&t, &w, 0, &last), 0);
	assert_int_equal(server_ack(&t, &w, 4, &last), 4);
	assert_int_equal(server_ack(&t, &w, 4, &last), 0);
	assert_int_equal(server_ack(&t, &w, 9, &last), 0); /* not sent yet */
	assert_int_equal(server_ack(&t, &w, 2, &last), 0); /* late */
	assert_int_equal(server_ack(&t, &w, 6, &last), 4); /* 7 got lost */
	assert_int_equal(last, 10);
	wr_free(&w);
	bytes_free(&body);
}

/* Block 65536 travels as 0: what was acknowledged before must not be taken for what comes now. */
static void
tftp_server_knows_old_acknowledgements_across_the_roll_over(void **state)
{
	static const uint16_t others[] = { 1, 2, 65533, 65535, 32768, 100 };
	const struct tftp_options asked = { .has_blksize = true, .blksize = 8 };
	struct bytes body = transfer_body(8 * 65540);
	struct tftp_server t;
	uint16_t last = 0;
	struct wr w;

	(void)state;
	server_begin(&t, bytes_span(&body), &asked, &w);
	assert_int_equal(server_count(&t, &w, &last), 1);
	for (uint32_t block = 0; block < 65536; block++)
		assert_int_equal(server_ack(&t, &w, (uint16_t)block, &last), 1);
	assert_int_equal(t.sent, 65536);
	assert_int_equal(last, 0);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(server_ack(&t, &w, others[i], &last), 0);
	assert_int_equal(server_ack(&t, &w, 0, &last), 1);
	assert_int_equal(last, 1);
	assert_int_equal(server_ack(&t, &w, 0, &last), 0);
	assert_int_equal(server_ack(&t, &w, 65535, &last), 0);
	assert_int_equal(server_ack(&t, &w, 1, &last), 1);
	assert_int_equal(t.sent, 65538);
	wr_free(&w);
	bytes_free(&body);
}

/* A window that lies across the roll-over is acknowledged anywhere in it. */
static void
tftp_server_moves_its_window_across_the_roll_over(void **state)
{
	const struct tftp_options asked = {
		.has_blksize = true, .blksize = 8, .has_windowsize = true, .windowsize = 8
	};
	struct bytes body = transfer_body(8 * 65560);
	struct tftp_server t;
	uint16_t last = 0;
	struct wr w;

	(void)state;
	server_begin(&t, bytes_span(&body), &asked, &w);
	assert_int_equal(server_count(&t, &w, &last), 1);
	for (uint32_t block = 0; block <= 65528; block += 8)
		assert_int_equal(server_ack(&t, &w, (uint16_t)block, &last), 8);
	assert_int_equal(server_ack(&t, &w, 65534, &last), 8);
	assert_int_equal(last, 6); /* 65535, 0, 1, ... */
	assert_int_equal(server_ack(&t, &w, 65534, &last), 0);
	assert_int_equal(server_ack(&t, &w, 7, &last), 0); /* not sent yet */
	assert_int_equal(server_ack(&t, &w, 1, &last), 8);
	assert_int_equal(last, 9);
	assert_int_equal(server_ack(&t, &w, 0, &last), 0);
	assert_int_equal(server_ack(&t, &w, 65535, &last), 0);
	wr_free(&w);
	bytes_free(&body);
}

static void
tftp_server_repeats_only_what_the_client_cannot_have(void **state)
{
	const struct tftp_options none = { 0 }, asked = { .has_tsize = true };
	struct bytes body = transfer_body(2000);
	struct tftp_server t;
	uint16_t last = 0;
	struct wr w;

	(void)state;
	server_begin(&t, bytes_span(&body), &none, &w);
	assert_int_equal(server_count(&t, &w, &last), 1);
	tftp_server_repeat(&t);
	assert_int_equal(server_count(&t, &w, &last), 1);
	assert_int_equal(last, 1);
	assert_int_equal(server_ack(&t, &w, 1, &last), 1);
	tftp_server_repeat(&t);
	assert_int_equal(server_count(&t, &w, &last), 0);
	wr_free(&w);
	server_begin(&t, bytes_span(&body), &asked, &w);
	assert_int_equal(server_count(&t, &w, &last), 1);
	tftp_server_repeat(&t);
	assert_int_equal(server_count(&t, &w, &last), 1);
	assert_int_equal(server_ack(&t, &w, 0, &last), 1);
	tftp_server_repeat(&t);
	assert_int_equal(server_count(&t, &w, &last), 0);
	wr_free(&w);
	bytes_free(&body);
}

static void
tftp_server_gives_a_vanished_client_up(void **state)
{
	static const uint64_t waits[] = { 1000, 1000, 1000, 2000, 4000, 8000 };
	const struct tftp_options none = { 0 };
	struct bytes body = transfer_body(2000);
	struct tftp_server t;
	uint64_t now = 0;
	uint16_t last = 0;
	struct wr w;
	struct err e;

	(void)state;
	server_begin(&t, bytes_span(&body), &none, &w);
	for (size_t i = 0; i < transfer_policy.tries; i++) {
		assert_int_equal(server_count(&t, &w, &last), 1);
		now += waits[i];
		assert_int_equal(tftp_server_tick(&t, now - 1, &e), TURN_GO_ON);
		assert_int_equal(server_count(&t, &w, &last), 0);
		assert_int_equal(tftp_server_tick(&t, now, &e), TURN_GO_ON);
	}
	assert_int_equal(tftp_server_tick(&t, now + 8000, &e), TURN_FAIL);
	assert_non_null(strstr(e.text, "block 1 after 6 repeats"));
	wr_free(&w);
	bytes_free(&body);
}

/* What the client makes of one packet after its request. */
static enum turn
client_first(struct tftp_client *c, const struct tftp_client_plan *plan, struct tftp_packet p,
    struct tftp_packet *said, struct err *e)
{
	struct wr out = wr_new(TFTP_PACKET_MAX);
	enum turn turn;

	assert_ok(tftp_client_start(c, plan, 0, &out, e), *e);
	turn = tftp_client_receive(c, &p, 1, &out, e);
	*said = (struct tftp_packet){ 0 };
	if (out.n > 0)
		assert_ok(tftp_parse(wr_view(&out), said, e), *e);
	wr_free(&out);
	tftp_client_free(c);
	return turn;
}

static void
tftp_client_refuses_a_server_that_breaks_the_rules(void **state)
{
	static const uint8_t long_block[513];
	const struct {
		struct tftp_packet p;
		const char *why;
		enum tftp_error said;
	} cases[] = {
		{ { .opcode = TFTP_OACK, .options = { .has_timeout = true, .timeout = 1 } },
		    "not asked for", TFTP_ERR_OPTION },
		{ { .opcode = TFTP_OACK, .options = { .has_blksize = true, .blksize = 1025 } },
		    "not asked for", TFTP_ERR_OPTION },
		{ { .opcode = TFTP_OACK, .options = { .has_tsize = true, .tsize = 5001 } },
		    "file of 5001 bytes, at most 5000", TFTP_ERR_DISK_FULL },
		{ { .opcode = TFTP_DATA, .block = 1, .data = { long_block, 513 } },
		    "has 513 bytes, expected at most 512", TFTP_ERR_ILLEGAL },
		{ { .opcode = TFTP_ERROR, .error = 1, .message = { (const uint8_t *)"no", 2 } },
		    "error 1: no", 0 },
	};
	struct tftp_client_plan plan = transfer_plan(1024, 0, TFTP_OCTET);
	struct tftp_packet said;
	struct tftp_client c;
	struct err e;

	(void)state;
	plan.size_max = 5000;
	plan.options.has_tsize = true;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(client_first(&c, &plan, cases[i].p, &said, &e), TURN_FAIL);
		assert_non_null(strstr(e.text, cases[i].why));
		assert_int_equal(said.error, cases[i].said);
	}
}

static void
tftp_client_stops_a_file_over_its_limit(void **state)
{
	static const uint8_t block[512];
	struct tftp_client_plan plan = transfer_plan(0, 0, TFTP_OCTET);
	struct tftp_packet said;
	struct tftp_client c;
	struct err e;

	(void)state;
	plan.size_max = 511;
	assert_int_equal(
	    client_first(&c, &plan,
		(struct tftp_packet){ .opcode = TFTP_DATA, .block = 1, .data = { block, 512 } },
		&said, &e),
	    TURN_FAIL);
	assert_int_equal(said.error, TFTP_ERR_DISK_FULL);
}

static void
tftp_client_says_its_last_word_again_and_then_fails(void **state)
{
	struct tftp_client_plan plan = transfer_plan(0, 0, TFTP_OCTET);
	struct wr out = wr_new(TFTP_PACKET_MAX);
	struct tftp_packet p;
	struct tftp_client c;
	struct err e;

	(void)state;
	plan.tries = 2;
	assert_ok(tftp_client_start(&c, &plan, 0, &out, &e), e);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(tftp_client_tick(&c, c.timer.deadline_ms, &out, &e), TURN_GO_ON);
		assert_ok(tftp_parse(wr_view(&out), &p, &e), e);
		assert_int_equal(p.opcode, TFTP_RRQ);
	}
	assert_int_equal(tftp_client_tick(&c, c.timer.deadline_ms, &out, &e), TURN_FAIL);
	assert_non_null(strstr(e.text, "no answer of the server after 2 repeats"));
	tftp_client_free(&c);
	wr_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tftp_netascii_turns_line_ends_both_ways),
		cmocka_unit_test(tftp_server_grants_at_most_its_policy),
		cmocka_unit_test(tftp_server_never_answers_a_repeated_acknowledgement),
		cmocka_unit_test(tftp_server_knows_old_acknowledgements_across_the_roll_over),
		cmocka_unit_test(tftp_server_moves_its_window_across_the_roll_over),
		cmocka_unit_test(tftp_server_repeats_only_what_the_client_cannot_have),
		cmocka_unit_test(tftp_server_gives_a_vanished_client_up),
		cmocka_unit_test(tftp_client_refuses_a_server_that_breaks_the_rules),
		cmocka_unit_test(tftp_client_stops_a_file_over_its_limit),
		cmocka_unit_test(tftp_client_says_its_last_word_again_and_then_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
