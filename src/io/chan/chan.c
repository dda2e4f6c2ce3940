#include "chan/chan.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define WIRE_MAX     (1 + CHAN_MESSAGE_MAX) /* kind and payload */
#define WAITING_MAX  ((size_t)64 * 1024 * 1024)
#define BUFFER_BYTES (1024 * 1024)
#define BUFFER_SPARE 1024 /* what the kernel wants beside the bytes of a message */
#define BATCH        64   /* messages each way before others have their turn */
#define FDS_MAX      2    /* what fits the control space of one descriptor, padding included */

struct parcel {
	STAILQ_ENTRY(parcel) next;
	int fd;
	size_t n;
	uint8_t bytes[];
};

STAILQ_HEAD(parcels, parcel);

struct chan {
	int fd;
	bool over;    /* closed was called, or is about to be */
	bool busy;    /* inside a callback */
	bool dropped; /* chan_free was called inside a callback */
	struct event *readable, *writable, *retry;
	chan_receive *receive;
	chan_closed *closed;
	void *arg;
	struct parcels queue;
	size_t waiting;
	uint8_t in[WIRE_MAX];
};

union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(int))];
};

/* Asks for room for whole messages and checks that the kernel gave it. A UNIX socket counts what is
 * under way on the sender's side only. */
static bool
size_buffer(int fd, struct err *e)
{
	int want = BUFFER_BYTES, have = 0;
	socklen_t n = sizeof have;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &want, sizeof want) != 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &want, sizeof want) != 0)
		return err_sys(e, "socket buffer");
	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &have, &n) != 0)
		return err_sys(e, "socket buffer");
	if (have < WIRE_MAX + BUFFER_SPARE)
		return err_set(e, ERR_LIMIT,
		    "socket buffer of %d bytes, %d needed: raise net.core.wmem_max", have,
		    WIRE_MAX + BUFFER_SPARE);
	return true;
}

bool
chan_pair(int fds[2], struct err *e)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return err_sys(e, "socketpair");
	if (size_buffer(fds[0], e) && size_buffer(fds[1], e))
		return true;
	close(fds[0]);
	close(fds[1]);
	return false;
}

static void
release(struct chan *c)
{
	struct parcel *p;

	while ((p = STAILQ_FIRST(&c->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&c->queue, next);
		if (p->fd >= 0)
			close(p->fd);
		free(p);
	}
	event_free(c->readable);
	event_free(c->writable);
	event_free(c->retry);
	close(c->fd);
	free(c);
}

void
chan_free(struct chan *c)
{
	if (c == NULL)
		return;
	c->dropped = c->over = true;
	if (!c->busy)
		release(c);
}

/* Tells the owner, once. The chan itself stays until it is freed. */
static void
end(struct chan *c, const char *why)
{
	if (c->over)
		return;
	c->over = true;
	event_del(c->readable);
	event_del(c->writable);
	event_del(c->retry);
	c->closed(c->arg, why);
}

/* Takes the descriptor out of a received message; a sender of several is not one of ours. */
static bool
take_fd(struct msghdr *m, int *fd)
{
	*fd = -1;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h != NULL; h = CMSG_NXTHDR(m, h)) {
		int fds[FDS_MAX];
		size_t count;

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			return false;
		count = (h->cmsg_len - CMSG_LEN(0)) / sizeof fds[0];
		memcpy(fds, CMSG_DATA(h), count * sizeof fds[0]);
		if (count == 1 && (m->msg_flags & MSG_CTRUNC) == 0) {
			*fd = fds[0];
			continue;
		}
		for (size_t i = 0; i < count; i++)
			close(fds[i]);
		return false;
	}
	return true;
}

/* Takes one message; false when there is none now or the channel is over. */
static bool
receive_one(struct chan *c)
{
	union control control;
	struct iovec iov = { c->in, sizeof c->in };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control };
	ssize_t n = recvmsg(c->fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	bool whole;
	int fd;

	/* A reset is told once, before the messages that came earlier. */
	if (n < 0 && (errno == EINTR || errno == ECONNRESET))
		return true;
	if (n < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM))
		return false;
	if (n <= 0) {
		end(c, n == 0 ? "the other end closed" : strerror(errno));
		return false;
	}
	whole = take_fd(&m, &fd);
	if (!whole || (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || c->in[0] == 0) {
		if (fd >= 0)
			close(fd);
		end(c, "broken message");
		return false;
	}
	c->receive(c->arg, c->in[0], span_of(c->in + 1, (size_t)n - 1), fd);
	return !c->over;
}

enum sent { SENT, FULL, SHORT_OF_MEMORY, GONE };

static enum sent
send_one(int to, struct iovec *iov, size_t iov_count, int fd)
{
	union control control = { 0 };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = iov_count };
	ssize_t n;

	if (fd >= 0) {
		control.align = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof fd),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS };
		m.msg_control = &control;
		m.msg_controllen = sizeof control;
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &fd, sizeof fd);
	}
	do
		n = sendmsg(to, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return SENT;
	if (errno == EAGAIN)
		return FULL;
	return errno == ENOBUFS || errno == ENOMEM || errno == ETOOMANYREFS ? SHORT_OF_MEMORY
									    : GONE;
}

/* A full socket announces room; the return of memory nobody announces. */
static void
send_later(struct chan *c, enum sent why)
{
	const struct timeval soon = { .tv_usec = 10000 };

	if (why == FULL)
		event_add(c->writable, NULL);
	else
		event_add(c->retry, &soon);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct chan *c = arg;
	struct parcel *p;
	enum sent sent = SENT;

	(void)what;
	for (int i = 0; i < BATCH && (p = STAILQ_FIRST(&c->queue)) != NULL; i++) {
		struct iovec iov = { p->bytes, p->n };

		sent = send_one(fd, &iov, 1, p->fd);
		if (sent == FULL || sent == SHORT_OF_MEMORY)
			break;
		/* What cannot be sent any more is lost; reading will tell the owner. */
		STAILQ_REMOVE_HEAD(&c->queue, next);
		c->waiting -= p->n;
		if (p->fd >= 0)
			close(p->fd);
		free(p);
	}
	if (!STAILQ_EMPTY(&c->queue))
		send_later(c, sent == SENT || sent == GONE ? FULL : sent);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct chan *c = arg;

	(void)fd, (void)what;
	c->busy = true;
	for (int i = 0; i < BATCH; i++)
		if (!receive_one(c))
			break;
	c->busy = false;
	if (c->dropped)
		release(c);
}

void
chan_poll(struct chan *c)
{
	assert(!c->busy);
	c->busy = true;
	while (!c->over && receive_one(c))
		continue;
	c->busy = false;
	if (c->dropped)
		release(c);
}

static void
on_retry(evutil_socket_t none, short what, void *arg)
{
	struct chan *c = arg;

	(void)none;
	on_writable(c->fd, what, c);
}

struct chan *
chan_new(struct event_base *base, int fd, chan_receive *receive, chan_closed *closed, void *arg)
{
	struct chan *c = mem_new(1, sizeof *c);

	evutil_make_socket_nonblocking(fd);
	c->fd = fd;
	c->receive = receive;
	c->closed = closed;
	c->arg = arg;
	STAILQ_INIT(&c->queue);
	c->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable = event_new(base, fd, EV_WRITE, on_writable, c);
	c->retry = evtimer_new(base, on_retry, c);
	if (c->readable == NULL || c->writable == NULL || c->retry == NULL)
		abort();
	event_add(c->readable, NULL);
	return c;
}

/* Puts a copy of the message at the end of the queue. */
static bool
enqueue(struct chan *c, uint8_t kind, struct span payload, int fd, struct err *e)
{
	struct parcel *p;
	int own = -1;

	if (payload.n + 1 > WAITING_MAX - c->waiting)
		return err_set(e, ERR_LIMIT, "%zu bytes are waiting already", c->waiting);
	if (fd >= 0 && (own = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0)
		return err_sys(e, "descriptor for a channel");
	p = mem_new(1, sizeof *p + 1 + payload.n);
	p->fd = own;
	p->n = 1 + payload.n;
	p->bytes[0] = kind;
	if (payload.n > 0)
		memcpy(p->bytes + 1, payload.p, payload.n);
	STAILQ_INSERT_TAIL(&c->queue, p, next);
	c->waiting += p->n;
	return true;
}

bool
chan_send(struct chan *c, enum chan_kind kind, struct span payload, int fd, struct err *e)
{
	uint8_t head = (uint8_t)kind;
	struct iovec iov[2] = { { &head, 1 }, { .iov_len = payload.n } };
	enum sent sent = FULL;

	if (payload.n > CHAN_MESSAGE_MAX)
		return err_set(
		    e, ERR_LIMIT, "message of %zu bytes, at most %d", payload.n, CHAN_MESSAGE_MAX);
	if (c->over)
		return err_set(e, ERR_IO, "the other end is gone");
	memcpy(&iov[1].iov_base, &payload.p, sizeof payload.p); /* iovec knows no const */
	if (STAILQ_EMPTY(&c->queue)) {
		sent = send_one(c->fd, iov, 2, fd);
		if (sent == SENT)
			return true;
		if (sent == GONE)
			return err_sys(e, "channel");
		send_later(c, sent);
	}
	return enqueue(c, head, payload, fd, e);
}

bool
chan_flush(struct chan *c, unsigned timeout_ms)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!STAILQ_EMPTY(&c->queue)) {
		struct pollfd room = { .fd = c->fd, .events = POLLOUT };
		long left;

		clock_gettime(CLOCK_MONOTONIC, &now);
		left = (long)timeout_ms - (now.tv_sec - start.tv_sec) * 1000 -
		       (now.tv_nsec - start.tv_nsec) / 1000000;
		if (c->over || left <= 0)
			return false;
		if (poll(&room, 1, (int)left) > 0)
			on_writable(c->fd, 0, c);
	}
	return true;
}

size_t
chan_waiting(const struct chan *c)
{
	return c->waiting;
}
