/* Clients that repeat themselves, vanish, lie or ask too much. */
#include "tftpd_rig.h"

static void
tftpd_absorbs_requests_repeated_while_the_question_is_open(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	int fd = rig_socket("127.0.0.1");
	union udp_address from;
	struct tftp_packet p;

	(void)state;
	r->hold = true;
	for (int i = 0; i < 3; i++)
		rig_request(fd, &r->at, "600");
	assert_false(rig_receive(r, fd, &from, &p));
	assert_int_equal(r->asked, 1);
	assert_int_equal(tftpd_stats(r->engine).repeated, 2);
	rig_answer(r, r->held[0], "600");
	rig_answer(r, r->held[0], "600"); /* twice changes nothing */
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.block, 1);
	assert_false(rig_receive(r, fd, &from, &p));
	close(fd);
	rig_free(r);
}

static void
tftpd_does_not_begin_anew_for_a_late_repeat(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	int fd = rig_socket("127.0.0.1");
	union udp_address tid, from;
	struct tftp_packet p;

	(void)state;
	rig_request(fd, &r->at, "1200");
	assert_true(rig_receive(r, fd, &tid, &p));
	rig_request(fd, &r->at, "1200");
	assert_true(rig_receive(r, fd, &from, &p)); /* block 1 again, from the same port */
	assert_int_equal(p.block, 1);
	assert_true(udp_address_equal(&tid, &from));
	rig_ack(fd, &tid, 1);
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.block, 2);
	rig_request(fd, &r->at, "1200");
	rig_ack(fd, &tid, 1);
	assert_false(rig_receive(r, fd, &from, &p)); /* neither is answered */
	rig_ack(fd, &tid, 2);
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.block, 3);
	rig_ack(fd, &tid, 3);
	rig_run(r, 1);
	assert_int_equal(r->sent, 1);
	assert_int_equal(r->asked, 1);
	rig_ack(fd, &tid, 3); /* late, and known */
	assert_false(rig_receive(r, fd, &from, &p));
	close(fd);
	rig_free(r);
}

static void
tftpd_follows_a_client_that_goes_on_to_another_file(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	int fd = rig_socket("127.0.0.1");
	union udp_address from;
	struct tftp_packet p;

	(void)state;
	rig_request(fd, &r->at, "10");
	assert_true(rig_receive(r, fd, &from, &p));
	rig_request(fd, &r->at, "20"); /* overtook the last acknowledgement */
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.data.n, 20);
	assert_int_equal(r->sent, 1);
	rig_request(fd, &r->at, "2000");
	assert_true(rig_receive(r, fd, &from, &p));
	rig_request(fd, &r->at, "30"); /* given up in the middle */
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.data.n, 30);
	assert_int_equal(r->failed, 1);
	assert_non_null(strstr(r->text, "2000: the client asked anew"));
	close(fd);
	rig_free(r);
}

static void
tftpd_tells_a_stranger_of_an_unknown_transfer(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	int fd = rig_socket("127.0.0.1"), stranger = rig_socket("127.0.0.1");
	union udp_address tid, from;
	struct tftp_packet p;

	(void)state;
	rig_request(fd, &r->at, "1200");
	assert_true(rig_receive(r, fd, &tid, &p));
	rig_ack(stranger, &tid, 1);
	assert_true(rig_receive(r, stranger, &from, &p));
	assert_int_equal(p.opcode, TFTP_ERROR);
	assert_int_equal(p.error, TFTP_ERR_UNKNOWN_TID);
	assert_true(udp_address_equal(&tid, &from));
	rig_send_packet(stranger, &tid, &(struct tftp_packet){ .opcode = TFTP_ERROR });
	assert_false(rig_receive(r, stranger, &from, &p));
	rig_ack(fd, &tid, 1);
	assert_true(rig_receive(r, fd, &from, &p)); /* the transfer is not touched */
	assert_int_equal(p.block, 2);
	close(fd);
	close(stranger);
	rig_free(r);
}

static void
tftpd_gives_a_vanished_client_up(void **state)
{
	struct rig *r = rig_new(
	    "127.0.0.1", (struct tftpd_config){ .retry_ms = 20, .retry_max_ms = 40, .tries = 2 });
	int fd = rig_socket("127.0.0.1");

	(void)state;
	rig_request(fd, &r->at, "10");
	for (int i = 0; i < 100 && r->failed == 0; i++)
		rig_run(r, 10);
	assert_int_equal(r->failed, 1);
	assert_non_null(strstr(r->text, "10: no acknowledgement of block 1 after 2 repeats"));
	assert_int_equal(tftpd_stats(r->engine).open, 0);
	close(fd);
	rig_free(r);
}

static void
tftpd_gives_a_question_up_that_nobody_answers(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ .ask_ms = 20 });
	int fd = rig_socket("127.0.0.1");

	(void)state;
	r->hold = true;
	rig_request(fd, &r->at, "10");
	for (int i = 0; i < 100 && r->failed == 0; i++)
		rig_run(r, 10);
	assert_non_null(strstr(r->text, "10: no answer about the file in time"));
	rig_answer(r, r->held[0], "10"); /* too late, ignored */
	assert_int_equal(tftpd_stats(r->engine).open, 0);
	close(fd);
	rig_free(r);
}

static void
tftpd_refuses_requests_with_the_right_error(void **state)
{
	static uint8_t endless[2000] = { 0, 1 };
	const struct {
		struct span packet;
		int error; /* -1: no answer */
	} cases[] = {
		{ span_of("\0\2x\0octet", 10), TFTP_ERR_ACCESS },
		{ span_of("\0\1user\0mail", 12), TFTP_ERR_ILLEGAL },
		{ span_of("\0\1\0octet", 9), TFTP_ERR_ILLEGAL },
		{ span_of("\0\1x", 3), TFTP_ERR_ILLEGAL },
		{ span_of(endless, 300), TFTP_ERR_ILLEGAL },
		{ span_of(endless, 2000), TFTP_ERR_ILLEGAL },
		{ span_of("\0\1missing\0octet", 16), TFTP_ERR_NOT_FOUND },
		{ span_of("", 0), -1 },
		{ span_of("\0", 1), -1 },
		{ span_of("\0\4\0\1", 4), -1 },
		{ span_of("\0\5\0\1", 5), -1 },
		{ span_of("\0\3\0\1data", 8), -1 },
		{ span_of("\377\377what", 6), -1 },
	};
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	union udp_address from;
	struct tftp_packet p;

	(void)state;
	memset(endless + 2, 'n', sizeof endless - 2);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int fd = rig_socket("127.0.0.1");

		rig_send(fd, &r->at, cases[i].packet);
		assert_int_equal(rig_receive(r, fd, &from, &p), cases[i].error >= 0);
		if (cases[i].error >= 0) {
			assert_int_equal(p.opcode, TFTP_ERROR);
			assert_int_equal(p.error, cases[i].error);
			assert_null(memchr(p.message.p, '/', p.message.n));
		}
		close(fd);
	}
	assert_int_equal(tftpd_stats(r->engine).open, 0);
	rig_free(r);
}

static void
tftpd_reports_only_some_bad_datagrams_a_second(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	int fd = rig_socket("127.0.0.1");

	(void)state;
	for (int i = 0; i < 200; i++)
		rig_send(fd, &r->at, span_str("nonsense"));
	rig_run(r, 5);
	assert_int_equal(tftpd_stats(r->engine).bad, 200);
	assert_in_range(r->bad, 1, 10);
	close(fd);
	rig_free(r);
}

static void
tftpd_keeps_its_limits(void **state)
{
	struct rig *r = rig_new(
	    "127.0.0.1", (struct tftpd_config){ .transfers = 3, .transfers_per_address = 2 });
	const char *from[] = { "127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.3" };
	const bool served[] = { true, true, false, true, false };
	union udp_address tid[5];
	struct tftp_packet p;
	int fd[5];

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		fd[i] = rig_socket(from[i]);
		rig_request(fd[i], &r->at, "10");
		assert_int_equal(rig_receive(r, fd[i], &tid[i], &p), served[i]);
	}
	assert_int_equal(tftpd_stats(r->engine).over_limit, 2);
	rig_ack(fd[0], &tid[0], 1);
	rig_run(r, 1);
	rig_request(fd[2], &r->at, "10"); /* there is room again */
	assert_true(rig_receive(r, fd[2], &tid[2], &p));
	for (size_t i = 0; i < 5; i++)
		close(fd[i]);
	rig_free(r);
}

static void
tftpd_drains_by_finishing_what_runs(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	int fd = rig_socket("127.0.0.1"), late = rig_socket("127.0.0.1");
	union udp_address tid, from;
	struct tftp_packet p;

	(void)state;
	rig_request(fd, &r->at, "600");
	assert_true(rig_receive(r, fd, &tid, &p));
	tftpd_drain(r->engine);
	rig_request(late, &r->at, "600");
	assert_false(rig_receive(r, late, &from, &p));
	rig_ack(fd, &tid, 1);
	assert_true(rig_receive(r, fd, &tid, &p));
	assert_int_equal(tftpd_stats(r->engine).open, 1);
	rig_ack(fd, &tid, 2);
	rig_run(r, 1);
	assert_int_equal(r->sent, 1);
	assert_int_equal(tftpd_stats(r->engine).open, 0);
	close(fd);
	close(late);
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tftpd_absorbs_requests_repeated_while_the_question_is_open),
		cmocka_unit_test(tftpd_does_not_begin_anew_for_a_late_repeat),
		cmocka_unit_test(tftpd_follows_a_client_that_goes_on_to_another_file),
		cmocka_unit_test(tftpd_tells_a_stranger_of_an_unknown_transfer),
		cmocka_unit_test(tftpd_gives_a_vanished_client_up),
		cmocka_unit_test(tftpd_gives_a_question_up_that_nobody_answers),
		cmocka_unit_test(tftpd_refuses_requests_with_the_right_error),
		cmocka_unit_test(tftpd_reports_only_some_bad_datagrams_a_second),
		cmocka_unit_test(tftpd_keeps_its_limits),
		cmocka_unit_test(tftpd_drains_by_finishing_what_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
