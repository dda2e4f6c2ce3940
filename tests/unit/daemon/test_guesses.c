#include "../check.h"

#include "daemon/guesses.h"

#define NOW ((time_t)1700000000)
#define MAX 3

static unsigned
wait_of(const struct guesses *g, const char *host, time_t now)
{
	return guesses_wait(g, span_str(host), now);
}

static bool
wrong(struct guesses *g, const char *host, time_t now)
{
	return guesses_wrong(g, span_str(host), MAX, now);
}

static void
an_address_is_blocked_for_a_while_by_so_many_wrong_ones(void **state)
{
	struct guesses *g = guesses_new();

	(void)state;
	assert_false(wrong(g, "192.0.2.1", NOW));
	assert_false(wrong(g, "192.0.2.1", NOW + 1));
	assert_int_equal(wait_of(g, "192.0.2.1", NOW + 1), 0);
	assert_true(wrong(g, "192.0.2.1", NOW + 2));
	assert_int_equal(wait_of(g, "192.0.2.1", NOW + 2), GUESSES_BLOCKED_S);
	assert_int_equal(wait_of(g, "192.0.2.1", NOW + 1 + GUESSES_BLOCKED_S), 1);
	assert_int_equal(wait_of(g, "192.0.2.1", NOW + 2 + GUESSES_BLOCKED_S), 0);
	assert_int_equal(wait_of(g, "192.0.2.1", NOW - 86400), 0);
	assert_int_equal(wait_of(g, "192.0.2.2", NOW + 2), 0);
	assert_false(wrong(g, "192.0.2.1", NOW + 2 + GUESSES_BLOCKED_S));
	guesses_free(g);
}

static void
wrong_ones_of_long_ago_do_not_count(void **state)
{
	struct guesses *g = guesses_new();

	(void)state;
	assert_false(wrong(g, "192.0.2.1", NOW));
	assert_false(wrong(g, "192.0.2.1", NOW + 1));
	assert_false(wrong(g, "192.0.2.1", NOW + GUESSES_WITHIN_S));
	assert_false(wrong(g, "192.0.2.1", NOW + GUESSES_WITHIN_S + 1));
	assert_true(wrong(g, "192.0.2.1", NOW + GUESSES_WITHIN_S + 2));
	guesses_free(g);
}

static void
an_ipv6_network_is_one_address(void **state)
{
	struct guesses *g = guesses_new();

	(void)state;
	(void)wrong(g, "2001:db8::1", NOW);
	(void)wrong(g, "2001:db8:0:0:ffff::2", NOW);
	assert_true(wrong(g, "2001:db8::3", NOW));
	assert_int_equal(wait_of(g, "2001:db8::4", NOW), GUESSES_BLOCKED_S);
	assert_int_equal(wait_of(g, "2001:db8:0:1::4", NOW), 0);
	guesses_free(g);
}

static void
who_guessed_longest_ago_makes_room(void **state)
{
	struct guesses *g = guesses_new();
	char host[32];

	(void)state;
	for (int i = 0; i < MAX; i++) {
		(void)wrong(g, "192.0.2.1", NOW);
		(void)wrong(g, "192.0.2.2", NOW);
	}
	for (int i = 0; i < GUESSES_ADDRESSES_MAX - 1; i++) {
		snprintf(host, sizeof host, "10.0.%d.%d", i / 256, i % 256);
		(void)wrong(g, host, NOW);
	}
	assert_int_equal(guesses_count(g), GUESSES_ADDRESSES_MAX);
	assert_int_equal(wait_of(g, "192.0.2.1", NOW), 0);
	assert_int_equal(wait_of(g, "192.0.2.2", NOW), GUESSES_BLOCKED_S);
	guesses_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_blocked_for_a_while_by_so_many_wrong_ones),
		cmocka_unit_test(wrong_ones_of_long_ago_do_not_count),
		cmocka_unit_test(an_ipv6_network_is_one_address),
		cmocka_unit_test(who_guessed_longest_ago_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
