/* What a hostile or broken network sends: the transfer goes on undisturbed, each client costs a
 * bounded number of packets and a bounded time. */
#include "tftpd_rig.h"

#define MANY 2000

/* What waits for this client now: how many DATA packets, and the last one's block. */
static unsigned
count_data(struct rig *r, int fd, uint16_t *last)
{
	union udp_address from;
	struct tftp_packet p;
	unsigned count = 0;

	while (rig_receive(r, fd, &from, &p)) {
		assert_int_equal(p.opcode, TFTP_DATA);
		*last = p.block;
		count++;
	}
	return count;
}

static void
tftpd_never_doubles_data_for_doubled_acknowledgements(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	int fd = rig_socket("127.0.0.1");
	union udp_address tid;
	struct tftp_packet p;
	uint16_t last = 0;

	(void)state;
	rig_request(fd, &r->at, "5000"); /* ten blocks */
	assert_true(rig_receive(r, fd, &tid, &p));
	for (uint16_t block = 1; block <= 9; block++) {
		rig_ack(fd, &tid, block); /* the newest, older ones behind it, the newest again */
		for (uint16_t old = block; old > 0; old--)
			rig_ack(fd, &tid, old);
		rig_ack(fd, &tid, block);
		assert_int_equal(count_data(r, fd, &last), 1);
		assert_int_equal(last, block + 1);
	}
	for (int i = 0; i < 3; i++)
		rig_ack(fd, &tid, 10);
	assert_int_equal(count_data(r, fd, &last), 0);
	assert_int_equal(r->sent, 1);
	close(fd);
	rig_free(r);
}

static void
tftpd_never_doubles_a_window_for_doubled_acknowledgements(void **state)
{
	const struct tftp_packet request = { .opcode = TFTP_RRQ,
		.name = span_str("20000"),
		.options = { .has_windowsize = true, .windowsize = 8 } };
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	int fd = rig_socket("127.0.0.1");
	union udp_address tid;
	struct tftp_packet p;
	uint16_t last = 0;

	(void)state;
	rig_send_packet(fd, &r->at, &request);
	assert_true(rig_receive(r, fd, &tid, &p));
	assert_int_equal(p.opcode, TFTP_OACK);
	for (int i = 0; i < 3; i++)
		rig_ack(fd, &tid, 0);
	assert_int_equal(count_data(r, fd, &last), 8);
	rig_ack(fd, &tid, 8);
	for (uint16_t old = 8; old > 0; old--)
		rig_ack(fd, &tid, old);
	assert_int_equal(count_data(r, fd, &last), 8);
	assert_int_equal(last, 16);
	rig_ack(fd, &tid, 11); /* 12 was lost: RFC 7440, the next window begins behind 11 */
	rig_ack(fd, &tid, 11);
	assert_int_equal(count_data(r, fd, &last), 8);
	assert_int_equal(last, 19);
	close(fd);
	rig_free(r);
}

static void
tftpd_ignores_acknowledgements_of_what_was_never_sent(void **state)
{
	static const uint16_t never[] = { 0, 2, 3, 1000, 32768, 65535 };
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	int fd = rig_socket("127.0.0.1");
	union udp_address tid, from;
	struct tftp_packet p;
	uint16_t last = 0;

	(void)state;
	rig_request(fd, &r->at, "1200");
	assert_true(rig_receive(r, fd, &tid, &p));
	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
		rig_ack(fd, &tid, never[i]);
	assert_int_equal(count_data(r, fd, &last), 0);
	assert_int_equal(tftpd_stats(r->engine).open, 1);
	rig_ack(fd, &tid, 1);
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.block, 2);
	close(fd);
	rig_free(r);
}

/* Begins a transfer that runs on another port than *other, from an address of its own. */
static int
begin_elsewhere(struct rig *r, const union udp_address *other, union udp_address *tid)
{
	struct tftp_packet p;

	for (int i = 0; i < 1000; i++) {
		int fd = rig_socket("127.0.0.4");

		rig_request(fd, &r->at, "1200");
		assert_true(rig_receive(r, fd, tid, &p));
		if (rig_port(tid) != rig_port(other))
			return fd;
		close(fd);
	}
	fail_msg("the pool has one port");
	return -1;
}

static void
tftpd_keeps_the_ports_of_transfers_apart(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	int fd = rig_socket("127.0.0.1"), other;
	union udp_address tid, elsewhere, from;
	struct tftp_packet p;

	(void)state;
	rig_request(fd, &r->at, "1200");
	assert_true(rig_receive(r, fd, &tid, &p));
	other = begin_elsewhere(r, &tid, &elsewhere);
	/* our own, but not for this port: neither an answer, which we might take for one of our
	 * transfer, nor an effect */
	rig_ack(fd, &elsewhere, 1);
	rig_send_packet(fd, &elsewhere, &(struct tftp_packet){ .opcode = TFTP_ERROR });
	assert_false(rig_receive(r, fd, &from, &p));
	assert_false(rig_receive(r, other, &from, &p));
	assert_int_equal(r->failed, 0);
	assert_int_equal(tftpd_stats(r->engine).unknown_tid, 2);
	rig_ack(fd, &tid, 1);
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.block, 2);
	rig_ack(other, &elsewhere, 1);
	assert_true(rig_receive(r, other, &from, &p));
	assert_int_equal(p.block, 2);
	close(fd);
	close(other);
	rig_free(r);
}

/* Sends a request for 1000 bytes; | stands for NUL. */
static void
request_with(int fd, const union udp_address *to, const char *options)
{
	uint8_t m[128] = { 0, TFTP_RRQ };
	int n = snprintf((char *)m + 2, sizeof m - 2, "1000|octet|%s", options);

	for (int i = 2; i < n + 2; i++)
		m[i] = m[i] == '|' ? 0 : m[i];
	rig_send(fd, to, span_of(m, (size_t)n + 2));
}

static void
tftpd_answers_options_out_of_range_as_if_they_were_not_there(void **state)
{
	/* In the answer: 0 where an option must not be; all 0: no OACK but block 1. */
	static const struct {
		const char *options;
		unsigned blksize, timeout, tsize, windowsize;
	} cases[] = {
		{ "blksize|0|", 0, 0, 0, 0 },
		{ "blksize|7|", 0, 0, 0, 0 },
		{ "blksize|8|", 8, 0, 0, 0 },
		{ "blksize|65464|", 65464, 0, 0, 0 },
		{ "blksize|65465|", 65464, 0, 0, 0 }, /* less than asked for: RFC 2348 */
		{ "blksize|4294967808|", 65464, 0, 0, 0 },
		{ "blksize|99999999999999999999999|", 0, 0, 0, 0 },
		{ "blksize|-512|", 0, 0, 0, 0 },
		{ "blksize|512x|", 0, 0, 0, 0 },
		{ "blksize||", 0, 0, 0, 0 },
		{ "blksize|1024|blksize|600|", 1024, 0, 0, 0 }, /* the first one counts */
		{ "blksize|7|blksize|600|", 0, 0, 0, 0 },
		{ "windowsize|0|", 0, 0, 0, 0 },
		{ "windowsize|1|", 0, 0, 0, 1 },
		{ "windowsize|65|", 0, 0, 0, 64 },
		{ "windowsize|65535|", 0, 0, 0, 64 },
		{ "windowsize|65536|", 0, 0, 0, 0 },
		{ "timeout|0|", 0, 0, 0, 0 },
		{ "timeout|1|", 0, 1, 0, 0 },
		{ "timeout|255|", 0, 0, 0, 0 }, /* longer than we wait */
		{ "timeout|256|", 0, 0, 0, 0 },
		{ "tsize|0|", 0, 0, 1000, 0 },
		{ "TSIZE|999|bLkSiZe|600|", 600, 0, 1000, 0 },
		{ "tsize|none|", 0, 0, 0, 0 },
		{ "nonsense|1|multicast||", 0, 0, 0, 0 },
	};
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		unsigned any =
		    cases[i].blksize + cases[i].timeout + cases[i].tsize + cases[i].windowsize;
		int fd = rig_socket("127.0.0.1");
		union udp_address from;
		struct tftp_packet p;

		request_with(fd, &r->at, cases[i].options);
		assert_true(rig_receive(r, fd, &from, &p));
		assert_int_equal(p.opcode, any > 0 ? TFTP_OACK : TFTP_DATA);
		if (any == 0)
			assert_int_equal(p.data.n, 512);
		assert_int_equal(p.options.blksize, cases[i].blksize);
		assert_int_equal(p.options.timeout, cases[i].timeout);
		assert_int_equal(p.options.tsize, cases[i].tsize);
		assert_int_equal(p.options.windowsize, cases[i].windowsize);
		close(fd);
	}
	rig_free(r);
}

static void
tftpd_sends_a_client_that_never_acknowledges_so_much_and_no_more(void **state)
{
	static const struct {
		uint16_t window;
		bool acks_oack;
		unsigned packets;
	} cases[] = {
		{ 0, false, 1 + 3 }, /* block 1 */
		{ 8, false, 1 + 3 }, /* the OACK */
		{ 8, true, 1 + 8 + 3 * 8 },
		{ 64, true, 1 + 64 + 3 * 64 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct tftp_packet request = { .opcode = TFTP_RRQ,
			.name = span_str("60000"),
			.options = { .has_windowsize = cases[i].window > 0,
			    .windowsize = cases[i].window } };
		struct rig *r = rig_new("127.0.0.1",
		    (struct tftpd_config){ .retry_ms = 150, .retry_max_ms = 150, .tries = 3 });
		int fd = rig_socket("127.0.0.1");
		union udp_address tid;
		struct tftp_packet p;
		unsigned packets = 1;

		rig_send_packet(fd, &r->at, &request);
		assert_true(rig_receive(r, fd, &tid, &p));
		if (cases[i].acks_oack)
			rig_ack(fd, &tid, 0);
		for (int k = 0; k < 200 && r->failed == 0; k++)
			while (rig_receive(r, fd, &tid, &p))
				packets++;
		assert_int_equal(packets, cases[i].packets);
		assert_int_equal(r->failed, 1);
		assert_int_equal(tftpd_stats(r->engine).open, 0);
		assert_false(rig_receive(r, fd, &tid, &p)); /* and then it is silent */
		close(fd);
		rig_free(r);
	}
}

static void
tftpd_makes_one_transfer_of_ten_requests_from_one_port(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	int fd = rig_socket("127.0.0.1");
	union udp_address tid, from;
	struct tftp_packet p;

	(void)state;
	for (int i = 0; i < 10; i++)
		rig_request(fd, &r->at, "1200");
	assert_true(rig_receive(r, fd, &tid, &p));
	for (int i = 0; i < 9; i++) { /* each one is answered: the answers may be what is lost */
		assert_true(rig_receive(r, fd, &from, &p));
		assert_true(udp_address_equal(&from, &tid));
		assert_int_equal(p.block, 1);
	}
	for (uint16_t block = 1; block <= 3; block++) {
		for (int i = 0; i < 10; i++)
			rig_ack(fd, &tid, block);
		assert_int_equal(rig_receive(r, fd, &from, &p), block < 3);
		assert_false(rig_receive(r, fd, &from, &p));
	}
	assert_int_equal(r->asked, 1);
	assert_int_equal(r->sent, 1);
	assert_int_equal(r->failed, 0);
	close(fd);
	rig_free(r);
}

static void
tftpd_lets_huge_datagrams_pass_by(void **state)
{
	static uint8_t huge[60000] = { 0, 1 };
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	int fd = rig_socket("127.0.0.1");
	union udp_address tid, from;
	struct tftp_packet p;

	(void)state;
	/* a request that is whole but for its length */
	memcpy(huge + 2, "1200\0octet", 11);
	memset(huge + 13, 'x', sizeof huge - 14);
	rig_send(fd, &r->at, span_of(huge, sizeof huge));
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.error, TFTP_ERR_ILLEGAL);
	assert_int_equal(r->asked, 0);
	/* to a transfer: DATA, garbage, and an acknowledgement with too much behind it */
	rig_request(fd, &r->at, "1200");
	assert_true(rig_receive(r, fd, &tid, &p));
	for (uint8_t opcode = 2; opcode < 8; opcode++) {
		huge[1] = opcode;
		if (opcode != TFTP_ERROR)
			rig_send(fd, &tid, span_of(huge, sizeof huge));
	}
	assert_false(rig_receive(r, fd, &from, &p));
	rig_ack(fd, &tid, 1);
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.block, 2);
	assert_int_equal(r->failed, 0);
	close(fd);
	rig_free(r);
}

/* Fetches a file of two blocks, to the end. */
static void
assert_served(struct rig *r, const char *address)
{
	int fd = rig_socket(address);
	size_t sent = r->sent;
	union udp_address tid;
	struct tftp_packet p;

	rig_request(fd, &r->at, "600");
	for (uint16_t block = 1; block <= 2; block++) {
		assert_true(rig_receive(r, fd, &tid, &p));
		assert_int_equal(p.opcode, TFTP_DATA);
		assert_int_equal(p.block, block);
		rig_ack(fd, &tid, block);
	}
	rig_run(r, 1);
	assert_int_equal(r->sent, sent + 1);
	close(fd);
}

static void
tftpd_serves_others_beside_two_thousand_that_never_acknowledge(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });

	(void)state;
	for (int i = 0; i < MANY; i++) {
		int fd = rig_socket("127.0.0.2");

		rig_request(fd, &r->at, "6000");
		if (i % 50 == 0)
			rig_run(r, 0);
		close(fd);
	}
	assert_served(r, "127.0.0.1");
	assert_served(r, "127.0.0.2"); /* also behind the same NAT */
	assert_int_equal(tftpd_stats(r->engine).over_limit, 0);
	rig_free(r);
}

/* Half of the places are for those who answer: who never did gets one repeat when they are few. */
static void
tftpd_gives_the_silent_up_sooner_when_places_run_out(void **state)
{
	struct rig *r = rig_new("127.0.0.1",
	    (struct tftpd_config){ .transfers = 100, .retry_ms = 200, .retry_max_ms = 1000 });
	union udp_address tid;
	struct tftp_packet p;
	int slow = rig_socket("127.0.0.1");

	(void)state;
	rig_request(slow, &r->at, "6000");
	assert_true(rig_receive(r, slow, &tid, &p));
	rig_ack(slow, &tid, 1); /* this one did answer, and then takes its time */
	for (int i = 0; i < MANY / 10; i++) {
		int fd = rig_socket("127.0.0.2");

		rig_request(fd, &r->at, "6000");
		rig_run(r, 0);
		close(fd);
	}
	assert_in_range(tftpd_stats(r->engine).over_limit, 1, 101);
	for (int i = 0; i < 100 && tftpd_stats(r->engine).open > 50; i++)
		rig_run(r, 10);
	assert_in_range(tftpd_stats(r->engine).open, 1, 50);
	assert_served(r, "127.0.0.1");
	while (rig_receive(r, slow, &tid, &p))
		continue;
	rig_ack(slow, &tid, 2);
	assert_true(rig_receive(r, slow, &tid, &p));
	assert_int_equal(p.block, 3);
	close(slow);
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tftpd_never_doubles_data_for_doubled_acknowledgements),
		cmocka_unit_test(tftpd_never_doubles_a_window_for_doubled_acknowledgements),
		cmocka_unit_test(tftpd_ignores_acknowledgements_of_what_was_never_sent),
		cmocka_unit_test(tftpd_keeps_the_ports_of_transfers_apart),
		cmocka_unit_test(tftpd_answers_options_out_of_range_as_if_they_were_not_there),
		cmocka_unit_test(tftpd_sends_a_client_that_never_acknowledges_so_much_and_no_more),
		cmocka_unit_test(tftpd_makes_one_transfer_of_ten_requests_from_one_port),
		cmocka_unit_test(tftpd_lets_huge_datagrams_pass_by),
		cmocka_unit_test(tftpd_serves_others_beside_two_thousand_that_never_acknowledge),
		cmocka_unit_test(tftpd_gives_the_silent_up_sooner_when_places_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
