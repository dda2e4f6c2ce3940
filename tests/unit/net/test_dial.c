#include "../check.h"

#include "base/rd.h"
#include "identity.h"
#include "net/dial.h"
#include "net/drive.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The protocol: a length of four bytes and so many more. The client says what its plan holds; the
 * server says it back, and after "bye" hangs up, and to "mute" nothing. */
struct plan {
	const char *text;
	char heard[32];
	unsigned broken, stopped;
};

struct talker {
	struct plan *plan; /* NULL: the server */
};

static bool
frame(struct span in, size_t *whole, struct err *e)
{
	struct rd r = rd_open(in);
	uint32_t n;

	(void)e;
	*whole = rd_u32(&r, &n) ? 4 + (size_t)n : 0;
	return true;
}

static enum turn
start(void *s, const struct peer *peer, const void *plan, struct wr *out, struct ask *ask,
    struct err *e)
{
	struct talker *t = s;

	(void)ask, (void)e;
	assert_true(strlen(peer->text) > 0);
	if (plan == NULL)
		return TURN_GO_ON;
	memcpy(&t->plan, plan, sizeof t->plan);
	wr_u32(out, (uint32_t)strlen(t->plan->text));
	wr_text(out, t->plan->text);
	return TURN_GO_ON;
}

static enum turn
message(void *s, struct span in, struct wr *out, struct ask *ask, struct err *e)
{
	struct talker *t = s;
	struct span text = span_of(in.p + 4, in.n - 4);

	(void)ask;
	if (t->plan != NULL) {
		snprintf(t->plan->heard, sizeof t->plan->heard, "%.*s", (int)text.n,
		    (const char *)text.p);
		return span_is(text, "no") ? (err_set(e, ERR_REFUSED, "it says no"), TURN_FAIL)
					   : TURN_DONE;
	}
	if (span_is(text, "mute"))
		return TURN_GO_ON;
	if (span_is(text, "bye"))
		return TURN_DONE;
	wr_span(out, in);
	return TURN_GO_ON;
}

static enum turn
broken(void *s, const char *why, struct ask *ask)
{
	const struct talker *t = s;

	(void)ask;
	assert_true(strlen(why) > 0);
	if (t->plan != NULL)
		t->plan->broken++;
	return TURN_DONE;
}

static void
stop(void *s)
{
	const struct talker *t = s;

	if (t->plan != NULL)
		t->plan->stopped++;
}

static const struct session_kind kind = {
	.name = "talker",
	.size = sizeof(struct talker),
	.message_max = 1000,
	.frame = frame,
	.start = start,
	.message = message,
	.broken = broken,
	.stop = stop,
};

static void
ignore(void *arg, const struct ask *ask)
{
	(void)arg, (void)ask;
}

/* A server in a process of its own, for old phones too if old; gives its port. */
static pid_t
serve(bool old, uint16_t *port)
{
	const struct drive_config config = { .kind = &kind,
		.handshake_s = 5,
		.idle_s = 5,
		.connections = 10,
		.connections_per_address = 10,
		.half_open = 10,
		.ask = ignore };
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct event_base *base;
	struct drive *d;
	pid_t child;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(fd, 10), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*port = ntohs(a.sin_port);
	if ((child = fork()) != 0) {
		close(fd);
		return child;
	}
	alarm(30);
	base = event_base_new();
	d = drive_new(base, &config);
	if (!drive_listen(d, fd, NULL))
		_exit(1);
	drive_identity(d, identity_pump("tvs.pem", old, 1));
	event_base_dispatch(base);
	_exit(0);
}

static void
end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static struct dial
to(uint16_t port)
{
	return (struct dial){ .host = "127.0.0.1", .port = port, .connect_s = 5, .answer_s = 1 };
}

static void
dial_talks_as_every_kind_of_phone(void **state)
{
	static const enum tlsdial_version versions[] = { TLSDIAL_1_3, TLSDIAL_1_2, TLSDIAL_1_0 };
	enum dial_stage stage;
	uint16_t port;
	struct err e;

	(void)state;
	for (int old = 0; old < 2; old++) {
		pid_t child = serve(old, &port);
		struct dial dial = to(port);

		for (size_t i = 0; i < 3; i++) {
			struct plan plan = { .text = "hello" }, *p = &plan;

			dial.tls.version = versions[i];
			if (!old && i == 2) {
				assert_fails(
				    dial_run(&dial, &kind, &p, &stage, &e), e, ERR_IO, "alert");
				assert_int_equal(stage, DIAL_TLS);
				assert_int_equal(plan.stopped, 0);
				continue;
			}
			assert_ok(dial_run(&dial, &kind, &p, &stage, &e), e);
			assert_int_equal(stage, DIAL_DONE);
			assert_string_equal(plan.heard, "hello");
			assert_int_equal(plan.stopped, 1);
			assert_int_equal(plan.broken, 0);
		}
		end(child);
	}
}

static void
dial_names_a_host_that_it_cannot_find(void **state)
{
	struct plan plan = { .text = "hello" }, *p = &plan;
	struct dial dial = to(1);
	struct err e;

	(void)state;
	dial.host = "no such host";
	assert_fails(dial_run(&dial, &kind, &p, NULL, &e), e, ERR_IO, "no such host");
	assert_int_equal(plan.stopped, 0);
}

struct judge {
	bool accept;
	struct bytes leaf;
};

static bool
judge(void *arg, struct span leaf, struct err *e)
{
	struct judge *j = arg;

	bytes_free(&j->leaf);
	j->leaf = bytes_copy(leaf);
	return j->accept || err_set(e, ERR_REFUSED, "a stranger");
}

static void
dial_shows_the_certificate_before_it_says_anything(void **state)
{
	struct plan plan = { .text = "hello" }, *p = &plan;
	uint16_t port;
	pid_t child = serve(false, &port);
	struct dial dial = to(port);
	struct judge j = { .accept = true };
	struct bytes certificate, key;
	enum dial_stage stage;
	struct err e;

	(void)state;
	identity_read("tvs.pem", &certificate, &key);
	dial.verify = judge;
	dial.arg = &j;
	assert_ok(dial_run(&dial, &kind, &p, &stage, &e), e);
	assert_span_equal(bytes_span(&j.leaf), bytes_span(&certificate));
	j.accept = false;
	plan.stopped = 0;
	assert_fails(dial_run(&dial, &kind, &p, &stage, &e), e, ERR_REFUSED, "a stranger");
	assert_int_equal(stage, DIAL_VERIFY);
	assert_int_equal(plan.stopped, 0); /* the session never began */
	bytes_free(&j.leaf);
	bytes_free(&certificate);
	bytes_free(&key);
	end(child);
}

static void
dial_tells_where_a_conversation_ended(void **state)
{
	static const struct {
		const char *text;
		enum err_code code;
		const char *why;
		unsigned broken;
	} rows[] = { { "mute", ERR_AGAIN, "timed out", 1 }, { "bye", ERR_IO, "closed", 1 },
		{ "no", ERR_REFUSED, "it says no", 0 } };
	uint16_t port;
	pid_t child = serve(false, &port);
	struct dial dial = to(port);
	enum dial_stage stage;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plan plan = { .text = rows[i].text }, *p = &plan;

		assert_fails(dial_run(&dial, &kind, &p, &stage, &e), e, rows[i].code, rows[i].why);
		assert_int_equal(stage, DIAL_TALK);
		assert_int_equal(plan.broken, rows[i].broken);
		assert_int_equal(plan.stopped, 1);
	}
	end(child);
	assert_fails(dial_run(&dial, &kind, &(struct plan *){ 0 }, &stage, &e), e, ERR_IO,
	    "Connection refused");
	assert_int_equal(stage, DIAL_CONNECT);
}

static void
dial_gives_up_a_server_that_says_nothing(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct plan plan = { .text = "hello" }, *p = &plan;
	time_t from = time(NULL);
	enum dial_stage stage;
	struct dial dial;
	struct err e;

	(void)state;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(fd, 10), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	dial = to(ntohs(a.sin_port));
	dial.connect_s = 1;
	assert_fails(dial_run(&dial, &kind, &p, &stage, &e), e, ERR_AGAIN, "timed out");
	assert_int_equal(stage, DIAL_TLS);
	assert_true(time(NULL) - from <= 2);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dial_talks_as_every_kind_of_phone),
		cmocka_unit_test(dial_names_a_host_that_it_cannot_find),
		cmocka_unit_test(dial_shows_the_certificate_before_it_says_anything),
		cmocka_unit_test(dial_tells_where_a_conversation_ended),
		cmocka_unit_test(dial_gives_up_a_server_that_says_nothing),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
