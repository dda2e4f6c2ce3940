#include "../check.h"

#include "lists.h"
#include "rules/handout.h"

#define RECORDS 8
#define MEMBERS 3

/* A node whose keys were made anew: generations of each. */
enum who { CM, REC, TVS, WHO };
enum { AGES = 3 };

struct fixture {
	struct identity id[WHO][AGES];
};

static int
setup(void **state)
{
	static const enum purpose purposes[WHO] = { PURPOSE_CALLMANAGER, PURPOSE_ITLRECOVERY,
		PURPOSE_TVS };
	static const char *const names[WHO] = { "one", "ITLRECOVERY_one", "one-tvs" };
	static struct fixture f;

	for (enum who w = 0; w < WHO; w++)
		for (size_t age = 0; age < AGES; age++)
			f.id[w][age] = identity_make(purposes[w], names[w]);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (enum who w = 0; w < WHO; w++)
		for (size_t age = 0; age < AGES; age++)
			identity_free(&f->id[w][age]);
	return 0;
}

enum kind { NONE, EMPTY, ITL, CTL };

/* A list: which generation of each key is in it. */
struct made {
	enum kind kind;
	enum who signer;
	int cm, rec, tvs;
};

static struct bytes
make(const struct fixture *f, const struct made *m)
{
	const struct identity *cm = &f->id[CM][m->cm], *rec = &f->id[REC][m->rec];
	const struct identity *signer = m->signer == CM ? cm : rec;
	const struct list_entry all[RECORDS] = { { FUNCTION_SAST, cm, false, false },
		{ FUNCTION_SAST, rec, false, false }, { FUNCTION_TFTP, cm, false, false },
		{ FUNCTION_TVS, &f->id[TVS][m->tvs], true, false } };

	switch (m->kind) {
	case EMPTY:
		return list_make("ITLFile.tlv", signer, all, 2);
	case ITL:
		return list_make("ITLFile.tlv", signer, all, 4);
	case CTL:
		return list_make("CTLFile.tlv", signer, all, 3);
	case NONE:
		break;
	}
	return (struct bytes){ 0 };
}

/* NOBODY: no key; else a key by who and generation. */
struct which {
	bool is_one;
	enum who who;
	int age;
};

#define NOBODY \
	{ \
		false, CM, 0 \
	}
#define KEY(w, age) \
	{ \
		true, w, age \
	}
#define OLD_LIST \
	{ \
		ITL, CM, 0, 0, 0 \
	}
#define NEW_KEYS \
	{ \
		ITL, CM, 1, 1, 0 \
	}
#define ALL_NEW \
	{ \
		ITL, CM, 1, 1, 1 \
	}
#define NEWEST \
	{ \
		ITL, CM, 2, 2, 2 \
	}
#define NOTHING_HELD \
	{ \
		NONE, CM, 0, 0, 0 \
	}

struct row {
	const char *says;
	size_t count;
	struct {
		struct made ctl, itl;
	} member[MEMBERS];
	struct made served;
	bool old_keys_kept, bridges_off;
	enum handout_outcome outcome;
	struct which signer, tftp;
	bool has_ctl;
	bool last_doubted, refuses;
	bool oldest_gone; /* keys */
	size_t turns;
	struct which turn[2][2]; /* who signs list and files */
	bool for_all;
	bool oldest_taken_over; /* keys of another cluster */
	bool hopeless;
};

static const struct row rows[] = {
	{ "a phone that was never handed a list is unknown", 0, { { { 0 }, { 0 } } }, ALL_NEW, true,
	    false, HANDOUT_UNKNOWN, NOBODY, NOBODY, false },
	{ "who holds what is served keeps", 1, { { { 0 }, OLD_LIST } }, OLD_LIST, true, false,
	    HANDOUT_KEEPS, NOBODY, NOBODY, false },
	{ "a retired key that it knows signs for one that would be lost", 1,
	    { { { 0 }, OLD_LIST } }, ALL_NEW, true, false, HANDOUT_RETIRED_KEY, KEY(REC, 0),
	    KEY(CM, 0), false },
	{ "without a key that it knows it is lost", 1, { { { 0 }, OLD_LIST } }, ALL_NEW, false,
	    false, HANDOUT_LOST, NOBODY, NOBODY, false, false, true, .hopeless = true },
	{ "without bridges it is lost though the key is there", 1, { { { 0 }, OLD_LIST } }, ALL_NEW,
	    true, true, HANDOUT_LOST, NOBODY, NOBODY, false, false, true },
	{ "the other current key signs, and its files stay as they are", 1,
	    { { { 0 }, { ITL, REC, 0, 0, 0 } } }, { ITL, REC, 0, 1, 1 }, true, false,
	    HANDOUT_RETIRED_KEY, KEY(CM, 0), NOBODY, false },
	{ "who takes it by TVS and would share no key with it is handed a bridge", 1,
	    { { { 0 }, OLD_LIST } }, NEW_KEYS, true, false, HANDOUT_RETIRED_KEY, KEY(REC, 0),
	    KEY(CM, 0), false },
	{ "who takes it by TVS and shares a key with it is handed what everybody is", 1,
	    { { { 0 }, OLD_LIST } }, { ITL, CM, 1, 0, 0 }, true, false, HANDOUT_TVS, NOBODY, NOBODY,
	    false },
	{ "two lists without a key in common leave nothing to sign a bridge with", 2,
	    { { { 0 }, OLD_LIST }, { { 0 }, NEW_KEYS } }, NEW_KEYS, true, false, HANDOUT_TVS,
	    NOBODY, NOBODY, false },
	{ "the worst of its lists decides", 2, { { { 0 }, OLD_LIST }, { { 0 }, ALL_NEW } }, ALL_NEW,
	    true, false, HANDOUT_LOST, NOBODY, NOBODY, false, false, false, false, 2,
	    { { NOBODY, KEY(CM, 1) }, { KEY(REC, 0), KEY(CM, 0) } }, true },
	{ "lists that know different keys are helped in turn", 2,
	    { { { 0 }, OLD_LIST }, { { 0 }, ALL_NEW } }, NEWEST, true, false, HANDOUT_LOST, NOBODY,
	    NOBODY, false, false, true, false, 2,
	    { { KEY(REC, 1), KEY(CM, 1) }, { KEY(REC, 0), KEY(CM, 0) } }, true },
	{ "and those that know none are not", 2, { { { 0 }, OLD_LIST }, { { 0 }, ALL_NEW } },
	    NEWEST, true, false, HANDOUT_LOST, NOBODY, NOBODY, false, false, true, true, 1,
	    { { KEY(REC, 1), KEY(CM, 1) } }, false },
	{ "with the list of everybody the current key signs files", 2,
	    { { { 0 }, { ITL, CM, 0, 1, 1 } }, { { 0 }, { ITL, CM, 1, 0, 0 } } },
	    { ITL, REC, 2, 1, 1 }, true, false, HANDOUT_LOST, NOBODY, NOBODY, false, false, false,
	    false, 2, { { NOBODY, KEY(CM, 2) }, { KEY(CM, 1), KEY(CM, 1) } }, true },
	{ "what everybody is handed is no turn of its own", 2,
	    { { { 0 }, OLD_LIST }, { { 0 }, NEWEST } }, NEWEST, false, false, HANDOUT_LOST, NOBODY,
	    NOBODY, false },
	{ "nor is there any without bridges", 2, { { { 0 }, OLD_LIST }, { { 0 }, ALL_NEW } },
	    NEWEST, true, true, HANDOUT_LOST, NOBODY, NOBODY, false, false, true },
	{ "a list that it must have refused does not stand in the way of a bridge", 2,
	    { { { 0 }, OLD_LIST }, { { 0 }, ALL_NEW } }, ALL_NEW, true, false, HANDOUT_RETIRED_KEY,
	    KEY(REC, 0), KEY(CM, 0), false, true, false },
	{ "and is refused again when there is none", 2, { { { 0 }, OLD_LIST }, { { 0 }, ALL_NEW } },
	    ALL_NEW, false, false, HANDOUT_LOST, NOBODY, NOBODY, false, true, true,
	    .hopeless = true },
	{ "a phone that holds nothing takes everything", 1, { { { 0 }, NOTHING_HELD } }, ALL_NEW,
	    false, false, HANDOUT_KEEPS, NOBODY, NOBODY, false },
	{ "an empty list takes everything", 1, { { { 0 }, { EMPTY, CM, 0, 0, 0 } } }, ALL_NEW,
	    false, false, HANDOUT_KEEPS, NOBODY, NOBODY, false },
	{ "a list that takes everything does not keep another one from being helped", 2,
	    { { { 0 }, { EMPTY, CM, 1, 1, 1 } }, { { 0 }, OLD_LIST } }, ALL_NEW, true, false,
	    HANDOUT_RETIRED_KEY, KEY(REC, 0), KEY(CM, 0), false },
	{ "a CTL beside an empty list judges, and needs a bridge of its own", 1,
	    { { { CTL, CM, 0, 0, 0 }, { EMPTY, CM, 0, 0, 0 } } }, ALL_NEW, true, false,
	    HANDOUT_RETIRED_KEY, KEY(REC, 0), KEY(CM, 0), true },
	{ "a CTL that alone knows the signer is said", 1, { { { CTL, CM, 1, 1, 0 }, OLD_LIST } },
	    ALL_NEW, false, false, HANDOUT_CTL, NOBODY, NOBODY, true },
	{ "the first list of an unknown phone is signed by a key that was taken over",
	    .served = ALL_NEW, .old_keys_kept = true, .oldest_taken_over = true,
	    .outcome = HANDOUT_UNKNOWN, .signer = KEY(REC, 0) },
	{ "but not without bridges", .served = ALL_NEW, .old_keys_kept = true, .bridges_off = true,
	    .oldest_taken_over = true, .outcome = HANDOUT_UNKNOWN },
	{ "a lost phone whose lists may have been erased is helped as if they were", 2,
	    { { { 0 }, OLD_LIST }, { { 0 }, ALL_NEW } }, NEWEST, true, false, HANDOUT_LOST,
	    KEY(REC, 1), KEY(CM, 1), .last_doubted = true, .oldest_gone = true, .hopeless = true },
	{ "but not as long as what it is sure to hold has a key", 2,
	    { { { 0 }, OLD_LIST }, { { 0 }, ALL_NEW } }, NEWEST, true, false, HANDOUT_RETIRED_KEY,
	    KEY(REC, 0), KEY(CM, 0), .last_doubted = true },
};

static const struct cert *
cert_of(const struct fixture *f, struct which w)
{
	return w.is_one ? f->id[w.who][w.age].cert : NULL;
}

static size_t
put_keys(const struct fixture *f, const struct row *r, struct handout_key out[2 * AGES])
{
	size_t n = 0;

	out[n++] = (struct handout_key){ f->id[REC][r->served.rec].cert, false, false };
	out[n++] = (struct handout_key){ f->id[CM][r->served.cm].cert, true, false };
	for (int age = AGES - 1; age >= (r->oldest_gone ? 1 : 0) && r->old_keys_kept; age--) {
		const bool theirs = age == 0 && r->oldest_taken_over;

		if (age < r->served.rec)
			out[n++] = (struct handout_key){ f->id[REC][age].cert, false, theirs };
		if (age < r->served.cm)
			out[n++] = (struct handout_key){ f->id[CM][age].cert, true, theirs };
	}
	return n;
}

static struct trustview *
view_of(const struct fixture *f, const struct made *now)
{
	struct trustview *v = trustview_new();

	trustview_add_own(v, PURPOSE_CALLMANAGER, f->id[CM][now->cm].cert);
	trustview_add_own(v, PURPOSE_ITLRECOVERY, f->id[REC][now->rec].cert);
	trustview_add_own(v, PURPOSE_TVS, f->id[TVS][now->tvs].cert);
	return v;
}

static bool
turns_agree(const struct fixture *f, const struct row *r, const struct handout *got)
{
	bool agree = got->turns == r->turns && got->turns_for_all == r->for_all;

	for (size_t i = 0; i < got->turns && agree; i++)
		agree = got->turn[i].signer == cert_of(f, r->turn[i][0]) &&
			got->turn[i].tftp == cert_of(f, r->turn[i][1]);
	if (!agree)
		print_error("%s: %zu turns, %sfor all\n", r->says, got->turns,
		    got->turns_for_all ? "" : "not ");
	return agree;
}

static bool
agrees(const struct fixture *f, const struct row *r, const struct handout *got)
{
	if (got->outcome == r->outcome && got->signer == cert_of(f, r->signer) &&
	    got->tftp == cert_of(f, r->tftp) && got->has_ctl == r->has_ctl &&
	    got->refuses == r->refuses && got->hopeless == r->hopeless && got->reason[0] != '\0')
		return true;
	print_error("%s: %s, signed by %s, files by %s, CTL %d, refuses %d, hopeless %d: %s\n",
	    r->says, handout_outcome_name(got->outcome),
	    got->signer != NULL ? cert_subject_cucm(got->signer) : "none",
	    got->tftp != NULL ? cert_subject_cucm(got->tftp) : "none", got->has_ctl, got->refuses,
	    got->hopeless, got->reason);
	return false;
}

static void
hold(const struct fixture *f, const struct made *m, struct bytes *file, struct trustlist *list,
    const struct trustlist **out)
{
	struct err e = { 0 };

	*file = make(f, m);
	if (file->n == 0)
		return;
	assert_ok(trustlist_parse(bytes_span(file), list, &e), e);
	*out = list;
}

static bool
row_holds(const struct fixture *f, const struct row *r)
{
	struct bytes served = make(f, &r->served), file[MEMBERS][2];
	struct trustlist list[MEMBERS][2] = { 0 };
	struct handout_member member[MEMBERS] = { 0 };
	struct trustview *view = view_of(f, &r->served);
	const struct trust_boot_tvs tvs = { true, f->id[TVS][r->served.tvs].cert, view };
	struct handout_key keys[2 * AGES];
	struct handout got;
	bool ok;

	for (size_t i = 0; i < r->count; i++) {
		hold(f, &r->member[i].ctl, &file[i][0], &list[i][0], &member[i].ctl);
		hold(f, &r->member[i].itl, &file[i][1], &list[i][1], &member[i].itl);
	}
	if (r->last_doubted)
		member[r->count - 1].doubted = true;
	handout_decide(member, r->count,
	    &(struct handout_world){ .served = { .itl = bytes_span(&served),
					 .tvs = { tvs },
					 .next_tvs = { tvs },
					 .tvs_count = 1,
					 .next_tvs_count = 1,
					 .now = LISTS_NOW },
		.tftp = f->id[CM][r->served.cm].cert,
		.key = keys,
		.key_count = put_keys(f, r, keys),
		.bridges = !r->bridges_off },
	    &got);
	ok = agrees(f, r, &got) && turns_agree(f, r, &got);
	for (size_t i = 0; i < r->count; i++)
		for (size_t k = 0; k < 2; k++) {
			trustlist_free(&list[i][k]);
			bytes_free(&file[i][k]);
		}
	trustview_free(view);
	bytes_free(&served);
	return ok;
}

static void
handout_decides_as_the_table_says(void **state)
{
	size_t bad = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		bad += !row_holds(*state, &rows[i]);
	assert_int_equal(bad, 0);
}

static void
a_phone_is_cut_off_by_what_takes_the_last_key_of_a_list_that_it_may_hold(void **state)
{
	static const struct {
		struct handout before, after;
		bool cut;
	} cases[] = {
		{ { .outcome = HANDOUT_TVS }, { .outcome = HANDOUT_RETIRED_KEY }, false },
		{ { .outcome = HANDOUT_KEEPS }, { .outcome = HANDOUT_LOST }, true },
		{ { .outcome = HANDOUT_KEEPS, .reachable = 2 },
		    { .outcome = HANDOUT_LOST, .reachable = 2 }, true },
		{ { .outcome = HANDOUT_LOST }, { .outcome = HANDOUT_LOST }, false },
		{ { .outcome = HANDOUT_LOST, .reachable = 2 },
		    { .outcome = HANDOUT_LOST, .reachable = 2 }, false },
		{ { .outcome = HANDOUT_LOST, .reachable = 2 },
		    { .outcome = HANDOUT_LOST, .reachable = 1 }, true },
		{ { .outcome = HANDOUT_RETIRED_KEY, .reachable = 2 },
		    { .outcome = HANDOUT_RETIRED_KEY, .reachable = 1 }, true },
	};
	const struct handout lost = { .outcome = HANDOUT_LOST };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(handout_cuts_off(&cases[i].before, &cases[i].after), cases[i].cut);
	assert_true(handout_cuts_off(NULL, &lost));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handout_decides_as_the_table_says),
		cmocka_unit_test(
		    a_phone_is_cut_off_by_what_takes_the_last_key_of_a_list_that_it_may_hold),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
