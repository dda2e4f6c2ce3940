#include "../check.h"

#include "base/wr.h"

static void
wr_writes_big_endian_and_fills_in_lengths(void **state)
{
	static const uint8_t want[] = { 9, 0, 3, 1, 2, 3, 0xff, 0xff };
	struct wr w = wr_new(100);
	struct bytes out;
	struct err e = { 0 };
	size_t mark;

	(void)state;
	wr_u8(&w, 9);
	mark = wr_len16_open(&w);
	wr_u8(&w, 1);
	wr_u16(&w, 0x0203);
	wr_len16_close(&w, mark);
	wr_fill(&w, 0xff, 2);
	assert_ok(wr_done(&w, &out, &e), e);
	assert_span_equal(bytes_span(&out), span_of(want, sizeof want));
	bytes_free(&out);
}

static void
wr_remembers_the_first_overflow(void **state)
{
	struct wr w = wr_new(3);
	struct bytes out;
	struct err e = { 0 };

	(void)state;
	wr_u16(&w, 1);
	wr_u16(&w, 2);
	wr_u8(&w, 3);
	assert_false(wr_ok(&w));
	assert_fails(wr_done(&w, &out, &e), e, ERR_LIMIT, "3 bytes");
}

static void
wr_refuses_a_part_longer_than_its_length_field(void **state)
{
	struct wr w = wr_new(100000);
	size_t mark = wr_len16_open(&w);

	(void)state;
	wr_fill(&w, 0, 65536);
	wr_len16_close(&w, mark);
	assert_false(wr_ok(&w));
	wr_free(&w);
}

static void
wr_patch_stays_inside_what_was_written(void **state)
{
	struct wr w = wr_new(100);

	(void)state;
	wr_u32(&w, 0);
	wr_patch16(&w, 2, 0x0102);
	assert_true(wr_ok(&w));
	assert_int_equal(wr_view(&w).p[3], 2);
	wr_patch16(&w, 3, 1);
	assert_false(wr_ok(&w));
	wr_free(&w);
}

static void
wr_reset_starts_again(void **state)
{
	struct wr w = wr_new(2);

	(void)state;
	wr_u32(&w, 1);
	assert_false(wr_ok(&w));
	wr_reset(&w);
	wr_u16(&w, 1);
	assert_true(wr_ok(&w));
	assert_int_equal(wr_view(&w).n, 2);
	wr_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wr_writes_big_endian_and_fills_in_lengths),
		cmocka_unit_test(wr_remembers_the_first_overflow),
		cmocka_unit_test(wr_refuses_a_part_longer_than_its_length_field),
		cmocka_unit_test(wr_patch_stays_inside_what_was_written),
		cmocka_unit_test(wr_reset_starts_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
