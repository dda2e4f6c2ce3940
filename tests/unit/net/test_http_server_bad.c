#include "http_rig.h"

#include "base/mem.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 5000

static void
http_server_hands_paths_over_decoded_once(void **state)
{
	static const struct {
		const char *target;
		const char *path; /* NULL: none */
	} rows[] = {
		{ "/a/b", "/a/b" },
		{ "/a?b=/c", "/a" },
		{ "/%2e%2e/%2fetc/passwd", "/..//etc/passwd" },
		{ "/%252e%252e%252f", "/%2e%2e%2f" },
		{ "/../../etc/passwd", "/../../etc/passwd" },
		{ "/..%5c..%5cboot.ini", "/..\\..\\boot.ini" },
		{ "//etc/passwd", "//etc/passwd" },
		{ "http://x/a", "/a" },
		{ "http://x", "/" },
		{ "/a%00.xml", NULL },
		{ "/%", NULL },
		{ "/%c", NULL },
		{ "/%zz", NULL },
		{ "*", NULL },
		{ "a", NULL },
		{ "../a", NULL },
		{ "ftp://x/a", NULL },
		{ "/a b", NULL },
		{ "/a\x01", NULL },
	};
	struct http_rig *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct http_heard h = http_rig_ask(f, "GET", rows[i].target, NULL);

		if (h.status != (rows[i].path != NULL ? 200 : 404))
			fail_msg("%s: %d", rows[i].target, h.status);
		assert_span_equal(span_of(h.body, h.n),
		    span_str(rows[i].path != NULL ? rows[i].path : "no path"));
		http_heard_free(&h);
	}
}

/* Bytes that are no request: 400 and the end, and no word about us. */
static void
http_server_answers_400_to_what_is_no_request(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} rows[] = {
#define ROW(text) { text, sizeof text - 1 }
		ROW("\r\n\r\n"),
		ROW("GET\r\n\r\n"),
		ROW("GET /file\r\n\r\n"),
		ROW("GET /file HTTP\r\n\r\n"),
		ROW("GET /file HTTP/2.0\r\n\r\n"),
		ROW("GET /file HTTP/1.x\r\n\r\n"),
		ROW("GET /fi\0le HTTP/1.1\r\n\r\n"),
		ROW("GET /file HTTP/1.1\r\nno colon\r\n\r\n"),
		ROW("GET /file HTTP/1.1\r\n folded\r\n\r\n"),
		ROW("POST /file HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
		ROW("POST /file HTTP/1.1\r\nContent-Length: 1x\r\n\r\n"),
		ROW("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 \r\n\r\n"),
#undef ROW
	};
	struct http_rig *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int fd = http_rig_connect(f);
		struct http_heard h;

		http_rig_send(fd, rows[i].bytes, rows[i].n);
		h = http_rig_hear(f, fd, true);
		if (h.status != 400)
			fail_msg("row %zu: %d", i, h.status);
		assert_null(http_heard_field(&h, "Server"));
		assert_true(h.n < 200);
		assert_null(strstr((const char *)h.body, "file"));
		http_heard_free(&h);
		http_rig_hear_end(f, fd, 500);
	}
	http_rig_run(f, 20);
	assert_int_equal(f->requests, 0);
	assert_int_equal(http_server_stats(f->server).open, 0);
	assert_int_equal(http_server_stats(f->server).failed, sizeof rows / sizeof rows[0]);
}

static void
send_filled(struct http_rig *f, int fd, const char *head, char fill, size_t n)
{
	char *text = mem_new(n + 1, 1);

	memset(text, fill, n);
	http_rig_say(fd, head);
	http_rig_send(fd, text, n);
	free(text);
	http_rig_run(f, 20);
}

static void
http_server_refuses_heads_that_are_too_long(void **state)
{
	static const char *const heads[] = { "", "GET /", "GET /file HTTP/1.1\r\nX: " };
	struct http_rig *f = *state;

	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		int fd = http_rig_connect(f);
		struct http_heard h;

		send_filled(f, fd, heads[i], 'x', 20000);
		h = http_rig_hear(f, fd, false);
		assert_int_equal(h.status, 400);
		close(fd);
	}
	assert_int_equal(f->requests, 0);
}

static void
http_server_refuses_too_many_fields(void **state)
{
	struct http_rig *f = *state;
	char fields[1024] = "";
	struct http_heard h;
	int fd;

	for (int i = 0; i < 97; i++) /* and two of the rig's */
		strcat(fields, "a:\r\n");
	h = http_rig_ask(f, "GET", "/file", fields);
	assert_int_equal(h.status, 200);
	http_heard_free(&h);
	strcat(fields, "a:\r\na:\r\n");
	h = http_rig_ask(f, "GET", "/file", fields);
	assert_int_equal(h.status, 431);
	http_heard_free(&h);
	/* never whole: ends without an answer, and long before its time */
	fd = http_rig_connect(f);
	http_rig_say(fd, "GET /file HTTP/1.1\r\n");
	http_rig_say(fd, fields);
	http_rig_say(fd, "a:\r\na:\r\n");
	http_rig_hear_end(f, fd, 500);
	/* the same behind another request, while its answer is awaited */
	fd = http_rig_connect(f);
	http_rig_say(fd, "GET /later HTTP/1.1\r\n\r\n");
	http_rig_run(f, 20);
	http_rig_say(fd, "GET /file HTTP/1.1\r\n");
	http_rig_say(fd, fields);
	http_rig_say(fd, "a:\r\na:\r\n");
	http_rig_run(f, 20);
	http_rig_answer(f, 0);
	h = http_rig_hear(f, fd, true);
	assert_int_equal(h.status, 200);
	http_heard_free(&h);
	http_rig_hear_end(f, fd, 500);
	assert_int_equal(f->requests, 2);
	assert_int_equal(http_server_stats(f->server).failed, 3);
}

static void
http_server_refuses_bodies_that_are_too_large(void **state)
{
	struct http_rig *f = *state;
	struct http_heard h = http_rig_ask(f, "GET", "/file", "Content-Length: 5\r\n\r\nhello");

	assert_int_equal(h.status, 413);
	http_heard_free(&h);
	h = http_rig_ask(f, "GET", "/file", "Content-Length: 99999999999999999999\r\n");
	assert_in_range(h.status, 400, 413);
	http_heard_free(&h);
	h = http_rig_ask(f, "GET", "/file", "Transfer-Encoding: chunked\r\n\r\nffffff\r\nx");
	assert_int_equal(h.status, 413);
	http_heard_free(&h);
	assert_int_equal(f->requests, 0);
}

/* The bytes of a body must not become the next request. */
static void
http_server_refuses_bodies_of_unclear_length(void **state)
{
	static const char *const fields[] = {
		"Content-Length: 0\r\nContent-Length: 29\r\n\r\n",
		"Transfer-Encoding: gzip, chunked\r\n\r\n",
		"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"Content-Length: 0\r\nTransfer-Encoding: x\r\n\r\n",
	};
	struct http_rig *f = *state;
	struct http_heard h;

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		int fd = http_rig_connect(f);

		http_rig_say(fd, "GET /file HTTP/1.1\r\n");
		http_rig_say(fd, fields[i]);
		http_rig_say(fd, "GET /other HTTP/1.1\r\nA: b\r\n\r\n");
		h = http_rig_hear(f, fd, true);
		assert_in_range(h.status, 400, 413);
		http_heard_free(&h);
		http_rig_hear_end(f, fd, 500);
	}
	assert_int_equal(f->requests, 0);
}

static void
http_server_ends_requests_that_take_too_long(void **state)
{
	struct http_rig *f = *state;
	int silent = http_rig_connect(f), slow = http_rig_connect(f), idle = http_rig_connect(f);
	unsigned from = http_rig_clock();
	struct http_heard h;

	http_rig_say(idle, "GET /file HTTP/1.1\r\n\r\n");
	h = http_rig_hear(f, idle, true);
	http_heard_free(&h);
	/* a byte at a time does not help */
	for (int i = 0; http_server_stats(f->server).open > 1 && i < 50; i++) {
		send(slow, &"GET /file HTTP/1.1\r\nHost: x\r\n"[i % 29], 1, MSG_NOSIGNAL);
		send(idle, i == 0 ? "G" : "", i == 0, MSG_NOSIGNAL);
		http_rig_run(f, 100);
	}
	assert_in_range(http_rig_clock() - from, 900, 2000);
	http_rig_hear_end(f, silent, PATIENCE_MS);
	http_rig_hear_end(f, slow, PATIENCE_MS);
	http_rig_hear_end(f, idle, PATIENCE_MS);
	assert_int_equal(http_server_stats(f->server).timed_out, 3);
	assert_int_equal(http_server_stats(f->server).failed, 0);
}

static void
http_server_ends_idle_connections(void **state)
{
	struct http_rig *f = *state;
	int fd = http_rig_connect(f);
	struct http_heard h;

	http_rig_say(fd, "GET /file HTTP/1.1\r\n\r\n");
	h = http_rig_hear(f, fd, true);
	http_heard_free(&h);
	http_rig_hear_end(f, fd, 2000);
	assert_int_equal(http_server_stats(f->server).timed_out, 1);
}

static void
http_server_waits_for_a_slow_reader_as_long_as_it_reads(void **state)
{
	struct http_rig *f = *state;
	int fd = http_rig_connect(f);
	const int small = 65536;
	size_t got = 0;
	uint8_t *p = mem_new(small, 1);

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	http_rig_say(fd, "GET /big HTTP/1.1\r\n\r\n");
	/* three times as long as it may stand still */
	for (int i = 0; i < 30; i++) {
		ssize_t n;

		http_rig_run(f, 100);
		n = recv(fd, p, (size_t)small, 0);
		assert_int_not_equal(n, 0);
		got += n > 0 ? (size_t)n : 0;
	}
	assert_true(got > 0);
	assert_true(got < HTTP_RIG_BIG);
	assert_int_equal(http_server_stats(f->server).open, 1);
	/* and then it stands still */
	http_rig_run(f, 3200);
	assert_int_equal(http_server_stats(f->server).open, 0);
	assert_int_equal(http_server_stats(f->server).timed_out, 1);
	free(p);
	close(fd);
}

/* A peer that sends for ever while it reads nothing costs no more than any. */
static void
http_server_stops_reading_from_a_peer_that_does_not_listen(void **state)
{
	struct http_rig *f = *state;
	int fd = http_rig_connect(f);
	char *text = mem_new(65536, 1);
	size_t sent = 0;
	ssize_t n;

	memset(text, 'x', 65536);
	http_rig_say(fd, "GET /later HTTP/1.1\r\n\r\n");
	http_rig_run(f, 20);
	assert_int_equal(f->late_count, 1);
	for (int i = 0; i < 400; i++) {
		n = send(fd, text, 65536, MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
		http_rig_run(f, 1);
	}
	/* what the kernel's buffers of both ends hold, not 25 MB */
	assert_true(sent < 16 * 1024 * 1024);
	http_rig_answer(f, 0);
	http_rig_run(f, 50);
	assert_int_equal(http_server_stats(f->server).open, 0);
	free(text);
	close(fd);
}

static void
http_server_limits_connections(void **state)
{
	struct http_server_config config = http_rig_usual;
	struct http_rig *f;
	int fds[5];
	struct http_heard h;

	config.connections = 4;
	f = http_rig_with(state, config, NULL);
	for (int i = 0; i < 5; i++) {
		fds[i] = http_rig_connect(f);
		http_rig_run(f, 10);
	}
	http_rig_hear_end(f, fds[4], 500);
	assert_int_equal(http_server_stats(f->server).over_limit, 1);
	assert_int_equal(http_server_stats(f->server).open, 4);
	close(fds[0]);
	http_rig_run(f, 20);
	h = http_rig_ask(f, "GET", "/file", NULL);
	assert_int_equal(h.status, 200);
	http_heard_free(&h);
	for (int i = 1; i < 4; i++)
		close(fds[i]);
}

static void
http_server_limits_connections_of_one_address(void **state)
{
	struct http_server_config config = http_rig_usual;
	struct sockaddr_in other = { .sin_family = AF_INET };
	struct http_rig *f;
	int fds[4];

	config.connections_per_address = 2;
	f = http_rig_with(state, config, NULL);
	for (int i = 0; i < 3; i++) {
		fds[i] = http_rig_connect(f);
		http_rig_run(f, 10);
	}
	http_rig_hear_end(f, fds[2], 500);
	other.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	fds[3] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fds[3], (struct sockaddr *)&other, sizeof other), 0);
	assert_int_equal(connect(fds[3], (struct sockaddr *)&f->address, sizeof f->address), 0);
	http_rig_run(f, 10);
	assert_int_equal(http_server_stats(f->server).open, 3);
	close(fds[0]);
	http_rig_run(f, 10);
	fds[2] = http_rig_connect(f);
	http_rig_run(f, 10);
	assert_int_equal(http_server_stats(f->server).open, 3);
	assert_int_equal(http_server_stats(f->server).over_limit, 1);
	for (int i = 1; i < 4; i++)
		close(fds[i]);
}

/* More at once than are accepted in one turn. */
static void
http_server_accepts_a_crowd(void **state)
{
	struct http_server_config config = http_rig_usual;
	struct http_rig *f;
	int fds[300];
	struct http_heard h;

	config.connections = 1000;
	config.timeout_s = config.request_s = 60; /* the last ones wait for all before them */
	f = http_rig_with(state, config, NULL);
	for (int i = 0; i < 300; i++)
		fds[i] = http_rig_connect(f);
	for (int i = 0; i < 300; i++) {
		http_rig_say(fds[i], "GET /file HTTP/1.1\r\n\r\n");
		h = http_rig_hear(f, fds[i], true);
		assert_int_equal(h.status, 200);
		http_heard_free(&h);
	}
	assert_int_equal(http_server_stats(f->server).open, 300);
	for (int i = 0; i < 300; i++)
		close(fds[i]);
	http_rig_run(f, 50);
	assert_int_equal(http_server_stats(f->server).open, 0);
}

/* A branch office behind one address: half of a request from 500, and 1,000 that are served. */
static void
http_server_serves_many_behind_one_address(void **state)
{
	enum { HALF = 500, ALL = 1500 };
	struct http_server_config config = http_rig_usual;
	struct rlimit files = { 0 };
	int *fds = mem_new(ALL, sizeof *fds);
	struct http_heard h;
	struct http_rig *f;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = files.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	config.connections = config.connections_per_address = 2000;
	config.timeout_s = config.request_s = 60;
	f = http_rig_with(state, config, NULL);
	for (int i = 0; i < ALL; i++) {
		fds[i] = http_rig_connect(f);
		http_rig_say(fds[i], "GET /file HTTP/1.1\r\nHo");
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	}
	for (int i = HALF; i < ALL; i++)
		http_rig_say(fds[i], "st: x\r\n\r\n");
	for (int i = HALF; i < ALL; i++) {
		h = http_rig_hear(f, fds[i], true);
		assert_int_equal(h.status, 200);
		http_heard_free(&h);
	}
	assert_int_equal(http_server_stats(f->server).open, ALL);
	assert_int_equal(http_server_stats(f->server).over_limit, 0);
	for (int i = 0; i < ALL; i++)
		close(fds[i]);
	http_rig_run(f, 50);
	assert_int_equal(http_server_stats(f->server).open, 0);
	free(fds);
}

static void
http_server_accepts_again_when_descriptors_are_back(void **state)
{
	struct http_rig *f = *state;
	struct rlimit all, none;
	int fds[3];
	struct http_heard h;
	clock_t cpu;

	for (int i = 0; i < 3; i++)
		fds[i] = http_rig_connect(f);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
	none = all;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	cpu = clock();
	for (int i = 0; i < 100; i++) /* turns that would not end if it tried without pause */
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	assert_true(clock() - cpu < CLOCKS_PER_SEC / 10);
	assert_int_equal(http_server_stats(f->server).accepted, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
	for (int i = 0; i < 3; i++) {
		http_rig_say(fds[i], "GET /file HTTP/1.1\r\n\r\n");
		h = http_rig_hear(f, fds[i], true);
		assert_int_equal(h.status, 200);
		http_heard_free(&h);
		close(fds[i]);
	}
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, http_rig_set_up, http_rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(http_server_hands_paths_over_decoded_once),
		RIG_TEST(http_server_answers_400_to_what_is_no_request),
		RIG_TEST(http_server_refuses_heads_that_are_too_long),
		RIG_TEST(http_server_refuses_too_many_fields),
		RIG_TEST(http_server_refuses_bodies_that_are_too_large),
		RIG_TEST(http_server_refuses_bodies_of_unclear_length),
		RIG_TEST(http_server_ends_requests_that_take_too_long),
		RIG_TEST(http_server_ends_idle_connections),
		RIG_TEST(http_server_waits_for_a_slow_reader_as_long_as_it_reads),
		RIG_TEST(http_server_stops_reading_from_a_peer_that_does_not_listen),
		RIG_TEST(http_server_limits_connections),
		RIG_TEST(http_server_limits_connections_of_one_address),
		RIG_TEST(http_server_accepts_a_crowd),
		RIG_TEST(http_server_serves_many_behind_one_address),
		RIG_TEST(http_server_accepts_again_when_descriptors_are_back),
	};

	return cmocka_run_group_tests_name("net/http_server_bad", tests, NULL, NULL);
}
