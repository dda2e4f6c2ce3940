#include "net/drive_conn.h"

#include "net/tlspump.h"

#include <event2/buffer.h>
#include <sys/socket.h>

#define OUTPUT_HIGH (64 * 1024) /* a peer with so much unread gets no more answers for now */
#define INPUT_LEAST (16 * 1024) /* one whole TLS record fits in any case */
#define REASON_MAX  200

/* A question gets the slot and a count of it, so that a late answer finds nobody. */
static void
put_question(struct drive_conn *c, struct ask *ask)
{
	struct drive *d = c->drive;

	if (++c->questions == 0)
		c->questions = 1;
	c->ask_id = (uint32_t)c->questions << 16 | c->slot;
	ask->id = c->ask_id;
	ask->peer = span_str(c->text);
	drive_wait_for(c, WAIT_ANSWER);
	d->config.ask(d->config.arg, ask);
}

static void
stop_session(struct drive_conn *c)
{
	if (!c->started)
		return;
	c->started = false;
	c->drive->config.kind->stop(c->session);
}

/* All is written that will be: tells the peer, and lets it hang up first so that nothing that is
 * still on its way to it gets lost. */
static void
say_goodbye(struct drive_conn *c)
{
	if (c->farewell || evbuffer_get_length(bufferevent_get_output(c->bev)) > 0)
		return;
	c->farewell = true;
	tlspump_goodbye(c->bev);
	shutdown(bufferevent_getfd(c->bev), SHUT_WR);
}

/* Ends the session in order. */
static void
close_session(struct drive_conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	stop_session(c);
	drive_wait_for(c, WAIT_END);
	bufferevent_setwatermark(c->bev, EV_READ, 0, 0); /* what comes now is thrown away */
	evbuffer_drain(in, evbuffer_get_length(in));
	say_goodbye(c);
}

/* One whole reply, so that it leaves in one piece. */
static void
send_reply(struct drive_conn *c)
{
	struct span out = wr_view(&c->drive->out);

	if (out.n > 0)
		bufferevent_write(c->bev, out.p, out.n);
}

static void
wait_for_message(struct drive_conn *c)
{
	const struct session_kind *kind = c->drive->config.kind;
	bool slow = kind->patience != NULL && kind->patience(c->session) > 0;

	drive_wait_for(c, slow ? WAIT_SLOW_MESSAGE : WAIT_MESSAGE);
}

/* Tells the session that its peer is lost. True when it was not done yet and says so. */
static bool
tell_broken(struct drive_conn *c, const char *why)
{
	struct drive *d = c->drive;
	struct ask ask = { 0 };

	if (!c->started || d->config.kind->broken == NULL ||
	    d->config.kind->broken(c->session, why, &ask) != TURN_ASK)
		return false;
	ask.id = 0;
	ask.peer = span_str(c->text);
	d->config.ask(d->config.arg, &ask);
	return true;
}

/* Ends a session whose peer cannot be followed any more. */
static void
give_up(struct drive_conn *c, const char *why)
{
	c->drive->stats.broken++;
	drive_report(c, REPORT_BAD_MESSAGE, why);
	(void)tell_broken(c, why);
	close_session(c);
}

/* Does what the session decided. */
static void
take_turn(struct drive_conn *c, enum turn turn, struct ask *ask, struct err *e)
{
	struct drive *d = c->drive;

	if (!wr_ok(&d->out)) {
		give_up(c, "the reply is too long");
		return;
	}
	send_reply(c);
	switch (turn) {
	case TURN_GO_ON:
		wait_for_message(c);
		return;
	case TURN_ASK:
		put_question(c, ask);
		return;
	case TURN_DONE:
		d->stats.served++;
		break;
	case TURN_FAIL:
		d->stats.broken++;
		drive_report(c, REPORT_BAD_MESSAGE, e->text);
		break;
	}
	close_session(c);
}

/* Finds the length of the message at the start of the input: false when the bytes are none. */
static bool
measure(struct drive_conn *c, struct evbuffer *in, struct err *e)
{
	const struct session_kind *kind = c->drive->config.kind;
	size_t n = evbuffer_get_length(in), first = evbuffer_get_contiguous_space(in);
	size_t all = n < kind->message_max ? n : kind->message_max;

	if (!kind->frame(span_of(evbuffer_pullup(in, (ev_ssize_t)first), first), &c->need, e))
		return false;
	if (c->need == 0 && first < all &&
	    !kind->frame(span_of(evbuffer_pullup(in, (ev_ssize_t)all), all), &c->need, e))
		return false;
	if (c->need > kind->message_max || (c->need == 0 && n >= kind->message_max))
		return err_set(e, ERR_LIMIT, "message of more than %zu bytes", kind->message_max);
	return true;
}

/* Hands the next message to the session; false when there is no whole one. */
static bool
next_message(struct drive_conn *c)
{
	struct drive *d = c->drive;
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct ask ask = { 0 };
	struct err e = { 0 };
	enum turn turn;
	size_t n = evbuffer_get_length(in);

	if (n == 0 || n < c->need)
		return false;
	wr_reset(&d->out);
	if (c->need == 0 && !measure(c, in, &e)) {
		give_up(c, e.text);
		return true;
	}
	if (c->need == 0 || n < c->need)
		return false;
	n = c->need;
	c->need = 0;
	c->spoke = true;
	evbuffer_remove(in, d->message, n);
	turn = d->config.kind->message(c->session, span_of(d->message, n), &d->out, &ask, &e);
	take_turn(c, turn, &ask, &e);
	return true;
}

/* The session waits for a message and its peer takes what it is sent. */
static bool
is_ready(const struct drive_conn *c)
{
	return (c->wait == WAIT_MESSAGE || c->wait == WAIT_SLOW_MESSAGE) && !c->gone &&
	       evbuffer_get_length(bufferevent_get_output(c->bev)) < OUTPUT_HIGH;
}

void
drive_session_retire(struct drive_conn *c)
{
	if (!is_ready(c) || !c->spoke || c->drive->config.kind->broken != NULL ||
	    evbuffer_get_length(bufferevent_get_input(c->bev)) > 0)
		return;
	c->drive->stats.served++;
	close_session(c);
}

void
drive_session_break(struct drive_conn *c, const char *why, uint64_t *count)
{
	(*count)++;
	(void)tell_broken(c, why);
	stop_session(c);
	tlspump_goodbye(c->bev);
	drive_release(c);
}

/* The peer hung up. Between messages that is an end in order, unless the session says otherwise. */
static void
hung_up(struct drive_conn *c)
{
	struct drive_stats *stats = &c->drive->stats;
	bool over = c->wait == WAIT_END;
	bool between =
	    c->wait != WAIT_ANSWER && evbuffer_get_length(bufferevent_get_input(c->bev)) == 0;
	bool missed = !over && tell_broken(c, "the connection is gone");

	if (!over && between && !missed && !c->spoke)
		drive_report(c, REPORT_SILENT, "hung up after the handshake, without a word");
	stop_session(c);
	if (!over)
		(*(between && !missed ? &stats->served : &stats->broken))++;
	drive_release(c);
}

/* Takes messages as long as there are some; then sees whether the peer was lost meanwhile. Nothing
 * may touch c afterwards. */
static void
go_on(struct drive_conn *c)
{
	while (is_ready(c))
		if (!next_message(c))
			break;
	c->running = false;
	if (c->gone) {
		hung_up(c);
		return;
	}
	if (c->drive->draining)
		drive_session_retire(c);
	if (c->wait == WAIT_END)
		say_goodbye(c);
}

static void
open_session(struct drive_conn *c)
{
	struct drive *d = c->drive;
	struct peer peer = { .text = c->text, .session = d->session_next++ };
	size_t input_max = d->config.kind->message_max;
	struct ask ask = { 0 };
	struct err e = { 0 };

	d->stats.half_open--;
	d->stats.open++;
	bufferevent_setwatermark(
	    c->bev, EV_READ, 0, input_max > INPUT_LEAST ? input_max : INPUT_LEAST);
	memset(c->session, 0, d->config.kind->size);
	wr_reset(&d->out);
	c->running = c->started = true;
	take_turn(c, d->config.kind->start(c->session, &peer, NULL, &d->out, &ask, &e), &ask, &e);
	go_on(c);
}

static void
handshake_failed(struct drive_conn *c)
{
	struct drive *d = c->drive;
	char text[REASON_MAX];

	if (tlspump_failure(c->bev, text, sizeof text) == TLSPUMP_FAIL_OLD) {
		d->stats.old_refused++;
		drive_report(c, REPORT_TLS_OLD, text);
	} else {
		d->stats.handshake_failed++;
		drive_report(c, REPORT_TLS_FAILED, text);
	}
	drive_release(c);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct drive_conn *c = arg;

	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		open_session(c);
	else if (c->wait == WAIT_HANDSHAKE)
		handshake_failed(c);
	else if (c->running)
		c->gone = true;
	else
		hung_up(c);
}

static void
on_input(struct bufferevent *bev, void *arg)
{
	struct drive_conn *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);

	if (c->wait == WAIT_END)
		evbuffer_drain(in, evbuffer_get_length(in));
	if (c->running || c->wait == WAIT_END)
		return;
	c->running = true;
	go_on(c);
}

/* Everything written is on its way. */
static void
on_output(struct bufferevent *bev, void *arg)
{
	struct drive_conn *c = arg;

	(void)bev;
	if (c->running)
		return;
	c->running = true;
	go_on(c);
}

void
drive_session_watch(struct drive_conn *c)
{
	bufferevent_setcb(c->bev, on_input, on_output, on_event, c);
	bufferevent_enable(c->bev, EV_READ);
}

void
drive_session_answer(struct drive_conn *c, const struct answer *a)
{
	struct drive *d = c->drive;
	bool inside = c->running; /* the caller is our own question */
	struct ask ask = { 0 };
	struct err e = { 0 };
	enum turn turn;

	c->running = true;
	wr_reset(&d->out);
	turn = d->config.kind->answer(c->session, a, &d->out, &ask, &e);
	take_turn(c, turn, &ask, &e);
	if (!inside)
		go_on(c);
}
