#include "../check.h"

#include "drive_rig.h"

#include "base/mem.h"
#include "base/rd.h"
#include "identity.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct rig_seen seen;

struct echo {
	bool slow, asks_when_broken;
};

static bool
echo_frame(struct span in, size_t *whole, struct err *e)
{
	struct rd r = rd_open(in);
	uint32_t n;

	*whole = 0;
	if (!rd_u32(&r, &n))
		return true;
	if (n == 0)
		return err_set(e, ERR_MALFORMED, "an empty message");
	*whole = 4 + (size_t)n;
	return true;
}

static enum turn
echo_start(void *s, const struct peer *peer, const void *plan, struct wr *out, struct ask *ask,
    struct err *e)
{
	const struct echo *echo = s;

	(void)out, (void)ask, (void)e;
	assert_null(plan);
	assert_false(echo->slow);
	seen.started++;
	seen.last_session = peer->session;
	snprintf(seen.peer, sizeof seen.peer, "%s", peer->text);
	return TURN_GO_ON;
}

static enum turn
echo_message(void *s, struct span in, struct wr *out, struct ask *ask, struct err *e)
{
	struct echo *echo = s;

	switch (in.p[4]) {
	case 'q':
		ask->kind = ASK_TVS_QUERY;
		ask->text = span_of(in.p + 4, in.n - 4);
		echo->asks_when_broken = true;
		return TURN_ASK;
	case 'b':
		wr_fill(out, 'b', RIG_BIG_REPLY);
		return TURN_GO_ON;
	case 't':
		wr_fill(out, 't', 1000000);
		return TURN_GO_ON;
	case 's':
		echo->slow = true;
		break;
	}
	wr_span(out, in);
	if (in.p[4] == 'x') {
		err_set(e, ERR_REFUSED, "an x");
		return TURN_FAIL;
	}
	return in.p[4] == 'd' ? TURN_DONE : TURN_GO_ON;
}

static enum turn
echo_answer(void *s, const struct answer *a, struct wr *out, struct ask *ask, struct err *e)
{
	struct echo *echo = s;

	(void)ask, (void)e;
	echo->asks_when_broken = false;
	wr_u32(out, (uint32_t)a->data.n);
	wr_span(out, a->data);
	return TURN_GO_ON;
}

static enum turn
echo_broken(void *s, const char *why, struct ask *ask)
{
	const struct echo *echo = s;

	seen.broken++;
	snprintf(seen.why, sizeof seen.why, "%s", why);
	if (!echo->asks_when_broken)
		return TURN_DONE;
	ask->kind = ASK_CAPF_FINISH;
	return TURN_ASK;
}

static void
echo_stop(void *s)
{
	(void)s;
	seen.stopped++;
}

static unsigned
echo_patience(const void *s)
{
	return ((const struct echo *)s)->slow;
}

static const struct session_kind echo = {
	.name = "echo",
	.size = sizeof(struct echo),
	.message_max = RIG_MESSAGE_MAX,
	.frame = echo_frame,
	.start = echo_start,
	.message = echo_message,
	.answer = echo_answer,
	.broken = echo_broken,
	.stop = echo_stop,
	.patience = echo_patience,
};

const struct session_kind rig_carefree = {
	.name = "echo",
	.size = sizeof(struct echo),
	.message_max = RIG_MESSAGE_MAX,
	.frame = echo_frame,
	.start = echo_start,
	.message = echo_message,
	.answer = echo_answer,
	.stop = echo_stop,
};

void
rig_answer(struct rig *f, uint32_t id, const char *data)
{
	drive_answer(
	    f->drive, &(struct answer){
			  .kind = ASK_TVS_QUERY, .id = id, .ok = true, .data = span_str(data) });
}

static void
on_ask(void *arg, const struct ask *ask)
{
	struct rig *f = arg;

	if (ask->kind == ASK_REPORT) {
		assert_true(span_is(ask->name, "echo"));
		f->reports++;
		f->last_report = ask->report;
		snprintf(f->report_text, sizeof f->report_text, "%.*s", (int)ask->text.n,
		    (const char *)ask->text.p);
		return;
	}
	snprintf(
	    f->asked_by, sizeof f->asked_by, "%.*s", (int)ask->peer.n, (const char *)ask->peer.p);
	if (ask->id == 0) {
		f->last_wishes++;
		return;
	}
	if (f->question_count < RIG_QUESTIONS)
		f->questions[f->question_count++] = ask->id;
	if (f->answer_inside)
		rig_answer(f, ask->id, "inside");
}

const struct drive_config rig_usual = {
	.kind = &echo,
	.handshake_s = 1,
	.idle_s = 1,
	.long_idle_s = 3,
	.connections = 1000,
	.connections_per_address = 1000,
	.half_open = 100,
	.ask = on_ask,
};

int
rig_listener(struct sockaddr *a, socklen_t n)
{
	const int on = 1;
	int fd = socket(a->sa_family, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, a, n) != 0 || listen(fd, 1000) != 0) {
		close(fd);
		return -1;
	}
	assert_int_equal(getsockname(fd, a, &n), 0);
	return fd;
}

static struct rig *
rig_new(struct drive_config config)
{
	struct rig *f = mem_new(1, sizeof *f);
	struct err e;
	int fd;

	memset(&seen, 0, sizeof seen);
	f->base = event_base_new();
	config.arg = f;
	f->drive = drive_new(f->base, &config);
	f->address.sin_family = AF_INET;
	f->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = rig_listener((struct sockaddr *)&f->address, sizeof f->address);
	assert_true(fd >= 0);
	assert_ok(drive_listen(f->drive, fd, &e), e);
	drive_identity(f->drive, identity_pump("tvs.pem", false, 1));
	return f;
}

int
rig_set_up(void **state)
{
	*state = rig_new(rig_usual);
	return 0;
}

int
rig_tear_down(void **state)
{
	struct rig *f = *state;

	drive_free(f->drive);
	event_base_free(f->base);
	free(f);
	assert_int_equal(seen.started, seen.stopped);
	return 0;
}

/* Another drive in place of the rig_usual one. */
struct rig *
rig_with(void **state, struct drive_config config)
{
	rig_tear_down(state);
	*state = rig_new(config);
	return *state;
}

unsigned
rig_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

void
rig_run(struct rig *f, unsigned ms)
{
	const struct timespec nap = { .tv_nsec = 500000 };
	unsigned from = rig_clock();

	do {
		event_base_loop(f->base, EVLOOP_NONBLOCK);
		nanosleep(&nap, NULL);
	} while (rig_clock() - from < ms);
}

int
rig_connect_raw(struct rig *f)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&f->address, sizeof f->address), 0);
	return fd;
}

SSL *
rig_connect(struct rig *f)
{
	SSL *client = identity_client(rig_connect_raw(f), 0, NULL);

	assert_true(identity_shake(f->base, client));
	return client;
}

void
rig_put(SSL *client, const void *p, size_t n)
{
	assert_int_equal(SSL_write(client, p, (int)n), (int)n);
}

/* A message of the protocol. */
void
rig_say(SSL *client, const char *text)
{
	uint8_t m[64] = { [3] = (uint8_t)strlen(text) };

	memcpy(m + 4, text, strlen(text));
	rig_put(client, m, 4 + strlen(text));
}

/* The next message is this text. */
void
rig_hear(struct rig *f, SSL *client, const char *text)
{
	char in[64] = "";
	uint8_t head[4];

	assert_true(identity_read_n(f->base, client, head, 4, 5));
	assert_true(head[3] < sizeof in);
	assert_true(identity_read_n(f->base, client, in, head[3], 5));
	assert_string_equal(in, text);
}

void
rig_hear_end(struct rig *f, SSL *client)
{
	char byte;

	assert_false(identity_read_n(f->base, client, &byte, 1, 6));
}

unsigned
rig_close_time(struct rig *f, int fd)
{
	unsigned from = rig_clock();
	uint8_t in[512];

	while (rig_clock() - from < 6000) {
		ssize_t n;

		rig_run(f, 5);
		while ((n = recv(fd, in, sizeof in, MSG_DONTWAIT)) > 0)
			continue;
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return rig_clock() - from;
}
