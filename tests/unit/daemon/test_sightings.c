#include "../check.h"

#include "daemon/sightings.h"

static const struct {
	const char *given, *kept;
} addresses[] = {
	{ "192.0.2.1:50000", "192.0.2.1" },
	{ "[2001:db8::1]:50000", "2001:db8::1" },
	{ "192.0.2.1", "192.0.2.1" },
	{ "[2001:db8::1]", "2001:db8::1" },
	/* not of ours: must do no harm */
	{ "", "" },
	{ ":", "" },
	{ "]", "]" },
	{ "[", "[" },
	{ "[]", "" },
	{ "[:", "[" },
	{ "[]:", "" },
};

static void
sightings_add_keeps_the_address_without_the_port(void **state)
{
	struct store *store;
	struct phone p;
	struct err e = { 0 };
	bool found;

	(void)state;
	assert_ok(store_open(":memory:", &store, &e), e);
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		struct sightings *s = sightings_new();
		struct device d = { "SEP001122334455" };

		sightings_add(s, &d, span_str(addresses[i].given), 1700000000 + (time_t)i);
		assert_ok(sightings_write(s, store, 10, &e), e);
		assert_ok(store_phone_get(store, d.name, &p, &found, &e), e);
		assert_string_equal(p.last_address, addresses[i].kept);
		sightings_free(s);
	}
	store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sightings_add_keeps_the_address_without_the_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
