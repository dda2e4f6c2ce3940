#include "../check.h"
#include "http_other.h"

#include "net/clock.h"
#include "net/http_get.h"

#define OK(rest) "HTTP/1.1 200 OK\r\n" rest

static const struct http_client_wish usual = { .host = "127.0.0.1",
	.name = "SEP001122334455.cnf.xml.sgn",
	.size_max = 10000,
	.timeout_ms = 5000 };

static bool
get(const struct http_other_play *play, struct http_client_wish wish, struct bytes *out,
    struct err *e)
{
	struct http_other o = http_other_start(play);
	bool ok;

	wish.port = o.port;
	ok = http_get(&wish, out, e);
	http_other_stop(&o);
	return ok;
}

static void
http_get_takes_the_body(void **state)
{
	static const struct http_other_play plays[] = {
		{ OK("Content-Length: 5\r\n\r\nhello"), 0, false, NULL },
		{ OK("Content-Length: 5\r\n\r\nhello"), 0, true, NULL },
		{ OK("\r\nhello"), 0, false, NULL },
		{ OK("Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), 0,
		    false, NULL },
		{ "HTTP/1.0 200 OK\r\n\r\nhello", 0, false, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
		struct bytes body;
		struct err e = { 0 };

		assert_ok(get(&plays[i], usual, &body, &e), e);
		assert_span_equal(bytes_span(&body), span_str("hello"));
		bytes_free(&body);
	}
}

static void
http_get_takes_an_empty_body_and_one_of_size_max(void **state)
{
	static const struct http_other_play empty = { .answer = OK("Content-Length: 0\r\n\r\n") },
					    full = { .answer = OK("Content-Length: 10000\r\n\r\n"),
						    .filler = 10000 };
	struct bytes body;
	struct err e = { 0 };

	(void)state;
	assert_ok(get(&empty, usual, &body, &e), e);
	assert_int_equal(body.n, 0);
	bytes_free(&body);
	assert_ok(get(&full, usual, &body, &e), e);
	assert_int_equal(body.n, 10000);
	bytes_free(&body);
}

static void
http_get_asks_as_a_phone_does(void **state)
{
	static const struct {
		const char *name, *via, *wants;
	} cases[] = {
		{ "CTLSEP001122334455.tlv", NULL, "GET /CTLSEP001122334455.tlv HTTP/1.1\r\n" },
		{ "New_Zealand/g3-tones.xml", NULL, "GET /New_Zealand/g3-tones.xml HTTP/1.1\r\n" },
		{ "a b?c#d%2e.xml", NULL, "GET /a%20b%3Fc%23d%252e.xml HTTP/1.1\r\n" },
		{ "x", "1.1 sealtone", "Via: 1.1 sealtone\r\n" },
		{ "x", NULL, "Host: 127.0.0.1:" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct http_other_play play = { OK("Content-Length: 1\r\n\r\ny"), 0, false,
			cases[i].wants };
		struct http_client_wish wish = usual;
		struct bytes body;
		struct err e = { 0 };

		wish.name = cases[i].name;
		wish.via = cases[i].via;
		assert_ok(get(&play, wish, &body, &e), e);
		bytes_free(&body);
	}
}

static void
http_get_says_what_went_wrong(void **state)
{
	static const struct {
		struct http_other_play play;
		enum err_code code;
		const char *text;
	} cases[] = {
		{ { "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", 0, false, NULL },
		    ERR_UNKNOWN, "404" },
		{ { "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 0, false, NULL }, ERR_REFUSED,
		    "503" },
		{ { "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", 0, false, NULL }, ERR_REFUSED,
		    "403" },
		{ { "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: "
		    "0\r\n\r\n",
		      0, false, NULL },
		    ERR_REFUSED, "302" },
		{ { "SSH-2.0-OpenSSH_9.2\r\n\r\n", 0, false, NULL }, ERR_MALFORMED, "not HTTP" },
		{ { OK("Content-Length: 10001\r\n\r\n"), 10001, false, NULL }, ERR_LIMIT, "10000" },
		{ { OK("\r\n"), 200000, false, NULL }, ERR_LIMIT, "10000" },
		{ { OK("Content-Length: 99\r\n\r\nhalf"), 0, false, NULL }, ERR_MALFORMED,
		    "hung up" },
		{ { OK("Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nl"), 0, false, NULL },
		    ERR_MALFORMED, "hung up" },
		{ { NULL, 0, false, NULL }, ERR_MALFORMED, "hung up" },
		{ { OK("Filler: "), 100000, false, NULL }, ERR_MALFORMED, "not HTTP" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bytes body;
		struct err e = { 0 };

		if (get(&cases[i].play, usual, &body, &e))
			fail_msg("case %zu: a body came", i);
		if (e.code != cases[i].code || strstr(e.text, cases[i].text) == NULL)
			fail_msg("case %zu: %s: %s", i, err_code_name(e.code), e.text);
	}
}

/* Also while bytes come now and then: the time is that of the whole. */
static void
http_get_gives_up_in_time(void **state)
{
	static const struct http_other_play plays[] = {
		{ NULL, 0, true, NULL },
		{ OK("Content-Length: 99\r\n\r\nhalf"), 0, true, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
		struct http_client_wish wish = usual;
		uint64_t began = clock_ms();
		struct bytes body;
		struct err e = { 0 };

		wish.timeout_ms = 200;
		assert_fails(get(&plays[i], wish, &body, &e), e, ERR_AGAIN, "200 ms");
		assert_true(clock_ms() - began < 3000);
	}
}

static void
http_get_says_that_nobody_is_there(void **state)
{
	struct http_client_wish wish = usual;
	struct bytes body;
	struct err e = { 0 };

	(void)state;
	wish.port = http_other_nobody();
	assert_fails(http_get(&wish, &body, &e), e, ERR_IO, "no connection");
	wish.name = "";
	assert_fails(http_get(&wish, &body, &e), e, ERR_MALFORMED, "file name");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(http_get_takes_the_body),
		cmocka_unit_test(http_get_takes_an_empty_body_and_one_of_size_max),
		cmocka_unit_test(http_get_asks_as_a_phone_does),
		cmocka_unit_test(http_get_says_what_went_wrong),
		cmocka_unit_test(http_get_gives_up_in_time),
		cmocka_unit_test(http_get_says_that_nobody_is_there),
	};

	return cmocka_run_group_tests_name("http_get", tests, NULL, NULL);
}
