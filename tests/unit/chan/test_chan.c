#include "../check.h"

#include "base/mem.h"
#include "chan/chan.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* One end of a pair on a loop, and what it was told. */
struct end {
	struct chan *chan;
	unsigned messages, closed;
	size_t bytes;
	uint8_t last_kind, last_byte;
	int fd;
	unsigned free_at; /* frees itself at this message */
	bool in_order;
};

struct pair {
	struct event_base *base;
	int fds[2];
	struct end end;
};

static void
on_message(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct end *end = arg;

	end->in_order = end->in_order && (payload.n == 0 || payload.p[0] == (uint8_t)end->messages);
	end->messages++;
	end->bytes += payload.n;
	end->last_kind = (uint8_t)kind;
	end->last_byte = payload.n > 0 ? payload.p[payload.n - 1] : 0;
	if (end->fd >= 0)
		close(end->fd);
	end->fd = fd;
	if (end->messages == end->free_at) {
		chan_free(end->chan);
		end->chan = NULL;
	}
}

static void
on_closed(void *arg, const char *why)
{
	struct end *end = arg;

	assert_non_null(why);
	end->closed++;
}

static int
pair_up(void **state)
{
	struct pair *p = mem_new(1, sizeof *p);
	struct err e = { 0 };

	p->base = event_base_new();
	assert_ok(chan_pair(p->fds, &e), e);
	p->end = (struct end){ .fd = -1, .in_order = true };
	p->end.chan = chan_new(p->base, p->fds[0], on_message, on_closed, &p->end);
	*state = p;
	return 0;
}

static int
pair_down(void **state)
{
	struct pair *p = *state;

	chan_free(p->end.chan);
	if (p->end.fd >= 0)
		close(p->end.fd);
	if (p->fds[1] >= 0)
		close(p->fds[1]);
	event_base_free(p->base);
	free(p);
	return 0;
}

/* Runs the loop until nothing is ready. */
static void
settle(struct pair *p)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(p->base, EVLOOP_NONBLOCK);
}

/* A second channel on the pair's other end. */
static struct chan *
other(struct pair *p, struct end *end)
{
	int fd = p->fds[1];

	p->fds[1] = -1;
	*end = (struct end){ .fd = -1, .in_order = true };
	end->chan = chan_new(p->base, fd, on_message, on_closed, end);
	return end->chan;
}

static void
chan_carries_messages_of_every_size(void **state)
{
	static const size_t sizes[] = { 0, 1, 1000, 65536, 192 * 1024, CHAN_MESSAGE_MAX };
	struct pair *p = *state;
	struct end end;
	struct chan *c = other(p, &end);
	uint8_t *big = mem_new(1, CHAN_MESSAGE_MAX);
	struct err e;
	size_t sum = 0;

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		big[0] = (uint8_t)i;
		if (sizes[i] > 1)
			big[sizes[i] - 1] = 0x5a;
		assert_ok(chan_send(c, CHAN_ASK, span_of(big, sizes[i]), -1, &e), e);
		settle(p);
		sum += sizes[i];
		assert_int_equal(p->end.messages, i + 1);
		assert_int_equal(p->end.bytes, sum);
		assert_int_equal(p->end.last_kind, CHAN_ASK);
		assert_int_equal(p->end.last_byte, sizes[i] > 1 ? 0x5a : sizes[i] ? i : 0);
	}
	assert_true(p->end.in_order);
	chan_free(c);
	free(big);
}

static void
chan_refuses_a_message_over_the_limit(void **state)
{
	struct pair *p = *state;
	uint8_t *big = mem_new(1, CHAN_MESSAGE_MAX + 1);
	struct err e;

	assert_fails(chan_send(p->end.chan, CHAN_ASK, span_of(big, CHAN_MESSAGE_MAX + 1), -1, &e),
	    e, ERR_LIMIT, "262145");
	free(big);
}

static void
chan_queues_in_order_when_full(void **state)
{
	struct pair *p = *state;
	struct end end;
	struct chan *c = other(p, &end);
	uint8_t *m = mem_new(1, 60000);
	struct err e;

	for (unsigned i = 0; i < 256; i++) {
		m[0] = (uint8_t)i;
		assert_ok(chan_send(c, CHAN_ANSWER, span_of(m, 60000), -1, &e), e);
	}
	assert_true(chan_waiting(c) > 1000000);
	for (int i = 0; i < 200 && p->end.messages < 256; i++)
		settle(p);
	assert_int_equal(p->end.messages, 256);
	assert_true(p->end.in_order);
	assert_int_equal(chan_waiting(c), 0);
	chan_free(c);
	free(m);
}

/* The reader is another process: it takes what comes until the end. */
static void
chan_flush_waits_until_everything_is_sent(void **state)
{
	struct pair *p = *state;
	uint8_t *m = mem_new(1, 60000);
	struct err e;
	pid_t reader;

	while (chan_waiting(p->end.chan) == 0)
		assert_ok(chan_send(p->end.chan, CHAN_ANSWER, span_of(m, 60000), -1, &e), e);
	assert_false(chan_flush(p->end.chan, 20));
	reader = fork();
	if (reader == 0) {
		close(p->fds[0]);
		while (read(p->fds[1], m, 60000) > 0)
			continue;
		_exit(0);
	}
	assert_true(chan_flush(p->end.chan, 10000));
	assert_int_equal(chan_waiting(p->end.chan), 0);
	assert_true(chan_flush(p->end.chan, 0));
	chan_free(p->end.chan);
	p->end.chan = NULL;
	waitpid(reader, NULL, 0);
	free(m);
}

static void
chan_refuses_more_than_64_mb_waiting(void **state)
{
	struct pair *p = *state;
	struct end end;
	struct chan *c = other(p, &end);
	uint8_t *m = mem_new(1, CHAN_MESSAGE_MAX);
	struct err e = { 0 };
	unsigned sent = 0;

	while (sent < 1000 && chan_send(c, CHAN_ANSWER, span_of(m, CHAN_MESSAGE_MAX), -1, &e))
		sent++;
	assert_in_range(sent, 255, 280);
	assert_int_equal(e.code, ERR_LIMIT);
	chan_free(c);
	free(m);
}

static void
chan_hands_over_a_descriptor(void **state)
{
	struct pair *p = *state;
	struct end end;
	struct chan *c = other(p, &end);
	int file = memfd_create("test", MFD_CLOEXEC);
	uint8_t *m = mem_new(1, 60000);
	char text[8] = "";
	struct err e;

	assert_int_equal(write(file, "sealed", 6), 6);
	assert_ok(chan_send(c, CHAN_ANSWER, span_str(""), file, &e), e);
	settle(p);
	assert_true(p->end.fd >= 0 && p->end.fd != file);
	assert_true(fcntl(p->end.fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(pread(p->end.fd, text, 6, 0), 6);
	assert_string_equal(text, "sealed");
	/* the same through the queue; the sender's own may be closed at once */
	while (chan_waiting(c) == 0)
		assert_ok(chan_send(c, CHAN_ANSWER, span_of(m, 60000), -1, &e), e);
	assert_ok(chan_send(c, CHAN_ANSWER, span_str(""), file, &e), e);
	close(file);
	for (int i = 0; i < 50; i++)
		settle(p);
	assert_true(p->end.fd >= 0);
	memset(text, 0, sizeof text);
	assert_int_equal(pread(p->end.fd, text, 6, 0), 6);
	assert_string_equal(text, "sealed");
	chan_free(c);
	free(m);
}

/* Sends raw bytes with a number of descriptors, past chan_send. */
static void
send_raw(int to, const void *bytes, size_t n, const int *fds, size_t fd_count)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(4 * sizeof(int))];
	} control = { 0 };
	uint8_t copy[64] = { 0 };
	struct iovec iov = { copy, n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	memcpy(copy, bytes, n);
	if (fd_count > 0) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		control.align = (struct cmsghdr){ .cmsg_len = CMSG_LEN(fd_count * sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), fds, fd_count * sizeof(int));
	}
	assert_int_equal(sendmsg(to, &m, 0), n);
}

static unsigned
open_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void
chan_ends_at_several_descriptors_and_keeps_none(void **state)
{
	struct pair *p = *state;
	const int fds[4] = { 0, 1, 2, 0 };
	unsigned before = open_descriptors();

	for (size_t count = 2; count <= 4; count += 2) {
		send_raw(p->fds[1], "\3x", 2, fds, count);
		settle(p);
		assert_int_equal(p->end.closed, 1);
		assert_int_equal(p->end.messages, 0);
		assert_int_equal(open_descriptors(), before);
		if (count == 2) {
			pair_down(state);
			pair_up(state);
			p = *state;
		}
	}
}

static void
chan_ends_at_a_message_too_long(void **state)
{
	struct pair *p = *state;
	uint8_t *big = mem_new(1, CHAN_MESSAGE_MAX + 2);

	big[0] = CHAN_ASK;
	assert_int_equal(send(p->fds[1], big, CHAN_MESSAGE_MAX + 2, 0), CHAN_MESSAGE_MAX + 2);
	settle(p);
	assert_int_equal(p->end.closed, 1);
	assert_int_equal(p->end.messages, 0);
	free(big);
}

static void
chan_ends_at_kind_zero(void **state)
{
	struct pair *p = *state;

	send_raw(p->fds[1], "\0x", 2, NULL, 0);
	settle(p);
	assert_int_equal(p->end.closed, 1);
	assert_int_equal(p->end.messages, 0);
}

static void
chan_delivers_what_a_dead_peer_sent_and_closes_once(void **state)
{
	struct pair *p = *state;
	pid_t child;
	int status;
	struct err e;

	/* Left unread by the child, so that its end is reset and not only closed. */
	assert_ok(chan_send(p->end.chan, CHAN_HELLO, span_str("hello"), -1, &e), e);
	if ((child = fork()) == 0) {
		close(p->fds[0]);
		for (char i = 0; i < 3; i++)
			send(p->fds[1], (char[]){ CHAN_READY, i }, 2, 0);
		_exit(0);
	}
	close(p->fds[1]);
	p->fds[1] = -1;
	assert_int_equal(waitpid(child, &status, 0), child);
	settle(p);
	assert_int_equal(p->end.messages, 3);
	assert_true(p->end.in_order);
	assert_int_equal(p->end.closed, 1);
	assert_fails(chan_send(p->end.chan, CHAN_HELLO, span_str("x"), -1, &e), e, ERR_IO, "gone");
	settle(p);
	assert_int_equal(p->end.closed, 1);
}

static void
chan_send_to_a_peer_that_is_gone_fails_then_closes(void **state)
{
	struct pair *p = *state;
	struct err e;

	close(p->fds[1]);
	p->fds[1] = -1;
	assert_fails(chan_send(p->end.chan, CHAN_HELLO, span_str("x"), -1, &e), e, ERR_IO, "");
	assert_int_equal(p->end.closed, 0);
	settle(p);
	assert_int_equal(p->end.closed, 1);
}

static void
chan_may_be_freed_inside_its_callback(void **state)
{
	struct pair *p = *state;

	p->end.free_at = 2;
	for (char i = 0; i < 5; i++)
		send_raw(p->fds[1], (char[]){ CHAN_STATUS, i }, 2, NULL, 0);
	settle(p);
	assert_int_equal(p->end.messages, 2);
	assert_int_equal(p->end.closed, 0);
}

static void
chan_does_not_starve_the_loop(void **state)
{
	struct pair *p = *state;

	for (unsigned i = 0; i < 200; i++)
		send_raw(p->fds[1], (uint8_t[]){ CHAN_STATUS, (uint8_t)i }, 2, NULL, 0);
	event_base_loop(p->base, EVLOOP_ONCE);
	assert_in_range(p->end.messages, 1, 100);
	settle(p);
	assert_int_equal(p->end.messages, 200);
}

static void
chan_poll_takes_all_that_has_arrived_without_the_loop(void **state)
{
	struct pair *p = *state;

	chan_poll(p->end.chan);
	assert_int_equal(p->end.messages, 0);
	for (unsigned i = 0; i < 150; i++)
		send_raw(p->fds[1], (uint8_t[]){ CHAN_FORGET, (uint8_t)i }, 2, NULL, 0);
	chan_poll(p->end.chan);
	assert_int_equal(p->end.messages, 150);
	assert_true(p->end.in_order);
}

static void
chan_poll_survives_an_end_and_a_free(void **state)
{
	struct pair *p = *state;

	send_raw(p->fds[1], "\1\0", 2, NULL, 0);
	close(p->fds[1]);
	p->fds[1] = -1;
	chan_poll(p->end.chan);
	chan_poll(p->end.chan);
	settle(p);
	assert_int_equal(p->end.messages, 1);
	assert_int_equal(p->end.closed, 1);
	pair_down(state);
	pair_up(state);
	p = *state;
	p->end.free_at = 1;
	send_raw(p->fds[1], "\1\0", 2, NULL, 0);
	chan_poll(p->end.chan);
	assert_null(p->end.chan);
}

#define on_pair(f) cmocka_unit_test_setup_teardown(f, pair_up, pair_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		on_pair(chan_carries_messages_of_every_size),
		on_pair(chan_refuses_a_message_over_the_limit),
		on_pair(chan_queues_in_order_when_full),
		on_pair(chan_flush_waits_until_everything_is_sent),
		on_pair(chan_refuses_more_than_64_mb_waiting),
		on_pair(chan_hands_over_a_descriptor),
		on_pair(chan_ends_at_several_descriptors_and_keeps_none),
		on_pair(chan_ends_at_a_message_too_long),
		on_pair(chan_ends_at_kind_zero),
		on_pair(chan_delivers_what_a_dead_peer_sent_and_closes_once),
		on_pair(chan_send_to_a_peer_that_is_gone_fails_then_closes),
		on_pair(chan_may_be_freed_inside_its_callback),
		on_pair(chan_does_not_starve_the_loop),
		on_pair(chan_poll_takes_all_that_has_arrived_without_the_loop),
		on_pair(chan_poll_survives_an_end_and_a_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
