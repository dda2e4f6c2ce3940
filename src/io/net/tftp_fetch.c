#include "net/tftp_fetch.h"

#include "base/mem.h"
#include "net/clock.h"
#include "talk/tftp.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#define REQUEST_MAX 1024

struct tftp_fetch {
	int fd;
	struct event *readable, *timer;
	struct sockaddr_storage server; /* with the port of the transfer once it is known */
	socklen_t server_n;
	bool bound; /* the server has answered */
	struct tftp_client_plan plan;
	struct tftp_client client;
	struct wr out;
	uint8_t *in; /* TFTP_PACKET_MAX bytes */
	tftp_fetch_done *done;
	void *arg;
};

void
tftp_fetch_cancel(struct tftp_fetch *f)
{
	if (f->readable != NULL)
		event_free(f->readable);
	if (f->timer != NULL)
		event_free(f->timer);
	if (f->fd >= 0)
		close(f->fd);
	tftp_client_free(&f->client);
	wr_free(&f->out);
	free(f->in);
	free(f);
}

static bool
send_out(struct tftp_fetch *f, struct err *e)
{
	struct span s = wr_view(&f->out);

	if (s.n == 0)
		return true;
	/* A refusal of an earlier packet shows here; time decides whether the server is gone. */
	if (sendto(f->fd, s.p, s.n, 0, (struct sockaddr *)&f->server, f->server_n) >= 0 ||
	    errno == ECONNREFUSED || errno == EINTR || errno == EAGAIN)
		return true;
	return err_sys(e, "sending");
}

static bool
same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;

	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof a6->sin6_addr) == 0;
}

static in_port_t
port_of(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET ? ((const struct sockaddr_in *)(const void *)a)->sin_port
				       : ((const struct sockaddr_in6 *)(const void *)a)->sin6_port;
}

/* From the server that was asked; its first answer binds its port (RFC 1350, 4). */
static bool
from_server(struct tftp_fetch *f, const struct sockaddr_storage *from, socklen_t n)
{
	if (!same_address(from, &f->server) || (f->bound && port_of(from) != port_of(&f->server)))
		return false;
	memcpy(&f->server, from, n);
	f->bound = true;
	return true;
}

/* Who answers from yet another port, as a server may that took a repeated request for a second one,
 * is told, so that it does not wait in vain (RFC 1350, 4). */
static void
stray_tell(struct tftp_fetch *f, const struct sockaddr_storage *from, socklen_t n,
    const struct tftp_packet *p)
{
	const struct tftp_packet no = { .opcode = TFTP_ERROR,
		.error = TFTP_ERR_UNKNOWN_TID,
		.message = span_str("unknown transfer") };

	if (p->opcode == TFTP_ERROR || !same_address(from, &f->server))
		return;
	if (tftp_encode(&no, &f->out, NULL))
		(void)sendto(
		    f->fd, f->out.p, f->out.n, MSG_DONTWAIT, (const struct sockaddr *)from, n);
	wr_reset(&f->out);
}

static void
finish(struct tftp_fetch *f, enum turn turn, struct err *e)
{
	struct bytes body = { 0 };
	bool ok = turn == TURN_DONE && wr_done(&f->client.body, &body, e);

	f->done(f->arg, ok ? NULL : e, body);
	tftp_fetch_cancel(f);
}

/* Waits until the client's deadline. */
static void
wait_on(struct tftp_fetch *f)
{
	uint64_t now = clock_ms(), due = f->client.timer.deadline_ms;
	uint64_t left = due > now ? due - now : 0;
	const struct timeval tv = { .tv_sec = (time_t)(left / 1000),
		.tv_usec = (suseconds_t)(left % 1000) * 1000 };

	event_add(f->timer, &tv);
}

/* After a turn of the client: what it says leaves, and the fetch goes on or ends. */
static void
go_on(struct tftp_fetch *f, enum turn turn, struct err *e)
{
	struct err sent;

	if (!send_out(f, &sent) && turn == TURN_GO_ON)
		finish(f, TURN_FAIL, &sent);
	else if (turn != TURN_GO_ON)
		finish(f, turn, e);
	else
		wait_on(f);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct tftp_fetch *f = arg;
	struct sockaddr_storage from = { 0 };
	socklen_t from_n = sizeof from;
	struct tftp_packet p;
	ssize_t got =
	    recvfrom(fd, f->in, TFTP_PACKET_MAX, MSG_DONTWAIT, (struct sockaddr *)&from, &from_n);
	struct err e = { 0 };

	(void)what;
	wr_reset(&f->out);
	if (got < 0 && errno != EINTR && errno != EAGAIN && errno != ECONNREFUSED) {
		err_sys(&e, "receiving");
		finish(f, TURN_FAIL, &e);
		return;
	}
	if (got <= 0 || !tftp_parse(span_of(f->in, (size_t)got), &p, NULL))
		return;
	if (from_server(f, &from, from_n))
		go_on(f, tftp_client_receive(&f->client, &p, clock_ms(), &f->out, &e), &e);
	else
		stray_tell(f, &from, from_n, &p);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct tftp_fetch *f = arg;
	enum turn turn = TURN_GO_ON;
	struct err e = { 0 };

	(void)fd;
	(void)what;
	wr_reset(&f->out);
	if (clock_ms() >= f->client.timer.deadline_ms)
		turn = tftp_client_tick(&f->client, clock_ms(), &f->out, &e);
	go_on(f, turn, &e);
}

static bool
begin(struct tftp_fetch *f, struct event_base *base, struct err *e)
{
	f->fd = socket(f->server.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (f->fd < 0)
		return err_sys(e, "socket");
	f->readable = event_new(base, f->fd, EV_READ | EV_PERSIST, on_readable, f);
	f->timer = evtimer_new(base, on_timer, f);
	if (f->readable == NULL || f->timer == NULL || event_add(f->readable, NULL) != 0)
		abort();
	if (!tftp_client_start(&f->client, &f->plan, clock_ms(), &f->out, e) || !send_out(f, e))
		return false;
	wait_on(f);
	return true;
}

bool
tftp_fetch_start(struct event_base *base, const struct tftp_fetch_wish *w, tftp_fetch_done *done,
    void *arg, struct tftp_fetch **out, struct err *e)
{
	struct tftp_fetch *f = mem_new(1, sizeof *f);

	*f = (struct tftp_fetch){ .fd = -1,
		.server_n = w->server_n,
		.plan = { .name = w->name,
		    .mode = TFTP_OCTET,
		    .size_max = w->size_max,
		    .retry_ms = w->retry_ms,
		    .retry_max_ms = w->retry_max_ms,
		    .tries = w->tries },
		.out = wr_new(REQUEST_MAX),
		.in = mem_new(TFTP_PACKET_MAX, 1),
		.done = done,
		.arg = arg };
	memcpy(&f->server, w->server, w->server_n);
	if (begin(f, base, e)) {
		*out = f;
		return true;
	}
	tftp_fetch_cancel(f);
	return false;
}
