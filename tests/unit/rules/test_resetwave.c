#include "../check.h"

#include "rules/resetwave.h"

static void
a_kind_has_the_name_that_hooks_are_given(void **state)
{
	enum reset_kind k;

	(void)state;
	for (int i = 0; i < RESET_KINDS; i++) {
		assert_true(reset_kind_from_name(reset_kind_name((enum reset_kind)i), &k));
		assert_int_equal(k, i);
	}
	assert_false(reset_kind_from_name("reboot", &k));
}

static void
phones_are_shared_out_to_a_canary_and_waves(void **state)
{
	static const struct {
		struct resetwave_plan plan;
		size_t total;
		unsigned waves;
	} rows[] = {
		{ { .canary = 20, .wave = 3 }, 10, 4 },
		{ { .canary = 5, .wave = 4 }, 10, 4 },
		{ { .canary = 0, .wave = 4 }, 5, 2 },
		{ { .canary = 0, .wave = 0 }, 3, 1 },
		{ { .canary = 34, .wave = 0 }, 3, 2 },
		{ { .canary = 100, .wave = 2 }, 3, 1 },
		{ { .canary = 5, .wave = 0 }, 1, 1 },
		{ { .canary = 5, .wave = 0 }, 0, 0 },
	};

	(void)state;
	for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
		unsigned highest = 0;

		assert_int_equal(resetwave_count(&rows[r].plan, rows[r].total), rows[r].waves);
		for (size_t i = 0; i < rows[r].total; i++) {
			unsigned wave = resetwave_of(&rows[r].plan, i, rows[r].total);

			assert_in_range(wave, 1, rows[r].waves);
			highest = wave > highest ? wave : highest;
		}
		assert_int_equal(highest, rows[r].waves);
	}
}

static void
canaries_are_spread_over_all_phones(void **state)
{
	const struct resetwave_plan plan = { .canary = 10, .wave = 25 };
	size_t count[6] = { 0 }, last = 0;

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		unsigned wave = resetwave_of(&plan, i, 100);

		assert_in_range(wave, 1, 5);
		count[wave]++;
		if (wave == 1) {
			assert_true(count[1] == 1 || i - last == 10);
			last = i;
		}
	}
	assert_int_equal(count[1], 10);
	assert_int_equal(count[2], 25);
	assert_int_equal(count[4], 25);
	assert_int_equal(count[5], 15);
}

static void
a_wave_follows_stops_or_waits(void **state)
{
	static const struct {
		struct resetwave_tally tally; /* waiting, open, back, bad */
		unsigned tolerance;
		bool accepted;
		enum resetwave_verdict want;
	} rows[] = {
		{ { 10, 0, 0, 0 }, 10, false, RESETWAVE_WAIT },
		{ { 0, 10, 0, 0 }, 10, false, RESETWAVE_WAIT },
		{ { 0, 2, 8, 0 }, 10, false, RESETWAVE_WAIT },
		{ { 0, 1, 9, 0 }, 10, false, RESETWAVE_NEXT },
		{ { 0, 0, 9, 1 }, 10, false, RESETWAVE_NEXT },
		{ { 0, 0, 8, 2 }, 10, false, RESETWAVE_STOP },
		{ { 5, 3, 0, 2 }, 10, false, RESETWAVE_STOP }, /* before the others are asked */
		{ { 1, 0, 9, 0 }, 10, false, RESETWAVE_WAIT },
		{ { 0, 0, 1, 0 }, 0, false, RESETWAVE_NEXT },
		{ { 0, 0, 0, 1 }, 10, false,
		    RESETWAVE_STOP }, /* a share of one phone is no phone */
		{ { 0, 0, 0, 3 }, 0, true, RESETWAVE_NEXT },
		{ { 0, 1, 0, 3 }, 0, true, RESETWAVE_WAIT },
		{ { 2, 0, 0, 3 }, 0, true, RESETWAVE_WAIT },
		{ { 0, 0, 0, 0 }, 0, false, RESETWAVE_NEXT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(
		    resetwave_judge(&rows[i].tally, rows[i].tolerance, rows[i].accepted),
		    rows[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kind_has_the_name_that_hooks_are_given),
		cmocka_unit_test(phones_are_shared_out_to_a_canary_and_waves),
		cmocka_unit_test(canaries_are_spread_over_all_phones),
		cmocka_unit_test(a_wave_follows_stops_or_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
