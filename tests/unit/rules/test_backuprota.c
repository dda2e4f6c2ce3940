#include "../check.h"

#include "rules/backuprota.h"

#define NOW 1800000000
#define DAY 86400

static void
backuprota_is_due_once_a_day_after_changes_and_not_at_once_after_a_failure(void **state)
{
	static const struct {
		const char *what;
		struct backuprota p;
		bool due;
	} rows[] = {
		{ "none was ever made", { .slot = NOW - DAY / 2 }, true },
		{ "the last is before the slot",
		    { .slot = NOW - 60, .made = NOW - DAY, .keys_changed = NOW - DAY }, true },
		{ "the last is of the slot", { .slot = NOW - 60, .made = NOW - 60 }, false },
		{ "the last is after the slot", { .slot = NOW - 60, .made = NOW - 30 }, false },
		{ "keys have changed",
		    { .slot = NOW - DAY / 2,
			.after_changes = true,
			.made = NOW - 60,
			.behind = true,
			.keys_changed = NOW - BACKUPROTA_SETTLE_S },
		    true },
		{ "keys are changing",
		    { .slot = NOW - DAY / 2,
			.after_changes = true,
			.made = NOW - 60,
			.behind = true,
			.keys_changed = NOW - BACKUPROTA_SETTLE_S + 1 },
		    false },
		{ "keys have changed, and that is not wished",
		    { .slot = NOW - DAY / 2,
			.made = NOW - 60,
			.behind = true,
			.keys_changed = NOW - 600 },
		    false },
		{ "keys changed, but a backup has them",
		    { .slot = NOW - DAY / 2,
			.after_changes = true,
			.made = NOW - 60,
			.keys_changed = NOW - 600 },
		    false },
		{ "keys changed after now: the clock was set back",
		    { .slot = NOW - DAY / 2,
			.after_changes = true,
			.made = NOW - 60,
			.behind = true,
			.keys_changed = NOW + DAY },
		    true },
		{ "the last try failed a moment ago",
		    { .slot = NOW - DAY / 2, .failed = NOW - BACKUPROTA_RETRY_S + 1 }, false },
		{ "the last try failed a while ago",
		    { .slot = NOW - DAY / 2, .failed = NOW - BACKUPROTA_RETRY_S }, true },
		{ "the last try failed after now", { .slot = NOW - DAY / 2, .failed = NOW + DAY },
		    true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (backuprota_is_due(&rows[i].p, NOW) != rows[i].due)
			fail_msg("%s", rows[i].what);
}

static void
backuprota_names_say_cluster_and_time_and_are_known_again(void **state)
{
	static const char *const clusters[] = { "Example", "a-b", "Zentrale Süd/1", "..", "" };
	char name[BACKUPROTA_NAME_MAX];
	time_t made;

	(void)state;
	assert_string_equal(
	    backuprota_name("Example", 1796007600, name), "Example-20261130-030000.backup");
	for (size_t i = 0; i < sizeof clusters / sizeof clusters[0]; i++) {
		backuprota_name(clusters[i], NOW, name);
		assert_null(strchr(name, '/'));
		assert_int_not_equal(name[0], '.');
		assert_true(backuprota_is_name(clusters[i], name, "", &made));
		assert_int_equal(made, NOW);
		strcat(name, ".new");
		assert_true(backuprota_is_name(clusters[i], name, ".new", &made));
		assert_false(backuprota_is_name(clusters[i], name, "", &made));
	}
}

static void
backuprota_takes_no_other_file_for_one(void **state)
{
	static const char *const names[] = { "Example", "Example-", "Example-20261130-030000",
		"Example-20261130-030000.backup2", "Example-2026113-0030000.backup",
		"Example-20261330-030000.backup", "Example-20261130-240000.backup",
		"Example-20261130x030000.backup", "Example-b-20261130-030000.backup",
		"example-20261130-030000.backup", "Example-2026113é-030000.backup",
		"my Example-20261130-030000.backup", "Example-20261130-030000.backup.gz" };
	time_t made;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (backuprota_is_name("Example", names[i], "", &made))
			fail_msg("%s", names[i]);
}

static void
backuprota_lets_old_ones_go_but_never_the_newest(void **state)
{
	static const struct {
		unsigned days, least;
		int age[5]; /* days, 0 the one that was just made */
		const char *goes;
	} rows[] = {
		{ 14, 1, { 0, 1, 14, 15, 300 }, "...xx" },
		{ 14, 4, { 0, 1, 14, 15, 300 }, "....x" },
		{ 14, 5, { 0, 1, 14, 15, 300 }, "....." },
		{ 1, 1, { 0, 20, 30, 40, 50 }, ".xxxx" },
		{ 1, 1, { 50, 40, 30, 20, 0 }, "xxxx." },
		/* from a clock that was set back: they do not count either */
		{ 1, 2, { 0, -1, -2, 5, 6 }, "....x" },
		{ 1, 1, { -400, 0, -1, -2, -3 }, "....." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		time_t made[5];
		bool old[5];
		char goes[6] = "";

		for (size_t k = 0; k < 5; k++)
			made[k] = NOW - rows[i].age[k] * (time_t)DAY;
		backuprota_old(made, 5, NOW, rows[i].days, rows[i].least, old);
		for (size_t k = 0; k < 5; k++)
			goes[k] = old[k] ? 'x' : '.';
		assert_string_equal(goes, rows[i].goes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    backuprota_is_due_once_a_day_after_changes_and_not_at_once_after_a_failure),
		cmocka_unit_test(backuprota_names_say_cluster_and_time_and_are_known_again),
		cmocka_unit_test(backuprota_takes_no_other_file_for_one),
		cmocka_unit_test(backuprota_lets_old_ones_go_but_never_the_newest),
	};

	return cmocka_run_group_tests_name("backuprota", tests, NULL, NULL);
}
