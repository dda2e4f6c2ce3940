#include "backend.h"

#include "store/store_stage.h"

#include <stdlib.h>

#define PHONE "SEP001122334455"
#define OTHER "SEP001122334466"

static void
a_list_that_was_refused_is_doubted_until_it_is_proven(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t node = node_put(s, "pub", true);
	int64_t itl = list_add(s, node, STORE_LIST_ITL, "list");
	int64_t foreign = list_add(s, node, STORE_LIST_FOREIGN, "list");
	char want[60];
	struct err e = { 0 };
	char *lists;

	phone_put(s, PHONE);
	assert_ok(store_belief_add(s, PHONE, foreign, "", NOW, &e), e);
	assert_ok(store_belief_doubt(s, PHONE, itl, "", NOW, &e), e);
	assert_ok(
	    store_belief_add(s, PHONE, itl, "", NOW, &e), e); /* told later on that it was sent */
	assert_ok(store_belief_doubt(s, PHONE, foreign, "", NOW, &e), e);
	lists = store_belief_lists(s, PHONE, &e);
	snprintf(want, sizeof want, "-%lld,%lld", (long long)itl, (long long)foreign);
	assert_string_equal(lists, want);
	free(lists);
	assert_ok(store_belief_prove(s, PHONE, itl, NOW, &e), e);
	lists = store_belief_lists(s, PHONE, &e);
	snprintf(want, sizeof want, "%lld", (long long)itl);
	assert_string_equal(lists, want);
	free(lists);
	assert_ok(store_belief_doubt(s, PHONE, foreign, "", NOW, &e), e);
	lists = store_belief_lists(s, PHONE, &e);
	snprintf(want, sizeof want, "%lld,-%lld", (long long)itl, (long long)foreign);
	assert_string_equal(lists, want);
	free(lists);
}

static bool
set_collect(void *arg, const struct store_stage_set *set)
{
	char *text = arg;

	sprintf(text + strlen(text), "%s/%s:%zu ", set->lists, set->booted, set->phones);
	return true;
}

static bool
phone_collect(void *arg, const struct store_stage_phone *p)
{
	char *text = arg;

	sprintf(text + strlen(text), "%s %s/%s ", p->name, p->lists, p->booted);
	return true;
}

static void
boots_are_kept_with_the_lists_that_phones_may_hold(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t list = list_add(s, node_put(s, "pub", true), STORE_LIST_ITL, "list");
	const struct store_boot boots[] = { { PHONE, list, NOW }, { PHONE, list + 1, NOW },
		{ "SEP000000000009", list, NOW } };
	char sets[200] = "", phones[200] = "", want[200];
	int id = (int)list;
	struct err e = { 0 };

	phone_put(s, PHONE);
	phone_put(s, OTHER);
	phone_put(s, "SEP001122334477"); /* was never handed a list: it is in none */
	assert_ok(store_belief_add(s, PHONE, list, "", NOW, &e), e);
	assert_ok(store_belief_add(s, OTHER, list, "", NOW, &e), e);
	assert_ok(store_boot_put(s, boots, 3, &e), e);
	assert_ok(store_stage_set_each(s, set_collect, sets, &e), e);
	snprintf(want, sizeof want, "%d/:1 %d/%d:1 ", id, id, id);
	assert_string_equal(sets, want);
	assert_ok(store_stage_phone_each(s, phone_collect, phones, &e), e);
	snprintf(want, sizeof want, PHONE " %d/%d " OTHER " %d/ ", id, id, id);
	assert_string_equal(phones, want);
}

int
main(int argc, char **argv)
{
	struct run run = run_of(argc > 1 ? argv[1] : "");
	const struct CMUnitTest tests[] = {
		backend_test(a_list_that_was_refused_is_doubted_until_it_is_proven, &run),
		backend_test(boots_are_kept_with_the_lists_that_phones_may_hold, &run),
	};

	return cmocka_run_group_tests_name(run.backend->name, tests, NULL, NULL);
}
