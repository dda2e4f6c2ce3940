#include "../check.h"

#include "daemon/sealedfile.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static void
sealedfile_gives_back_what_was_put_in(void **state)
{
	static const uint8_t large[3 * 1024 * 1024] = { 1, 2, 3 };
	struct err e = { 0 };
	struct bytes out;
	int fd = sealedfile_make(span_of(large, sizeof large), &e);

	(void)state;
	assert_true(fd >= 0);
	assert_ok(sealedfile_read(fd, sizeof large, sizeof large, &out, &e), e);
	assert_span_equal(bytes_span(&out), span_of(large, sizeof large));
	bytes_free(&out);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 1), -1);
	close(fd);
}

static void
sealedfile_read_refuses_what_may_change_or_lies_about_its_size(void **state)
{
	int open_one = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING), pair[2];
	int fd = sealedfile_make(span_str("12345"), NULL);
	struct bytes out;
	struct err e;

	(void)state;
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(write(open_one, "12345", 5), 5);
	assert_fails(sealedfile_read(open_one, 5, 5, &out, &e), e, ERR_REFUSED, "not sealed");
	assert_fails(sealedfile_read(pair[0], 5, 5, &out, &e), e, ERR_IO, "memory file");
	assert_fails(sealedfile_read(fd, 4, 9, &out, &e), e, ERR_REFUSED, "has 5 bytes, not 4");
	assert_fails(sealedfile_read(fd, 5, 4, &out, &e), e, ERR_LIMIT, "at most 4");
	close(fd);
	close(open_one);
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealedfile_gives_back_what_was_put_in),
		cmocka_unit_test(sealedfile_read_refuses_what_may_change_or_lies_about_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
