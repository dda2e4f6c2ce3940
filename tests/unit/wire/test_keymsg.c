#include "../check.h"

#include "wire/keymsg.h"

static const uint8_t key_bytes[KEYMSG_KEY_ID] = { 1, 2, 3 };
static const uint8_t large[KEYMSG_INLINE_MAX + 1];

static struct key_sign
question(struct span file, uint64_t beside)
{
	return (struct key_sign){ .id = 0x01020304,
		.key_id = span_of(key_bytes, sizeof key_bytes),
		.file = file,
		.has_file = beside > 0,
		.file_size = beside };
}

static void
key_sign_travels_with_its_file_inside_or_beside(void **state)
{
	const struct key_sign rows[] = {
		question(span_str("a file"), 0),
		question(span_of(large, KEYMSG_INLINE_MAX), 0),
		question((struct span){ 0 }, 0x0102030405),
	};
	struct wr w = wr_new(KEYMSG_MAX);
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct key_sign out;

		wr_reset(&w);
		assert_ok(key_sign_encode(&rows[i], &w, &e), e);
		assert_ok(key_sign_parse(wr_view(&w), &out, &e), e);
		assert_int_equal(out.id, rows[i].id);
		assert_span_equal(out.key_id, rows[i].key_id);
		assert_span_equal(out.file, rows[i].file);
		assert_int_equal(out.has_file, rows[i].has_file);
		assert_true(out.file_size == rows[i].file_size);
	}
	wr_free(&w);
}

static void
key_signed_travels_with_a_signature_or_a_reason(void **state)
{
	const struct key_signed rows[] = {
		{ .id = 1, .signature = span_str("s") },
		{ .id = 2, .signature = span_of(large, KEYMSG_SIGNATURE_MAX) },
		{ .id = 3, .code = ERR_REFUSED, .text = span_str("the tvs key may not") },
		{ .id = 4, .code = ERR_BUG },
	};
	struct wr w = wr_new(KEYMSG_MAX);
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct key_signed out;

		wr_reset(&w);
		assert_ok(key_signed_encode(&rows[i], &w, &e), e);
		assert_ok(key_signed_parse(wr_view(&w), &out, &e), e);
		assert_int_equal(out.id, rows[i].id);
		assert_int_equal(out.code, rows[i].code);
		assert_span_equal(out.text, rows[i].text);
		assert_span_equal(out.signature, rows[i].signature);
	}
	wr_free(&w);
}

static void
keymsg_refuses_a_file_that_is_nowhere_or_in_two_places(void **state)
{
	struct key_sign rows[] = {
		question((struct span){ 0 }, 0),
		question(span_str("x"), 1),
		question(span_str("x"), 0),
		question(span_str("x"), 0),
		question(span_of(large, sizeof large), 0),
	};
	const struct key_signed bad[] = {
		{ .code = ERR_NONE },
		{ .code = ERR_NONE, .signature = span_of(large, KEYMSG_SIGNATURE_MAX + 1) },
		{ .code = ERR_NONE, .signature = span_str("x"), .text = span_str("why") },
		{ .code = ERR_IO, .signature = span_str("x") },
		{ .code = ERR_IO, .text = span_str("\xff") },
		{ .code = ERR_IO, .text = span_of(large, ERR_TEXT_MAX) },
		{ .code = ERR_BUG + 1 },
	};
	struct wr w = wr_new(KEYMSG_MAX);
	struct err e = { 0 };

	(void)state;
	rows[2].file_size = 1;
	rows[3].key_id.n = 31;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_false(key_sign_encode(&rows[i], &w, &e));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(key_signed_encode(&bad[i], &w, &e));
	assert_int_equal(w.n, 0);
	wr_free(&w);
}

static void
keymsg_refuses_every_cut_of_its_head(void **state)
{
	const struct key_sign q = question((struct span){ 0 }, 5);
	const struct key_signed a = { .id = 2, .code = ERR_BUG };
	struct wr w = wr_new(KEYMSG_MAX);
	struct key_signed answer;
	struct key_sign out;
	struct err e = { 0 };

	(void)state;
	assert_ok(key_sign_encode(&q, &w, &e), e);
	for (size_t n = 0; n < w.n; n++)
		assert_fails(
		    key_sign_parse(span_of(w.p, n), &out, &e), e, ERR_MALFORMED, "cut short");
	wr_u8(&w, 0);
	assert_fails(key_sign_parse(wr_view(&w), &out, &e), e, ERR_MALFORMED, "beside it");
	wr_reset(&w);
	assert_ok(key_signed_encode(&a, &w, &e), e);
	for (size_t n = 0; n < w.n; n++)
		assert_fails(
		    key_signed_parse(span_of(w.p, n), &answer, &e), e, ERR_MALFORMED, "cut short");
	wr_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_sign_travels_with_its_file_inside_or_beside),
		cmocka_unit_test(key_signed_travels_with_a_signature_or_a_reason),
		cmocka_unit_test(keymsg_refuses_a_file_that_is_nowhere_or_in_two_places),
		cmocka_unit_test(keymsg_refuses_every_cut_of_its_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
