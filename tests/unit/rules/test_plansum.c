#include "../check.h"

#include "rules/plansum.h"

#include <stdlib.h>

struct group {
	enum handout_outcome outcome;
	const char *reason, *away;
	size_t phones;
};

#define GROUPS 5

static const struct row {
	const char *says;
	struct group group[GROUPS]; /* up to the first without phones */
	const char *summed;         /* "OUTCOME PHONES/GROUPS REASON AWAY;" each */
} rows[] = {
	{ "nothing", { { HANDOUT_KEEPS, "", "", 0 } }, "" },
	{ "the same is one row", { { HANDOUT_KEEPS, "a", "x", 2 }, { HANDOUT_KEEPS, "a", "x", 3 } },
	    "keeps 5/2 a x;" },
	{ "another outcome, reason or remedy is another row",
	    { { HANDOUT_TVS, "a", "x", 1 }, { HANDOUT_KEEPS, "a", "x", 1 },
		{ HANDOUT_KEEPS, "b", "x", 1 }, { HANDOUT_KEEPS, "a", "y", 1 } },
	    "keeps 1/1 a x;keeps 1/1 a y;keeps 1/1 b x;tvs 1/1 a x;" },
	{ "most phones come first, within their outcome",
	    { { HANDOUT_LOST, "a", "x", 9 }, { HANDOUT_TVS, "a", "x", 1 },
		{ HANDOUT_TVS, "b", "x", 4 }, { HANDOUT_TVS, "a", "x", 2 } },
	    "tvs 4/1 b x;tvs 3/2 a x;lost 9/1 a x;" },
};

static void
plansum_has_a_row_for_what_is_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plansum s = { 0 };
		char got[512] = "";

		print_message("# %s\n", rows[i].says);
		for (size_t k = 0; k < GROUPS && rows[i].group[k].phones > 0; k++) {
			const struct group *g = &rows[i].group[k];

			plansum_add(&s, g->outcome, g->reason, g->away, g->phones);
		}
		plansum_sort(&s);
		for (size_t k = 0; k < s.count; k++)
			snprintf(got + strlen(got), sizeof got - strlen(got), "%s %zu/%zu %s %s;",
			    handout_outcome_name(s.row[k].outcome), s.row[k].phones,
			    s.row[k].groups, s.row[k].reason, s.row[k].away);
		assert_string_equal(got, rows[i].summed);
		plansum_free(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plansum_has_a_row_for_what_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
