#include "../check.h"

#include "daemon/refusals.h"

#include <inttypes.h>
#include <stdio.h>

#define NOW    1800000000
#define HOME   "192.0.2.7:2000"
#define AWAY   "192.0.2.9"
#define PHONE  "SEP001122334455"
#define OTHER  "SEP001122334466"
#define EVENTS 6

struct event {
	char what; /* 'L' list, 'C' CTL, 'A' alert; 0: no more */
	const char *address, *device;
	int after;
	int64_t list;
};

static void
to_text(void *arg, const struct refusal *r)
{
	char *out = arg;
	size_t n = strlen(out);

	snprintf(out + n, 100 - n, "%s@%s %" PRId64 ",%" PRId64 ";", r->device, r->address, r->ctl,
	    r->itl);
}

static void
play(struct refusals *r, const struct event *v)
{
	struct device d;

	if (v->what == 'A') {
		refusals_alert(r, span_str(v->address), NOW + v->after);
		return;
	}
	assert_true(device_parse(span_str(v->device), &d, NULL));
	refusals_list(r, &d, v->list, v->what == 'C', span_str(v->address), NOW + v->after);
}

static void
a_refusal_is_a_list_and_a_handshake_that_failed_at_one_address(void **state)
{
	static const struct {
		const char *what;
		struct event event[EVENTS];
		const char *want;
	} rows[] = {
		{ "a refusal", { { 'L', HOME, PHONE, 0, 7 }, { 'A', "192.0.2.7:3000", "", 3, 0 } },
		    PHONE "@192.0.2.7 0,7;" },
		{ "of both lists",
		    { { 'C', HOME, PHONE, 0, 6 }, { 'L', HOME, PHONE, 1, 7 },
			{ 'A', HOME, "", 3, 0 } },
		    PHONE "@192.0.2.7 6,7;" },
		{ "the list that it was handed last",
		    { { 'L', HOME, PHONE, 0, 6 }, { 'L', HOME, PHONE, 1, 7 },
			{ 'A', HOME, "", 3, 0 } },
		    PHONE "@192.0.2.7 0,7;" },
		{ "told by two fronts",
		    { { 'A', HOME, "", 0, 0 }, { 'L', HOME, PHONE, REFUSALS_LATE_S, 7 } },
		    PHONE "@192.0.2.7 0,7;" },
		{ "several handshakes are one",
		    { { 'L', HOME, PHONE, 0, 7 }, { 'A', HOME, "", 1, 0 },
			{ 'A', HOME, "", 2, 0 } },
		    PHONE "@192.0.2.7 0,7;" },
		{ "two phones at two addresses",
		    { { 'L', HOME, PHONE, 0, 7 }, { 'L', AWAY, OTHER, 0, 8 },
			{ 'A', AWAY, "", 1, 0 }, { 'A', HOME, "", 2, 0 } },
		    OTHER "@192.0.2.9 0,8;" PHONE "@192.0.2.7 0,7;" },
		{ "a list long after",
		    { { 'A', HOME, "", 0, 0 }, { 'L', HOME, PHONE, REFUSALS_LATE_S + 1, 7 } }, "" },
		{ "a list long before",
		    { { 'L', HOME, PHONE, 0, 7 }, { 'A', HOME, "", REFUSALS_WITHIN_S + 1, 0 } },
		    "" },
		{ "only a CTL", { { 'C', HOME, PHONE, 0, 7 }, { 'A', HOME, "", 1, 0 } }, "" },
		{ "no list", { { 'A', HOME, "", 1, 0 } }, "" },
		{ "no handshake", { { 'L', HOME, PHONE, 0, 7 } }, "" },
		{ "from elsewhere", { { 'L', HOME, PHONE, 0, 7 }, { 'A', AWAY, "", 1, 0 } }, "" },
		{ "the list went elsewhere since",
		    { { 'L', HOME, PHONE, 0, 7 }, { 'L', AWAY, PHONE, 1, 7 },
			{ 'A', HOME, "", 2, 0 } },
		    "" },
		{ "two phones at one address",
		    { { 'L', HOME, PHONE, 0, 7 }, { 'L', HOME, OTHER, 1, 7 },
			{ 'A', HOME, "", 2, 0 } },
		    "" },
		{ "one of them long before",
		    { { 'L', HOME, OTHER, 0, 7 }, { 'L', HOME, PHONE, REFUSALS_WITHIN_S + 1, 7 },
			{ 'A', HOME, "", REFUSALS_WITHIN_S + 2, 0 } },
		    PHONE "@192.0.2.7 0,7;" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct refusals *r = refusals_new();
		char got[100] = "";

		for (size_t k = 0; k < EVENTS && rows[i].event[k].what != 0; k++)
			play(r, &rows[i].event[k]);
		refusals_conclude(r, NOW + 2 * REFUSALS_WITHIN_S, to_text, got);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: got %s, expected %s", rows[i].what, got, rows[i].want);
		refusals_free(r);
	}
}

static void
nothing_is_concluded_before_all_fronts_have_told_and_nothing_twice(void **state)
{
	const struct event list = { 'L', HOME, PHONE, 0, 7 }, alert = { 'A', HOME, "", 1, 0 };
	struct refusals *r = refusals_new();
	char got[100] = "";

	(void)state;
	play(r, &list);
	play(r, &alert);
	refusals_conclude(r, NOW + 1 + REFUSALS_LATE_S, to_text, got);
	assert_string_equal(got, "");
	refusals_conclude(r, NOW + 2 + REFUSALS_LATE_S, to_text, got);
	assert_string_equal(got, PHONE "@192.0.2.7 0,7;");
	refusals_conclude(r, NOW + 3 + REFUSALS_LATE_S, to_text, got);
	play(r, &alert);
	refusals_conclude(r, NOW + 9, to_text, got);
	assert_string_equal(got, PHONE "@192.0.2.7 0,7;");
	refusals_free(r);
}

static void
many_phones_are_remembered_within_a_bound(void **state)
{
	struct refusals *r = refusals_new();
	char name[24], address[24], got[100] = "";

	(void)state;
	for (int i = 0; i < REFUSALS_MAX + 10; i++) {
		struct device d;

		snprintf(name, sizeof name, "SEP%012X", i);
		snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
		assert_true(device_parse(span_str(name), &d, NULL));
		refusals_list(r, &d, 7, false, span_str(address), NOW);
	}
	refusals_alert(r, span_str("10.0.0.9"), NOW + 1);
	refusals_conclude(r, NOW + 9, to_text, got);
	assert_string_equal(got, ""); /* the oldest ten are gone */
	refusals_alert(r, span_str("10.0.0.10"), NOW + 10);
	refusals_conclude(r, NOW + 19, to_text, got);
	assert_string_equal(got, "SEP00000000000A@10.0.0.10 0,7;");
	refusals_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_is_a_list_and_a_handshake_that_failed_at_one_address),
		cmocka_unit_test(
		    nothing_is_concluded_before_all_fronts_have_told_and_nothing_twice),
		cmocka_unit_test(many_phones_are_remembered_within_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
