#include "backend.h"

#include "store/store_held.h"

#include <stdlib.h>

#define PHONE "SEP001122334455"

struct sets {
	char lists[8][40];
	size_t phones[8];
	size_t count;
};

static bool
set_collect(void *arg, const struct store_belief_set *set)
{
	struct sets *all = arg;

	snprintf(all->lists[all->count], sizeof all->lists[0], "%s", set->lists);
	all->phones[all->count++] = set->phones;
	return true;
}

static struct sets
sets_of(struct store *s)
{
	struct sets all = { 0 };
	struct err e = { 0 };

	assert_ok(store_belief_set_each(s, set_collect, &all, &e), e);
	return all;
}

static void
phones_are_counted_by_what_they_may_hold(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t node = node_put(s, "pub", true);
	struct sets all;
	struct err e = { 0 };
	int64_t first, second;
	char both[40], one[40];

	first = list_add(s, node, STORE_LIST_ITL, "list");
	second = list_add(s, node, STORE_LIST_BRIDGE, "list");
	snprintf(one, sizeof one, "%lld", (long long)first);
	snprintf(both, sizeof both, "%lld,%lld", (long long)first, (long long)second);
	phone_put(s, "SEP000000000001");
	phone_put(s, "SEP000000000002");
	phone_put(s, "SEP000000000003");
	phone_put(s, "SEP000000000004");
	assert_ok(store_belief_add(s, "SEP000000000001", first, "", NOW, &e), e);
	assert_ok(store_belief_add(s, "SEP000000000002", second, "", NOW, &e), e);
	assert_ok(store_belief_add(s, "SEP000000000002", first, "", NOW, &e), e);
	assert_ok(store_belief_add(s, "SEP000000000003", first, "", NOW, &e), e);
	all = sets_of(s);
	assert_int_equal(all.count, 3);
	assert_string_equal(all.lists[0], "");
	assert_int_equal(all.phones[0], 1);
	assert_string_equal(all.lists[1], one);
	assert_int_equal(all.phones[1], 2);
	assert_string_equal(all.lists[2], both);
	assert_int_equal(all.phones[2], 1);
}

static void
a_proof_leaves_one_list_of_its_sort(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t node = node_put(s, "pub", true);
	struct err e = { 0 };
	int64_t itl, bridge, ctl;
	char *lists, want[40];

	itl = list_add(s, node, STORE_LIST_ITL, "list");
	bridge = list_add(s, node, STORE_LIST_BRIDGE, "list");
	ctl = list_add(s, node, STORE_LIST_CTL, "list");
	phone_put(s, PHONE);
	assert_ok(store_belief_add(s, PHONE, itl, "", NOW, &e), e);
	assert_ok(store_belief_add(s, PHONE, ctl, "", NOW, &e), e);
	assert_fails(store_belief_prove(s, PHONE, bridge, NOW, &e), e, ERR_UNKNOWN,
	    "it was never handed that list");
	assert_ok(store_belief_add(s, PHONE, bridge, "", NOW, &e), e);
	assert_ok(store_belief_prove(s, PHONE, bridge, NOW + 1, &e), e);
	snprintf(want, sizeof want, "%lld,%lld", (long long)bridge, (long long)ctl);
	lists = store_belief_lists(s, PHONE, &e);
	assert_string_equal(lists, want);
	free(lists);
	/* what is told late changes nothing, what is handed out again may be held again */
	assert_ok(store_belief_again(s, PHONE, itl, "", NOW + 2, &e), e);
	lists = store_belief_lists(s, PHONE, &e);
	assert_string_equal(lists, want);
	free(lists);
	assert_ok(store_belief_add(s, PHONE, itl, "", NOW + 2, &e), e);
	snprintf(
	    want, sizeof want, "%lld,%lld,%lld", (long long)itl, (long long)bridge, (long long)ctl);
	lists = store_belief_lists(s, PHONE, &e);
	assert_string_equal(lists, want);
	free(lists);
}

/* Ascending; negative: doubted; 0: none. */
static void
assert_lists(char *lists, int64_t one, int64_t two, int64_t three)
{
	char want[66] = "";

	if (three != 0)
		snprintf(want, sizeof want, "%lld,%lld,%lld", (long long)one, (long long)two,
		    (long long)three);
	else if (two != 0)
		snprintf(want, sizeof want, "%lld,%lld", (long long)one, (long long)two);
	else if (one != 0)
		snprintf(want, sizeof want, "%lld", (long long)one);
	assert_non_null(lists);
	assert_string_equal(lists, want);
	free(lists);
}

static void
what_went_by_a_guess_comes_back_and_what_went_by_a_proof_does_not(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t node = node_put(s, "pub", true);
	struct err e = { 0 };
	int64_t itl, bridge, ctl;

	itl = list_add(s, node, STORE_LIST_ITL, "list");
	bridge = list_add(s, node, STORE_LIST_BRIDGE, "list");
	ctl = list_add(s, node, STORE_LIST_CTL, "list");
	phone_put(s, PHONE);
	assert_ok(store_belief_add(s, PHONE, itl, "", NOW, &e), e);
	assert_ok(store_belief_add(s, PHONE, bridge, "", NOW, &e), e);
	assert_ok(store_belief_add(s, PHONE, ctl, "", NOW, &e), e);
	assert_ok(store_belief_guess(s, PHONE, bridge, NOW + 1, &e), e);
	assert_lists(store_belief_lists(s, PHONE, &e), bridge, ctl, 0);
	assert_lists(store_belief_lists_guessed(s, PHONE, &e), itl, 0, 0);
	assert_ok(store_belief_weigh(s, PHONE, itl, false, &e), e);
	assert_ok(store_belief_rule_out(s, PHONE, ctl, NOW + 2, NOW + 2, &e), e);
	assert_lists(store_belief_lists(s, PHONE, &e), itl, bridge, 0);
	assert_ok(store_belief_weigh(s, PHONE, bridge, true, &e), e);
	assert_lists(store_belief_lists(s, PHONE, &e), itl, -bridge, 0);
	/* what is proven ends all guesses */
	assert_ok(store_belief_guess(s, PHONE, bridge, NOW + 3, &e), e);
	assert_ok(store_belief_prove(s, PHONE, bridge, NOW + 4, &e), e);
	assert_lists(store_belief_lists_guessed(s, PHONE, &e), 0, 0, 0);
	assert_ok(store_belief_weigh(s, PHONE, itl, false, &e), e);
	assert_ok(store_belief_weigh(s, PHONE, ctl, false, &e), e);
	assert_lists(store_belief_lists(s, PHONE, &e), bridge, 0, 0);
}

static void
a_deleted_phone_that_asks_may_hold_what_it_did_and_comes_back_with_all(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t node = node_put(s, "pub", true);
	struct store_sighting seen = { .device = { .name = PHONE }, .at = NOW };
	struct err e = { 0 };
	int64_t both, before, since;
	bool found;
	struct phone p;

	before = list_add(s, node, STORE_LIST_ITL, "list");
	both = list_add(s, node, STORE_LIST_ITL, "list");
	since = list_add(s, node, STORE_LIST_ITL, "list");
	phone_put(s, PHONE);
	assert_ok(store_belief_add(s, PHONE, before, "", NOW, &e), e);
	assert_ok(store_belief_add(s, PHONE, both, "", NOW, &e), e);
	assert_ok(store_phone_remove(s, PHONE, &found, &e), e);
	assert_ok(store_phone_seen(s, &seen, 1, 10, &e), e);
	assert_lists(store_belief_lists(s, PHONE, &e), before, both, 0);
	assert_ok(store_belief_add(s, PHONE, both, "", NOW + 1, &e), e);
	assert_ok(store_belief_add(s, PHONE, since, "", NOW + 1, &e), e);
	assert_ok(store_phone_get(s, PHONE, &p, &found, &e), e);
	p.origin = PHONE_ADDED;
	assert_ok(store_phone_put(s, &p, &e), e);
	assert_lists(store_belief_lists(s, PHONE, &e), before, both, since);
}

struct helds {
	char text[512];
	int64_t first; /* list ids are told as they follow it */
};

static bool
held_collect(void *arg, const struct store_held *h)
{
	struct helds *all = arg;
	size_t n = strlen(all->text);

	snprintf(all->text + n, sizeof all->text - n, "%s%c%s%lld", h->phone + 14,
	    h->gone != 0 ? '?' : ' ', h->belief.doubted ? "-" : "",
	    (long long)(h->belief.list - all->first));
	return true;
}

static void
assert_held(struct store *s, int64_t first, const char *want)
{
	struct helds all = { .first = first };
	struct err e = { 0 };

	assert_ok(store_held_each(s, held_collect, &all, &e), e);
	assert_string_equal(all.text, want);
}

static void
what_deleted_phones_may_hold_is_told_and_put_as_that_of_the_others(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t node = node_put(s, "pub", true), list[4];
	struct store_held put = { .phone = "SEP001122334477", .belief.last = NOW };
	struct err e = { 0 };
	bool found;

	for (int i = 0; i < 4; i++)
		list[i] = list_add(s, node, i == 3 ? STORE_LIST_CTL : STORE_LIST_ITL, "list");
	phone_put(s, "SEP001122334455");
	phone_put(s, "SEP001122334466");
	assert_ok(store_belief_add(s, "SEP001122334455", list[0], "", NOW, &e), e);
	assert_ok(store_belief_add(s, "SEP001122334455", list[3], "", NOW, &e), e);
	assert_ok(store_belief_add(s, "SEP001122334466", list[0], "", NOW, &e), e);
	assert_ok(store_belief_add(s, "SEP001122334466", list[1], "", NOW, &e), e);
	assert_ok(store_belief_guess(s, "SEP001122334466", list[1], NOW, &e), e);
	assert_ok(store_belief_doubt(s, "SEP001122334466", list[2], "", NOW, &e), e);
	assert_ok(store_phone_remove(s, "SEP001122334466", &found, &e), e);
	assert_held(s, list[0], "5 35 06 16 -26?0");
	assert_ok(store_held_end(s, "SEP001122334466", false, NOW, &e), e);
	assert_ok(store_held_end(s, "SEP001122334455", false, NOW, &e), e);
	put.belief.list = list[1];
	assert_ok(store_held_put(s, &put, &e), e);
	put.phone = "SEP001122334466";
	put.belief.doubted = true;
	assert_ok(store_held_put(s, &put, &e), e);
	put.phone = "SEP001122334455";
	put.gone = NOW;
	assert_ok(store_held_put(s, &put, &e), e);
	assert_held(s, list[0], "5 35?-16 -17 1");
	phone_put(s, "SEP001122334477");
	assert_lists(store_belief_lists(s, "SEP001122334477", &e), list[1], 0, 0);
	assert_lists(store_belief_lists_guessed(s, "SEP001122334455", &e), list[1], 0, 0);
	put.belief.list = list[3] + 1;
	assert_false(store_held_put(s, &put, &e));
	assert_int_equal(e.code, ERR_UNKNOWN);
}

static void
a_phone_of_which_nothing_is_known_any_more_may_hold_all_that_it_was_handed(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t node = node_put(s, "pub", true);
	struct err e = { 0 };
	int64_t itl, foreign;
	char *lists, want[40];
	size_t count;

	itl = list_add(s, node, STORE_LIST_ITL, "list");
	foreign = list_add(s, node, STORE_LIST_FOREIGN, "list");
	phone_put(s, PHONE);
	assert_ok(store_belief_unprove(s, PHONE, &count, &e), e);
	assert_int_equal(count, 0);
	assert_ok(store_belief_add(s, PHONE, itl, "", NOW, &e), e);
	assert_ok(store_belief_add(s, PHONE, foreign, "", NOW, &e), e);
	assert_ok(store_belief_prove(s, PHONE, foreign, NOW, &e), e);
	lists = store_belief_lists(s, PHONE, &e);
	snprintf(want, sizeof want, "%lld", (long long)foreign);
	assert_string_equal(lists, want);
	free(lists);
	assert_ok(store_belief_unprove(s, PHONE, &count, &e), e);
	assert_int_equal(count, 2);
	lists = store_belief_lists(s, PHONE, &e);
	snprintf(want, sizeof want, "%lld,%lld", (long long)itl, (long long)foreign);
	assert_string_equal(lists, want);
	free(lists);
}

struct beliefs {
	size_t count;
	struct store_belief b[4];
};

static bool
address_collect(void *arg, const struct store_belief *b)
{
	snprintf(arg, PHONE_ADDRESS_MAX, "%s", b->address);
	return true;
}

static void
a_belief_has_the_one_address_or_several(void **state)
{
	static const char *const steps[][2] = { { "", "" }, { STORE_BELIEF_TOLD, "" },
		{ "192.0.2.1", "192.0.2.1" }, { STORE_BELIEF_TOLD, "192.0.2.1" },
		{ "192.0.2.1", "192.0.2.1" }, { "192.0.2.2", STORE_SEVERAL },
		{ "192.0.2.1", STORE_SEVERAL } };
	struct store *s = ((struct run *)*state)->s;
	int64_t list = list_add(s, node_put(s, "pub", true), STORE_LIST_ITL, "1");
	struct err e = { 0 };

	phone_put(s, PHONE);
	for (size_t i = 0; i < COUNT(steps); i++) {
		char address[PHONE_ADDRESS_MAX] = "none";

		assert_ok(store_belief_add(s, PHONE, list, steps[i][0], NOW, &e), e);
		assert_ok(store_belief_each(s, PHONE, address_collect, address, &e), e);
		assert_string_equal(address, steps[i][1]);
	}
}

static bool
belief_collect(void *arg, const struct store_belief *b)
{
	struct beliefs *all = arg;

	all->b[all->count++] = *b;
	return all->count < COUNT(all->b);
}

static void
store_belief_add_keeps_a_list_once_with_both_times(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t node = node_put(s, "pub", true);
	int64_t one = list_add(s, node, STORE_LIST_ITL, "1");
	int64_t two = list_add(s, node, STORE_LIST_ITL, "2");
	struct beliefs all = { 0 };
	struct err e = { 0 };

	phone_put(s, PHONE);
	assert_ok(store_belief_add(s, PHONE, one, "192.0.2.1", NOW, &e), e);
	assert_ok(store_belief_add(s, PHONE, two, "192.0.2.1", NOW + 1, &e), e);
	assert_ok(store_belief_add(s, PHONE, one, "192.0.2.2", NOW + 2, &e), e);
	assert_ok(store_belief_each(s, PHONE, belief_collect, &all, &e), e);
	assert_int_equal(all.count, 2);
	assert_int_equal(all.b[0].list, one);
	assert_int_equal(all.b[0].first, NOW);
	assert_int_equal(all.b[0].last, NOW + 2);
	assert_string_equal(all.b[0].address, STORE_SEVERAL);
	assert_int_equal(all.b[1].list, two);
	assert_string_equal(all.b[1].address, "192.0.2.1");
	assert_fails(store_belief_add(s, PHONE, 99, "", NOW, &e), e, ERR_UNKNOWN, "list 99");
	all.count = 0;
	assert_ok(store_belief_each(s, "SEP000000000000", belief_collect, &all, &e), e);
	assert_int_equal(all.count, 0);
}

static bool
last_collect(void *arg, int64_t list, size_t phones)
{
	char *text = arg;
	size_t n = strlen(text);

	snprintf(text + n, 60 - n, "%lld: %zu, ", (long long)list, phones);
	return true;
}

static void
store_belief_last_each_counts_each_phone_for_the_list_it_was_handed_last(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t node = node_put(s, "pub", true);
	char text[60] = "";
	struct err e = { 0 };

	for (int i = 0; i < 3; i++)
		list_add(s, node, STORE_LIST_ITL, "1");
	phone_put(s, PHONE);
	phone_put(s, "SEP000000000001");
	phone_put(s, "SEP000000000002");
	assert_ok(store_belief_add(s, PHONE, 1, "", NOW + 2, &e), e);
	assert_ok(store_belief_add(s, PHONE, 3, "", NOW + 1, &e), e);
	assert_ok(store_belief_add(s, "SEP000000000001", 1, "", NOW, &e), e);
	assert_ok(store_belief_add(s, "SEP000000000001", 2, "", NOW + 1, &e), e);
	assert_ok(store_belief_add(s, "SEP000000000002", 1, "", NOW, &e), e);
	assert_ok(store_belief_last_each(s, last_collect, text, &e), e);
	assert_string_equal(text, "1: 2, 2: 1, ");
	text[0] = '\0';
	assert_ok(store_belief_doubt(s, "SEP000000000001", 3, "", NOW + 9, &e), e);
	assert_ok(store_belief_last_each(s, last_collect, text, &e), e);
	assert_string_equal(text, "1: 2, 2: 1, "); /* it refused that one */
}

struct standings {
	size_t count;
	char text[400];
};

static bool
standing_collect(void *arg, const struct store_standing *st)
{
	struct standings *all = arg;
	size_t n = strlen(all->text);

	snprintf(all->text + n, sizeof all->text - n, "%s %s%s%s %lld/%lld\n", st->name,
	    phone_operation_name(st->operation), st->released ? " released" : "",
	    st->lsc_confirmed != 0 ? " LSC" : "", (long long)st->belief.list,
	    (long long)(st->belief.last - NOW));
	all->count++;
	return true;
}

static void
store_standing_each_gives_every_belief_of_every_added_phone(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	int64_t node = node_put(s, "pub", true);
	struct standings all = { 0 }, rest = { 0 };
	struct phone p = phone_new(&(struct device){ "SEP000000000003" }, PHONE_ADDED);
	struct store_sighting seen = { { "SEP000000000002" }, "192.0.2.1", NOW };
	struct err e = { 0 };

	list_add(s, node, STORE_LIST_ITL, "1");
	list_add(s, node, STORE_LIST_ITL, "2");
	phone_put(s, "SEP000000000001");
	assert_ok(store_belief_add(s, "SEP000000000001", 1, "", NOW + 1, &e), e);
	assert_ok(store_belief_add(s, "SEP000000000001", 2, "", NOW + 2, &e), e);
	assert_ok(store_phone_seen(s, &seen, 1, 10, &e), e);
	p.released = true;
	p.operation = PHONE_OPERATION_DELETE;
	assert_ok(store_phone_put(s, &p, &e), e);
	assert_ok(store_lsc_confirm(s, lsc_issue(s, "SEP000000000003", 1, "0a"), NOW, &e), e);
	assert_ok(store_standing_each(s, "", 10, standing_collect, &all, &e), e);
	assert_string_equal(all.text, "SEP000000000001 none 1/1\nSEP000000000001 none 2/2\n"
				      "SEP000000000003 delete released LSC 0/-1700000000\n");
	assert_ok(store_standing_each(s, "", 1, standing_collect, &rest, &e), e);
	assert_int_equal(rest.count, 2);
}

static void
store_belief_next_takes_a_set_apart_with_its_doubts(void **state)
{
	const char *lists = "3,-17,204", *none = "";
	int64_t list;
	bool doubted;

	(void)state;
	assert_true(store_belief_next(&lists, &list, &doubted) && list == 3 && !doubted);
	assert_true(store_belief_next(&lists, &list, &doubted) && list == 17 && doubted);
	assert_true(store_belief_next(&lists, &list, &doubted) && list == 204 && !doubted);
	assert_false(store_belief_next(&lists, &list, &doubted));
	assert_false(store_belief_next(&none, &list, &doubted));
}

int
main(int argc, char **argv)
{
	struct run run = run_of(argc > 1 ? argv[1] : "");
	const struct CMUnitTest tests[] = {
		backend_test(phones_are_counted_by_what_they_may_hold, &run),
		backend_test(a_proof_leaves_one_list_of_its_sort, &run),
		backend_test(
		    a_deleted_phone_that_asks_may_hold_what_it_did_and_comes_back_with_all, &run),
		backend_test(
		    what_deleted_phones_may_hold_is_told_and_put_as_that_of_the_others, &run),
		backend_test(
		    what_went_by_a_guess_comes_back_and_what_went_by_a_proof_does_not, &run),
		backend_test(
		    a_phone_of_which_nothing_is_known_any_more_may_hold_all_that_it_was_handed,
		    &run),
		backend_test(store_belief_add_keeps_a_list_once_with_both_times, &run),
		backend_test(a_belief_has_the_one_address_or_several, &run),
		backend_test(
		    store_belief_last_each_counts_each_phone_for_the_list_it_was_handed_last, &run),
		backend_test(store_belief_next_takes_a_set_apart_with_its_doubts, &run),
		backend_test(store_standing_each_gives_every_belief_of_every_added_phone, &run),
	};

	return cmocka_run_group_tests_name(run.backend->name, tests, NULL, NULL);
}
