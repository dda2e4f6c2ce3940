#include "../check.h"

#include "base/rd.h"
#include "base/wr.h"

static const uint8_t sample[] = { 1, 2, 3, 4, 5, 6, 7 };

static void
rd_reads_big_endian_integers(void **state)
{
	struct rd r = rd_open(span_of(sample, sizeof sample));
	uint8_t a = 0;
	uint16_t b = 0;
	uint32_t c = 0;

	(void)state;
	assert_true(rd_u8(&r, &a) && rd_u16(&r, &b) && rd_u32(&r, &c));
	assert_int_equal(a, 1);
	assert_int_equal(b, 0x0203);
	assert_int_equal(c, 0x04050607);
	assert_true(rd_end(&r));
}

static void
rd_u64_reads_what_wr_u64_writes_or_moves_nothing(void **state)
{
	struct wr w = wr_new(16);
	struct rd r;
	uint64_t v = 7;

	(void)state;
	wr_u64(&w, 0x0102030405060708);
	r = rd_open(wr_view(&w));
	assert_int_equal(w.p[0], 1);
	assert_true(rd_u64(&r, &v) && rd_end(&r));
	assert_true(v == 0x0102030405060708);
	r = rd_open(span_of(w.p, 7));
	assert_false(rd_u64(&r, &v));
	assert_int_equal(r.n, 7);
	wr_free(&w);
}

static void
rd_moves_nothing_on_failure(void **state)
{
	struct rd r = rd_open(span_of(sample, 3));
	uint32_t c = 99;
	struct span s = { 0 };

	(void)state;
	assert_false(rd_u32(&r, &c));
	assert_int_equal(c, 99);
	assert_false(rd_span(&r, 4, &s));
	assert_null(s.p);
	assert_int_equal(rd_offset(&r), 0);
	assert_int_equal(r.n, 3);
}

static void
rd_take_keeps_an_inner_parser_in_its_box(void **state)
{
	struct rd r = rd_open(span_of(sample, sizeof sample)), box;
	uint8_t v;
	uint16_t w;

	(void)state;
	assert_true(rd_u8(&r, &v));
	assert_true(rd_take(&r, 1, &box));
	assert_false(rd_u16(&box, &w));
	assert_true(rd_u8(&box, &v));
	assert_int_equal(v, 2);
	assert_true(rd_end(&box));
	assert_int_equal(rd_offset(&box), 2);
	assert_int_equal(rd_offset(&r), 2);
}

static void
rd_until_finds_the_stop_byte_or_moves_nothing(void **state)
{
	struct rd r = rd_open(span_of(sample, sizeof sample));
	struct span s;

	(void)state;
	assert_true(rd_until(&r, 3, &s));
	assert_int_equal(s.n, 2);
	assert_int_equal(rd_offset(&r), 3);
	assert_false(rd_until(&r, 9, &s));
	assert_int_equal(rd_offset(&r), 3);
}

static void
rd_of_nothing_is_at_its_end(void **state)
{
	struct rd r = rd_open((struct span){ 0 });
	struct span s;
	uint8_t v;

	(void)state;
	assert_true(rd_end(&r));
	assert_false(rd_u8(&r, &v));
	assert_false(rd_until(&r, 0, &s));
	assert_true(rd_span(&r, 0, &s));
	assert_int_equal(rd_offset(&r), 0);
	assert_int_equal(rd_rest(&r).n, 0);
}

static void
rd_sized_gives_back_what_wr_sized_wrote(void **state)
{
	struct wr w = wr_new(64);
	struct span one, none = span_str("x");
	struct rd r;

	(void)state;
	wr_sized(&w, span_str("four"));
	wr_sized(&w, (struct span){ 0 });
	r = rd_open(wr_view(&w));
	assert_true(rd_sized(&r, &one) && rd_sized(&r, &none) && rd_end(&r));
	assert_int_equal(one.n, 4);
	assert_memory_equal(one.p, "four", 4);
	assert_null(none.p);
	for (size_t n = 0; n < 8; n++) {
		r = rd_open(span_of(w.p, n));
		assert_false(rd_sized(&r, &one));
	}
	wr_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rd_reads_big_endian_integers),
		cmocka_unit_test(rd_u64_reads_what_wr_u64_writes_or_moves_nothing),
		cmocka_unit_test(rd_moves_nothing_on_failure),
		cmocka_unit_test(rd_take_keeps_an_inner_parser_in_its_box),
		cmocka_unit_test(rd_until_finds_the_stop_byte_or_moves_nothing),
		cmocka_unit_test(rd_of_nothing_is_at_its_end),
		cmocka_unit_test(rd_sized_gives_back_what_wr_sized_wrote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
