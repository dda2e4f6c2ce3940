#include "fixture.h"

#include "cluster/cluster_stage.h"
#include "cluster/stage_progress.h"
#include "store/store_stage.h"

#define A "SEP000000000001"
#define B "SEP000000000002"

static struct stage_progress
progress(struct fixture *f)
{
	struct stage_progress p;
	struct err e = { 0 };

	assert_ok(stage_progress(f->cluster, &p, &e), e);
	return p;
}

/* Two phones hold the list of before; then the keys are announced. */
static int64_t
announce(struct fixture *f)
{
	static const enum purpose both[] = { PURPOSE_CALLMANAGER, PURPOSE_TVS };
	int64_t before = fixture_list_id(f->cluster);
	struct err e = { 0 };

	assert_false(stage_is_any(f->cluster));
	fixture_holder(f, A, before);
	fixture_holder(f, B, before);
	assert_ok(cluster_stage(f->cluster, both, 2, 0, NOW, &e), e);
	assert_true(stage_is_any(f->cluster));
	return fixture_list_id(f->cluster);
}

static void
hand(struct fixture *f, const char *name, int64_t list)
{
	struct err e = { 0 };

	assert_ok(store_belief_add(cluster_store(f->cluster), name, list, "192.0.2.7", NOW, &e), e);
}

static void
boot(struct fixture *f, const char *name, int64_t list)
{
	struct store_boot b = { .list = list, .at = NOW };
	struct err e = { 0 };

	snprintf(b.device, sizeof b.device, "%s", name);
	assert_ok(store_boot_put(cluster_store(f->cluster), &b, 1, &e), e);
}

static void
phones_know_a_key_when_they_have_booted_with_the_list_that_announces_it(void **state)
{
	struct fixture *f = *state;
	int64_t list = announce(f);
	struct stage_progress p = progress(f);

	assert_int_equal(p.phones[ANNOUNCED_MISSING], 2);
	hand(f, A, list);
	hand(f, B, list);
	boot(f, A, list);
	boot(f, "SEP000000000009", list); /* nobody's */
	p = progress(f);
	assert_int_equal(p.phones[ANNOUNCED_KNOWN], 1);
	assert_int_equal(p.phones[ANNOUNCED_TAKING], 1);
	assert_false(p.reached);
	boot(f, B, list);
	assert_true(progress(f).reached);
}

static void
a_share_is_enough_when_the_setting_says_so(void **state)
{
	struct fixture *f = *state;
	int64_t list = announce(f);
	struct err e = { 0 };

	hand(f, A, list);
	boot(f, A, list);
	assert_false(progress(f).reached);
	fixture_set(f, "activate-share = 100", "activate-share = 50");
	assert_ok(cluster_reload(f->cluster, NOW, &e), e);
	assert_true(progress(f).reached);
}

static void
a_boot_is_no_word_where_only_words_count(void **state)
{
	struct fixture *f = *state;
	int64_t list = announce(f);
	struct err e = { 0 };

	fixture_set(f, "bridge-proof = boot", "bridge-proof = told");
	assert_ok(cluster_reload(f->cluster, NOW, &e), e);
	hand(f, A, list);
	boot(f, A, list);
	assert_int_equal(progress(f).phones[ANNOUNCED_TAKING], 1);
	assert_ok(store_belief_prove(cluster_store(f->cluster), A, list, NOW, &e), e);
	assert_int_equal(progress(f).phones[ANNOUNCED_KNOWN], 1);
}

static void
a_phone_that_may_hold_anything_again_is_not_known_to_have_booted(void **state)
{
	struct fixture *f = *state;
	int64_t list = announce(f);
	size_t count;
	struct err e = { 0 };

	hand(f, A, list);
	boot(f, A, list);
	assert_ok(store_belief_unprove(cluster_store(f->cluster), A, &count, &e), e);
	assert_int_equal(progress(f).phones[ANNOUNCED_TAKING], 1);
}

struct named {
	char text[200];
};

static void
on_missing(void *arg, const char *name, const char *model, enum announced_state s)
{
	struct named *n = arg;
	size_t at = strlen(n->text);

	(void)model;
	snprintf(n->text + at, sizeof n->text - at, "%s %s;", name, announced_state_name(s));
}

static void
those_that_are_waited_for_are_named(void **state)
{
	struct fixture *f = *state;
	int64_t list = announce(f);
	struct named all = { "" }, one = { "" };
	struct err e = { 0 };

	hand(f, B, list);
	assert_ok(stage_missing_each(f->cluster, 10, on_missing, &all, &e), e);
	assert_string_equal(all.text, A " missing;" B " taking;");
	assert_ok(stage_missing_each(f->cluster, 1, on_missing, &one, &e), e);
	assert_string_equal(one.text, A " missing;");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(phones_know_a_key_when_they_have_booted_with_the_list_that_announces_it),
		WITH_COPY(a_share_is_enough_when_the_setting_says_so),
		WITH_COPY(a_boot_is_no_word_where_only_words_count),
		WITH_COPY(a_phone_that_may_hold_anything_again_is_not_known_to_have_booted),
		WITH_COPY(those_that_are_waited_for_are_named),
	};

	return cmocka_run_group_tests_name(
	    "stage_progress", tests, fixture_group_setup, fixture_group_teardown);
}
