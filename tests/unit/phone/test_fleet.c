#include "../check.h"

#include "folder.h"
#include "phone/fleet.h"

#include <unistd.h>

static void
fleet_name_counts_up_from_a_mac(void **state)
{
	static const struct {
		const char *first;
		unsigned n;
		const char *want;
	} cases[] = {
		{ "SEP001122334455", 0, "SEP001122334455" },
		{ "SEP0011223344FF", 1, "SEP001122334500" },
		{ "SEPFFFFFFFFFF00", 255, "SEPFFFFFFFFFFFF" },
	};
	struct device first, d;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(first.name, sizeof first.name, "%s", cases[i].first);
		assert_ok(fleet_name(&first, cases[i].n, &d, &e), e);
		assert_string_equal(d.name, cases[i].want);
	}
	assert_fails(fleet_name(&first, 256, &d, &e), e, ERR_LIMIT, "no MAC");
	snprintf(first.name, sizeof first.name, "CSFalice");
	assert_fails(fleet_name(&first, 1, &d, &e), e, ERR_REFUSED, "SEP");
}

/* Every third phone is unwell. */
static bool
run(void *arg, const struct device *d, const char *folder, FILE *out)
{
	(void)arg;
	(void)folder;
	fprintf(out, "%s\n", d->name);
	return (d->name[14] - '0') % 3 != 2;
}

static void
fleet_run_counts_and_gives_each_phone_its_folder(void **state)
{
	struct fleet f = { .first = { "SEP000000000000" }, .count = 9, .at_once = 4, .run = run };
	char folder[FOLDER_MAX], path[FOLDER_MAX + 64];
	struct fleet_result r;
	struct err e = { 0 };

	(void)state;
	folder_make(folder);
	f.folder = folder;
	assert_ok(fleet_run(&f, &r, &e), e);
	assert_int_equal(r.well, 6);
	assert_int_equal(r.failed, 3);
	assert_int_equal((r.first_failed.name[14] - '0') % 3, 2);
	for (int i = 0; i < 9; i++) {
		snprintf(path, sizeof path, "%s/SEP00000000000%d/console.txt", folder, i);
		assert_int_equal(access(path, R_OK), 0);
	}
	folder_remove(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fleet_name_counts_up_from_a_mac),
		cmocka_unit_test(fleet_run_counts_and_gives_each_phone_its_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
