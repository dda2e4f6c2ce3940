#include "../check.h"

#include "rules/trust_cache.h"

#define NOW 1700000000

static void
put(struct trust_cache *c, const char *issuer, const char *serial, time_t expires)
{
	struct trust_cache_entry entry = { .issuer = bytes_copy(span_str(issuer)),
		.serial = bytes_copy(span_str(serial)),
		.certificate = bytes_copy(span_str(serial)),
		.roles = { 0, 3 },
		.role_count = 2,
		.expires = expires };

	trust_cache_put(c, &entry);
	bytes_free(&entry.issuer);
	bytes_free(&entry.serial);
	bytes_free(&entry.certificate);
}

static void
trust_cache_forgets_when_time_has_passed(void **state)
{
	struct trust_cache c = { 0 };

	(void)state;
	put(&c, "CN=a", "1", NOW + 10);
	assert_non_null(trust_cache_find(&c, span_str("CN=a"), span_str("1"), NOW + 9));
	assert_null(trust_cache_find(&c, span_str("CN=a"), span_str("1"), NOW + 10));
	assert_null(trust_cache_find(&c, span_str("CN=a"), span_str("2"), NOW));
	assert_non_null(trust_cache_find_der(&c, span_str("1"), NOW));
	assert_null(trust_cache_find_der(&c, span_str("1"), NOW + 10));
	trust_cache_flush(&c);
	assert_null(trust_cache_find(&c, span_str("CN=a"), span_str("1"), NOW));
}

static void
trust_cache_replaces_and_makes_room(void **state)
{
	struct trust_cache c = { 0 };
	char serial[8];

	(void)state;
	put(&c, "CN=a", "first", NOW + 10);
	put(&c, "CN=a", "first", NOW + 20);
	assert_int_equal(c.count, 1);
	assert_int_equal(c.entries[0].expires, NOW + 20);
	for (int i = 0; i < TRUST_CACHE_MAX; i++) {
		snprintf(serial, sizeof serial, "%d", i);
		put(&c, "CN=a", serial, NOW + 10);
	}
	assert_int_equal(c.count, TRUST_CACHE_MAX);
	assert_null(trust_cache_find(&c, span_str("CN=a"), span_str("first"), NOW));
	assert_non_null(trust_cache_find(&c, span_str("CN=a"), span_str("0"), NOW));
	trust_cache_flush(&c);
}

static void
trust_cache_encode_and_parse_are_inverse(void **state)
{
	struct trust_cache c = { 0 }, back;
	struct bytes text, again;
	struct err e = { 0 };

	(void)state;
	put(&c, "CN=old", "1", NOW);
	put(&c, "CN=a", "1", NOW + 10);
	put(&c, "CN=b", "2", NOW + (time_t)UINT32_MAX); /* the longest that TVS can say */
	assert_ok(trust_cache_encode(&c, NOW, &text, &e), e);
	assert_ok(trust_cache_parse(bytes_span(&text), &back, &e), e);
	assert_int_equal(back.count, 2);
	assert_int_equal(back.entries[1].role_count, 2);
	assert_ok(trust_cache_encode(&back, NOW, &again, &e), e);
	assert_span_equal(bytes_span(&again), bytes_span(&text));
	bytes_free(&text);
	bytes_free(&again);
	trust_cache_flush(&c);
	trust_cache_flush(&back);
}

static void
trust_cache_parse_refuses_damaged_lines(void **state)
{
	static const char *const bad[] = { "x", "1 00 00 00\n", "x 00 00 00 00\n",
		"99999999999999999999999999 00 00 00 00\n", "1 0 00 00 00\n", "1 00 00 00 0g\n",
		"1 00 00 00 00",
		"1 "
		"000000000000000000000000000000000000000000000000000000000000000000"
		" 00 00 00\n" };
	struct trust_cache c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[512];

		snprintf(text, sizeof text, "1700000000 00 01 02 03\n%s", bad[i]);
		if (trust_cache_parse(span_str(text), &c, &e) || c.count != 0)
			fail_msg("taken: %s", bad[i]);
		assert_non_null(strstr(e.text, "line 2"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_cache_forgets_when_time_has_passed),
		cmocka_unit_test(trust_cache_replaces_and_makes_room),
		cmocka_unit_test(trust_cache_encode_and_parse_are_inverse),
		cmocka_unit_test(trust_cache_parse_refuses_damaged_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
