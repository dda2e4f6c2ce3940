#include "../check.h"

#include "files/whole.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUCH (1024 * 1024)

static void
ignore(int number)
{
	(void)number;
}

/* Signals in the middle of a write, so that it is interrupted and comes back short. */
static void
interrupt_every_ms(unsigned ms)
{
	const struct sigaction act = { .sa_handler = ignore };
	const struct itimerval every = { { 0, ms * 1000 }, { 0, ms * 1000 } };

	sigaction(SIGALRM, ms > 0 ? &act : &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

/* Reads to the end, slowly; says whether it was counted bytes of MUCH. */
static bool
is_all_there(int fd)
{
	uint8_t part[16384];
	size_t all = 0;
	ssize_t n;

	while ((n = read(fd, part, sizeof part)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (part[i] != (uint8_t)((all + (size_t)i) / 251))
				return false;
		all += (size_t)n;
		usleep(500);
	}
	return n == 0 && all == MUCH;
}

static void
whole_write_goes_on_after_interruptions_and_short_writes(void **state)
{
	uint8_t *much = malloc(MUCH);
	struct err e = { 0 };
	int ends[2], status;
	pid_t reader;

	(void)state;
	assert_non_null(much);
	for (size_t i = 0; i < MUCH; i++)
		much[i] = (uint8_t)(i / 251);
	assert_int_equal(pipe(ends), 0);
	reader = fork();
	if (reader == 0) {
		close(ends[1]);
		_exit(is_all_there(ends[0]) ? 0 : 1);
	}
	close(ends[0]);
	interrupt_every_ms(1);
	assert_ok(whole_write(ends[1], span_of(much, MUCH), &e), e);
	interrupt_every_ms(0);
	close(ends[1]);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
	free(much);
}

static void
whole_write_says_that_the_disk_is_full(void **state)
{
	int fd = open("/dev/full", O_WRONLY);
	struct err e;

	(void)state;
	if (fd < 0)
		skip();
	assert_fails(whole_write(fd, span_str("x"), &e), e, ERR_IO, "No space left");
	assert_ok(whole_write(fd, span_str(""), &e), e);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_write_goes_on_after_interruptions_and_short_writes),
		cmocka_unit_test(whole_write_says_that_the_disk_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
