#include "../check.h"

#include "admin/tvsask.h"

static void
a_server_is_a_host_with_or_without_a_port(void **state)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
	} good[] = {
		{ "192.0.2.1", "192.0.2.1", TVSASK_PORT },
		{ "192.0.2.1:2446", "192.0.2.1", 2446 },
		{ "tvs.example.net:1", "tvs.example.net", 1 },
		{ "2001:db8::1", "2001:db8::1", TVSASK_PORT },
		{ "[2001:db8::1]", "2001:db8::1", TVSASK_PORT },
		{ "[2001:db8::1]:65535", "2001:db8::1", 65535 },
	};
	char host[32];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		uint16_t port = TVSASK_PORT;
		struct err e;

		assert_true(tvsask_parse(good[i].text, host, sizeof host, &port, &e));
		assert_string_equal(host, good[i].host);
		assert_int_equal(port, good[i].port);
	}
}

static void
what_is_no_server_is_refused(void **state)
{
	static const char *const bad[] = { "", ":2445", "a:", "a:0", "a:65536", "a:x", "[::1",
		"[::1]x", "[]:1", "[::1]:", "a-name-that-has-too-many-letters" };
	char host[32];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		uint16_t port = TVSASK_PORT;
		struct err e = { 0 };

		assert_false(tvsask_parse(bad[i], host, sizeof host, &port, &e));
		assert_int_equal(e.code, ERR_MALFORMED);
		assert_int_equal(port, TVSASK_PORT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_is_a_host_with_or_without_a_port),
		cmocka_unit_test(what_is_no_server_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
