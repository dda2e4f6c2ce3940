/* The other ends run on the same loop where they are servers of ours, and in a process of their own
 * where they misbehave. */
#include "tftpd_rig.h"

#include "http_other.h"

#include "net/clock.h"
#include "net/fetch.h"
#include "net/http_server.h"

#include <fcntl.h>

#define MANY 200

/* What came of one fetch. */
struct came {
	bool done;
	struct err e;
	struct bytes body;
	struct event_base *base;
	size_t *left; /* the loop ends when it is 0 */
};

static void
on_done(void *arg, const struct err *e, struct bytes body)
{
	struct came *c = arg;

	assert_false(c->done);
	c->done = true;
	c->body = body;
	if (e != NULL)
		c->e = *e;
	if (--*c->left == 0)
		event_base_loopbreak(c->base);
}

/* One fetch to its end. */
static struct came
run(struct event_base *base, const struct fetch_wish *w)
{
	size_t left = 1;
	struct came c = { .base = base, .left = &left };
	struct fetch *f;
	struct err e = { 0 };

	assert_ok(fetch_start(base, w, on_done, &c, &f, &e), e);
	assert_false(c.done);
	event_base_dispatch(base);
	assert_true(c.done);
	return c;
}

static struct fetch_wish
wish(char url[64], const char *scheme, uint16_t port, const char *name)
{
	snprintf(url, 64, "%s://127.0.0.1:%u", scheme, (unsigned)port);
	return (struct fetch_wish){ .url = url,
		.name = name,
		.via = "1.1 sealtone",
		.size_max = 9999,
		.timeout_ms = 5000,
		.silence_ms = 5000 };
}

/* --- servers of ours --- */

static void
on_request(void *arg, struct http_request *r)
{
	const char *path = http_request_path(r);
	struct bytes file = rig_file(strtoul(path + 1, NULL, 10));

	(void)arg;
	if (strcmp(path, "/missing") == 0)
		http_reply(r, 404, "text/plain", span_str("not found"));
	else
		http_reply(r, 200, "application/octet-stream", bytes_span(&file));
	bytes_free(&file);
}

static struct http_server *
serve_http(struct event_base *base, uint16_t *port)
{
	const struct http_server_config config = { .files = true, .request = on_request };
	struct http_server *s = http_server_new(base, &config);
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct err e = { 0 };

	assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(listen(fd, 1000), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	assert_ok(http_server_listen(s, fd, &e), e);
	*port = ntohs(at.sin_port);
	return s;
}

static void
check_file(struct came *c, size_t size)
{
	struct bytes want = rig_file(size);

	if (c->e.code != ERR_NONE)
		fail_msg("%s: %s", err_code_name(c->e.code), c->e.text);
	assert_span_equal(bytes_span(&c->body), bytes_span(&want));
	bytes_free(&c->body);
	bytes_free(&want);
}

static void
check_server(struct event_base *base, const char *scheme, uint16_t port)
{
	char url[64];
	struct fetch_wish w = wish(url, scheme, port, "9999");
	struct came c = run(base, &w);

	check_file(&c, 9999);
	w.name = "0";
	c = run(base, &w);
	check_file(&c, 0);
	w.name = "missing";
	c = run(base, &w);
	assert_int_equal(c.e.code, ERR_UNKNOWN);
	w.name = "20000";
	c = run(base, &w);
	assert_int_equal(c.e.code, ERR_LIMIT);
}

static void
fetch_takes_what_a_tftp_server_has(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });

	(void)state;
	check_server(r->base, "tftp", rig_port(&r->at));
	rig_free(r);
}

static void
fetch_takes_what_an_http_server_has(void **state)
{
	struct event_base *base = event_base_new();
	uint16_t port;
	struct http_server *s = serve_http(base, &port);

	(void)state;
	check_server(base, "http", port);
	http_server_free(s);
	event_base_free(base);
}

static void
fetch_runs_many_at_once(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	struct came came[MANY] = { 0 };
	char names[MANY][8], url[2][64];
	uint16_t port;
	struct http_server *s = serve_http(r->base, &port);
	size_t left = MANY;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		bool http = i % 2 == 0;
		struct fetch_wish w = wish(
		    url[http], http ? "http" : "tftp", http ? port : rig_port(&r->at), names[i]);
		struct fetch *f;

		snprintf(names[i], sizeof names[i], "%zu", i * 7);
		came[i] = (struct came){ .base = r->base, .left = &left };
		assert_ok(fetch_start(r->base, &w, on_done, &came[i], &f, &e), e);
	}
	event_base_dispatch(r->base);
	for (size_t i = 0; i < MANY; i++)
		check_file(&came[i], i * 7);
	http_server_free(s);
	rig_free(r);
}

static void
fetch_cancel_leaves_nothing(void **state)
{
	struct rig *r = rig_new("127.0.0.1", (struct tftpd_config){ 0 });
	char url[2][64];
	uint16_t port;
	struct http_server *s = serve_http(r->base, &port);
	struct fetch_wish w[2] = { wish(url[0], "http", port, "100"),
		wish(url[1], "tftp", rig_port(&r->at), "100") };
	size_t left = 1;
	struct came c = { .base = r->base, .left = &left };
	struct err e = { 0 };

	(void)state;
	for (size_t turns = 0; turns < 4; turns++)
		for (size_t i = 0; i < 2; i++) {
			struct fetch *f;

			assert_ok(fetch_start(r->base, &w[i], on_done, &c, &f, &e), e);
			for (size_t t = 0; t < turns && !c.done; t++)
				event_base_loop(r->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
			if (!c.done)
				fetch_cancel(f);
			bytes_free(&c.body);
			c.done = false;
			left = 1;
		}
	http_server_free(s);
	rig_free(r);
}

/* --- servers that misbehave --- */

static void
fetch_gives_a_server_up_that_does_not_keep_its_promise(void **state)
{
	static const struct {
		struct http_other_play play;
		enum err_code code;
	} cases[] = {
		{ { NULL, 0, true, NULL }, ERR_AGAIN },
		{ { "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", 0, true, NULL },
		    ERR_AGAIN },
		{ { "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", 0, false, NULL },
		    ERR_MALFORMED },
		{ { "HTTP/1.1 200 OK\r\n\r\n", 50000, false, NULL }, ERR_LIMIT },
		{ { "220 mail.example ESMTP\r\n\r\n", 0, false, NULL }, ERR_MALFORMED },
		{ { "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", 0, false, NULL }, ERR_REFUSED },
		{ { "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", 0, false, NULL }, ERR_REFUSED },
	};
	struct event_base *base = event_base_new();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_other o = http_other_start(&cases[i].play);
		char url[64];
		struct fetch_wish w = wish(url, "http", o.port, "x");
		struct came c;

		w.timeout_ms = 300;
		c = run(base, &w);
		if (c.e.code != cases[i].code)
			fail_msg("case %zu: %s: %s", i, err_code_name(c.e.code), c.e.text);
		http_other_stop(&o);
	}
	event_base_free(base);
}

/* Within its time, whatever the retries of TFTP are. */
static void
fetch_gives_a_silent_tftp_server_up_in_time(void **state)
{
	struct event_base *base = event_base_new();
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t began = clock_ms();
	char url[64];
	struct fetch_wish w;
	struct came c;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	w = wish(url, "tftp", ntohs(at.sin_port), "x");
	w.timeout_ms = 300;
	c = run(base, &w);
	assert_int_equal(c.e.code, ERR_AGAIN);
	assert_true(clock_ms() - began >= 300 && clock_ms() - began < 3000);
	close(fd);
	event_base_free(base);
}

/* Long before the time for the whole is over. */
static void
fetch_gives_a_silent_server_up_before_a_slow_one(void **state)
{
	static const struct http_other_play silent = { NULL, 0, true, NULL };
	struct http_other o = http_other_start(&silent);
	struct event_base *base = event_base_new();
	uint64_t began = clock_ms();
	char url[64];
	struct fetch_wish w = wish(url, "http", o.port, "x");
	struct came c;

	(void)state;
	w.silence_ms = 300;
	w.timeout_ms = 60000;
	c = run(base, &w);
	assert_int_equal(c.e.code, ERR_AGAIN);
	assert_true(clock_ms() - began < 5000);
	http_other_stop(&o);
	event_base_free(base);
}

static void
fetch_says_that_nobody_is_there(void **state)
{
	struct event_base *base = event_base_new();
	char url[64];
	struct fetch_wish w = wish(url, "http", http_other_nobody(), "x");
	struct came c = run(base, &w);

	(void)state;
	assert_int_equal(c.e.code, ERR_IO);
	event_base_free(base);
}

static void
fetch_refuses_what_is_no_address(void **state)
{
	static const char *const urls[] = { "", "http://", "127.0.0.1:69", "tftp://127.0.0.1",
		"tftp://127.0.0.1:0", "ftp://127.0.0.1:21", "http://localhost:80",
		"http://127.0.0.1:99999", "http://[::1:80", "http://127.0.0.1:80/path",
		"https://127.0.0.1:6971" };
	struct event_base *base = event_base_new();

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		struct fetch_wish w = { .url = urls[i],
			.name = "x",
			.size_max = 1,
			.timeout_ms = 100,
			.silence_ms = 100 };
		struct fetch *f;
		struct err e = { 0 };

		if (fetch_start(base, &w, on_done, NULL, &f, &e))
			fail_msg("%s was taken", urls[i]);
		assert_int_equal(e.code, ERR_MALFORMED);
	}
	event_base_free(base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fetch_takes_what_a_tftp_server_has),
		cmocka_unit_test(fetch_takes_what_an_http_server_has),
		cmocka_unit_test(fetch_runs_many_at_once),
		cmocka_unit_test(fetch_cancel_leaves_nothing),
		cmocka_unit_test(fetch_gives_a_server_up_that_does_not_keep_its_promise),
		cmocka_unit_test(fetch_gives_a_silent_tftp_server_up_in_time),
		cmocka_unit_test(fetch_gives_a_silent_server_up_before_a_slow_one),
		cmocka_unit_test(fetch_says_that_nobody_is_there),
		cmocka_unit_test(fetch_refuses_what_is_no_address),
	};

	return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
