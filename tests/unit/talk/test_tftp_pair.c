/* Server and client face to face over a network of our own that loses, doubles and reorders, on a
 * clock of our own, from a seed that is printed. */
#include "transfer.h"

#include "base/mem.h"

#include <stdlib.h>

#define FLIGHTS_MAX 512
#define HOUR_MS     (3600 * 1000)

/* A datagram on its way. */
struct flight {
	uint64_t at_ms;
	bool to_client;
	struct bytes packet;
};

struct net {
	uint64_t now_ms, random;
	unsigned loss, twice, late; /* in a thousand */
	struct flight flights[FLIGHTS_MAX];
	size_t count;
	size_t data_sent, acks_sent; /* what each end sent */
	struct tftp_server server;
	struct tftp_client client;
	bool serving, server_done;
	struct span body;
};

static uint64_t
net_random(struct net *n)
{
	n->random ^= n->random << 13;
	n->random ^= n->random >> 7;
	n->random ^= n->random << 17;
	return n->random;
}

static bool
net_chance(struct net *n, unsigned thousandth)
{
	return net_random(n) % 1000 < thousandth;
}

static void
net_fly(struct net *n, bool to_client, struct span packet)
{
	struct flight *f;

	if (net_chance(n, n->loss))
		return;
	if (n->count == FLIGHTS_MAX)
		return;
	f = &n->flights[n->count++];
	f->at_ms = n->now_ms + 1 + (net_chance(n, n->late) ? net_random(n) % 40 : 0);
	f->to_client = to_client;
	f->packet = bytes_copy(packet);
}

static void
net_send(struct net *n, bool to_client, struct span packet)
{
	if (packet.n == 0)
		return;
	*(to_client ? &n->data_sent : &n->acks_sent) += 1;
	net_fly(n, to_client, packet);
	if (net_chance(n, n->twice))
		net_fly(n, to_client, packet);
}

static void
server_send(struct net *n)
{
	struct wr packet = wr_new(TFTP_SERVER_PACKET_MAX), whole = wr_new(TFTP_PACKET_MAX);
	struct span data;

	while (n->serving && tftp_server_next(&n->server, &packet, &data)) {
		wr_reset(&whole);
		wr_span(&whole, wr_view(&packet));
		wr_span(&whole, data);
		assert_true(wr_ok(&packet) && wr_ok(&whole));
		net_send(n, true, wr_view(&whole));
	}
	wr_free(&packet);
	wr_free(&whole);
}

static void
server_receive(struct net *n, const struct tftp_packet *p)
{
	struct err e = { 0 };

	if (p->opcode == TFTP_RRQ && !n->server_done) {
		if (n->serving)
			tftp_server_repeat(&n->server);
		else
			tftp_server_start(
			    &n->server, p->mode, &p->options, n->body, &transfer_policy, n->now_ms);
		n->serving = true;
	} else if (n->serving) {
		enum turn turn = tftp_server_receive(&n->server, p, n->now_ms, &e);

		assert_int_not_equal(turn, TURN_FAIL);
		if (turn == TURN_DONE) {
			n->serving = false;
			n->server_done = true;
		}
	}
	server_send(n);
}

/* The flight that lands first; NULL: none is on its way. */
static struct flight *
net_first(struct net *n)
{
	struct flight *best = n->count > 0 ? n->flights : NULL;

	for (size_t i = 1; i < n->count; i++)
		if (n->flights[i].at_ms < best->at_ms)
			best = &n->flights[i];
	return best;
}

static enum turn
net_land(struct net *n, struct flight *first, struct wr *out, struct err *e)
{
	enum turn turn = TURN_GO_ON;
	struct flight f = *first;
	struct tftp_packet p;

	n->count--; /* those that land together keep their order */
	memmove(first, first + 1, (size_t)(&n->flights[n->count] - first) * sizeof *first);
	n->now_ms = f.at_ms > n->now_ms ? f.at_ms : n->now_ms;
	assert_ok(tftp_parse(bytes_span(&f.packet), &p, e), *e);
	if (f.to_client) {
		turn = tftp_client_receive(&n->client, &p, n->now_ms, out, e);
		net_send(n, false, wr_view(out));
	} else {
		server_receive(n, &p);
	}
	bytes_free(&f.packet);
	return turn;
}

static enum turn
net_tick(struct net *n, struct wr *out, struct err *e)
{
	enum turn turn = tftp_client_tick(&n->client, n->now_ms, out, e);

	net_send(n, false, wr_view(out));
	if (n->serving && tftp_server_tick(&n->server, n->now_ms, e) == TURN_FAIL)
		n->serving = false;
	server_send(n);
	return turn;
}

/* The next moment at which anything happens. */
static enum turn
net_step(struct net *n, struct wr *out, struct err *e)
{
	uint64_t wake = n->client.timer.deadline_ms;
	struct flight *first = net_first(n);

	if (n->serving && n->server.timer.deadline_ms < wake)
		wake = n->server.timer.deadline_ms;
	if (first != NULL && first->at_ms <= wake)
		return net_land(n, first, out, e);
	n->now_ms = wake > n->now_ms ? wake : n->now_ms;
	return net_tick(n, out, e);
}

/* Fetches body and checks that the client has exactly that. */
static void
net_run(struct net *n, const struct tftp_client_plan *plan, struct span body)
{
	struct wr out = wr_new(TFTP_PACKET_MAX);
	enum turn turn = TURN_GO_ON;
	struct err e = { 0 };

	n->body = body;
	assert_ok(tftp_client_start(&n->client, plan, 0, &out, &e), e);
	net_send(n, false, wr_view(&out));
	while (turn == TURN_GO_ON && n->now_ms < HOUR_MS)
		turn = net_step(n, &out, &e);
	if (turn != TURN_DONE)
		fail_msg("ended after %lu ms: %s", (unsigned long)n->now_ms, e.text);
	assert_span_equal(wr_view(&n->client.body), body);
	wr_free(&out);
}

static void
net_free(struct net *n)
{
	for (size_t i = 0; i < n->count; i++)
		bytes_free(&n->flights[i].packet);
	tftp_client_free(&n->client);
	free(n);
}

static struct net *
net_new(uint64_t seed)
{
	struct net *n = mem_new(1, sizeof *n);

	n->random = seed * 0x9e3779b97f4a7c15u + 1;
	return n;
}

static void
tftp_sends_every_size_around_a_block(void **state)
{
	static const size_t sizes[] = { 0, 1, 511, 512, 513, 1023, 1024, 1025, 6000 };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct tftp_client_plan plan = transfer_plan(0, 0, TFTP_OCTET);
		struct bytes body = transfer_body(sizes[i]);
		struct net *n = net_new(1);

		net_run(n, &plan, bytes_span(&body));
		assert_int_equal(n->data_sent, sizes[i] / 512 + 1);
		assert_int_equal(n->acks_sent, sizes[i] / 512 + 2); /* with the request */
		assert_true(n->now_ms < 1000);
		net_free(n);
		bytes_free(&body);
	}
}

static void
tftp_sends_a_window_for_one_acknowledgement(void **state)
{
	struct tftp_client_plan plan = transfer_plan(64, 16, TFTP_OCTET);
	struct bytes body = transfer_body(64 * 100);
	struct net *n = net_new(1);

	(void)state;
	net_run(n, &plan, bytes_span(&body));
	assert_int_equal(n->data_sent, 1 + 101);
	assert_int_equal(n->acks_sent, 1 + 1 + 7);
	net_free(n);
	bytes_free(&body);
}

static void
tftp_rolls_over_after_65535_blocks(void **state)
{
	struct tftp_client_plan plan = transfer_plan(8, 64, TFTP_OCTET);
	struct bytes body = transfer_body(8 * 70000);
	struct net *n = net_new(1);

	(void)state;
	net_run(n, &plan, bytes_span(&body));
	assert_int_equal(n->client.got, 70001);
	net_free(n);
	bytes_free(&body);
}

static void
tftp_rolls_over_in_lockstep_on_a_bad_network(void **state)
{
	struct tftp_client_plan plan = transfer_plan(8, 0, TFTP_OCTET);
	struct bytes body = transfer_body(8 * 65540);
	struct net *n = net_new(7);

	(void)state;
	n->twice = 20;
	n->late = 20;
	net_run(n, &plan, bytes_span(&body));
	assert_int_equal(n->client.got, 65541);
	net_free(n);
	bytes_free(&body);
}

static void
tftp_arrives_whole_through_loss_doubles_and_reordering(void **state)
{
	static const uint16_t windows[] = { 0, 1, 2, 4, 12, 64 };
	uint64_t first = 20260101;

	(void)state;
	print_message("# seeds from %lu\n", (unsigned long)first);
	for (uint64_t seed = first; seed < first + 240; seed++) {
		uint16_t window = windows[seed % 6];
		struct tftp_client_plan plan = transfer_plan(
		    seed % 4 ? 128 : 0, window, seed % 5 ? TFTP_OCTET : TFTP_NETASCII);
		struct bytes body = transfer_body((size_t)(seed * 37 % 9000));
		struct net *n = net_new(seed);

		n->loss = (unsigned)(seed % 3) * 60;
		n->twice = (unsigned)(seed % 7) * 20;
		n->late = (unsigned)(seed % 11) * 30;
		net_run(n, &plan, bytes_span(&body));
		net_free(n);
		bytes_free(&body);
	}
}

static void
tftp_doubled_packets_do_not_double_the_data(void **state)
{
	struct tftp_client_plan plan = transfer_plan(0, 0, TFTP_OCTET);
	struct bytes body = transfer_body(512 * 200);
	struct net *n = net_new(3);

	(void)state;
	n->twice = 1000; /* every single one */
	net_run(n, &plan, bytes_span(&body));
	assert_int_equal(n->data_sent, 201 + 1); /* block 1 again for the doubled request */
	net_free(n);
	bytes_free(&body);
}

static void
tftp_netascii_arrives_whole_at_every_size(void **state)
{
	(void)state;
	for (size_t size = 0; size < 40; size++) {
		struct tftp_client_plan plan = transfer_plan(8, 3, TFTP_NETASCII);
		struct bytes body = { mem_new(size + 1, 1), size };
		struct net *n = net_new(size + 1);

		memset(body.p, size % 2 ? '\n' : '\r', size);
		n->loss = 50;
		n->late = 100;
		net_run(n, &plan, bytes_span(&body));
		net_free(n);
		bytes_free(&body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tftp_sends_every_size_around_a_block),
		cmocka_unit_test(tftp_sends_a_window_for_one_acknowledgement),
		cmocka_unit_test(tftp_rolls_over_after_65535_blocks),
		cmocka_unit_test(tftp_rolls_over_in_lockstep_on_a_bad_network),
		cmocka_unit_test(tftp_arrives_whole_through_loss_doubles_and_reordering),
		cmocka_unit_test(tftp_doubled_packets_do_not_double_the_data),
		cmocka_unit_test(tftp_netascii_arrives_whole_at_every_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
