#include "net/drive.h"

#include "base/mem.h"
#include "net/clock.h"
#include "net/drive_conn.h"
#include "net/hostcount.h"
#include "net/tlspump.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX    65536 /* a slot is 16 bits of a question's id */
#define REPLY_MAX          (128 * 1024)
#define ACCEPT_BATCH       64
#define ANSWER_SECONDS     30 /* core answers within this, or the connection is given up */
#define END_SECONDS        2  /* a peer may hang up by itself after the last message */
#define REPORTS_PER_SECOND 10
#define PAUSE_MS           100 /* of accepting, while descriptors are short */

static struct timeval
timeval_ms(uint64_t ms)
{
	return (struct timeval){ (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000) };
}

/* Makes the tick come no later than due. */
static void
arm(struct drive *d, uint64_t due)
{
	uint64_t now;
	struct timeval in;

	if (d->tick_at != 0 && d->tick_at <= due)
		return;
	now = clock_ms();
	in = timeval_ms(due > now ? due - now : 0);
	d->tick_at = due;
	event_add(d->tick, &in);
}

void
drive_wait_for(struct drive_conn *c, enum drive_wait wait)
{
	struct drive *d = c->drive;

	TAILQ_REMOVE(&d->queues[c->wait], c, next);
	TAILQ_INSERT_TAIL(&d->queues[wait], c, next);
	c->wait = wait;
	c->due = clock_ms() + d->wait_ms[wait];
	arm(d, c->due);
}

void
drive_report(struct drive_conn *c, enum ask_report report, const char *text)
{
	struct drive *d = c->drive;
	uint64_t second = clock_ms() / 1000;
	struct ask ask = { .kind = ASK_REPORT,
		.peer = span_str(c->text),
		.name = span_str(d->config.kind->name),
		.report = (uint8_t)report,
		.text = span_str(text) };

	if (second != d->report_second) {
		d->report_second = second;
		d->report_count = 0;
	}
	if (d->report_count++ < REPORTS_PER_SECOND)
		d->config.ask(d->config.arg, &ask);
}

void
drive_release(struct drive_conn *c)
{
	struct drive *d = c->drive;

	if (c->wait == WAIT_HANDSHAKE)
		d->stats.half_open--;
	else
		d->stats.open--;
	bufferevent_free(c->bev);
	c->bev = NULL;
	hostcount_drop(d->hosts, &c->address.any);
	TAILQ_REMOVE(&d->queues[c->wait], c, next);
	TAILQ_INSERT_HEAD(&d->unused, c, next);
}

static void
expire(struct drive_conn *c)
{
	struct drive *d = c->drive;
	char why[64];

	if (c->wait == WAIT_END) {
		drive_release(c);
		return;
	}
	snprintf(why, sizeof why, "no %s within %u s",
	    c->wait == WAIT_HANDSHAKE ? "handshake"
	    : c->wait == WAIT_ANSWER  ? "answer to a question"
				      : "message",
	    (unsigned)(d->wait_ms[c->wait] / 1000));
	if (c->wait != WAIT_HANDSHAKE) {
		drive_session_break(c, why, &d->stats.timed_out);
		return;
	}
	d->stats.timed_out++;
	drive_report(c, REPORT_TLS_FAILED, why);
	drive_release(c);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct drive *d = arg;
	uint64_t now = clock_ms();
	struct drive_conn *c;

	(void)fd, (void)what;
	d->tick_at = 0;
	for (int wait = 0; wait < WAIT_COUNT; wait++) {
		while ((c = TAILQ_FIRST(&d->queues[wait])) != NULL && c->due <= now)
			expire(c);
		if (c != NULL)
			arm(d, c->due);
	}
}

/* An unused connection, with a slot of its own; NULL when all are in use. */
static struct drive_conn *
conn_new(struct drive *d)
{
	struct drive_conn *c = TAILQ_FIRST(&d->unused);

	if (c != NULL) {
		TAILQ_REMOVE(&d->unused, c, next);
		return c;
	}
	if (d->slot_count == d->config.connections)
		return NULL;
	c = mem_new(1, sizeof *c + d->config.kind->size);
	c->drive = d;
	c->slot = (uint16_t)d->slot_count;
	d->slots[d->slot_count++] = c;
	return c;
}

/* Takes the socket, unless a limit is reached. */
static bool
admit(struct drive *d, int fd, const struct sockaddr *address, socklen_t address_n)
{
	struct drive_conn *c;
	const int on = 1;

	if (!hostcount_take(d->hosts, address, d->config.connections_per_address))
		return false;
	if (d->stats.half_open >= d->config.half_open) {
		d->stats.over_limit++;
		drive_release(TAILQ_FIRST(&d->queues[WAIT_HANDSHAKE]));
	}
	c = conn_new(d);
	if (c == NULL || (c->bev = tlspump_accept(d->pump, d->base, fd)) == NULL) {
		if (c != NULL)
			TAILQ_INSERT_HEAD(&d->unused, c, next);
		hostcount_drop(d->hosts, address);
		return false;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	memcpy(&c->address, address, address_n);
	hostcount_print(address, c->text, sizeof c->text);
	c->need = 0;
	c->gone = c->spoke = c->farewell = false;
	TAILQ_INSERT_TAIL(&d->queues[WAIT_HANDSHAKE], c, next);
	c->wait = WAIT_HANDSHAKE;
	drive_wait_for(c, WAIT_HANDSHAKE);
	d->stats.half_open++;
	d->stats.accepted++;
	drive_session_watch(c);
	return true;
}

static void
listen_all(struct drive *d, bool on)
{
	struct drive_listener *l;

	LIST_FOREACH(l, &d->listeners, next)
	{
		if (on && d->pump != NULL)
			event_add(l->event, NULL);
		else
			event_del(l->event);
	}
}

static void
on_pause_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	listen_all(arg, true);
}

static void
on_acceptable(evutil_socket_t at, short what, void *arg)
{
	struct drive *d = ((struct drive_listener *)arg)->drive;
	const struct timeval pause = timeval_ms(PAUSE_MS);

	(void)what;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		struct sockaddr_storage address;
		socklen_t n = sizeof address;
		int fd = accept4(at, (struct sockaddr *)&address, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && errno == EAGAIN)
			return;
		if (fd < 0 &&
		    (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
			listen_all(d, false);
			event_add(d->pause, &pause);
			return;
		}
		if (fd < 0) /* the connection died in the queue */
			continue;
		if (n > sizeof((struct drive_conn *)0)->address ||
		    !admit(d, fd, (struct sockaddr *)&address, n)) {
			d->stats.over_limit++;
			close(fd);
		}
	}
}

struct drive *
drive_new(struct event_base *base, const struct drive_config *config)
{
	struct drive *d = mem_new(1, sizeof *d);
	const unsigned seconds[WAIT_COUNT] = { [WAIT_HANDSHAKE] = config->handshake_s,
		[WAIT_MESSAGE] = config->idle_s,
		[WAIT_SLOW_MESSAGE] = config->long_idle_s ? config->long_idle_s : config->idle_s,
		[WAIT_ANSWER] = ANSWER_SECONDS,
		[WAIT_END] = END_SECONDS };

	d->base = base;
	d->config = *config;
	if (d->config.connections > CONNECTIONS_MAX)
		d->config.connections = CONNECTIONS_MAX;
	if (d->config.half_open == 0)
		d->config.half_open = 1;
	for (int wait = 0; wait < WAIT_COUNT; wait++) {
		TAILQ_INIT(&d->queues[wait]);
		d->wait_ms[wait] = (uint64_t)seconds[wait] * 1000;
	}
	TAILQ_INIT(&d->unused);
	LIST_INIT(&d->listeners);
	d->slots = mem_new(d->config.connections, sizeof(struct drive_conn *));
	d->hosts = hostcount_new(d->config.connections);
	d->out = wr_new(REPLY_MAX);
	d->message = mem_new(1, config->kind->message_max);
	d->session_next = 1;
	d->tick = evtimer_new(base, on_tick, d);
	d->pause = evtimer_new(base, on_pause_over, d);
	if (d->tick == NULL || d->pause == NULL)
		abort();
	return d;
}

void
drive_identity(struct drive *d, struct tlspump *pump)
{
	tlspump_free(d->pump);
	d->pump = pump;
	listen_all(d, true);
}

bool
drive_listen(struct drive *d, int fd, struct err *e)
{
	struct drive_listener *l;
	int listening = 0;
	socklen_t n = sizeof listening;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) != 0 || !listening) {
		close(fd);
		return err_set(e, ERR_IO, "not a listening socket");
	}
	evutil_make_socket_nonblocking(fd);
	l = mem_new(1, sizeof *l);
	l->drive = d;
	l->fd = fd;
	l->event = event_new(d->base, fd, EV_READ | EV_PERSIST, on_acceptable, l);
	if (l->event == NULL)
		abort();
	LIST_INSERT_HEAD(&d->listeners, l, next);
	if (d->pump != NULL)
		event_add(l->event, NULL);
	return true;
}

void
drive_answer(struct drive *d, const struct answer *a)
{
	size_t slot = a->id & 0xffff;

	if (slot < d->slot_count && d->slots[slot]->bev != NULL &&
	    d->slots[slot]->wait == WAIT_ANSWER && d->slots[slot]->ask_id == a->id)
		drive_session_answer(d->slots[slot], a);
}

void
drive_session_base(struct drive *d, uint32_t first)
{
	d->session_next = first;
}

static void
stop_listening(struct drive *d)
{
	struct drive_listener *l;

	while ((l = LIST_FIRST(&d->listeners)) != NULL) {
		LIST_REMOVE(l, next);
		event_free(l->event);
		close(l->fd);
		free(l);
	}
}

void
drive_drain(struct drive *d)
{
	d->draining = true;
	stop_listening(d);
	for (size_t i = 0; i < d->slot_count; i++)
		if (d->slots[i]->bev != NULL)
			drive_session_retire(d->slots[i]);
}

struct drive_stats
drive_stats(const struct drive *d)
{
	return d->stats;
}

void
drive_free(struct drive *d)
{
	if (d == NULL)
		return;
	stop_listening(d);
	for (size_t i = 0; i < d->slot_count; i++) {
		if (d->slots[i]->bev != NULL && d->slots[i]->started)
			drive_session_break(d->slots[i], "the server stops", &d->stats.broken);
		if (d->slots[i]->bev != NULL)
			drive_release(d->slots[i]);
	}
	for (size_t i = 0; i < d->slot_count; i++)
		free(d->slots[i]);
	free(d->slots);
	hostcount_free(d->hosts);
	wr_free(&d->out);
	free(d->message);
	event_free(d->tick);
	event_free(d->pause);
	tlspump_free(d->pump);
	free(d);
}
