#include "../check.h"

#include "net/hostcount.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* An address and port as the kernel gives them. */
union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static union address
address(const char *text, uint16_t port)
{
	union address a = { 0 };

	if (inet_pton(AF_INET, text, &a.in.sin_addr) == 1) {
		a.in.sin_family = AF_INET;
		a.in.sin_port = htons(port);
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &a.in6.sin6_addr), 1);
		a.in6.sin6_family = AF_INET6;
		a.in6.sin6_port = htons(port);
	}
	return a;
}

static void
hostcount_counts_each_address_up_to_the_limit(void **state)
{
	struct hostcount *h = hostcount_new(100);
	union address a = address("192.0.2.1", 1), b = address("192.0.2.2", 1);
	union address nobody = address("192.0.2.3", 1);

	(void)state;
	assert_true(hostcount_take(h, &a.any, 2));
	a.in.sin_port = 7; /* another port is the same host */
	assert_true(hostcount_take(h, &a.any, 2));
	assert_false(hostcount_take(h, &a.any, 2));
	assert_true(hostcount_take(h, &b.any, 2));
	hostcount_drop(h, &a.any);
	assert_true(hostcount_take(h, &a.any, 2));
	assert_false(hostcount_take(h, &a.any, 2));
	assert_false(hostcount_take(h, &nobody.any, 0));
	hostcount_free(h);
}

static void
hostcount_knows_ipv4_in_its_mapped_form(void **state)
{
	struct hostcount *h = hostcount_new(10);
	union address a = address("192.0.2.1", 1), mapped = address("::ffff:192.0.2.1", 2);

	(void)state;
	assert_true(hostcount_take(h, &a.any, 1));
	assert_false(hostcount_take(h, &mapped.any, 1));
	hostcount_drop(h, &mapped.any);
	assert_true(hostcount_take(h, &mapped.any, 1));
	hostcount_free(h);
}

static void
hostcount_counts_an_ipv6_network_as_one_address(void **state)
{
	struct hostcount *h = hostcount_new(10);
	union address a = address("2001:db8::1", 1), same = address("2001:db8::ffff:0:0:2", 1);
	union address other = address("2001:db8:0:1::1", 1);

	(void)state;
	assert_true(hostcount_take(h, &a.any, 1));
	assert_false(hostcount_take(h, &same.any, 1));
	assert_true(hostcount_take(h, &other.any, 1));
	hostcount_drop(h, &same.any);
	assert_true(hostcount_take(h, &a.any, 1));
	hostcount_free(h);
}

static void
hostcount_keeps_thousands_apart(void **state)
{
	struct hostcount *h = hostcount_new(5000);
	union address another = address("2001:db8::1", 1);

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 5000; i++) {
			union address a = { .in.sin_family = AF_INET };

			a.in.sin_addr.s_addr = htonl(0x0a000000u + i);
			assert_true(hostcount_take(h, &a.any, 1));
			assert_false(hostcount_take(h, &a.any, 1));
		}
		assert_false(hostcount_take(h, &another.any, 1));
		for (uint32_t i = 0; i < 5000; i++) {
			union address a = { .in.sin_family = AF_INET };

			a.in.sin_addr.s_addr = htonl(0x0a000000u + (i * 7919) % 5000);
			hostcount_drop(h, &a.any);
		}
	}
	hostcount_free(h);
}

static void
hostcount_prints_address_and_port(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = { { "192.0.2.1", "192.0.2.1:50000" }, { "::1", "[::1]:50000" },
		{ "::ffff:192.0.2.1", "192.0.2.1:50000" },
		{ "2001:db8:1111:2222:3333:4444:5555:6666",
		    "[2001:db8:1111:2222:3333:4444:5555:6666]:50000" } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		union address a = address(rows[i].in, 50000);
		char text[64];

		hostcount_print(&a.any, text, sizeof text);
		assert_string_equal(text, rows[i].out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostcount_counts_each_address_up_to_the_limit),
		cmocka_unit_test(hostcount_knows_ipv4_in_its_mapped_form),
		cmocka_unit_test(hostcount_counts_an_ipv6_network_as_one_address),
		cmocka_unit_test(hostcount_keeps_thousands_apart),
		cmocka_unit_test(hostcount_prints_address_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
