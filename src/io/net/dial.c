#include "net/dial.h"

#include "base/mem.h"
#include "net/clock.h"
#include "net/hostcount.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX (128 * 1024)

/* A conversation under way. */
struct call {
	const struct dial *dial;
	const struct session_kind *kind;
	struct tlsdial *tls;
	void *session;
	struct wr out;
	uint8_t *in; /* message_max bytes, of which in_n came */
	size_t in_n;
};

static uint64_t
in_seconds(unsigned s)
{
	return clock_ms() + (uint64_t)s * 1000;
}

/* Waits until a connect that is under way has ended; errno says how it failed. */
static bool
connected(int fd, uint64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	uint64_t now = clock_ms();
	int error = 0, r = 0;
	socklen_t n = sizeof error;

	while (now < deadline && (r = poll(&p, 1, (int)(deadline - now))) < 0 && errno == EINTR)
		now = clock_ms();
	if (r != 1) {
		errno = ETIMEDOUT;
		return false;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0)
		return false;
	errno = error;
	return error == 0;
}

static int
connect_one(const struct addrinfo *a, uint64_t deadline)
{
	const int on = 1;
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), saved;

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0 ||
	    (errno == EINPROGRESS && connected(fd, deadline)))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* A connected socket and its printable address; -1 with a reason. */
static int
dial_connect(const struct dial *d, uint64_t deadline, char *peer, size_t peer_max, struct err *e)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *list;
	char port[8];
	int fd = -1, r;

	snprintf(port, sizeof port, "%u", (unsigned)d->port);
	r = getaddrinfo(d->host, port, &hints, &list);
	if (r != 0) {
		err_set(e, ERR_IO, "%s: %s", d->host, gai_strerror(r));
		return -1;
	}
	for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
		fd = connect_one(a, deadline);
		hostcount_print(a->ai_addr, peer, peer_max);
	}
	if (fd < 0 && errno == ETIMEDOUT)
		err_set(e, ERR_AGAIN, "connect to %s port %s: timed out", d->host, port);
	else if (fd < 0)
		err_sys(e, "connect to %s port %s", d->host, port);
	freeaddrinfo(list);
	return fd;
}

/* Sends what the session wrote; true when it goes on. *done: it ended well. */
static bool
take_turn(struct call *c, enum turn turn, bool *done, struct err *e)
{
	struct err sent = { 0 };
	uint64_t deadline = in_seconds(c->dial->answer_s);
	bool ok;

	if (!wr_ok(&c->out))
		return err_set(e, ERR_BUG, "request of more than %d bytes", REQUEST_MAX);
	ok = tlsdial_send(c->tls, wr_view(&c->out), deadline, &sent);
	wr_reset(&c->out);
	if (turn == TURN_FAIL)
		return false;
	if (!ok) {
		*e = sent;
		return false;
	}
	if (turn == TURN_ASK)
		return err_set(e, ERR_BUG, "%s: a client asks nobody", c->kind->name);
	*done = turn == TURN_DONE;
	return !*done;
}

/* Reads until the input begins with a whole message. */
static bool
receive(struct call *c, size_t *whole, struct err *e)
{
	bool slow = c->kind->patience != NULL && c->kind->patience(c->session) > 0;
	unsigned seconds =
	    slow && c->dial->long_answer_s ? c->dial->long_answer_s : c->dial->answer_s;
	uint64_t deadline = in_seconds(seconds);
	size_t n;

	for (;;) {
		if (!c->kind->frame(span_of(c->in, c->in_n), whole, e))
			return false;
		if (*whole > c->kind->message_max ||
		    (*whole == 0 && c->in_n == c->kind->message_max))
			return err_set(
			    e, ERR_LIMIT, "message of more than %zu bytes", c->kind->message_max);
		if (*whole > 0 && c->in_n >= *whole)
			return true;
		if (!tlsdial_receive(
			c->tls, c->in + c->in_n, c->kind->message_max - c->in_n, &n, deadline, e))
			return false;
		if (n == 0)
			return err_set(e, ERR_IO, "the server closed the connection");
		c->in_n += n;
	}
}

/* The conversation, from start to the session's last turn. */
static bool
talk(struct call *c, const struct peer *peer, const void *plan, struct err *e)
{
	const struct session_kind *kind = c->kind;
	struct ask ask = { 0 };
	bool done = false;
	size_t whole;
	enum turn turn = kind->start(c->session, peer, plan, &c->out, &ask, e);

	while (take_turn(c, turn, &done, e) && receive(c, &whole, e)) {
		turn = kind->message(c->session, span_of(c->in, whole), &c->out, &ask, e);
		c->in_n -= whole;
		memmove(c->in, c->in + whole, c->in_n);
	}
	if (!done && turn != TURN_FAIL && kind->broken != NULL)
		(void)kind->broken(c->session, e->text, &ask);
	return done;
}

static bool
verify(const struct dial *d, struct tlsdial *tls, struct err *e)
{
	struct bytes leaf = { 0 };
	bool ok;

	if (d->verify == NULL)
		return true;
	if (!tlsdial_leaf(tls, &leaf, e))
		return false;
	ok = d->verify(d->arg, bytes_span(&leaf), e);
	bytes_free(&leaf);
	return ok;
}

static bool
run_session(const struct dial *d, const struct session_kind *kind, const void *plan,
    struct tlsdial *tls, const char *text, struct err *e)
{
	struct call c = { .dial = d, .kind = kind, .tls = tls, .out = wr_new(REQUEST_MAX) };
	struct peer peer = { .text = text };
	bool ok;

	c.session = mem_new(1, kind->size);
	c.in = mem_new(1, kind->message_max);
	ok = talk(&c, &peer, plan, e);
	kind->stop(c.session);
	wr_free(&c.out);
	free(c.session);
	free(c.in);
	return ok;
}

bool
dial_run(const struct dial *d, const struct session_kind *kind, const void *plan,
    enum dial_stage *stage, struct err *e)
{
	uint64_t deadline = in_seconds(d->connect_s);
	enum dial_stage reached = DIAL_CONNECT;
	char peer[ASK_ADDRESS_MAX];
	struct tlsdial *tls = NULL;
	int fd = dial_connect(d, deadline, peer, sizeof peer, e);

	if (fd < 0)
		goto out;
	reached = DIAL_TLS;
	if (!tlsdial_new(&d->tls, fd, &tls, e) || !tlsdial_handshake(tls, deadline, e))
		goto out;
	reached = DIAL_VERIFY;
	if (!verify(d, tls, e))
		goto out;
	reached = DIAL_TALK;
	if (run_session(d, kind, plan, tls, peer, e))
		reached = DIAL_DONE;
out:
	tlsdial_free(tls);
	if (fd >= 0)
		close(fd);
	if (stage != NULL)
		*stage = reached;
	return reached == DIAL_DONE;
}
