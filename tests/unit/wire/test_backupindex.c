#include "../check.h"

#include "wire/backupindex.h"

#include <stdlib.h>

static struct backupindex
example(void)
{
	struct backupindex i = { .made = 0x0102030405, .cluster = "demo" };

	backupindex_add(&i, "sealtone.conf", 1000);
	backupindex_add(&i, "keys/0011.pem", 0);
	backupindex_add(&i, "sealtone.db", 0x0123456789);
	return i;
}

static void
an_index_travels_as_it_is(void **state)
{
	struct backupindex in = example(), out;
	struct bytes text;
	struct err e = { 0 };

	(void)state;
	assert_ok(backupindex_encode(&in, &text, &e), e);
	assert_ok(backupindex_parse(span_of(text.p + 4, text.n - 4), &out, &e), e);
	assert_int_equal(text.p[3], text.n - 4);
	assert_true(out.made == in.made);
	assert_string_equal(out.cluster, "demo");
	assert_int_equal(out.count, 3);
	assert_string_equal(out.file[1].name, "keys/0011.pem");
	assert_true(backupindex_size(&out) == 0x0123456789 + 1000);
	backupindex_free(&out);
	backupindex_free(&in);
	bytes_free(&text);
}

static void
every_cut_index_is_refused(void **state)
{
	struct backupindex in = example(), out;
	struct bytes text;
	struct err e = { 0 };

	(void)state;
	assert_ok(backupindex_encode(&in, &text, &e), e);
	for (size_t n = 0; n < text.n - 4; n++) {
		assert_false(backupindex_parse(span_of(text.p + 4, n), &out, &e));
		assert_int_equal(e.code, ERR_MALFORMED);
	}
	backupindex_free(&in);
	bytes_free(&text);
}

static void
no_name_leaves_the_folder_or_stands_twice(void **state)
{
	static const char *const bad[] = { "", "..", ".hidden", "/etc/passwd", "keys/", "keys/..",
		"keys/../x", "keys/a/b", "other/x", "a b", "sealtone.conf" };
	struct bytes text;
	struct err e = { 0 };

	(void)state;
	for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
		struct backupindex in = example(), out;

		backupindex_add(&in, bad[k], 1);
		assert_ok(backupindex_encode(&in, &text, &e), e);
		assert_false(backupindex_parse(span_of(text.p + 4, text.n - 4), &out, &e));
		backupindex_free(&in);
		bytes_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_travels_as_it_is),
		cmocka_unit_test(every_cut_index_is_refused),
		cmocka_unit_test(no_name_leaves_the_folder_or_stands_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
