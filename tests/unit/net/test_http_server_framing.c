/* Where a request ends and the next one begins: nobody may see it otherwise than we do, or what a
 * client says in a body becomes a request (RFC 9112 11.2). And what a client may not say at all. */
#include "http_rig.h"

#include <unistd.h>

#define NEXT "GET /other HTTP/1.1\r\nHost: x\r\n\r\n"

/* Bytes of a connection and the one answer to them; behind it the connection is closed. */
static void
assert_only_answer(struct http_rig *f, const char *bytes, size_t n, int status)
{
	int fd = http_rig_connect(f);
	unsigned requests = f->requests;
	struct http_heard h;

	http_rig_send(fd, bytes, n);
	h = http_rig_hear(f, fd, strncmp(bytes, "HEAD", 4) != 0);
	if (h.status != status)
		fail_msg("%s: %d, not %d", bytes, h.status, status);
	assert_memory_equal(h.head, "HTTP/1.1 ", 9);
	assert_null(http_heard_field(&h, "Server"));
	http_heard_free(&h);
	http_rig_hear_end(f, fd, 500);
	if (f->requests != requests)
		fail_msg("%s: asked the handler", bytes);
}

struct row {
	const char *bytes;
	size_t n;
	int status;
};

#define ROW(text, status) \
	{ \
		text, sizeof text - 1, status \
	}

static void
assert_only_answers(struct http_rig *f, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_only_answer(f, rows[i].bytes, rows[i].n, rows[i].status);
	http_rig_run(f, 20);
	assert_int_equal(http_server_stats(f->server).open, 0);
	assert_int_equal(http_server_stats(f->server).busy, 0);
	/* what lies unread behind the answer may count as broken off */
	assert_in_range(http_server_stats(f->server).failed, count, 2 * count);
}

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* evhttp reads no body of these methods: it would be the next request. */
static void
http_server_makes_no_request_of_a_body(void **state)
{
	static const struct row rows[] = {
		ROW("HEAD /file HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n" NEXT, 413),
		ROW("TRACE /file HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n" NEXT, 413),
		ROW("BREW /file HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n" NEXT, 413),
		ROW("GET /file HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n" NEXT, 413),
		ROW("POST /file HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n" NEXT, 413),
		ROW("HEAD /file HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" NEXT,
		    400),
		ROW("TRACE /file HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n\r\n" NEXT, 400),
		ROW("PUT /file HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n" NEXT,
		    400),
		ROW("TRACE /file HTTP/1.1\r\nHost: x\r\n\r\n" NEXT, 405),
		ROW("DELETE /file HTTP/1.1\r\nHost: x\r\n\r\n" NEXT, 405),
		ROW("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n" NEXT, 405),
	};

	assert_only_answers(*state, rows, COUNT(rows));
}

static void
http_server_refuses_lengths_that_others_may_read_otherwise(void **state)
{
#define LENGTH(value) "GET /file HTTP/1.1\r\nHost: x\r\n" value "\r\n\r\n" NEXT
	static const struct row rows[] = {
		ROW(LENGTH("Content-Length: +0"), 400),
		ROW(LENGTH("Content-Length: -0"), 400),
		ROW(LENGTH("Content-Length: 0x0"), 400),
		ROW(LENGTH("Content-Length: 0, 0"), 400),
		ROW(LENGTH("Content-Length: 0 0"), 400),
		ROW(LENGTH("Content-Length:"), 400),
		ROW(LENGTH("Content-Length: 0\0 33"), 400),
		ROW(LENGTH("Content-Length: 0\r\n 33"), 400),
		ROW(LENGTH("Content-Length: 0\r\ncontent-length: 0"), 400),
		ROW(LENGTH("Content-Length : 33"), 400),
		ROW(LENGTH("Content-Length\t: 33"), 400),
		ROW(LENGTH("Transfer-Encoding : chunked"), 400),
		ROW(LENGTH("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"), 400),
		ROW(LENGTH("Transfer-Encoding:\tchunked"), 413),
		ROW(LENGTH("Transfer-Encoding:"), 400),
		ROW(LENGTH("TRANSFER-ENCODING: xchunked\r\nContent-Length: 0"), 400),
		ROW(LENGTH("Content-Length: 18446744073709551616"), 413),
	};
#undef LENGTH

	assert_only_answers(*state, rows, COUNT(rows));
}

static void
http_server_refuses_fields_that_are_none(void **state)
{
#define FIELD(text) "GET /file HTTP/1.1\r\n" text "\r\nHost: x\r\n\r\n"
	static const struct row rows[] = {
		ROW(FIELD(": x"), 400), ROW(FIELD(":"), 400), ROW(FIELD("A B: x"), 400),
		ROW(FIELD("A : x"), 400), ROW(FIELD("A(b): x"), 400), ROW(FIELD("A/b: x"), 400),
		ROW(FIELD("\"A\": x"), 400), ROW(FIELD("A\x01: x"), 400),
		ROW(FIELD("\xc3\xa9: x"), 400), ROW(FIELD("A: x\0y"), 400),
		ROW(FIELD("A\0: x"), 400),
		ROW(FIELD("Host: y"), 400), /* and the other one: RFC 9112 3.2 */
	};
#undef FIELD
	struct http_rig *f = *state;
	struct http_heard h;

	assert_only_answers(f, rows, COUNT(rows));
	h = http_rig_ask(f, "GET", "/file", "!#$%&'*+-.^_`|~09azAZ: \xc3\xa9 (any) \"value\"\r\n");
	assert_int_equal(h.status, 200);
	http_heard_free(&h);
}

/* It answers in a version of its own, whatever was said. */
static void
http_server_refuses_versions_that_it_does_not_speak(void **state)
{
#define VERSION(text) "GET /file HTTP/" text "\r\nHost: x\r\n\r\n" NEXT
	static const struct row rows[] = {
		ROW(VERSION("2.0"), 400),
		ROW(VERSION("0.9"), 400),
		ROW(VERSION("0.5"), 400),
		ROW(VERSION("-1.1"), 400),
		ROW(VERSION("1.-1"), 400),
		ROW(VERSION("1.999999999999"), 400),
		ROW(VERSION("1.255"), 400),
		ROW(VERSION("1"), 400),
		ROW(VERSION("1."), 400),
		ROW(VERSION("1.1x"), 400),
		ROW(VERSION(""), 400),
	};
#undef VERSION
	struct http_rig *f = *state;
	struct http_heard h;
	int fd;

	assert_only_answers(f, rows, COUNT(rows));
	fd = http_rig_connect(f); /* a later one of the same kind gets what it can read */
	http_rig_say(fd, "GET /file HTTP/1.2\r\nHost: x\r\n\r\n");
	h = http_rig_hear(f, fd, true);
	assert_int_equal(h.status, 200);
	assert_memory_equal(h.head, "HTTP/1.1 ", 9);
	http_heard_free(&h);
	close(fd);
}

/* Nobody is told to go on with a body that is not taken, or waited for. */
static void
http_server_asks_for_no_body_that_it_does_not_take(void **state)
{
#define EXPECT(fields) " /file HTTP/1.1\r\nHost: x\r\nExpect: " fields "\r\n\r\n"
	static const struct row rows[] = {
		ROW("GET" EXPECT("100-continue\r\nContent-Length: 5"), 413),
		ROW("POST" EXPECT("100-continue\r\nContent-Length: 5"), 413),
		ROW("HEAD" EXPECT("100-continue\r\nContent-Length: 5"), 413),
		ROW("GET" EXPECT("tea\r\nContent-Length: 5"), 417),
	};
	struct http_rig *f = *state;
	struct http_heard h;

	assert_only_answers(f, rows, COUNT(rows));
	h = http_rig_ask(f, "GET", "/file", "Expect: 100-continue\r\n");
	assert_int_equal(h.status, 200);
	assert_int_equal(h.n, HTTP_RIG_SIZE);
	http_heard_free(&h);
#undef EXPECT
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, http_rig_set_up, http_rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(http_server_makes_no_request_of_a_body),
		RIG_TEST(http_server_refuses_lengths_that_others_may_read_otherwise),
		RIG_TEST(http_server_refuses_fields_that_are_none),
		RIG_TEST(http_server_refuses_versions_that_it_does_not_speak),
		RIG_TEST(http_server_asks_for_no_body_that_it_does_not_take),
	};

	return cmocka_run_group_tests_name("net/http_server_framing", tests, NULL, NULL);
}
