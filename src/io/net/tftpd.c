#include "net/tftpd.h"

#include "base/mem.h"
#include "base/text.h"
#include "net/clock.h"
#include "net/hostcount.h"
#include "net/tftpd_transfer.h"

#include <stdlib.h>
#include <unistd.h>

/* A server gets requests and acknowledgements; RFC 2347 allows a request 512 bytes. */
#define RECEIVE_MAX 1024
#define TICK_MS     64
/* Of one socket before the others have their turn: few would make those who share a port with many
 * others wait for several rounds. */
#define TURN_BATCHES 16
/* A client that has not moved a transfer on for so long and asks again has begun anew. */
#define IDLE_MS        3000
#define ERROR_TEXT_MAX 128

static void
request_ask(struct tftpd *t, struct tftpd_port *port, const struct udp_datagram *d,
    const struct tftp_packet *p, uint64_t now)
{
	struct tftpd_transfer *x = tftpd_table_add(t->table, &d->peer);
	struct ask ask = { .kind = ASK_FILE, .via = ASK_VIA_TFTP };
	char peer[ASK_ADDRESS_MAX];

	if (x == NULL) {
		t->stats.over_limit++;
		return;
	}
	t->stats.requests++;
	x->local = d->local;
	x->port = port;
	x->mode = p->mode;
	x->options = p->options;
	x->heard_ms = now;
	x->name_n = p->name.n;
	memcpy(x->name, p->name.p, p->name.n);
	tftpd_table_wake(t->table, x, now + t->config.ask_ms);
	hostcount_print(&d->peer.any, peer, sizeof peer);
	ask.id = x->id;
	ask.peer = span_str(peer);
	ask.name = tftpd_transfer_name(x);
	t->config.ask(t->config.arg, &ask); /* may answer at once, and end x */
}

static bool
options_equal(const struct tftp_options *a, const struct tftp_options *b)
{
	return a->has_blksize == b->has_blksize && a->blksize == b->blksize &&
	       a->has_timeout == b->has_timeout && a->timeout == b->timeout &&
	       a->has_tsize == b->has_tsize && a->tsize == b->tsize &&
	       a->has_windowsize == b->has_windowsize && a->windowsize == b->windowsize;
}

/* A late repeat of the request that began a transfer must not begin it anew: the client would wait
 * in vain for the old one. But who has acknowledged nothing and asks in other words, as a client
 * does that cannot use our OACK, is to have what it asks for now. */
static bool
request_is_repeat(const struct tftpd_transfer *x, const struct tftp_packet *p, uint64_t now)
{
	if (x->state == TFTPD_FINISHED || !span_eq(p->name, tftpd_transfer_name(x)))
		return false;
	if (x->state == TFTPD_SENDING && tftpd_transfer_has_begun(x))
		return now - x->heard_ms < IDLE_MS;
	return p->mode == x->mode && options_equal(&p->options, &x->options);
}

/* The peer wants something else now. Its last acknowledgement may still wait in the other socket:
 * who has been sent everything and goes on has it. */
static void
request_replace(struct tftpd *t, struct tftpd_transfer *x)
{
	if (x->state == TFTPD_SENDING && x->talk.sent == x->talk.last)
		tftpd_transfer_turn(t, x, TURN_DONE, NULL);
	else if (x->state != TFTPD_FINISHED)
		tftpd_transfer_fail(t, x, "the client asked anew");
	tftpd_table_drop(t->table, x);
}

static void
request_read(struct tftpd *t, struct tftpd_port *port, const struct udp_datagram *d,
    const struct tftp_packet *p, uint64_t now)
{
	struct tftpd_transfer *x = tftpd_table_find(t->table, &d->peer);

	if (x != NULL && request_is_repeat(x, p, now)) {
		t->stats.repeated++;
		if (x->state == TFTPD_SENDING) {
			tftp_server_repeat(&x->talk);
			tftpd_transfer_send(t, x);
		}
		return;
	}
	if (x != NULL)
		request_replace(t, x);
	request_ask(t, port, d, p, now);
}

/* From no port, so that no answer can ever be sent. */
static bool
is_from_nowhere(const union udp_address *peer)
{
	return (peer->any.sa_family == AF_INET ? peer->v4.sin_port : peer->v6.sin6_port) == 0;
}

/* A request that cannot be read gets an error, anything else on this port nothing: it might come
 * from another server. */
static void
request_take(struct tftpd *t, struct tftpd_port *port, const struct udp_datagram *d, uint64_t now)
{
	struct tftp_packet p;
	struct err e = { 0 };
	bool read;

	if (d->group) {
		tftpd_report_bad(t, &d->peer, "request to a broadcast or multicast address");
		return;
	}
	if (is_from_nowhere(&d->peer)) {
		tftpd_report_bad(t, &d->peer, "request from port 0");
		return;
	}
	read = tftp_parse(d->data, &p, &e);
	if (read && d->cut)
		read = err_set(&e, ERR_MALFORMED, "datagram over %d bytes", RECEIVE_MAX);
	if (read && p.opcode == TFTP_RRQ) {
		request_read(t, port, d, &p, now);
	} else if (read && p.opcode == TFTP_WRQ) {
		t->stats.writes++;
		tftpd_error_send(
		    t, port, &d->peer, &d->local, TFTP_ERR_ACCESS, "nothing is stored here");
	} else {
		tftpd_report_bad(t, &d->peer, read ? "not a request" : e.text);
		if (p.opcode == TFTP_RRQ || p.opcode == TFTP_WRQ)
			tftpd_error_send(t, port, &d->peer, &d->local, TFTP_ERR_ILLEGAL,
			    "request cannot be read");
	}
}

static void
tick_arm(struct tftpd *t)
{
	const struct timeval wait = { .tv_usec = TICK_MS * 1000 };

	if (tftpd_table_open(t->table) > 0 && !event_pending(t->tick, EV_TIMEOUT, NULL))
		event_add(t->tick, &wait);
}

/* One port for all requests of a batch keeps their packets together in later batches. */
static size_t
request_batch(struct tftpd *t, struct tftpd_port *here)
{
	size_t n = udp_in_receive(t->in, here->fd);
	uint64_t now = clock_ms();
	struct tftpd_port *port = tftpd_pool_pick(here->pool);

	if (n > 0 && t->config.before != NULL)
		t->config.before(t->config.arg);
	for (size_t i = 0; i < n; i++) {
		struct udp_datagram d = udp_in_get(t->in, i);

		request_take(t, port, &d, now);
	}
	udp_out_flush(t->out);
	return n;
}

static void
on_request(evutil_socket_t fd, short what, void *arg)
{
	struct tftpd_port *here = arg;

	(void)fd;
	(void)what;
	for (unsigned i = 0; i < TURN_BATCHES; i++)
		if (request_batch(here->engine, here) < UDP_BATCH)
			break;
	tick_arm(here->engine);
}

/* A peer with a transfer on another port is not told off: it might take that for this one. */
static void
packet_stray(struct tftpd *t, struct tftpd_port *port, const struct udp_datagram *d,
    const struct tftpd_transfer *x, enum tftp_opcode opcode)
{
	t->stats.unknown_tid++;
	if (x == NULL && opcode != TFTP_ERROR && !d->group)
		tftpd_error_send(
		    t, port, &d->peer, &d->local, TFTP_ERR_UNKNOWN_TID, "unknown transfer");
}

static void
packet_take(struct tftpd *t, struct tftpd_port *port, const struct udp_datagram *d, uint64_t now)
{
	struct tftpd_transfer *x;
	struct tftp_packet p;
	struct err e = { 0 };

	if (!tftp_parse(d->data, &p, &e)) {
		tftpd_report_bad(t, &d->peer, e.text);
		return;
	}
	x = tftpd_table_find(t->table, &d->peer);
	if (x == NULL || x->port != port) {
		packet_stray(t, port, d, x, p.opcode);
		return;
	}
	if (x->state != TFTPD_SENDING)
		return;
	x->heard_ms = now;
	tftpd_transfer_turn(t, x, tftp_server_receive(&x->talk, &p, now, &e), &e);
}

static size_t
packet_batch(struct tftpd *t, struct tftpd_port *port)
{
	size_t n = udp_in_receive(t->in, port->fd);
	uint64_t now = clock_ms();

	for (size_t i = 0; i < n; i++) {
		struct udp_datagram d = udp_in_get(t->in, i);

		packet_take(t, port, &d, now);
	}
	udp_out_flush(t->out);
	return n;
}

static void
on_packet(evutil_socket_t fd, short what, void *arg)
{
	struct tftpd_port *port = arg;

	(void)fd;
	(void)what;
	for (unsigned i = 0; i < TURN_BATCHES; i++)
		if (packet_batch(port->engine, port) < UDP_BATCH)
			break;
}

static void
answer_refuse(struct tftpd *t, struct tftpd_transfer *x, uint16_t code, struct span why)
{
	char text[ERROR_TEXT_MAX];

	t->stats.refused++;
	if (code > TFTP_ERR_OPTION)
		code = TFTP_ERR_OTHER;
	tftpd_error_send(
	    t, x->port, &x->peer, &x->local, code, text_printable(why, text, sizeof text));
	tftpd_transfer_finish(t, x);
}

void
tftpd_answer(struct tftpd *t, uint32_t id, struct body *body, uint16_t code, struct span text)
{
	struct tftpd_transfer *x = tftpd_table_by_id(t->table, id);
	uint64_t now = clock_ms();

	if (x == NULL || x->state != TFTPD_ASKING)
		return;
	if (body == NULL) {
		answer_refuse(t, x, code, text);
	} else {
		x->body = body_ref(body);
		x->state = TFTPD_SENDING;
		x->heard_ms = now;
		tftp_server_start(&x->talk, x->mode, &x->options, body_span(body), &t->policy, now);
		tftpd_transfer_send(t, x);
	}
	/* More answers may come in this turn of the loop: they leave together. */
	event_active(t->flush, EV_TIMEOUT, 0);
}

/* Who has been repeated to and never spoke again is not waited for when places run out: requests
 * cost their senders nothing. */
static bool
transfer_is_doubtful(const struct tftpd *t, const struct tftpd_transfer *x, uint64_t now)
{
	return now >= x->talk.timer.deadline_ms && x->talk.timer.tries > 0 &&
	       !tftpd_transfer_has_begun(x) && tftpd_table_open(t->table) > t->config.transfers / 2;
}

static void
on_due(struct tftpd *t, struct tftpd_transfer *x, uint64_t now)
{
	struct err e = { 0 };

	if (x->state == TFTPD_ASKING)
		tftpd_transfer_fail(t, x, "no answer about the file in time");
	else if (transfer_is_doubtful(t, x, now))
		tftpd_transfer_fail(t, x, "no acknowledgement, and places run out");
	else
		tftpd_transfer_turn(t, x, tftp_server_tick(&x->talk, now, &e), &e);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct tftpd *t = arg;
	struct tftpd_transfer *x;
	uint64_t now = clock_ms();

	(void)fd;
	(void)what;
	while ((x = tftpd_table_due(t->table, now)) != NULL)
		on_due(t, x, now);
	udp_out_flush(t->out);
	tick_arm(t);
}

static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct tftpd *t = arg;

	(void)fd;
	(void)what;
	udp_out_flush(t->out);
	tick_arm(t);
}

static void
default_to(unsigned *value, unsigned otherwise)
{
	if (*value == 0)
		*value = otherwise;
}

static void
config_complete(struct tftpd_config *c)
{
	default_to(&c->transfers, 20000);
	default_to(&c->transfers_per_address, 10000);
	default_to(&c->pool_ports, 16);
	default_to(&c->retry_ms, 1000);
	default_to(&c->retry_max_ms, 8000);
	default_to(&c->tries, 6);
	default_to(&c->ask_ms, 10000);
	if (c->transfers > TFTPD_TRANSFERS_MAX)
		c->transfers = TFTPD_TRANSFERS_MAX;
	if (c->blksize_max == 0)
		c->blksize_max = TFTP_BLOCK_MAX;
	if (c->windowsize_max == 0)
		c->windowsize_max = 64;
	if (c->port_last < c->port_first)
		c->port_last = c->port_first;
}

struct tftpd *
tftpd_new(struct event_base *base, const struct tftpd_config *config)
{
	struct tftpd *t = mem_new(1, sizeof *t);

	t->config = *config;
	config_complete(&t->config);
	t->policy = (struct tftp_policy){ .blksize_max = t->config.blksize_max,
		.windowsize_max = t->config.windowsize_max,
		.retry_ms = t->config.retry_ms,
		.retry_max_ms = t->config.retry_max_ms,
		.tries = t->config.tries };
	t->plan = (struct tftpd_pool_plan){ .base = base,
		.engine = t,
		.on_request = on_request,
		.on_packet = on_packet,
		.ports = t->config.pool_ports,
		.first = t->config.port_first,
		.last = t->config.port_last };
	t->table = tftpd_table_new(t->config.transfers, t->config.transfers_per_address);
	t->in = udp_in_new(RECEIVE_MAX);
	t->out = udp_out_new(TFTP_SERVER_PACKET_MAX);
	t->tick = evtimer_new(base, on_tick, t);
	t->flush = evtimer_new(base, on_flush, t);
	return t;
}

bool
tftpd_listen(struct tftpd *t, int fd, struct err *e)
{
	struct err why = { 0 };
	struct tftpd_pool *pool = tftpd_pool_open(&t->plan, fd, &why);

	if (pool == NULL)
		return err_set(e, why.code, "TFTP: %s", why.text);
	pool->next = t->pools;
	t->pools = pool;
	return true;
}

void
tftpd_drain(struct tftpd *t)
{
	for (struct tftpd_pool *p = t->pools; p != NULL; p = p->next)
		tftpd_pool_deafen(p);
}

struct tftpd_stats
tftpd_stats(const struct tftpd *t)
{
	struct tftpd_stats s = t->stats;

	s.dropped = udp_out_dropped(t->out);
	s.open = tftpd_table_open(t->table);
	return s;
}

void
tftpd_free(struct tftpd *t)
{
	if (t == NULL)
		return;
	while (t->pools != NULL) {
		struct tftpd_pool *p = t->pools;

		t->pools = p->next;
		tftpd_pool_free(p);
	}
	event_free(t->tick);
	event_free(t->flush);
	udp_in_free(t->in);
	udp_out_free(t->out);
	tftpd_table_free(t->table);
	free(t);
}
