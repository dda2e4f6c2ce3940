#include "../check.h"

#include "daemon/signatures.h"

#include <stdio.h>
#include <string.h>

#define SMALL (256UL * 1024)

static const uint8_t *
signature_of(unsigned n)
{
	static uint8_t bytes[SIGNATURES_SIZE_MAX];

	memset(bytes, (int)(n & 0xff), sizeof bytes);
	bytes[0] = (uint8_t)(n >> 8);
	return bytes;
}

static const struct signatures_subject *
subject(unsigned n)
{
	static struct signatures_subject of;

	memcpy(of.hash, &n, sizeof n);
	return &of;
}

static void
put(struct signatures *s, unsigned n, size_t size)
{
	char name[32];

	snprintf(name, sizeof name, "SEP%012X.cnf.xml.sgn", n);
	signatures_put(s, name, subject(n),
	    &(struct signatures_one){ 1000 + n, span_of(signature_of(n), size) });
}

static bool
has(const struct signatures *s, unsigned n, size_t size)
{
	struct signatures_one one;
	char name[32];

	snprintf(name, sizeof name, "SEP%012X.cnf.xml.sgn", n);
	return signatures_find(s, name, subject(n), &one) && one.timestamp == 1000 + n &&
	       span_eq(one.signature, span_of(signature_of(n), size));
}

static void
signatures_find_gives_the_last_one_put(void **state)
{
	struct signatures *s = signatures_new(SIGNATURES_BYTES_MAX);
	struct signatures_one one;

	(void)state;
	assert_false(signatures_find(s, "a", subject(0), &one));
	for (unsigned n = 0; n < 5000; n++)
		put(s, n, 256);
	for (unsigned n = 0; n < 5000; n++)
		assert_true(has(s, n, 256));
	assert_int_equal(signatures_count(s), 5000);
	signatures_put(
	    s, "a", subject(0), &(struct signatures_one){ 7, span_of(signature_of(1), 256) });
	signatures_put(
	    s, "a", subject(0), &(struct signatures_one){ 8, span_of(signature_of(2), 256) });
	assert_true(signatures_find(s, "a", subject(0), &one));
	assert_int_equal(one.timestamp, 8);
	assert_span_equal(one.signature, span_of(signature_of(2), 256));
	assert_int_equal(signatures_count(s), 5001);
	assert_false(signatures_find(s, "a", subject(1), &one)); /* it was for something else */
	assert_false(signatures_find(s, "b", subject(0), &one));
	signatures_free(s);
}

static void
signatures_keep_within_their_cap_and_let_older_ones_go(void **state)
{
	struct signatures *s = signatures_new(SMALL);
	unsigned kept = 0;

	(void)state;
	for (unsigned n = 0; n < 2000; n++)
		put(s, n, 256);
	assert_true(has(s, 1999, 256));
	for (unsigned n = 0; n < 2000; n++)
		kept += has(s, n, 256);
	assert_int_equal(kept, signatures_count(s));
	assert_in_range(kept, SMALL / 292 * 8 / 10, SMALL / 292);
	signatures_free(s);
}

static void
signatures_of_another_size_take_the_place_of_all(void **state)
{
	struct signatures *s = signatures_new(SIGNATURES_BYTES_MAX);

	(void)state;
	put(s, 1, 256);
	put(s, 2, 512);
	assert_false(has(s, 1, 256));
	assert_true(has(s, 2, 512));
	assert_int_equal(signatures_count(s), 1);
	signatures_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_find_gives_the_last_one_put),
		cmocka_unit_test(signatures_keep_within_their_cap_and_let_older_ones_go),
		cmocka_unit_test(signatures_of_another_size_take_the_place_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
