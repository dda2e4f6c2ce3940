#include "../check.h"

#include "net/tftp_get.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_BYTES 1300 /* two whole blocks and a part */

static int
udp_socket(struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof *at;

	*at = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0 || bind(fd, (struct sockaddr *)at, n) != 0 ||
	    getsockname(fd, (struct sockaddr *)at, &n) != 0)
		abort();
	return fd;
}

/* What the other end does; in a process of its own. */
enum play { SERVE, NOT_FOUND, REFUSE, SILENT, INTRUDER, TOO_LARGE };

static void
send_block(int fd, const struct sockaddr_in *to, uint16_t block, uint8_t fill, size_t n)
{
	uint8_t p[516] = { 0, 3, (uint8_t)(block >> 8), (uint8_t)block };

	memset(p + 4, fill, n);
	sendto(fd, p, 4 + n, 0, (const struct sockaddr *)to, sizeof *to);
}

static void
send_error(int fd, const struct sockaddr_in *to, uint8_t code)
{
	uint8_t p[] = { 0, 5, 0, code, 'n', 'o', 0 };

	sendto(fd, p, sizeof p, 0, (const struct sockaddr *)to, sizeof *to);
}

/* Waits for the ACK of a block. */
static void
await(int fd, uint16_t block)
{
	uint8_t p[600];

	do
		if (recv(fd, p, sizeof p, 0) < 4)
			_exit(1);
	while (p[1] != 4 || (p[2] << 8 | p[3]) != block);
}

static void
serve(int fd, enum play play)
{
	struct sockaddr_in peer, own, other;
	socklen_t n = sizeof peer;
	uint8_t p[600];
	int transfer = udp_socket(&own), stranger = udp_socket(&other);

	if (recvfrom(fd, p, sizeof p, 0, (struct sockaddr *)&peer, &n) < 0)
		_exit(1);
	if (play == NOT_FOUND || play == REFUSE) {
		send_error(transfer, &peer, play == NOT_FOUND ? 1 : 2);
		return;
	}
	if (play == INTRUDER) /* no packet, so no answer that would bind the client */
		sendto(stranger, "\377", 1, 0, (const struct sockaddr *)&peer, sizeof peer);
	send_block(transfer, &peer, 1, 1, 512);
	await(transfer, 1);
	if (play == INTRUDER) {
		send_error(stranger, &peer, 1);
		send_block(stranger, &peer, 2, 0xee, 512);
		send_block(transfer, &peer, 1, 1, 512);
	}
	for (uint16_t b = 2; play == TOO_LARGE; b++) {
		send_block(transfer, &peer, b, 2, 512);
		if (recv(transfer, p, sizeof p, 0) < 4 || p[1] == 5)
			return;
	}
	send_block(transfer, &peer, 2, 2, 512);
	await(transfer, 2);
	send_block(transfer, &peer, 3, 3, FILE_BYTES - 1024);
	await(transfer, 3);
	/* its block was told off, its error was not */
	if (play == INTRUDER && (recv(stranger, p, sizeof p, 0) < 4 || p[1] != 5 || p[3] != 5 ||
				    recv(stranger, p, sizeof p, MSG_DONTWAIT) >= 0))
		_exit(1);
}

struct other_end {
	pid_t pid;
	int fd;
	struct tftp_get get;
};

static struct other_end
start(enum play play)
{
	struct sockaddr_in at;
	struct other_end o = { .fd = udp_socket(&at) };

	o.get = (struct tftp_get){ .host = "127.0.0.1",
		.port = ntohs(at.sin_port),
		.name = "ITLFile.tlv",
		.size_max = 4096,
		.retry_ms = 50,
		.retry_max_ms = 100,
		.tries = 2 };
	if (play == SILENT)
		return o;
	o.pid = fork();
	if (o.pid < 0)
		abort();
	if (o.pid == 0) {
		alarm(20);
		serve(o.fd, play);
		_exit(0);
	}
	return o;
}

static void
stop(struct other_end *o)
{
	int status = 0;

	close(o->fd);
	if (o->pid > 0)
		waitpid(o->pid, &status, 0);
	assert_int_equal(status, 0);
}

static void
check_file(struct other_end *o)
{
	struct bytes file;
	struct err e = { 0 };

	assert_ok(tftp_get(&o->get, &file, &e), e);
	assert_int_equal(file.n, FILE_BYTES);
	for (size_t i = 0; i < file.n; i++)
		assert_int_equal(file.p[i], i / 512 + 1);
	bytes_free(&file);
	stop(o);
}

static void
tftp_get_fetches_a_file_of_several_blocks(void **state)
{
	struct other_end o = start(SERVE);

	(void)state;
	check_file(&o);
}

static void
tftp_get_hears_nobody_but_the_port_that_answered_first(void **state)
{
	struct other_end o = start(INTRUDER);

	(void)state;
	check_file(&o);
}

static void
tftp_get_tells_not_found_from_refused(void **state)
{
	struct other_end o = start(NOT_FOUND);
	struct bytes file;
	struct err e;

	(void)state;
	assert_fails(tftp_get(&o.get, &file, &e), e, ERR_UNKNOWN, "error 1: no");
	stop(&o);
	o = start(REFUSE);
	assert_fails(tftp_get(&o.get, &file, &e), e, ERR_REFUSED, "error 2: no");
	stop(&o);
}

static void
tftp_get_gives_a_silent_server_up(void **state)
{
	struct other_end o = start(SILENT);
	struct bytes file;
	struct err e;

	(void)state;
	assert_fails(tftp_get(&o.get, &file, &e), e, ERR_AGAIN, "no answer");
	stop(&o);
}

static void
tftp_get_takes_no_more_than_it_was_told(void **state)
{
	struct other_end o = start(TOO_LARGE);
	struct bytes file;
	struct err e;

	(void)state;
	assert_fails(tftp_get(&o.get, &file, &e), e, ERR_LIMIT, "4096");
	stop(&o);
}

static void
tftp_get_says_which_host_is_unknown(void **state)
{
	const struct tftp_get get = { .host = "not a host", .port = 69, .name = "x", .tries = 1 };
	struct bytes file;
	struct err e;

	(void)state;
	assert_fails(tftp_get(&get, &file, &e), e, ERR_IO, "not a host");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tftp_get_fetches_a_file_of_several_blocks),
		cmocka_unit_test(tftp_get_hears_nobody_but_the_port_that_answered_first),
		cmocka_unit_test(tftp_get_tells_not_found_from_refused),
		cmocka_unit_test(tftp_get_gives_a_silent_server_up),
		cmocka_unit_test(tftp_get_takes_no_more_than_it_was_told),
		cmocka_unit_test(tftp_get_says_which_host_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
