#include "net/tftp_get.h"

#include "base/mem.h"
#include "net/clock.h"
#include "talk/tftp.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 1024

/* A transfer under way. */
struct transfer {
	int fd;
	struct sockaddr_storage server; /* with the port of the transfer once it is known */
	socklen_t server_n;
	bool bound; /* the server has answered */
	struct tftp_client client;
	struct wr out;
	uint8_t *in; /* TFTP_PACKET_MAX bytes */
};

static bool
open_socket(const struct tftp_get *get, struct transfer *t, struct err *e)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *list;
	char port[8];
	int r;

	snprintf(port, sizeof port, "%u", (unsigned)get->port);
	r = getaddrinfo(get->host, port, &hints, &list);
	if (r != 0)
		return err_set(e, ERR_IO, "%s: %s", get->host, gai_strerror(r));
	memcpy(&t->server, list->ai_addr, list->ai_addrlen);
	t->server_n = list->ai_addrlen;
	t->fd = socket(list->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	freeaddrinfo(list);
	return t->fd >= 0 || err_sys(e, "socket");
}

static bool
send_out(struct transfer *t, struct err *e)
{
	struct span s = wr_view(&t->out);

	if (s.n == 0)
		return true;
	/* A refusal of an earlier packet shows here; time decides whether the server is gone. */
	if (sendto(t->fd, s.p, s.n, 0, (struct sockaddr *)&t->server, t->server_n) >= 0 ||
	    errno == ECONNREFUSED || errno == EINTR)
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
from_server(struct transfer *t, const struct sockaddr_storage *from, socklen_t n)
{
	if (!same_address(from, &t->server) || (t->bound && port_of(from) != port_of(&t->server)))
		return false;
	memcpy(&t->server, from, n);
	t->bound = true;
	return true;
}

/* Waits for one datagram until the deadline of the client. *n 0: none came that counts. */
static bool
receive(struct transfer *t, size_t *n, struct err *e)
{
	struct pollfd p = { .fd = t->fd, .events = POLLIN };
	uint64_t now = clock_ms(), deadline = t->client.timer.deadline_ms;
	struct sockaddr_storage from = { 0 };
	socklen_t from_n = sizeof from;
	ssize_t got;

	*n = 0;
	if (now >= deadline || poll(&p, 1, (int)(deadline - now)) <= 0)
		return true;
	got = recvfrom(t->fd, t->in, TFTP_PACKET_MAX, 0, (struct sockaddr *)&from, &from_n);
	if (got < 0)
		return errno == EINTR || errno == ECONNREFUSED || err_sys(e, "receiving");
	if (from_server(t, &from, from_n))
		*n = (size_t)got;
	return true;
}

static enum turn
one_turn(struct transfer *t, struct err *e)
{
	struct tftp_packet p;
	size_t n;

	wr_reset(&t->out);
	if (!receive(t, &n, e))
		return TURN_FAIL;
	if (n > 0 && tftp_parse(span_of(t->in, n), &p, NULL))
		return tftp_client_receive(&t->client, &p, clock_ms(), &t->out, e);
	return tftp_client_tick(&t->client, clock_ms(), &t->out, e);
}

static bool
transfer_file(struct transfer *t, const struct tftp_client_plan *plan, struct err *e)
{
	enum turn turn = TURN_GO_ON;
	struct err sent;

	if (!tftp_client_start(&t->client, plan, clock_ms(), &t->out, e) || !send_out(t, e))
		return false;
	while (turn == TURN_GO_ON) {
		turn = one_turn(t, e);
		if (!send_out(t, &sent) && turn == TURN_GO_ON) {
			*e = sent;
			return false;
		}
	}
	return turn == TURN_DONE;
}

bool
tftp_get(const struct tftp_get *get, struct bytes *out, struct err *e)
{
	const struct tftp_client_plan plan = { .name = get->name,
		.mode = TFTP_OCTET,
		.size_max = get->size_max,
		.retry_ms = get->retry_ms,
		.retry_max_ms = get->retry_max_ms,
		.tries = get->tries };
	struct transfer t = { .fd = -1, .out = wr_new(REQUEST_MAX) };
	bool ok = open_socket(get, &t, e);

	if (ok) {
		t.in = mem_new(TFTP_PACKET_MAX, 1);
		ok = transfer_file(&t, &plan, e) && wr_done(&t.client.body, out, e);
		tftp_client_free(&t.client);
		close(t.fd);
	}
	wr_free(&t.out);
	free(t.in);
	return ok;
}
