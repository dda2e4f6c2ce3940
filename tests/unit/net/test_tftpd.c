#include "tftpd_rig.h"

#include <sys/resource.h>

#define CLIENTS 1000

/* One of many clients at once. */
struct fetch {
	int fd;
	bool over, locked;
	union udp_address server;
	struct tftp_client client;
	char name[16];
	struct tftp_client_plan plan;
};

static void
fetch_start(struct fetch *f, struct rig *r, const char *address, size_t size,
    struct tftp_options options, struct wr *out)
{
	struct err e = { 0 };

	f->fd = rig_socket(address);
	f->server = r->at;
	snprintf(f->name, sizeof f->name, "%zu", size);
	f->plan = (struct tftp_client_plan){ .name = f->name,
		.options = options,
		.size_max = 1 << 20,
		.retry_ms = 1000,
		.retry_max_ms = 8000,
		.tries = 5 };
	assert_ok(tftp_client_start(&f->client, &f->plan, 0, out, &e), e);
	rig_send(f->fd, &f->server, wr_view(out));
}

/* Takes one packet; the first one's source is the server's from then on. */
static void
fetch_step(struct fetch *f, struct wr *out)
{
	static uint8_t memory[TFTP_PACKET_MAX];
	union udp_address from;
	socklen_t length = sizeof from;
	ssize_t n = recvfrom(f->fd, memory, sizeof memory, 0, &from.any, &length);
	struct tftp_packet p;
	struct err e = { 0 };
	enum turn turn;

	if (n < 0 || f->over)
		return;
	if (!f->locked)
		f->server = from;
	f->locked = true;
	assert_true(udp_address_equal(&f->server, &from));
	assert_ok(tftp_parse(span_of(memory, (size_t)n), &p, &e), e);
	turn = tftp_client_receive(&f->client, &p, 0, out, &e);
	if (turn == TURN_FAIL)
		fail_msg("%s", e.text);
	if (out->n > 0)
		rig_send(f->fd, &f->server, wr_view(out));
	f->over = turn == TURN_DONE;
}

static void
fetch_check(struct fetch *f)
{
	struct bytes want = rig_file(strtoul(f->name, NULL, 10));

	assert_true(f->over);
	assert_span_equal(wr_view(&f->client.body), bytes_span(&want));
	bytes_free(&want);
	tftp_client_free(&f->client);
	close(f->fd);
}

static void
fetch_one(struct rig *r, const char *address, size_t size, struct tftp_options options)
{
	struct wr out = wr_new(TFTP_PACKET_MAX);
	struct fetch f = { 0 };

	fetch_start(&f, r, address, size, options, &out);
	for (int i = 0; i < 5000 && !f.over; i++) {
		rig_run(r, 0);
		fetch_step(&f, &out);
	}
	fetch_check(&f);
	wr_free(&out);
}

static void
tftpd_serves_files_over_ipv4_and_ipv6(void **state)
{
	static const char *const addresses[] = { "127.0.0.1", "::1" };
	static const size_t sizes[] = { 0, 511, 512, 513, 6000, 70000, 200000 };
	const struct tftp_options none = { 0 };
	const struct tftp_options some = {
		.has_blksize = true, .blksize = 1428, .has_tsize = true
	};

	(void)state;
	for (size_t a = 0; a < 2; a++) {
		struct rig *r = rig_new(addresses[a], (struct tftpd_config){ 0 });

		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			fetch_one(r, addresses[a], sizes[i], none);
			fetch_one(r, addresses[a], sizes[i], some);
		}
		rig_run(r, 1);
		assert_int_equal(r->sent, 14);
		assert_int_equal(tftpd_stats(r->engine).open, 0);
		rig_free(r);
	}
}

static void
tftpd_serves_a_window_of_64_blocks(void **state)
{
	const struct tftp_options o = {
		.has_windowsize = true, .windowsize = 1000, .has_blksize = true, .blksize = 512
	};
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	union udp_address from;
	int fd = rig_socket("127.0.0.1");
	struct tftp_packet p;

	(void)state;
	fetch_one(r, "127.0.0.1", 150000, o);
	rig_send_packet(fd, &r->at,
	    &(struct tftp_packet){ .opcode = TFTP_RRQ, .name = span_str("150000"), .options = o });
	assert_true(rig_receive(r, fd, &from, &p));
	assert_int_equal(p.options.windowsize, 64);
	rig_ack(fd, &from, 0);
	for (unsigned i = 1; i <= 64; i++) {
		assert_true(rig_receive(r, fd, &from, &p));
		assert_int_equal(p.block, i);
	}
	assert_false(rig_receive(r, fd, &from, &p));
	close(fd);
	rig_free(r);
}

static void
tftpd_serves_a_thousand_clients_at_once(void **state)
{
	struct rlimit files = { 0 };
	struct fetch *all = mem_new(CLIENTS, sizeof *all);
	struct wr out = wr_new(TFTP_PACKET_MAX);
	struct rig *r;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	for (size_t i = 0; i < CLIENTS; i++)
		fetch_start(&all[i], r, "127.0.0.1", i * 5, (struct tftp_options){ 0 }, &out);
	for (int round = 0; round < 200 && r->sent < CLIENTS; round++) {
		rig_run(r, 0);
		for (size_t i = 0; i < CLIENTS; i++)
			fetch_step(&all[i], &out);
	}
	for (size_t i = 0; i < CLIENTS; i++)
		fetch_check(&all[i]);
	assert_int_equal(r->sent, CLIENTS);
	assert_int_equal(r->failed, 0);
	assert_int_equal(tftpd_stats(r->engine).repeated, 0);
	wr_free(&out);
	free(all);
	rig_free(r);
}

/* Asks one address of a server that listens on all, and is answered from that one. */
static void
assert_answered_from(const char *listen, const char *asked, const char *client)
{
	struct rig *r = rig_new(listen, (struct tftpd_config){ 0 });
	union udp_address to = rig_address(asked, rig_port(&r->at)), from = { 0 }, want;
	int fd = rig_socket(client);
	struct tftp_packet p;

	for (unsigned block = 1; block <= 2; block++) {
		if (block == 1)
			rig_request(fd, &to, "1000");
		else
			rig_ack(fd, &from, 1);
		assert_true(rig_receive(r, fd, &from, &p));
		assert_int_equal(p.block, block);
		assert_int_not_equal(rig_port(&from), rig_port(&r->at));
		want = rig_address(asked, rig_port(&from));
		assert_true(udp_address_equal(&from, &want));
	}
	rig_ack(fd, &from, 2);
	rig_run(r, 1);
	assert_int_equal(r->sent, 1);
	assert_int_equal(strncmp(r->text, asked[0] == ':' ? "[::1]:" : "127.0.0.1:", 6), 0);
	close(fd);
	rig_free(r);
}

static void
tftpd_answers_from_the_address_that_was_asked(void **state)
{
	(void)state;
	assert_answered_from("0.0.0.0", "127.0.0.2", "127.0.0.1");
	assert_answered_from("0.0.0.0", "127.0.0.1", "127.0.0.1");
	assert_answered_from("::", "::1", "::1");
	assert_answered_from("::", "127.0.0.2", "127.0.0.1"); /* both families on one socket */
	assert_answered_from("127.0.0.3", "127.0.0.3", "127.0.0.1");
}

/* The first of 40 ports that another run of this test does not use at the same time, below those
 * that the system gives away. */
static uint16_t
range_first(void)
{
	return (uint16_t)(20000 + getpid() % 250 * 40);
}

/* Asks over and over; returns the lowest and highest port that answers came from. */
static void
answering_ports(struct rig *r, uint16_t *low, uint16_t *high)
{
	*low = UINT16_MAX;
	*high = 0;
	for (int i = 0; i < 64; i++) {
		int fd = rig_socket("127.0.0.1");
		union udp_address from;
		struct tftp_packet p;

		rig_request(fd, &r->at, "10");
		assert_true(rig_receive(r, fd, &from, &p));
		*low = rig_port(&from) < *low ? rig_port(&from) : *low;
		*high = rig_port(&from) > *high ? rig_port(&from) : *high;
		close(fd);
	}
}

static void
tftpd_keeps_its_ports_in_a_range_shared_with_others(void **state)
{
	const uint16_t first = range_first(), last = (uint16_t)(first + 31);
	const struct tftpd_config config = { .port_first = first, .port_last = last };
	struct rig *r[6];
	uint16_t low, high;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		r[i] = rig_new("127.0.0.1", config);
	for (size_t i = 0; i < 6; i++) {
		answering_ports(r[i], &low, &high);
		assert_in_range(low, first, last);
		assert_in_range(high, first, last);
		assert_int_not_equal(low, high);
	}
	for (size_t i = 0; i < 6; i++)
		rig_free(r[i]);
}

static void
tftpd_says_when_no_port_of_the_range_is_free(void **state)
{
	const uint16_t first = range_first(), last = (uint16_t)(first + 1);
	const struct tftpd_config config = { .port_first = first, .port_last = last };
	struct rig *one = rig_new("127.0.0.1", config), *two = rig_new("127.0.0.1", config);
	char want[64];
	struct err e;

	(void)state;
	snprintf(want, sizeof want, "TFTP: no UDP port from %u to %u is free", first, last);
	assert_fails(tftpd_listen(one->engine, rig_socket("127.0.0.1"), &e), e, ERR_CONFLICT, want);
	/* on another address they are, and what was there before goes on */
	assert_ok(tftpd_listen(one->engine, rig_socket("127.0.0.2"), &e), e);
	fetch_one(one, "127.0.0.1", 2000, (struct tftp_options){ 0 });
	fetch_one(two, "127.0.0.1", 2000, (struct tftp_options){ 0 });
	rig_free(two);
	assert_ok(tftpd_listen(one->engine, rig_socket("127.0.0.1"), &e), e);
	rig_free(one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tftpd_serves_files_over_ipv4_and_ipv6),
		cmocka_unit_test(tftpd_serves_a_window_of_64_blocks),
		cmocka_unit_test(tftpd_serves_a_thousand_clients_at_once),
		cmocka_unit_test(tftpd_answers_from_the_address_that_was_asked),
		cmocka_unit_test(tftpd_keeps_its_ports_in_a_range_shared_with_others),
		cmocka_unit_test(tftpd_says_when_no_port_of_the_range_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
