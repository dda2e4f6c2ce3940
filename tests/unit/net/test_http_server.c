#include "http_rig.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define THEN "Sun, 06 Nov 1994 08:49:37 GMT"

static void
http_server_answers_a_file_whole(void **state)
{
	struct http_rig *f = *state;
	struct http_heard h = http_rig_ask(f, "GET", "/file?a=b", NULL);

	assert_int_equal(h.status, 200);
	assert_memory_equal(h.head, "HTTP/1.1 200 OK\r\n", 17);
	assert_int_equal(h.n, HTTP_RIG_SIZE);
	assert_span_equal(span_of(h.body, h.n), body_span(f->file));
	assert_string_equal(http_heard_field(&h, "Content-Type"), "text/xml");
	assert_string_equal(http_heard_field(&h, "ETag"), "\"" HTTP_RIG_TAG "\"");
	assert_string_equal(http_heard_field(&h, "Last-Modified"), THEN);
	assert_string_equal(http_heard_field(&h, "Accept-Ranges"), "bytes");
	assert_int_equal(strlen(http_heard_field(&h, "Date")), strlen(THEN));
	assert_null(http_heard_field(&h, "Server"));
	assert_string_equal(f->method, "GET");
	assert_memory_equal(f->peer, "127.0.0.1:", 10);
	assert_int_equal(http_server_stats(f->server).served, 1);
	http_heard_free(&h);
}

static void
http_server_answers_head_without_the_body(void **state)
{
	struct http_rig *f = *state;
	struct http_heard h = http_rig_ask(f, "HEAD", "/file", "Range: bytes=0-9\r\n");

	assert_int_equal(h.status, 200);
	assert_string_equal(http_heard_field(&h, "Content-Length"), "1000");
	assert_string_equal(http_heard_field(&h, "ETag"), "\"" HTTP_RIG_TAG "\"");
	h = http_rig_ask(f, "HEAD", "/nothing", NULL);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_heard_field(&h, "Content-Length"), "8");
	h = http_rig_ask(f, "GET", "/empty", NULL);
	assert_int_equal(h.status, 200);
	assert_string_equal(http_heard_field(&h, "Content-Length"), "0");
	http_heard_free(&h);
}

static void
http_server_answers_ranges_and_conditions(void **state)
{
	static const struct {
		const char *lines;
		int status;
		size_t first, n;
		const char *range;
	} rows[] = {
		{ "Range: bytes=0-0\r\n", 206, 0, 1, "bytes 0-0/1000" },
		{ "Range: bytes=990-\r\n", 206, 990, 10, "bytes 990-999/1000" },
		{ "range:bytes=-3\r\n", 206, 997, 3, "bytes 997-999/1000" },
		{ "Range: bytes=0-1,3-4\r\n", 200, 0, 1000, NULL },
		{ "Range: lines=1-2\r\n", 200, 0, 1000, NULL },
		{ "Range: bytes=1000-\r\n", 416, 0, 0, "bytes */1000" },
		{ "Range: bytes=0-1\r\nIf-Range: \"v1\"\r\n", 206, 0, 2, "bytes 0-1/1000" },
		{ "Range: bytes=0-1\r\nIf-Range: \"v2\"\r\n", 200, 0, 1000, NULL },
		{ "If-None-Match: \"v0\", \"v1\"\r\n", 304, 0, 0, NULL },
		{ "If-Modified-Since: " THEN "\r\n", 304, 0, 0, NULL },
		{ "If-Match: \"v2\"\r\n", 412, 0, 0, NULL },
	};
	struct http_rig *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct http_heard h = http_rig_ask(f, "GET", "/file", rows[i].lines);
		const char *range = http_heard_field(&h, "Content-Range");

		if (h.status != rows[i].status)
			fail_msg("%s: %d", rows[i].lines, h.status);
		assert_int_equal(range != NULL, rows[i].range != NULL);
		if (range != NULL)
			assert_string_equal(range, rows[i].range);
		if (rows[i].n > 0) {
			assert_int_equal(h.n, rows[i].n);
			assert_memory_equal(
			    h.body, body_span(f->file).p + rows[i].first, rows[i].n);
		}
		if (h.status == 304) {
			assert_string_equal(http_heard_field(&h, "ETag"), "\"v1\"");
			assert_null(http_heard_field(&h, "Content-Length"));
		}
		http_heard_free(&h);
	}
}

static void
http_server_refuses_other_methods_and_says_which_it_takes(void **state)
{
	static const char *const methods[] = { "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH",
		"BREW", "get" };
	struct http_rig *f = *state;

	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		struct http_heard h = http_rig_ask(f, methods[i], "/file", NULL);

		assert_int_equal(h.status, 405);
		assert_string_equal(http_heard_field(&h, "Allow"), "GET, HEAD");
		http_heard_free(&h);
	}
	assert_int_equal(f->requests, 0);
	assert_int_equal(http_server_stats(f->server).failed, sizeof methods / sizeof methods[0]);
}

static void
http_server_takes_posts_where_it_serves_no_files(void **state)
{
	struct http_server_config config = http_rig_usual;
	struct http_rig *f;
	struct http_heard h;

	config.files = false;
	config.body_max = 100;
	f = http_rig_with(state, config, NULL);
	h = http_rig_ask(f, "POST", "/x", "Content-Length: 5\r\n\r\nhello");
	assert_int_equal(h.status, 200);
	assert_span_equal(span_of(h.body, h.n), span_str("hello"));
	http_heard_free(&h);
	h = http_rig_ask(f, "HEAD", "/x", NULL);
	assert_int_equal(h.status, 405);
	assert_string_equal(http_heard_field(&h, "Allow"), "GET, POST");
	h = http_rig_ask(f, "POST", "/x", "Content-Length: 101\r\n\r\n");
	assert_int_equal(h.status, 413);
	http_heard_free(&h);
}

static bool
is_post(void *arg, const char *path)
{
	(void)arg;
	return strcmp(path, "/post") == 0;
}

static struct http_rig *
with_posts(void **state)
{
	struct http_server_config config = http_rig_usual;

	config.may_post = is_post;
	config.body_max = 1000;
	return http_rig_with(state, config, NULL);
}

static void
http_server_takes_posts_beside_files_where_the_handler_says_so(void **state)
{
	struct http_rig *f = with_posts(state);
	struct http_heard h;

	h = http_rig_ask(f, "POST", "/post", "Content-Length: 5\r\n\r\nhello");
	assert_int_equal(h.status, 200);
	assert_span_equal(span_of(h.body, h.n), span_str("hello"));
	http_heard_free(&h);
	h = http_rig_ask(f, "POST", "/file", "Content-Length: 5\r\n\r\nhello");
	assert_int_equal(h.status, 405);
	assert_string_equal(http_heard_field(&h, "Allow"), "GET, HEAD");
	http_heard_free(&h);
	h = http_rig_ask(f, "POST", "/post", "Content-Length: 1001\r\n\r\n");
	assert_int_equal(h.status, 413);
	http_heard_free(&h);
	h = http_rig_ask(f, "PUT", "/post", NULL);
	assert_int_equal(h.status, 405);
	http_heard_free(&h);
	assert_int_equal(f->requests, 1);
}

#define BODY_SIZE 800
#define POST_HEAD "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 800\r\n\r\n"

/* A body of NULs, line ends and empty lines. */
static size_t
post_bytes(uint8_t *out)
{
	size_t n = sizeof POST_HEAD - 1;

	memcpy(out, POST_HEAD, n);
	for (size_t i = 0; i < BODY_SIZE; i++)
		out[n + i] = (uint8_t)("\0\r\n\n"[i % 4]);
	return n + BODY_SIZE;
}

static void
http_server_takes_any_byte_in_the_body_of_a_post_however_it_is_cut(void **state)
{
	static const size_t cuts[] = { 1, 20, sizeof POST_HEAD - 5, sizeof POST_HEAD - 4,
		sizeof POST_HEAD - 3, sizeof POST_HEAD - 2, sizeof POST_HEAD - 1, sizeof POST_HEAD,
		sizeof POST_HEAD + 500 };
	struct http_rig *f = with_posts(state);
	uint8_t bytes[sizeof POST_HEAD + BODY_SIZE];
	size_t n = post_bytes(bytes);
	int fd = http_rig_connect(f);

	for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
		struct http_heard h;

		http_rig_send(fd, bytes, cuts[i]);
		http_rig_run(f, 20);
		http_rig_send(fd, bytes + cuts[i], n - cuts[i]);
		h = http_rig_hear(f, fd, true);
		if (h.status != 200 || h.n != BODY_SIZE || h.is_closed)
			fail_msg("cut at %zu: %d", cuts[i], h.status);
		http_heard_free(&h);
	}
	close(fd);
	assert_int_equal(f->requests, sizeof cuts / sizeof cuts[0]);
}

static void
http_server_refuses_a_nul_before_and_behind_the_body_of_a_post(void **state)
{
	static const char behind[] = "GET /file HTTP/1.1\r\nHost: x\0y\r\n\r\n";
	static const char before[] =
	    "POST /post HTTP/1.1\r\nHost: x\0y\r\nContent-Length: 1\r\n\r\n\0";
	struct http_rig *f = with_posts(state);
	uint8_t bytes[sizeof POST_HEAD + BODY_SIZE + sizeof behind];
	size_t n = post_bytes(bytes);
	int fd = http_rig_connect(f);
	struct http_heard h;

	memcpy(bytes + n, behind, sizeof behind - 1);
	http_rig_send(fd, bytes, n + sizeof behind - 1);
	h = http_rig_hear(f, fd, true);
	assert_int_equal(h.status, 200);
	http_heard_free(&h);
	h = http_rig_hear(f, fd, true);
	assert_int_equal(h.status, 400);
	http_heard_free(&h);
	close(fd);
	fd = http_rig_connect(f);
	http_rig_send(fd, before, sizeof before - 1);
	h = http_rig_hear(f, fd, true);
	assert_int_equal(h.status, 400);
	http_heard_free(&h);
	close(fd);
	assert_int_equal(f->requests, 1);
}

static void
http_server_keeps_connections_as_their_version_asks(void **state)
{
	static const struct {
		const char *request;
		bool kept;
	} rows[] = {
		{ "GET /file HTTP/1.1\r\nHost: x\r\n\r\n", true },
		{ "GET /file HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", true },
		{ "GET /file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false },
		{ "GET /file HTTP/1.0\r\n\r\n", false },
		{ "GET /file HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true },
	};
	struct http_rig *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int fd = http_rig_connect(f);

		for (int n = 0; n < (rows[i].kept ? 3 : 1); n++) {
			struct http_heard h;

			http_rig_say(fd, rows[i].request);
			h = http_rig_hear(f, fd, true);
			assert_int_equal(h.status, 200);
			assert_int_equal(h.n, HTTP_RIG_SIZE);
			http_heard_free(&h);
		}
		if (!rows[i].kept)
			http_rig_hear_end(f, fd, 500);
		else
			close(fd);
	}
	http_rig_run(f, 20);
	assert_int_equal(http_server_stats(f->server).open, 0);
}

static void
http_server_answers_pipelined_requests_in_their_order(void **state)
{
	struct http_rig *f = *state;
	int fd = http_rig_connect(f);
	struct http_heard h;
	char text[64], path[16];

	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof text, "GET /%d HTTP/1.1\r\nHost: x\r\n\r\n", i);
		http_rig_say(fd, text);
	}
	for (int i = 0; i < 100; i++) {
		snprintf(path, sizeof path, "/%d", i);
		h = http_rig_hear(f, fd, true);
		assert_span_equal(span_of(h.body, h.n), span_str(path));
		http_heard_free(&h);
	}
	close(fd);
	http_rig_run(f, 20);
	assert_int_equal(http_server_stats(f->server).served, 100);
	assert_int_equal(http_server_stats(f->server).failed, 0);
}

static void
http_server_waits_for_a_late_answer(void **state)
{
	struct http_rig *f = *state;
	int fd = http_rig_connect(f);
	struct http_heard h;

	http_rig_say(fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /file HTTP/1.1\r\n");
	http_rig_run(f, 2200); /* longer than any deadline of the connection */
	assert_int_equal(f->late_count, 1);
	assert_int_equal(http_server_stats(f->server).busy, 1);
	http_rig_say(fd, "Host: x\r\n\r\n");
	http_rig_run(f, 20);
	assert_int_equal(f->requests, 1);
	http_rig_answer(f, 0);
	h = http_rig_hear(f, fd, true);
	assert_span_equal(span_of(h.body, h.n), span_str("late"));
	http_heard_free(&h);
	h = http_rig_hear(f, fd, true);
	assert_int_equal(h.n, HTTP_RIG_SIZE);
	http_heard_free(&h);
	assert_int_equal(http_server_stats(f->server).busy, 0);
	close(fd);
}

static void
http_server_says_that_a_waiting_peer_is_gone(void **state)
{
	const struct linger now = { .l_onoff = 1 };
	struct http_rig *f = *state;
	int fds[3];

	for (int i = 0; i < 3; i++) {
		fds[i] = http_rig_connect(f);
		http_rig_say(fds[i], "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	http_rig_run(f, 50);
	assert_int_equal(f->late_count, 3);
	close(fds[0]);
	setsockopt(fds[1], SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fds[1]);
	http_rig_run(f, 50);
	assert_int_equal(f->gone, 2);
	assert_int_equal(http_server_stats(f->server).failed, 2);
	assert_int_equal(http_server_stats(f->server).busy, 1);
	http_server_free(f->server);
	assert_int_equal(f->gone, 3);
	f->server = NULL;
	close(fds[2]);
}

static void
http_server_survives_peers_that_leave_in_the_middle_of_an_answer(void **state)
{
	const struct linger now = { .l_onoff = 1 };
	struct http_rig *f = *state;

	for (int i = 0; i < 20; i++) {
		int fd = http_rig_connect(f);

		http_rig_say(fd, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
		http_rig_run(f, 5);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		close(fd);
	}
	http_rig_run(f, 50);
	assert_int_equal(http_server_stats(f->server).failed, 20);
	assert_int_equal(http_server_stats(f->server).open, 0);
}

static void
http_server_sends_large_files_without_copying_them(void **state)
{
	struct http_rig *f = *state;
	struct http_heard h = http_rig_ask(f, "GET", "/big", NULL);

	assert_int_equal(h.n, HTTP_RIG_BIG);
	assert_span_equal(span_of(h.body, h.n), body_span(f->big));
	http_heard_free(&h);
}

static void
http_server_drains(void **state)
{
	struct http_rig *f = *state;
	int idle = http_rig_connect(f), late = http_rig_connect(f), half = http_rig_connect(f);
	int old = http_rig_connect(f), fd;
	struct http_heard h;

	http_rig_say(idle, "GET /file HTTP/1.1\r\nHost: x\r\n\r\n");
	h = http_rig_hear(f, idle, true);
	http_heard_free(&h);
	http_rig_say(late, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	http_rig_say(old, "GET /later HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	http_rig_say(half, "GET /file HTTP/1.1\r\n");
	http_rig_run(f, 50);
	http_server_drain(f->server);
	http_rig_hear_end(f, idle, 500);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_not_equal(connect(fd, (struct sockaddr *)&f->address, sizeof f->address), 0);
	close(fd);
	assert_int_equal(http_server_stats(f->server).open, 3);
	http_rig_say(half, "Host: x\r\n\r\n");
	h = http_rig_hear(f, half, true);
	assert_string_equal(http_heard_field(&h, "Connection"), "close");
	http_heard_free(&h);
	http_rig_hear_end(f, half, 500);
	http_rig_answer(f, 0);
	http_rig_answer(f, 1);
	h = http_rig_hear(f, late, true);
	assert_string_equal(http_heard_field(&h, "Connection"), "close");
	http_heard_free(&h);
	http_rig_hear_end(f, late, 500);
	h = http_rig_hear(f, old, true);
	assert_string_equal(http_heard_field(&h, "Connection"), "close");
	http_heard_free(&h);
	http_rig_hear_end(f, old, 500);
	assert_int_equal(http_server_stats(f->server).open, 0);
}

static void
http_server_ends_a_connection_whose_answer_was_on_its_way_when_it_drains(void **state)
{
	struct http_rig *f = *state;
	int fd = http_rig_connect(f);
	struct http_heard h;

	http_rig_say(fd, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
	http_rig_run(f, 50);
	http_server_drain(f->server);
	h = http_rig_hear(f, fd, true);
	assert_int_equal(h.n, HTTP_RIG_BIG);
	http_heard_free(&h);
	http_rig_hear_end(f, fd, 500);
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, http_rig_set_up, http_rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(http_server_answers_a_file_whole),
		RIG_TEST(http_server_answers_head_without_the_body),
		RIG_TEST(http_server_answers_ranges_and_conditions),
		RIG_TEST(http_server_refuses_other_methods_and_says_which_it_takes),
		RIG_TEST(http_server_takes_posts_where_it_serves_no_files),
		RIG_TEST(http_server_takes_posts_beside_files_where_the_handler_says_so),
		RIG_TEST(http_server_takes_any_byte_in_the_body_of_a_post_however_it_is_cut),
		RIG_TEST(http_server_refuses_a_nul_before_and_behind_the_body_of_a_post),
		RIG_TEST(http_server_keeps_connections_as_their_version_asks),
		RIG_TEST(http_server_answers_pipelined_requests_in_their_order),
		RIG_TEST(http_server_waits_for_a_late_answer),
		RIG_TEST(http_server_says_that_a_waiting_peer_is_gone),
		RIG_TEST(http_server_survives_peers_that_leave_in_the_middle_of_an_answer),
		RIG_TEST(http_server_sends_large_files_without_copying_them),
		RIG_TEST(http_server_drains),
		RIG_TEST(http_server_ends_a_connection_whose_answer_was_on_its_way_when_it_drains),
	};

	return cmocka_run_group_tests_name("net/http_server", tests, NULL, NULL);
}
