#include "../check.h"

#include "admin/csv.h"

#define LITERAL(s) \
	{ \
		(const uint8_t *)(s), sizeof(s) - 1 \
	}

/* Rows as "line:field|field;" */
static bool
note(void *arg, size_t line, char **fields, size_t count, struct err *e)
{
	char *out = arg;
	size_t n = strlen(out);

	(void)e;
	n += (size_t)sprintf(out + n, "%zu:", line);
	for (size_t i = 0; i < count; i++)
		n += (size_t)sprintf(out + n, "%s%s", i ? "|" : "", fields[i]);
	strcpy(out + n, ";");
	return true;
}

static const struct {
	const char *text, *rows;
} good[] = {
	{ "", "" },
	{ "\n\n", "" },
	{ "a,b", "1:a|b;" },
	{ "a,b\n1,2\n", "1:a|b;2:1|2;" },
	{ "a,b\r\n1,2\r\n", "1:a|b;2:1|2;" },
	{ "a,", "1:a|;" },
	{ ",\n", "1:|;" },
	{ "\"a,\"\"b\"\"\",c\n", "1:a,\"b\"|c;" },
	{ "\"a\nb\",c\nd,e", "1:a\nb|c;3:d|e;" },
	{ "a;b\n1;2", "1:a|b;2:1|2;" },
	{ "a;b,c\n1;2,3", "1:a;b|c;2:1;2|3;" },
	{ "\xef\xbb\xbfname\nx", "1:name;2:x;" },
};

static void
csv_read_takes_what_spreadsheets_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		char rows[200] = "";
		struct err e = { 0 };

		assert_ok(csv_read(span_str(good[i].text), note, rows, &e), e);
		assert_string_equal(rows, good[i].rows);
	}
}

static void
csv_read_refuses_what_is_none(void **state)
{
	static const struct {
		struct span text;
		const char *why;
	} bad[] = {
		{ LITERAL("a\n\"b\n"), "line 2: quote is not closed" },
		{ LITERAL("a\nb\0c"), "line 2: NUL byte" },
		{ LITERAL("a\n\"b\0c\""), "line 2: NUL byte" },
	};
	char rows[200] = "", longest[2 * CSV_FIELD_MAX], many[CSV_COLUMNS_MAX + 1];
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_fails(csv_read(bad[i].text, note, rows, &e), e, ERR_MALFORMED, bad[i].why);
	memset(longest, 'x', sizeof longest);
	assert_fails(
	    csv_read(span_of(longest, CSV_FIELD_MAX + 1), note, rows, &e), e, ERR_LIMIT, "line 1");
	longest[0] = '"';
	longest[CSV_FIELD_MAX + 2] = '"';
	assert_fails(
	    csv_read(span_of(longest, CSV_FIELD_MAX + 3), note, rows, &e), e, ERR_LIMIT, "line 1");
	memset(many, ',', sizeof many);
	assert_fails(csv_read(span_of(many, CSV_COLUMNS_MAX), note, rows, &e), e, ERR_LIMIT,
	    "more than 64 columns");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_read_takes_what_spreadsheets_write),
		cmocka_unit_test(csv_read_refuses_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
