#include "../check.h"

#include "daemon/portowner.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket on a free loopback port of that family; ends the test when there is none. */
static int
socket_on(int family, int type, uint16_t *port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	bool six = family == AF_INET6;
	const struct sockaddr *at = six ? (const void *)&in6 : (const void *)&in;
	socklen_t n = six ? sizeof in6 : sizeof in;
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, at, n), 0);
	assert_int_equal(getsockname(fd, six ? (void *)&in6 : (void *)&in, &n), 0);
	*port = ntohs(six ? in6.sin6_port : in.sin_port);
	return fd;
}

static void
assert_owner_is_us(bool udp, uint16_t port)
{
	char text[100], want[40];

	assert_true(portowner_find(udp, port, text, sizeof text));
	snprintf(want, sizeof want, " (process %ld)", (long)getpid());
	assert_non_null(strstr(text, want));
	assert_true(strstr(text, want) > text); /* a name stands before it */
}

static void
portowner_names_the_program_and_its_process(void **state)
{
	static const struct {
		int family, type;
	} rows[] = { { AF_INET, SOCK_DGRAM }, { AF_INET, SOCK_STREAM }, { AF_INET6, SOCK_DGRAM },
		{ AF_INET6, SOCK_STREAM } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool udp = rows[i].type == SOCK_DGRAM;
		uint16_t port;
		int fd = socket_on(rows[i].family, rows[i].type, &port);

		if (!udp)
			assert_int_equal(listen(fd, 1), 0);
		assert_owner_is_us(udp, port);
		close(fd);
	}
}

static void
portowner_finds_nobody_on_a_free_port(void **state)
{
	char text[100];
	uint16_t port;
	int fd = socket_on(AF_INET, SOCK_DGRAM, &port);

	(void)state;
	close(fd);
	assert_false(portowner_find(true, port, text, sizeof text));
}

static void
portowner_passes_over_tcp_sockets_that_do_not_listen(void **state)
{
	char text[100];
	uint16_t port;
	int fd = socket_on(AF_INET, SOCK_STREAM, &port);

	(void)state;
	assert_false(portowner_find(false, port, text, sizeof text));
	assert_false(portowner_find(true, port, text, sizeof text));
	close(fd);
}

static void
portowner_cuts_the_text_to_its_room(void **state)
{
	char text[8] = "xxxxxxx";
	uint16_t port;
	int fd = socket_on(AF_INET, SOCK_DGRAM, &port);

	(void)state;
	assert_true(portowner_find(true, port, text, sizeof text));
	assert_int_equal(strlen(text), sizeof text - 1);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(portowner_names_the_program_and_its_process),
		cmocka_unit_test(portowner_finds_nobody_on_a_free_port),
		cmocka_unit_test(portowner_passes_over_tcp_sockets_that_do_not_listen),
		cmocka_unit_test(portowner_cuts_the_text_to_its_room),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("portowner", tests, NULL, NULL);
}
