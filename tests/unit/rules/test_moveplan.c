#include "../check.h"

#include "lists.h"
#include "rules/moveplan.h"

#include <stdlib.h>

#define RECORDS 4

/* Our lists are signed by sast2 and name app as the signer of files; phones of the other cluster
 * hold lists of sast, tftp and tvs. */
struct fixture {
	struct identity sast, tftp, tvs, sast2, app;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->sast = identity_load("sast");
	f->tftp = identity_load("tftp");
	f->tvs = identity_load("tvs");
	f->sast2 = identity_load("sast2");
	f->app = identity_load("app");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	struct identity *all[] = { &f->sast, &f->tftp, &f->tvs, &f->sast2, &f->app };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		identity_free(all[i]);
	free(f);
	return 0;
}

static struct bytes
our_itl(const struct fixture *f)
{
	const struct list_entry entries[] = { { FUNCTION_SAST, &f->sast2, false, false },
		{ FUNCTION_TFTP, &f->app, false, false } };

	return list_make("ITLFile.tlv", &f->sast2, entries, 2);
}

enum holds { NOTHING, EMPTY, WITH_TVS, WITHOUT_TVS, KNOWS_US };

static struct bytes
their_list(const struct fixture *f, enum holds holds, const char *name)
{
	const struct list_entry all[RECORDS] = { { FUNCTION_SAST, &f->sast, false, false },
		{ FUNCTION_TFTP, &f->tftp, false, false },
		{ holds == KNOWS_US ? FUNCTION_SAST : FUNCTION_TVS,
		    holds == KNOWS_US ? &f->sast2 : &f->tvs, false, false } };

	switch (holds) {
	case EMPTY:
		return list_make(name, &f->sast, all, 1);
	case WITHOUT_TVS:
		return list_make(name, &f->sast, all, 2);
	case WITH_TVS:
	case KNOWS_US:
		return list_make(name, &f->sast, all, 3);
	case NOTHING:
		break;
	}
	return (struct bytes){ 0 };
}

static const struct arrival {
	const char *says;
	enum holds ctl, itl;
	bool has_key, bridges; /* we have taken over their signer; and may use it */
	enum handout_outcome outcome;
	bool if_vouched;
} arrivals[] = {
	{ "it asks its own TVS", NOTHING, WITH_TVS, false, true, HANDOUT_TVS, true },
	{ "a list that names no TVS leaves nobody to ask", NOTHING, WITHOUT_TVS, false, true,
	    HANDOUT_LOST, false },
	{ "a key of theirs signs a bridge", NOTHING, WITHOUT_TVS, true, true, HANDOUT_RETIRED_KEY,
	    false },
	{ "but not without bridges", NOTHING, WITH_TVS, true, false, HANDOUT_TVS, true },
	{ "a list that knows our signer", NOTHING, KNOWS_US, false, true, HANDOUT_KEEPS, false },
	{ "a CTL that knows our signer", KNOWS_US, WITH_TVS, false, true, HANDOUT_CTL, false },
	{ "an emptied list", NOTHING, EMPTY, false, true, HANDOUT_KEEPS, false },
};

static void
moveplan_arrive_says_by_what_a_phone_of_another_cluster_takes_our_list(void **state)
{
	const struct fixture *f = *state;

	for (size_t i = 0; i < sizeof arrivals / sizeof arrivals[0]; i++) {
		const struct arrival *row = &arrivals[i];
		struct bytes served = our_itl(f);
		struct bytes ctl = their_list(f, row->ctl, "CTLFile.tlv");
		struct bytes itl = their_list(f, row->itl, "ITLFile.tlv");
		const struct handout_key keys[] = { { f->app.cert, true }, { f->sast2.cert, false },
			{ f->sast.cert, false } };
		const struct handout_world here = { .served = { .itl = bytes_span(&served),
							.now = LISTS_NOW },
			.tftp = f->app.cert,
			.key = keys,
			.key_count = row->has_key ? 3 : 2,
			.bridges = row->bridges };
		struct trustlist ctl_list = { 0 }, itl_list = { 0 };
		struct moveplan_arrival got;
		struct err e = { 0 };

		print_message("# %s\n", row->says);
		if (ctl.n > 0)
			assert_ok(trustlist_parse(bytes_span(&ctl), &ctl_list, &e), e);
		assert_ok(trustlist_parse(bytes_span(&itl), &itl_list, &e), e);
		moveplan_arrive(ctl.n > 0 ? &ctl_list : NULL, &itl_list, &here, &got);
		assert_string_equal(
		    handout_outcome_name(got.outcome), handout_outcome_name(row->outcome));
		assert_int_equal(got.if_vouched, row->if_vouched);
		assert_true(got.reason[0] != '\0');
		trustlist_free(&ctl_list);
		trustlist_free(&itl_list);
		bytes_free(&served);
		bytes_free(&ctl);
		bytes_free(&itl);
	}
}

enum { NO_TRUST = -1 };

static const struct vouching {
	const char *says;
	int store; /* of our trust stores, that has both signers */
	bool given;
	size_t missing;
	bool lists, files;
} vouchings[] = {
	{ "nobody is known", NO_TRUST, false, 2, false, false },
	{ "phone-sast-trust is good for lists and files", TRUST_PHONE_SAST, false, 0, true, true },
	{ "callmanager-trust is good for files alone", TRUST_CALLMANAGER, false, 1, false, true },
	{ "a web trust is good for neither", TRUST_PHONE, false, 2, false, false },
	{ "certificates that are given count as imported", NO_TRUST, true, 0, true, true },
};

static void
moveplan_vouch_says_for_which_signers_our_tvs_speaks(void **state)
{
	const struct fixture *f = *state;
	struct cert *const given[] = { f->sast2.cert, f->app.cert };

	for (size_t i = 0; i < sizeof vouchings / sizeof vouchings[0]; i++) {
		const struct vouching *row = &vouchings[i];
		struct bytes theirs = our_itl(f);
		struct trustview *view = trustview_new();
		struct moveplan_vouch got;
		struct moving m;
		struct err e = { 0 };

		print_message("# %s\n", row->says);
		for (size_t k = 0; row->store != NO_TRUST && k < 2; k++)
			trustview_add_trusted(view, (enum trust_store)row->store, given[k]);
		assert_ok(
		    moving_open(NULL, NULL, (struct span){ 0 }, bytes_span(&theirs), &m, &e), e);
		assert_int_equal(m.signers, 2);
		moveplan_vouch_make(&m, view, given, row->given ? 2 : 0, &got);
		assert_int_equal(got.missing, row->missing);
		for (size_t k = 0; k < m.signers; k++) {
			bool want = m.signer[k].function == FUNCTION_SAST ? row->lists : row->files;

			assert_int_equal(got.vouched[k], want);
			assert_int_equal(
			    trustview_find_der(got.view, cert_der(m.signer[k].cert)) != NULL, want);
		}
		moveplan_vouch_free(&got);
		moving_free(&m);
		trustview_free(view);
		bytes_free(&theirs);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    moveplan_arrive_says_by_what_a_phone_of_another_cluster_takes_our_list),
		cmocka_unit_test(moveplan_vouch_says_for_which_signers_our_tvs_speaks),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
