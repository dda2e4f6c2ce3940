#include "../check.h"

#include "wire/tagged.h"

static void
tagged_read_takes_one_element_after_another(void **state)
{
	static const uint8_t bytes[] = { 7, 0, 2, 0xaa, 0xbb, 9, 0, 0 };
	struct rd in = rd_open(span_of(bytes, sizeof bytes));
	struct tagged t;
	struct err e = { 0 };

	(void)state;
	assert_ok(tagged_read(&in, "X4", &t, &e), e);
	assert_int_equal(t.at, 0);
	assert_int_equal(t.tag, 7);
	assert_int_equal(t.length, 2);
	assert_span_equal(rd_rest(&t.value), span_of(bytes + 3, 2));
	assert_ok(tagged_read(&in, "X4", &t, &e), e);
	assert_int_equal(t.at, 5);
	assert_int_equal(t.tag, 9);
	assert_int_equal(t.length, 0);
	assert_true(rd_end(&t.value));
	assert_true(rd_end(&in));
}

static void
tagged_read_refuses_what_is_cut_or_too_long(void **state)
{
	static const uint8_t bytes[] = { 0xff, 7, 0, 2, 0xaa, 0xbb };
	static const char *const want[] = {
		[1] = "X4: element at byte 1 is cut short",
		[2] = "X4: element at byte 1 is cut short",
		[3] = "X4: element 7 at byte 1 has length 2, 0 bytes are left",
		[4] = "X4: element 7 at byte 1 has length 2, 1 bytes are left",
	};

	(void)state;
	for (size_t n = 1; n < sizeof want / sizeof want[0]; n++) {
		struct rd in = rd_open(span_of(bytes, 1 + n));
		struct tagged t;
		struct err e;
		uint8_t first;

		assert_true(rd_u8(&in, &first));
		assert_fails(tagged_read(&in, "X4", &t, &e), e, ERR_MALFORMED, want[n]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tagged_read_takes_one_element_after_another),
		cmocka_unit_test(tagged_read_refuses_what_is_cut_or_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
