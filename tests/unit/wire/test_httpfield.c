#include "../check.h"

#include "wire/httpfield.h"

#define SIZE 1000
#define TAG  "v1"
#define TIME 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110 5.6.7 */
#define THEN "Sun, 06 Nov 1994 08:49:37 GMT"
#define LATE "Sun, 06 Nov 1994 08:49:38 GMT"
#define SOON "Sun, 06 Nov 1994 08:49:36 GMT"

static void
httpfield_range_takes_one_range_of_bytes_and_ignores_others(void **state)
{
	static const struct {
		const char *value;
		uint64_t size;
		int status;
		uint64_t first, length;
	} rows[] = {
		{ "bytes=0-0", SIZE, 206, 0, 1 },
		{ "bytes=0-499", SIZE, 206, 0, 500 },
		{ "bytes=500-999", SIZE, 206, 500, 500 },
		{ "bytes=500-1000", SIZE, 206, 500, 500 },
		{ "bytes=999-99999999999999999999999", SIZE, 206, 999, 1 },
		{ "bytes=0-", SIZE, 206, 0, SIZE },
		{ "bytes=999-", SIZE, 206, 999, 1 },
		{ "bytes=-1", SIZE, 206, 999, 1 },
		{ "bytes=-1000", SIZE, 206, 0, SIZE },
		{ "bytes=-2000", SIZE, 206, 0, SIZE },
		{ "bytes=-99999999999999999999999", SIZE, 206, 0, SIZE },
		{ "Bytes=1-2", SIZE, 206, 1, 2 },
		{ "bytes=\t 1-2 ", SIZE, 206, 1, 2 },
		{ "bytes=1000-", SIZE, 416, 0, 0 },
		{ "bytes=1000-1001", SIZE, 416, 0, 0 },
		{ "bytes=18446744073709551615-", SIZE, 416, 0, 0 },
		{ "bytes=99999999999999999999999-", SIZE, 416, 0, 0 },
		{ "bytes=-0", SIZE, 416, 0, 0 },
		{ "bytes=0-", 0, 416, 0, 0 },
		{ "bytes=-5", 0, 200, 0, 0 },
		{ "bytes=0-1,4-5", SIZE, 200, 0, SIZE },
		{ "bytes=0-1,", SIZE, 200, 0, SIZE },
		{ "bytes=2-1", SIZE, 200, 0, SIZE },
		{ "bytes=1-0", SIZE, 200, 0, SIZE },
		{ "bytes=-", SIZE, 200, 0, SIZE },
		{ "bytes=", SIZE, 200, 0, SIZE },
		{ "bytes=5", SIZE, 200, 0, SIZE },
		{ "bytes=--5", SIZE, 200, 0, SIZE },
		{ "bytes=1-2x", SIZE, 200, 0, SIZE },
		{ "bytes=+1-2", SIZE, 200, 0, SIZE },
		{ "bytes =1-2", SIZE, 200, 0, SIZE },
		{ "bytes", SIZE, 200, 0, SIZE },
		{ "items=1-2", SIZE, 200, 0, SIZE },
		{ "", SIZE, 200, 0, SIZE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct httpfield_part part = httpfield_range(span_str(rows[i].value), rows[i].size);

		if (part.status != rows[i].status || part.first != rows[i].first ||
		    part.length != rows[i].length)
			fail_msg("%s of %lu: %d, %lu from %lu", rows[i].value,
			    (unsigned long)rows[i].size, part.status, (unsigned long)part.length,
			    (unsigned long)part.first);
	}
}

static void
httpfield_has_etag_compares_strong_and_weak(void **state)
{
	static const struct {
		const char *list;
		bool strong, weak; /* found when tags are compared so */
	} rows[] = {
		{ "\"v1\"", true, true },
		{ "W/\"v1\"", false, true },
		{ "w/\"v1\"", false, false },
		{ "*", true, true },
		{ "\"a\", \"v1\"", true, true },
		{ "\"a\",W/\"v1\" ,\"b\"", false, true },
		{ " , ,\"v1\",, ", true, true },
		{ "\"v1,\", \"v2\"", false, false },
		{ "\"V1\"", false, false },
		{ "v1", false, false },
		{ "\"v1", false, false },
		{ "\"v1\" \"v2\"", false, false },
		{ "\"v1\", broken", false, false },
		{ "\"v 1\", \"v1\"", false, false },
		{ "*, \"v1\"", false, false },
		{ "\"\"", false, false },
		{ "W/", false, false },
		{ "", false, false },
	};
	const struct span etag = span_str(TAG);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct span list = span_str(rows[i].list);

		if (httpfield_has_etag(list, etag, false) != rows[i].strong ||
		    httpfield_has_etag(list, etag, true) != rows[i].weak)
			fail_msg("%s", rows[i].list);
	}
	assert_false(httpfield_has_etag(span_str("\"\""), (struct span){ 0 }, true));
	assert_true(httpfield_has_etag(span_str("*"), (struct span){ 0 }, false));
}

static void
httpfield_date_reads_and_prints_one_form(void **state)
{
	static const struct {
		int64_t t;
		const char *text;
	} rows[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ TIME, THEN },
		{ 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
		{ 951868799, "Tue, 29 Feb 2000 23:59:59 GMT" },
		{ 951868800, "Wed, 01 Mar 2000 00:00:00 GMT" },
		{ 1735689599, "Tue, 31 Dec 2024 23:59:59 GMT" },
		{ 4102444800, "Fri, 01 Jan 2100 00:00:00 GMT" },
		{ 4107542400, "Mon, 01 Mar 2100 00:00:00 GMT" },
		{ 253402300799, "Fri, 31 Dec 9999 23:59:59 GMT" },
	};
	char text[HTTPFIELD_DATE];
	int64_t t;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		httpfield_date_print(rows[i].t, text);
		assert_string_equal(text, rows[i].text);
		assert_true(httpfield_date(span_str(text), &t));
		assert_int_equal(t, rows[i].t);
	}
	httpfield_date_print(-5, text);
	assert_string_equal(text, rows[0].text);
	httpfield_date_print(INT64_MAX, text);
	assert_string_equal(text, "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void
httpfield_date_refuses_other_forms(void **state)
{
	static const char *const rows[] = { "", "Sun, 06 Nov 1994 08:49:37", (THEN " "), (" " THEN),
		"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
		"Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
		"Son, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
		"Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
		"Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
		"Sun, 29 Feb 2100 08:49:37 GMT", "Sun, 32 Dec 1994 08:49:37 GMT",
		"Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
		"Sun, 06 Nov -994 08:49:37 GMT" };
	int64_t t;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (httpfield_date(span_str(rows[i]), &t))
			fail_msg("%s", rows[i]);
}

/* Up to three fields, in any case. */
static const struct weighed {
	const char *fields[6];
	bool head;
	int status;
} weighed[] = {
	{ { NULL }, false, 200 },
	{ { "Host", "x", "Accept", "*", "Referer", "y" }, false, 200 },
	{ { "if-none-match", "\"v1\"" }, false, 304 },
	{ { "If-None-Match", "W/\"v1\"" }, true, 304 },
	{ { "If-None-Match", "*" }, false, 304 },
	{ { "If-None-Match", "\"v2\"" }, false, 200 },
	{ { "If-None-Match", "\"v1\"", "If-None-Match", "\"v1\"" }, false, 200 },
	{ { "If-Modified-Since", THEN }, false, 304 },
	{ { "If-Modified-Since", LATE }, true, 304 },
	{ { "If-Modified-Since", SOON }, false, 200 },
	{ { "If-Modified-Since", "yesterday" }, false, 200 },
	{ { "If-Modified-Since", THEN, "IF-MODIFIED-SINCE", THEN }, false, 200 },
	{ { "If-None-Match", "\"v2\"", "If-Modified-Since", THEN }, false, 200 },
	{ { "If-Match", "\"v1\"" }, false, 200 },
	{ { "If-Match", "*" }, false, 200 },
	{ { "If-Match", "W/\"v1\"" }, false, 412 },
	{ { "If-Match", "\"v2\"" }, true, 412 },
	{ { "If-Match", "\"v1\"", "If-None-Match", "\"v1\"" }, false, 304 },
	{ { "If-Match", "\"v2\"", "If-None-Match", "\"v1\"" }, false, 412 },
	{ { "If-Unmodified-Since", SOON }, false, 412 },
	{ { "If-Unmodified-Since", THEN }, false, 200 },
	{ { "If-Unmodified-Since", "never" }, false, 200 },
	{ { "If-Match", "\"v1\"", "If-Unmodified-Since", SOON }, false, 200 },
	{ { "Range", "bytes=1-2" }, false, 206 },
	{ { "Range", "bytes=1-2" }, true, 200 },
	{ { "Range", "bytes=5000-" }, false, 416 },
	{ { "Range", "bytes=1-2", "Range", "bytes=1-2" }, false, 200 },
	{ { "Range", "bytes=1-2", "If-None-Match", "\"v1\"" }, false, 304 },
	{ { "Range", "bytes=1-2", "If-Range", "\"v1\"" }, false, 206 },
	{ { "Range", "bytes=1-2", "If-Range", "W/\"v1\"" }, false, 200 },
	{ { "Range", "bytes=1-2", "If-Range", "\"v2\"" }, false, 200 },
	{ { "Range", "bytes=1-2", "If-Range", "\"v1\", \"v2\"" }, false, 200 },
	{ { "Range", "bytes=1-2", "If-Range", THEN }, false, 206 },
	{ { "Range", "bytes=1-2", "If-Range", LATE }, false, 200 },
	{ { "Range", "bytes=5000-", "If-Range", "\"v2\"" }, false, 200 },
	{ { "Range", "bytes=1-2", "If-Range", "\"v1\"", "If-Range", "\"v1\"" }, false, 200 },
	{ { "If-Range", "\"v2\"" }, false, 200 },
};

static struct httpfield_part
weigh(const struct weighed *row, const struct httpfield_file *file)
{
	struct httpfield_wish w = { 0 };

	for (size_t i = 0; i < 6 && row->fields[i] != NULL; i += 2)
		httpfield_note(&w, row->fields[i], row->fields[i + 1]);
	return httpfield_weigh(&w, file, !row->head);
}

static void
httpfield_weigh_follows_the_order_of_the_conditions(void **state)
{
	const struct httpfield_file file = { span_str(TAG), TIME, SIZE };

	(void)state;
	for (size_t i = 0; i < sizeof weighed / sizeof weighed[0]; i++) {
		struct httpfield_part part = weigh(&weighed[i], &file);

		if (part.status != weighed[i].status)
			fail_msg("row %zu, %s: %d", i, weighed[i].fields[0], part.status);
		if (part.status == 200)
			assert_int_equal(part.length, SIZE);
	}
}

static void
httpfield_weigh_without_tag_and_time_matches_only_a_star(void **state)
{
	const struct httpfield_file file = { .size = SIZE };

	(void)state;
	for (size_t i = 0; i < sizeof weighed / sizeof weighed[0]; i++) {
		const char *name = weighed[i].fields[0];
		int status = weigh(&weighed[i], &file).status;

		if (name == NULL || strcmp(name, "Range") == 0)
			continue;
		if (strchr(weighed[i].fields[1], '*') != NULL)
			assert_int_equal(status, weighed[i].status);
		else
			assert_int_equal(status, strcmp(name, "If-Match") == 0 ? 412 : 200);
	}
}

static void
httpfield_path_decodes_once_and_refuses_what_is_no_path(void **state)
{
	static const struct {
		const char *target, *path;
	} rows[] = {
		{ "/", "/" },
		{ "/a/b.xml", "/a/b.xml" },
		{ "/a?b/c%00", "/a" },
		{ "/a%20b", "/a b" },
		{ "/%41%4a%4A", "/AJJ" },
		{ "/%2e%2e/%2fetc", "/..//etc" },
		{ "/%252e%252e", "/%2e%2e" },
		{ "/../a", "/../a" },
		{ "/a%0ab", "/a\nb" },
		{ "/\xc3\xa9", "/\xc3\xa9" },
		{ "/a+b", "/a+b" },
		{ "//host/a", "//host/a" },
		{ "http://host/a", "/a" },
		{ "HTTPS://host:6970/a?b", "/a" },
		{ "http://host", "/" },
		{ "http://host?b", "/" },
		{ "http:///a", "/a" },
		{ "", NULL },
		{ "a", NULL },
		{ "*", NULL },
		{ "host:443", NULL },
		{ "ftp://host/a", NULL },
		{ "file:///etc/passwd", NULL },
		{ "http:/a", NULL },
		{ "http://ho st/a", NULL },
		{ "http://host#a", NULL },
		{ "/a%00", NULL },
		{ "/a%00b", NULL },
		{ "/a%", NULL },
		{ "/a%2", NULL },
		{ "/a%zz", NULL },
		{ "/a%u0041", NULL },
		{ "/a b", NULL },
		{ "/a\tb", NULL },
		{ "/a#b", NULL },
		{ "\\a", NULL },
	};
	struct wr out = wr_new(64);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool ok = httpfield_path(span_str(rows[i].target), &out);

		if (ok != (rows[i].path != NULL))
			fail_msg("%s", rows[i].target);
		if (ok)
			assert_string_equal((const char *)wr_view(&out).p, rows[i].path);
	}
	assert_false(httpfield_path(span_of("/a\0b", 4), &out));
	wr_free(&out);
	out = wr_new(4);
	assert_true(httpfield_path(span_str("/ab"), &out));
	assert_false(httpfield_path(span_str("/abc"), &out));
	assert_true(httpfield_path(span_str("/%61b"), &out));
	wr_free(&out);
}

static void
httpfield_is_name_takes_tokens_alone(void **state)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";
	char name[] = "A?b";

	(void)state;
	for (int c = 0; c < 256; c++) {
		bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			      (c >= 'A' && c <= 'Z') || memchr(marks, c, sizeof marks - 1) != NULL;

		name[1] = (char)c;
		if (httpfield_is_name(span_of(name, 3)) != letter)
			fail_msg("byte %d", c);
	}
	assert_false(httpfield_is_name(span_str("")));
}

static void
httpfield_length_takes_digits_alone(void **state)
{
	static const char *const wrong[] = { "", " ", "+1", "-1", "-0", " 1", "1 ", "1,1", "0x1",
		"1e1", "1.0", "one" };
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (httpfield_length(span_str(wrong[i]), &n))
			fail_msg("\"%s\"", wrong[i]);
	assert_true(httpfield_length(span_str("0"), &n));
	assert_int_equal(n, 0);
	assert_true(httpfield_length(span_str("0012"), &n));
	assert_int_equal(n, 12);
	assert_true(httpfield_length(span_str("18446744073709551616"), &n));
	assert_int_equal(n, UINT64_MAX);
	assert_false(httpfield_length(span_of("1\0", 2), &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(httpfield_range_takes_one_range_of_bytes_and_ignores_others),
		cmocka_unit_test(httpfield_has_etag_compares_strong_and_weak),
		cmocka_unit_test(httpfield_date_reads_and_prints_one_form),
		cmocka_unit_test(httpfield_date_refuses_other_forms),
		cmocka_unit_test(httpfield_weigh_follows_the_order_of_the_conditions),
		cmocka_unit_test(httpfield_weigh_without_tag_and_time_matches_only_a_star),
		cmocka_unit_test(httpfield_is_name_takes_tokens_alone),
		cmocka_unit_test(httpfield_length_takes_digits_alone),
		cmocka_unit_test(httpfield_path_decodes_once_and_refuses_what_is_no_path),
	};

	return cmocka_run_group_tests_name("wire/httpfield", tests, NULL, NULL);
}
