#include "fixture.h"

#include "cluster/backup_held.h"
#include "cluster/cluster_ctl.h"
#include "cluster/cluster_renew.h"

#include <stdlib.h>

#define HOLDER "SEP001122334455"
#define LATER  "SEP001122334466"

/* What became of the cluster since its backup, which is as it was made. */
struct row {
	const char *says;
	bool renewed;   /* its keys, and the phone holds the list that followed */
	bool keys_gone; /* of the certificates made since */
	enum handout_outcome outcome;
	size_t lists, keys, newly_lost;
};

static const struct row rows[] = {
	{ "a phone that holds the list of the backup keeps", false, false, HANDOUT_KEEPS, 0, 0, 0 },
	{ "newer keys are brought along for a phone that holds a newer list", true, false,
	    HANDOUT_RETIRED_KEY, 1, 2, 0 },
	{ "a phone that holds a newer list is lost with the keys", true, true, HANDOUT_LOST, 1, 0,
	    1 },
};

static void
copy_folder(const char *from, const char *to)
{
	char command[3 * PATH_LEN];

	snprintf(command, sizeof command, "cp -a '%s' '%s'", from, to);
	assert_int_equal(system(command), 0);
}

/* The keys of the backup stay: those that came are removed. */
static void
keys_remove(const struct fixture *f)
{
	char command[3 * PATH_LEN];

	snprintf(command, sizeof command,
	    "cd '%s/keys' && for k in *; do [ -e '%s/keys/'$k ] || rm $k; done", f->path, f->made);
	assert_int_equal(system(command), 0);
}

static void
check(struct fixture *f, const struct row *row)
{
	char copy[PATH_LEN];
	struct cluster *last, *restored;
	struct backup_held held;
	struct err e = { 0 };
	char *lists;

	print_message("# %s\n", row->says);
	tempdir_path(f->dir, "restored", copy, sizeof copy);
	copy_folder(f->made, copy);
	if (row->renewed) {
		assert_ok(fixture_renew(f->cluster, PURPOSE_ITLRECOVERY, NOW + DAY, &e), e);
		assert_ok(fixture_renew(f->cluster, PURPOSE_CALLMANAGER, NOW + DAY, &e), e);
		assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + DAY, &e), e);
	}
	fixture_holder(f, HOLDER, fixture_list_id(f->cluster));
	cluster_close(f->cluster);
	f->cluster = NULL;
	assert_ok(cluster_open(copy, &restored, &e), e);
	f->cluster = restored;
	fixture_holder(f, HOLDER, fixture_list_id(restored));
	f->cluster = NULL;
	cluster_close(restored);
	assert_ok(backup_held_open(f->path, &last, &e), e);
	if (row->keys_gone)
		keys_remove(f);
	assert_ok(backup_held_bring(last, copy, NOW + 2 * DAY, &held, &e), e);
	cluster_close(last);
	assert_int_equal(held.forecast.phones[row->outcome], 1);
	assert_int_equal(held.lists, row->lists);
	assert_int_equal(held.keys, row->keys);
	assert_int_equal(held.phones, 1);
	assert_int_equal(held.missing_count, 0);
	assert_int_equal(held.forecast.newly_lost, row->newly_lost);
	backup_held_free(&held);
	assert_ok(cluster_open(copy, &restored, &e), e);
	lists = store_belief_lists(cluster_store(restored), HOLDER, &e);
	assert_non_null(lists);
	assert_null(strchr(lists, ',')); /* what it held then it does not hold any more */
	assert_true((strtoll(lists, NULL, 10) == fixture_list_id(restored)) == !row->renewed);
	free(lists);
	cluster_close(restored);
	tempdir_remove(copy);
}

static void
what_phones_hold_meets_the_backup_with_the_keys_that_are_left(void **state)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (i > 0) {
			fixture_teardown(state);
			fixture_setup(state);
		}
		check(*state, &rows[i]);
	}
}

static void
keys_that_were_given_up_since_are_named_and_not_brought(void **state)
{
	static const enum purpose both[] = { PURPOSE_ITLRECOVERY, PURPOSE_CALLMANAGER };
	struct fixture *f = *state;
	char copy[PATH_LEN];
	struct cluster *last;
	struct backup_held held;
	struct err e = { 0 };

	tempdir_path(f->dir, "restored", copy, sizeof copy);
	copy_folder(f->made, copy);
	for (int i = 0; i < 2; i++) /* those of the backup, and then those in between */
		assert_ok(cluster_renew_compromised(f->cluster, both, 2, 0, NOW + DAY, &e), e);
	assert_ok(backup_held_open(f->path, &last, &e), e);
	assert_ok(backup_held_bring(last, copy, NOW + 2 * DAY, &held, &e), e);
	assert_int_equal(held.keys, 2); /* the active ones */
	assert_int_equal(held.revived_count, 2);
	assert_non_null(strstr(held.revived[0], "CN="));
	backup_held_free(&held);
	cluster_close(last);
	tempdir_remove(copy);
}

/* The newer one, which it must have refused, says nothing against the one that it held before. */
static void
what_is_doubted_is_doubted_afterwards(void **state)
{
	struct fixture *f = *state;
	char copy[PATH_LEN], *lists;
	struct cluster *last, *restored;
	struct backup_held held;
	struct err e = { 0 };

	tempdir_path(f->dir, "restored", copy, sizeof copy);
	copy_folder(f->made, copy);
	fixture_holder(f, HOLDER, fixture_list_id(f->cluster));
	assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + DAY, &e), e);
	assert_ok(store_belief_doubt(cluster_store(f->cluster), HOLDER, fixture_list_id(f->cluster),
		      "192.0.2.7", NOW + DAY, &e),
	    e);
	assert_ok(cluster_open(copy, &restored, &e), e);
	last = f->cluster;
	f->cluster = restored;
	fixture_holder(f, HOLDER, fixture_list_id(restored));
	f->cluster = NULL;
	cluster_close(restored);
	cluster_close(last);
	assert_ok(backup_held_open(f->path, &last, &e), e);
	assert_ok(backup_held_bring(last, copy, NOW + 2 * DAY, &held, &e), e);
	cluster_close(last);
	backup_held_free(&held);
	assert_ok(cluster_open(copy, &restored, &e), e);
	lists = store_belief_lists(cluster_store(restored), HOLDER, &e);
	assert_non_null(lists);
	assert_non_null(strstr(lists, ",-"));
	free(lists);
	cluster_close(restored);
	tempdir_remove(copy);
}

/* With a CTL, of which it holds one too. */
static void
what_is_held_of_a_ctl_is_brought_along(void **state)
{
	struct fixture *f = *state;
	char copy[PATH_LEN];
	struct cluster *last;
	struct backup_held held;
	struct cluster_list ctl;
	struct err e = { 0 };

	assert_ok(cluster_ctl_set_mode(f->cluster, true, NOW, &e), e);
	fixture_holder(f, HOLDER, fixture_list_id(f->cluster));
	cluster_close(f->cluster);
	tempdir_path(f->dir, "restored", copy, sizeof copy);
	copy_folder(f->path, copy);
	assert_ok(cluster_open(f->path, &f->cluster, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_ITLRECOVERY, NOW + DAY, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_CALLMANAGER, NOW + DAY, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + DAY, &e), e);
	fixture_holder(f, HOLDER, fixture_list_id(f->cluster));
	assert_true(cluster_list(f->cluster, STORE_LIST_CTL, ENVELOPE_SHA1, &ctl));
	assert_ok(
	    store_belief_add(cluster_store(f->cluster), HOLDER, ctl.id, "192.0.2.7", NOW, &e), e);
	assert_ok(store_belief_prove(
		      cluster_store(f->cluster), HOLDER, fixture_list_id(f->cluster), NOW, &e),
	    e);
	assert_ok(backup_held_open(f->path, &last, &e), e);
	assert_ok(backup_held_bring(last, copy, NOW + 2 * DAY, &held, &e), e);
	assert_int_equal(held.lists, 2);
	assert_int_equal(held.forecast.phones[HANDOUT_RETIRED_KEY], 1);
	backup_held_free(&held);
	cluster_close(last);
	tempdir_remove(copy);
}

/* Brings what the phones of f->path hold into the copy, and opens that. */
static struct backup_held
bring(struct fixture *f, const char *copy)
{
	struct cluster *last;
	struct backup_held held;
	struct err e = { 0 };

	cluster_close(f->cluster);
	f->cluster = NULL;
	assert_ok(backup_held_open(f->path, &last, &e), e);
	assert_ok(backup_held_bring(last, copy, NOW + 2 * DAY, &held, &e), e);
	cluster_close(last);
	assert_ok(cluster_open(copy, &f->cluster, &e), e);
	return held;
}

static void
add_again(struct fixture *f, const char *name)
{
	struct phone p = { 0 };
	struct err e = { 0 };

	assert_ok(device_parse(span_str(name), &p.device, &e), e);
	p = phone_new(&p.device, PHONE_ADDED);
	assert_ok(store_phone_put(cluster_store(f->cluster), &p, &e), e);
}

/* It is one list, and no other. */
static void
assert_holds(struct fixture *f, const char *name, int64_t list)
{
	struct err e = { 0 };
	char *lists = store_belief_lists(cluster_store(f->cluster), name, &e), *end;

	assert_non_null(lists);
	assert_int_equal(strtoll(lists, &end, 10), list);
	assert_string_equal(end, "");
	free(lists);
}

static void
renew_all(struct fixture *f)
{
	struct err e = { 0 };

	assert_ok(fixture_renew(f->cluster, PURPOSE_ITLRECOVERY, NOW + DAY, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_CALLMANAGER, NOW + DAY, &e), e);
	assert_ok(fixture_renew(f->cluster, PURPOSE_TVS, NOW + DAY, &e), e);
}

static void
a_phone_that_the_backup_does_not_know_is_named_and_added_again_with_its_lists(void **state)
{
	struct fixture *f = *state;
	char copy[PATH_LEN];
	struct backup_held held;
	int64_t list;

	tempdir_path(f->dir, "restored", copy, sizeof copy);
	copy_folder(f->made, copy);
	list = fixture_list_id(f->cluster);
	fixture_holder(f, LATER, list);
	held = bring(f, copy);
	assert_int_equal(held.missing_count, 1);
	assert_string_equal(held.missing[0], LATER);
	assert_int_equal(held.phones, 1);
	assert_int_equal(held.forecast.phones[HANDOUT_KEEPS], 1);
	backup_held_free(&held);
	add_again(f, LATER);
	assert_holds(f, LATER, list); /* the lists of the backup have the ids that they had */
	tempdir_remove(copy);
}

/* Both were deleted, and one of them the backup has. */
static void
a_phone_that_was_deleted_since_holds_what_it_held_last(void **state)
{
	struct fixture *f = *state;
	char copy[PATH_LEN], *lists;
	struct backup_held held;
	struct err e = { 0 };
	bool found;

	fixture_holder(f, HOLDER, fixture_list_id(f->cluster));
	cluster_close(f->cluster);
	tempdir_path(f->dir, "restored", copy, sizeof copy);
	copy_folder(f->path, copy);
	assert_ok(cluster_open(f->path, &f->cluster, &e), e);
	renew_all(f);
	fixture_holder(f, HOLDER, fixture_list_id(f->cluster));
	fixture_holder(f, LATER, fixture_list_id(f->cluster));
	assert_ok(store_belief_prove(
		      cluster_store(f->cluster), HOLDER, fixture_list_id(f->cluster), NOW, &e),
	    e);
	assert_ok(store_phone_remove(cluster_store(f->cluster), HOLDER, &found, &e), e);
	assert_ok(store_phone_remove(cluster_store(f->cluster), LATER, &found, &e), e);
	held = bring(f, copy);
	assert_int_equal(held.lists, 1);
	assert_int_equal(held.keys, 2);
	assert_int_equal(held.phones, 2);
	assert_int_equal(held.missing_count, 0);
	backup_held_free(&held);
	add_again(f, LATER);
	lists = store_belief_lists(cluster_store(f->cluster), HOLDER, &e);
	assert_non_null(lists);
	assert_int_not_equal(strtoll(lists, NULL, 10), fixture_list_id(f->cluster));
	assert_holds(f, HOLDER, strtoll(lists, NULL, 10));
	assert_holds(f, LATER, strtoll(lists, NULL, 10));
	free(lists);
	tempdir_remove(copy);
}

static void
what_went_by_a_guess_may_come_back_afterwards(void **state)
{
	struct fixture *f = *state;
	char copy[PATH_LEN], *guessed;
	struct backup_held held;
	int64_t first = fixture_list_id(f->cluster);
	struct err e = { 0 };

	tempdir_path(f->dir, "restored", copy, sizeof copy);
	copy_folder(f->made, copy);
	fixture_holder(f, HOLDER, first);
	renew_all(f);
	assert_ok(store_belief_add(cluster_store(f->cluster), HOLDER, fixture_list_id(f->cluster),
		      "192.0.2.7", NOW + DAY, &e),
	    e);
	assert_ok(store_belief_guess(cluster_store(f->cluster), HOLDER, fixture_list_id(f->cluster),
		      NOW + DAY, &e),
	    e);
	held = bring(f, copy);
	assert_int_equal(held.phones, 1);
	backup_held_free(&held);
	add_again(f, HOLDER);
	guessed = store_belief_lists_guessed(cluster_store(f->cluster), HOLDER, &e);
	assert_non_null(guessed);
	assert_int_equal(strtoll(guessed, NULL, 10), first);
	free(guessed);
	tempdir_remove(copy);
}

/* Nobody has added it, and nobody would: it was handed a list as everybody is. */
static void
a_phone_that_was_only_seen_has_its_record_back(void **state)
{
	struct fixture *f = *state;
	struct store_sighting seen = { .device = { .name = LATER }, .at = NOW };
	char copy[PATH_LEN];
	struct backup_held held;
	int64_t list = fixture_list_id(f->cluster);
	struct err e = { 0 };

	tempdir_path(f->dir, "restored", copy, sizeof copy);
	copy_folder(f->made, copy);
	assert_ok(store_phone_seen(cluster_store(f->cluster), &seen, 1, 10, &e), e);
	assert_ok(
	    store_belief_add(cluster_store(f->cluster), LATER, list, "192.0.2.7", NOW, &e), e);
	held = bring(f, copy);
	assert_int_equal(held.missing_count, 0);
	backup_held_free(&held);
	assert_holds(f, LATER, list);
	tempdir_remove(copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(what_phones_hold_meets_the_backup_with_the_keys_that_are_left),
		WITH_COPY(keys_that_were_given_up_since_are_named_and_not_brought),
		WITH_COPY(what_is_doubted_is_doubted_afterwards),
		WITH_COPY(what_is_held_of_a_ctl_is_brought_along),
		WITH_COPY(
		    a_phone_that_the_backup_does_not_know_is_named_and_added_again_with_its_lists),
		WITH_COPY(a_phone_that_was_deleted_since_holds_what_it_held_last),
		WITH_COPY(what_went_by_a_guess_may_come_back_afterwards),
		WITH_COPY(a_phone_that_was_only_seen_has_its_record_back),
	};

	return cmocka_run_group_tests(tests, fixture_group_setup, fixture_group_teardown);
}
