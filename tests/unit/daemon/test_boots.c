#include "../check.h"

#include "daemon/boots.h"
#include "store/store.h"

#define NOW  1800000000
#define HOME "192.0.2.7:2000"
#define AWAY "192.0.2.9"

struct event {
	char what; /* 'L' list, 'C' configuration, 'F' forget; 0: no more */
	const char *address;
	int after;
};

static void
a_boot_is_a_list_and_a_configuration_from_one_address(void **state)
{
	static const struct {
		const char *what;
		struct event event[4];
		size_t whole;
	} rows[] = {
		{ "a boot", { { 'L', HOME, 0 }, { 'C', "192.0.2.7:3000", 3 } }, 1 },
		{ "told by two fronts", { { 'C', HOME, 0 }, { 'L', HOME, BOOTS_EARLY_S } }, 1 },
		{ "a configuration long before",
		    { { 'C', HOME, 0 }, { 'L', HOME, BOOTS_EARLY_S + 1 } }, 0 },
		{ "only the list, however often",
		    { { 'L', HOME, 0 }, { 'L', HOME, 1 }, { 'L', HOME, 2 } }, 0 },
		{ "only the configuration", { { 'C', HOME, 0 }, { 'C', HOME, 1 } }, 0 },
		{ "somebody else has read the list", { { 'L', AWAY, 0 }, { 'C', HOME, 1 } }, 0 },
		{ "somebody else asks in between",
		    { { 'L', HOME, 0 }, { 'L', AWAY, 1 }, { 'C', HOME, 2 } }, 0 },
		{ "nothing is announced any more",
		    { { 'L', HOME, 0 }, { 'F', "", 1 }, { 'C', HOME, 2 } }, 0 },
		{ "two boots",
		    { { 'L', HOME, 0 }, { 'C', HOME, 1 }, { 'L', HOME, 9 }, { 'C', HOME, 10 } },
		    2 },
	};
	struct device d;
	struct store *s;
	struct err e = { 0 };

	(void)state;
	assert_ok(store_open(":memory:", &s, &e), e);
	assert_ok(device_parse(span_str("SEP001122334455"), &d, &e), e);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct boots *b = boots_new();
		size_t count;

		for (const struct event *v = rows[i].event; v < rows[i].event + 4 && v->what != 0;
		     v++)
			if (v->what == 'L')
				boots_list(b, &d, 7, span_str(v->address), NOW + v->after);
			else if (v->what == 'C')
				boots_config(b, &d, span_str(v->address), NOW + v->after);
			else
				boots_forget(b);
		assert_ok(boots_write(b, s, &count, &e), e);
		if (count != rows[i].whole)
			fail_msg("%s: %zu", rows[i].what, count);
		assert_ok(boots_write(b, s, &count, &e), e);
		assert_int_equal(count, 0);
		boots_free(b);
	}
	store_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_boot_is_a_list_and_a_configuration_from_one_address),
	};

	return cmocka_run_group_tests_name("boots", tests, NULL, NULL);
}
