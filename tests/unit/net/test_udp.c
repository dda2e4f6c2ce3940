/* Datagrams in batches: what is put together for the kernel arrives as it was put in. */
#include "../check.h"

#include "net/udp.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <unistd.h>

#define HEAD 4

static int
bound_socket(union udp_address *at)
{
	socklen_t n = sizeof at->v4;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*at = (union udp_address){ .v4.sin_family = AF_INET };
	at->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &at->any, n), 0);
	assert_int_equal(getsockname(fd, &at->any, &n), 0);
	return fd;
}

struct fixture {
	int from, to, other;
	union udp_address from_at, to_at, other_at;
	struct udp_out *out;
};

static int
set_up(void **state)
{
	static struct fixture f;
	struct err e;

	f.from = bound_socket(&f.from_at);
	f.to = bound_socket(&f.to_at);
	f.other = bound_socket(&f.other_at);
	assert_ok(udp_prepare(f.from, &e), e);
	assert_ok(udp_prepare(f.to, &e), e);
	f.out = udp_out_new(HEAD);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	udp_out_free(f->out);
	close(f->from);
	close(f->to);
	close(f->other);
	return 0;
}

static const uint8_t content[65536] = { [0] = 1, [600] = 2, [1427] = 3, [60000] = 4 };

/* Queues a datagram: four bytes with its number, and so much content that it has n bytes. */
static void
put(struct fixture *f, const union udp_address *to, uint32_t number, size_t n)
{
	const struct udp_local local = { 0 };
	struct udp_slot *s = udp_out_slot(f->out, f->from);

	wr_u32(&s->packet, number);
	s->data = span_of(content, n - HEAD);
	udp_out_add(f->out, to, &local);
}

/* The next datagram at fd is that one. */
static void
assert_got(int fd, uint32_t number, size_t n)
{
	static uint8_t in[65536];

	assert_int_equal(recv(fd, in, sizeof in, 0), (ssize_t)n);
	assert_int_equal(in[2] << 8 | in[3], number);
	assert_memory_equal(in + HEAD, content, n - HEAD);
}

static void
udp_out_sends_each_datagram_as_it_was_put_in(void **state)
{
	static const size_t lengths[] = { 100, 100, 100, 50, 50, 100, 4, 4, 1432, 1432, 1433, 1432,
		30000, 30000, 30000, 9, 40000, 40000 };
	struct fixture *f = *state;
	uint8_t byte;

	for (uint32_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
		put(f, &f->to_at, i, lengths[i]);
	udp_out_flush(f->out);
	for (uint32_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
		assert_got(f->to, i, lengths[i]);
	assert_int_equal(recv(f->to, &byte, 1, 0), -1);
	assert_int_equal(udp_out_dropped(f->out), 0);
}

static void
udp_out_mixes_no_peers(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < 200; i++) /* several batches */
		put(f, i / 3 % 2 == 0 ? &f->to_at : &f->other_at, i, 512);
	udp_out_flush(f->out);
	for (uint32_t i = 0; i < 200; i++)
		assert_got(i / 3 % 2 == 0 ? f->to : f->other, i, 512);
}

/* A socket without checksums is one for which Linux puts nothing together. */
static void
udp_out_goes_on_one_by_one_where_the_kernel_merges_nothing(void **state)
{
	struct fixture *f = *state;
	const int on = 1;

	assert_int_equal(setsockopt(f->from, SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
	for (unsigned round = 0; round < 3; round++) {
		put(f, &f->other_at, 99, 20);
		for (uint32_t i = 0; i < 10; i++)
			put(f, &f->to_at, i, i < 9 ? 1432 : 700);
		put(f, &f->other_at, 100, 20);
		udp_out_flush(f->out);
		for (uint32_t i = 0; i < 10; i++)
			assert_got(f->to, i, i < 9 ? 1432 : 700);
		assert_got(f->other, 99, 20);
		assert_got(f->other, 100, 20);
	}
	assert_int_equal(udp_out_dropped(f->out), 0);
}

static void
udp_out_counts_what_the_kernel_does_not_take(void **state)
{
	struct fixture *f = *state;
	const union udp_address nowhere = { .v4 = { .sin_family = AF_INET } }; /* port 0 */

	put(f, &f->to_at, 1, 100);
	put(f, &nowhere, 2, 100);
	put(f, &f->to_at, 3, 100);
	udp_out_flush(f->out);
	assert_got(f->to, 1, 100);
	assert_got(f->to, 3, 100);
	assert_int_equal(udp_out_dropped(f->out), 1);
}

/* How many of four datagrams came in the first piece that the kernel hands over; 0: it cannot say,
 * or never puts any together here. */
static unsigned
merged(struct fixture *f)
{
	static uint8_t in[65536];
	const int on = 1;
	ssize_t n;

	if (setsockopt(f->to, IPPROTO_UDP, UDP_GRO, &on, sizeof on) != 0)
		return 0;
	for (uint32_t i = 0; i < 4; i++)
		put(f, &f->to_at, i, 100);
	udp_out_flush(f->out);
	n = recv(f->to, in, sizeof in, 0);
	while (recv(f->to, in, sizeof in, 0) >= 0)
		continue;
	return n > 0 ? (unsigned)n / 100 : 0;
}

/* A stranger that cannot be sent anything must not make all others slower. */
static void
udp_out_goes_on_merging_when_a_peer_takes_nothing_at_all(void **state)
{
	struct fixture *f = *state;
	const union udp_address nowhere = { .v4 = { .sin_family = AF_INET } }; /* port 0 */

	if (merged(f) != 4)
		skip();
	for (uint32_t i = 0; i < 4; i++)
		put(f, &nowhere, i, 20);
	udp_out_flush(f->out);
	assert_int_equal(udp_out_dropped(f->out), 4);
	assert_int_equal(merged(f), 4);
}

static void
udp_in_tells_of_a_datagram_cut_short(void **state)
{
	struct fixture *f = *state;
	struct udp_in *in = udp_in_new(512);

	put(f, &f->to_at, 1, 512);
	put(f, &f->to_at, 2, 513);
	put(f, &f->to_at, 3, 60000);
	udp_out_flush(f->out);
	assert_int_equal(udp_in_receive(in, f->to), 3);
	for (size_t i = 0; i < 3; i++) {
		struct udp_datagram d = udp_in_get(in, i);

		assert_int_equal(d.data.n, 512);
		assert_int_equal(d.cut, i > 0);
		assert_true(udp_address_equal(&d.peer, &f->from_at));
	}
	assert_int_equal(udp_in_receive(in, f->to), 0);
	udp_in_free(in);
}

#define with_sockets(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_sockets(udp_out_sends_each_datagram_as_it_was_put_in),
		with_sockets(udp_out_mixes_no_peers),
		with_sockets(udp_out_goes_on_one_by_one_where_the_kernel_merges_nothing),
		with_sockets(udp_out_counts_what_the_kernel_does_not_take),
		with_sockets(udp_out_goes_on_merging_when_a_peer_takes_nothing_at_all),
		with_sockets(udp_in_tells_of_a_datagram_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
