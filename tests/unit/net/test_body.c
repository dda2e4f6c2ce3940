#include "../check.h"

#include "net/body.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int
memory_file(const char *text, int seals)
{
	int fd = memfd_create("file", MFD_ALLOW_SEALING | MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void
body_copy_outlives_its_source(void **state)
{
	char source[] = "content";
	struct body *b = body_copy(span_str(source)), *nothing = body_copy((struct span){ 0 });

	(void)state;
	memset(source, 'x', sizeof source);
	assert_true(span_is(body_span(b), "content"));
	assert_int_equal(body_span(nothing).n, 0);
	body_unref(b);
	body_unref(nothing);
	body_unref(NULL);
}

static void
body_lives_until_its_last_reference_goes(void **state)
{
	struct body *b = body_copy(span_str("content"));

	(void)state;
	assert_ptr_equal(body_ref(b), b);
	body_unref(b);
	assert_true(span_is(body_span(b), "content"));
	body_unref(b);
}

static void
body_from_answer_takes_what_came_inline(void **state)
{
	const struct answer a = { .kind = ASK_FILE, .ok = true, .data = span_str("content") };
	struct body *b;
	struct err e;

	(void)state;
	assert_ok(body_from_answer(&a, -1, &b, &e), e);
	assert_true(span_is(body_span(b), "content"));
	body_unref(b);
}

static void
body_from_answer_maps_a_sealed_file(void **state)
{
	static const char *const texts[] = { "content", "" };
	struct body *b;
	struct err e;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct answer a = { .kind = ASK_FILE,
			.ok = true,
			.has_file = true,
			.file_size = strlen(texts[i]) };
		int fd = memory_file(texts[i], SEALS);

		assert_ok(body_from_answer(&a, fd, &b, &e), e);
		close(fd); /* the body does not need it */
		assert_true(span_is(body_span(b), texts[i]));
		body_unref(b);
	}
}

static void
body_from_answer_refuses_a_file_that_may_change_under_us(void **state)
{
	struct answer a = { .kind = ASK_FILE, .ok = true, .has_file = true, .file_size = 7 };
	int open = memory_file("content", F_SEAL_WRITE), sealed = memory_file("content", SEALS);
	struct body *b = NULL;
	int ends[2];
	struct err e;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_fails(body_from_answer(&a, open, &b, &e), e, ERR_REFUSED, "not sealed");
	assert_fails(body_from_answer(&a, ends[0], &b, &e), e, ERR_IO, "came with an answer");
	assert_fails(body_from_answer(&a, -1, &b, &e), e, ERR_IO, "came with an answer");
	for (a.file_size = 6; a.file_size <= 8; a.file_size += 2)
		assert_fails(body_from_answer(&a, sealed, &b, &e), e, ERR_REFUSED, "as long as");
	a.file_size = UINT64_MAX;
	assert_fails(body_from_answer(&a, sealed, &b, &e), e, ERR_REFUSED, "as long as");
	assert_null(b);
	close(open);
	close(sealed);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(body_copy_outlives_its_source),
		cmocka_unit_test(body_lives_until_its_last_reference_goes),
		cmocka_unit_test(body_from_answer_takes_what_came_inline),
		cmocka_unit_test(body_from_answer_maps_a_sealed_file),
		cmocka_unit_test(body_from_answer_refuses_a_file_that_may_change_under_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
