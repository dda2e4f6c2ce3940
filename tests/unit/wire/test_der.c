#include "../check.h"

#include "wire/der.h"

#include <stdlib.h>

#define LONGEST 70000

/* A SEQUENCE of that many bytes behind a length written in these bytes. */
static bool
is_whole(const char *length, size_t length_size, size_t n)
{
	uint8_t *p = calloc(1, 1 + length_size + n);
	bool whole;

	assert_non_null(p);
	p[0] = 0x30;
	memcpy(p + 1, length, length_size);
	whole = der_is_whole(span_of(p, 1 + length_size + n));
	free(p);
	return whole;
}

static void
der_is_whole_takes_every_shortest_length(void **state)
{
	(void)state;
	assert_true(is_whole("\x00", 1, 0));
	assert_true(is_whole("\x7f", 1, 127));
	assert_true(is_whole("\x81\x80", 2, 128));
	assert_true(is_whole("\x81\xff", 2, 255));
	assert_true(is_whole("\x82\x01\x00", 3, 256));
	assert_true(is_whole("\x82\xff\xff", 3, 65535));
	assert_true(is_whole("\x83\x01\x11\x70", 4, LONGEST));
}

static void
der_is_whole_refuses_other_lengths(void **state)
{
	(void)state;
	assert_false(is_whole("\x05", 1, 4));
	assert_false(is_whole("\x05", 1, 6));
	assert_false(is_whole("\x80", 1, 0));           /* indefinite */
	assert_false(is_whole("\x81\x7f", 2, 127));     /* not the shortest */
	assert_false(is_whole("\x82\x00\x80", 3, 128)); /* the same */
	assert_false(is_whole("\x84\x00\x01\x11\x70", 5, LONGEST));
	assert_false(is_whole("\x84\xff\xff\xff\xff", 5, 10));
	assert_false(is_whole("\xff", 1, 127));
	assert_false(is_whole("\x82\x01", 2, 0)); /* the length itself is cut */
	assert_false(is_whole("\x83", 1, 0));
}

static void
der_is_whole_refuses_what_is_no_sequence(void **state)
{
	(void)state;
	assert_false(der_is_whole((struct span){ 0 }));
	assert_false(der_is_whole(span_of("\x30", 1)));
	assert_false(der_is_whole(span_of("\x31\x00", 2)));
	assert_false(der_is_whole(span_of("-----BEGIN", 10)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(der_is_whole_takes_every_shortest_length),
		cmocka_unit_test(der_is_whole_refuses_other_lengths),
		cmocka_unit_test(der_is_whole_refuses_what_is_no_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
