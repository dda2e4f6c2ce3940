/* Requests of every odd kind, and how transfers end: what RFC 1350 and 2347 say, packet by packet.
 */
#include "tftpd_rig.h"

#include <errno.h>
#include <netinet/udp.h>

/* Nothing is repeated while a test looks for what comes, however slow the machine is. */
static const struct tftpd_config patient = { .retry_ms = 60000, .retry_max_ms = 60000 };

/* Sends a request with this name and whatever stands behind it; | stands for NUL. */
static void
request_raw(int fd, const union udp_address *to, const char *name, const char *rest)
{
	struct wr w = wr_new(1024);

	wr_u16(&w, TFTP_RRQ);
	wr_span(&w, span_str(name));
	wr_u8(&w, 0);
	for (; *rest != '\0'; rest++)
		wr_u8(&w, *rest == '|' ? 0 : (uint8_t)*rest);
	rig_send(fd, to, wr_view(&w));
	wr_free(&w);
}

static void
tftpd_takes_modes_of_any_case_and_refuses_the_rest(void **state)
{
	static const struct {
		const char *rest;
		bool taken;
	} rows[] = {
		{ "octet|", true },
		{ "OCTET|", true },
		{ "Octet|", true },
		{ "netascii|", true },
		{ "NETASCII|", true },
		{ "NetASCII|", true },
		{ "octet|||", true }, /* what is left of a buffer */
		{ "octet||||||", true },
		{ "mail|", false },
		{ "Mail|", false },
		{ "|", false },
		{ "octets|", false },
		{ "octet", false },
		{ "", false },
		{ "octet|blksize|", false },
		{ "octet|blksize|512", false },
		{ "octet|trailing", false },
	};
	struct rig *r = rig_new("127.0.0.1", patient);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int fd = rig_socket("127.0.0.1");
		union udp_address from;
		struct tftp_packet p;

		request_raw(fd, &r->at, "100", rows[i].rest);
		assert_true(rig_receive(r, fd, &from, &p));
		if ((p.opcode == TFTP_DATA) != rows[i].taken)
			fail_msg("%s: opcode %d", rows[i].rest, p.opcode);
		if (!rows[i].taken)
			assert_int_equal(p.error, TFTP_ERR_ILLEGAL);
		close(fd);
	}
	rig_free(r);
}

/* What a name means is not decided here: it is asked for as it came, byte for byte. */
static void
tftpd_asks_for_names_as_they_came(void **state)
{
	static const char *const names[] = { "/etc/passwd", "./10", "../10", "..", ".", "/", "//",
		"a\\b", "C:\\x", "\x01", "\n", "\x7f", "\xff\xfe", "\xc0\xae\xc0\xae/x", "%2e%2e/x",
		"%s%n", " ", "10 ", "a;b" };
	struct rig *r = rig_new("127.0.0.1", patient);
	char longest[TFTP_NAME_MAX + 2] = { 0 };
	union udp_address from;
	struct tftp_packet p;
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		fd = rig_socket("127.0.0.1");
		request_raw(fd, &r->at, names[i], "octet|");
		assert_true(rig_receive(r, fd, &from, &p));
		assert_string_equal(r->name, names[i]);
		close(fd);
	}
	for (size_t n = TFTP_NAME_MAX; n <= TFTP_NAME_MAX + 1; n++) {
		memset(longest, '1', n);
		fd = rig_socket("127.0.0.1");
		r->hold = true;
		r->asked = 0;
		request_raw(fd, &r->at, longest, "octet|");
		assert_int_equal(rig_receive(r, fd, &from, &p), n > TFTP_NAME_MAX);
		if (n > TFTP_NAME_MAX)
			assert_int_equal(p.error, TFTP_ERR_ILLEGAL);
		close(fd);
	}
	assert_int_equal(strlen(r->name), TFTP_NAME_MAX);
	rig_free(r);
}

/* What was granted is what comes, and a file of whole blocks ends with an empty one. */
static void
tftpd_sends_blocks_of_the_size_that_it_granted(void **state)
{
	static const uint16_t sizes[] = { 8, 9, 511, 512, 1428, 65463, 65464 };
	struct rig *r = rig_new("127.0.0.1", patient);

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		int fd = rig_socket("127.0.0.1");
		union udp_address tid;
		struct tftp_packet p;
		char name[16], rest[64];

		snprintf(name, sizeof name, "%u", sizes[i] * 2u);
		snprintf(rest, sizeof rest, "octet|blksize|%u|tsize|0|", sizes[i]);
		request_raw(fd, &r->at, name, rest);
		assert_true(rig_receive(r, fd, &tid, &p));
		assert_int_equal(p.options.blksize, sizes[i]);
		assert_int_equal(p.options.tsize, sizes[i] * 2u);
		for (uint16_t block = 1; block <= 3; block++) {
			rig_ack(fd, &tid, (uint16_t)(block - 1));
			assert_true(rig_receive(r, fd, &tid, &p));
			assert_int_equal(p.block, block);
			assert_int_equal(p.data.n, block < 3 ? sizes[i] : 0);
		}
		rig_ack(fd, &tid, 3);
		rig_run(r, 1);
		assert_int_equal(r->sent, i + 1);
		close(fd);
	}
	rig_free(r);
}

/* A client that cannot use what it was granted asks in other words, from the same port. */
static void
tftpd_answers_the_same_name_with_other_options_anew(void **state)
{
	static const struct {
		const char *rest;
		enum tftp_opcode opcode;
		unsigned blksize, tsize;
	} rows[] = {
		{ "octet|tsize|0|", TFTP_OACK, 0, 2000 },
		{ "octet|blksize|1428|", TFTP_OACK, 1428, 0 },
		{ "octet|blksize|1428|", TFTP_OACK, 1428, 0 },
		{ "octet|blksize|1024|", TFTP_OACK, 1024, 0 },
		{ "octet|blksize|1024|tsize|0|", TFTP_OACK, 1024, 2000 },
		{ "octet|", TFTP_DATA, 0, 0 },
		{ "netascii|", TFTP_DATA, 0, 0 },
		{ "octet|", TFTP_DATA, 0, 0 },
	};
	struct rig *r = rig_new("127.0.0.1", patient);
	int fd = rig_socket("127.0.0.1");
	union udp_address tid = { 0 }, from;
	struct tftp_packet p;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		request_raw(fd, &r->at, "2000", rows[i].rest);
		assert_true(rig_receive(r, fd, &tid, &p));
		assert_int_equal(p.opcode, rows[i].opcode);
		assert_int_equal(p.options.blksize, rows[i].blksize);
		assert_int_equal(p.options.tsize, rows[i].tsize);
		assert_false(rig_receive(r, fd, &from, &p));
		assert_int_equal(tftpd_stats(r->engine).open, 1);
	}
	assert_int_equal(tftpd_stats(r->engine).repeated, 1);
	/* once it runs, what was asked before comes too late */
	rig_ack(fd, &tid, 1);
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.block, 2);
	request_raw(fd, &r->at, "2000", "octet|tsize|0|");
	assert_false(rig_receive(r, fd, &from, &p));
	rig_ack(fd, &tid, 2);
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.block, 3);
	close(fd);
	rig_free(r);
}

static void
tftpd_ends_a_transfer_that_the_client_ends(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ .retry_ms = 20 });
	const struct tftp_packet over = { .opcode = TFTP_ERROR,
		.error = TFTP_ERR_DISK_FULL,
		.message = span_str("full\x1b[2J") };
	int fd = rig_socket("127.0.0.1");
	union udp_address tid, from;
	struct tftp_packet p;

	(void)state;
	rig_request(fd, &r->at, "2000");
	assert_true(rig_receive(r, fd, &tid, &p));
	rig_send_packet(fd, &tid, &over);
	rig_run(r, 50);
	assert_int_equal(r->failed, 1);
	assert_non_null(strstr(r->text, "2000: the client ended it with error 3: full"));
	assert_null(strchr(r->text, '\x1b'));
	assert_int_equal(tftpd_stats(r->engine).open, 0);
	while (rig_receive(r, fd, &from, &p)) /* repeats from before, and an answer to none */
		assert_int_equal(p.block, 1);
	rig_ack(fd, &tid, 1);
	rig_send_packet(fd, &tid, &over);
	assert_false(rig_receive(r, fd, &from, &p));
	assert_int_equal(r->failed, 1);
	close(fd);
	rig_free(r);
}

/* The block before the last acknowledgement comes again until that one comes. */
static void
tftpd_repeats_the_last_block_when_its_acknowledgement_is_lost(void **state)
{
	struct rig *r = rig_new(
	    "127.0.0.1", (struct tftpd_config){ .retry_ms = 20, .retry_max_ms = 20, .tries = 200 });
	int fd = rig_socket("127.0.0.1");
	union udp_address tid;
	struct tftp_packet p;

	(void)state;
	rig_request(fd, &r->at, "1024"); /* two whole blocks, and an empty one says the end */
	assert_true(rig_receive(r, fd, &tid, &p));
	rig_ack(fd, &tid, 1);
	do
		assert_true(rig_receive(r, fd, &tid, &p));
	while (p.block == 1);
	rig_ack(fd, &tid, 2);
	do
		assert_true(rig_receive(r, fd, &tid, &p));
	while (p.block == 2);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(p.block, 3);
		assert_int_equal(p.data.n, 0);
		for (int k = 0; k < 10 && !rig_receive(r, fd, &tid, &p); k++)
			continue;
	}
	assert_int_equal(r->sent, 0);
	rig_ack(fd, &tid, 3);
	rig_run(r, 5);
	assert_int_equal(r->sent, 1);
	assert_int_equal(r->failed, 0);
	while (rig_receive(r, fd, &tid, &p))
		assert_int_equal(p.block, 3);
	rig_run(r, 50);
	assert_false(rig_receive(r, fd, &tid, &p));
	close(fd);
	rig_free(r);
}

/* Packets that a client has no business to send: to its own transfer without effect, to that of
 * somebody else an error, and none to an error. */
static void
tftpd_lets_packets_of_no_sense_change_nothing(void **state)
{
	const struct {
		struct span packet;
		bool own, told; /* the client sends it too; a stranger hears of it */
	} rows[] = {
		{ span_of("\0\1x\0octet", 10), true, true },
		{ span_of("\0\2x\0octet", 10), true, true },
		{ span_of("\0\3\0\1data", 8), true, true },
		{ span_of("\0\6tsize\0001", 10), true, true },
		{ span_of("\0\6", 2), true, true },
		{ span_of("\0\4\0\1", 4), false, true },
		{ span_of("\0\5\0\0", 5), false, false },
		{ span_of("\0\4\0", 3), true, false },
		{ span_of("\0\4\0\1\0", 5), true, false },
		{ span_of("\0\0", 2), true, false },
		{ span_of("\0\7\0\1", 4), true, false },
		{ span_of("\377", 1), true, false },
		{ span_of("", 0), true, false },
	};
	struct rig *r = rig_new("127.0.0.1", patient);
	int fd = rig_socket("127.0.0.1"), stranger = rig_socket("127.0.0.2");
	union udp_address tid, from;
	struct tftp_packet p;

	(void)state;
	rig_request(fd, &r->at, "2000");
	assert_true(rig_receive(r, fd, &tid, &p));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		rig_send(stranger, &tid, rows[i].packet);
		assert_int_equal(rig_receive(r, stranger, &from, &p), rows[i].told);
		if (rows[i].told)
			assert_int_equal(p.error, TFTP_ERR_UNKNOWN_TID);
		if (rows[i].own)
			rig_send(fd, &tid, rows[i].packet);
		assert_false(rig_receive(r, fd, &from, &p));
	}
	rig_ack(fd, &tid, 1);
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.block, 2);
	assert_int_equal(r->asked, 1);
	assert_int_equal(r->failed, 0);
	close(fd);
	close(stranger);
	rig_free(r);
}

/* Sends a packet whose source port is 0, as nobody's socket does; false: this needs a right. */
static bool
send_from_port_0(const union udp_address *to, struct span packet)
{
	const struct udphdr head = { .uh_dport = to->v4.sin_port,
		.uh_ulen = htons((uint16_t)(sizeof head + packet.n)) };
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);
	struct wr w = wr_new(512);
	union udp_address host = *to;

	if (fd < 0 && (errno == EPERM || errno == EACCES)) {
		wr_free(&w);
		return false;
	}
	host.v4.sin_port = 0;
	wr_span(&w, span_of(&head, sizeof head));
	wr_span(&w, packet);
	assert_int_equal(sendto(fd, w.p, w.n, 0, &host.any, sizeof host.v4), (ssize_t)w.n);
	close(fd);
	wr_free(&w);
	return true;
}

static void
tftpd_begins_no_transfer_for_who_cannot_be_answered(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });

	(void)state;
	if (!send_from_port_0(&r->at, span_of("\0\1"
					      "2000\0octet",
					  13))) {
		rig_free(r);
		skip();
	}
	for (int i = 0; i < 100 && tftpd_stats(r->engine).bad == 0; i++)
		rig_run(r, 1);
	assert_int_equal(tftpd_stats(r->engine).bad, 1);
	assert_int_equal(tftpd_stats(r->engine).dropped, 0);
	assert_int_equal(tftpd_stats(r->engine).open, 0);
	assert_int_equal(r->asked, 0);
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tftpd_takes_modes_of_any_case_and_refuses_the_rest),
		cmocka_unit_test(tftpd_asks_for_names_as_they_came),
		cmocka_unit_test(tftpd_sends_blocks_of_the_size_that_it_granted),
		cmocka_unit_test(tftpd_answers_the_same_name_with_other_options_anew),
		cmocka_unit_test(tftpd_ends_a_transfer_that_the_client_ends),
		cmocka_unit_test(tftpd_repeats_the_last_block_when_its_acknowledgement_is_lost),
		cmocka_unit_test(tftpd_lets_packets_of_no_sense_change_nothing),
		cmocka_unit_test(tftpd_begins_no_transfer_for_who_cannot_be_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
