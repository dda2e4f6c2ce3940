#include "../check.h"

#include "lists.h"
#include "rules/moving.h"

#include <stdlib.h>

#define NOW          1700000000
#define IN_SIGNATURE 250 /* of the header */

/* Two clusters: the old one's phones hold a list of sast, tftp and tvs; the new one's list is
 * signed by sast2 and names app as the signer of files. */
struct fixture {
	struct identity sast, tftp, tvs, sast2, app, other;
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
	f->other = identity_load("ccm");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	struct identity *all[] = { &f->sast, &f->tftp, &f->tvs, &f->sast2, &f->app, &f->other };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		identity_free(all[i]);
	free(f);
	return 0;
}

static struct bytes
old_itl(const struct fixture *f)
{
	const struct list_entry entries[] = {
		{ FUNCTION_SAST, &f->sast, false, false },
		{ FUNCTION_TFTP, &f->tftp, false, false },
		{ FUNCTION_TVS, &f->tvs, true, false },
	};

	return list_make("ITLFile.tlv", &f->sast, entries, 3);
}

/* Both keys in one (G10), or signed by another than files are (G12). */
static struct bytes
new_list(const struct fixture *f, const char *name, bool g12)
{
	const struct list_entry entries[] = {
		{ FUNCTION_SAST, &f->sast2, false, false },
		{ FUNCTION_TFTP, g12 ? &f->app : &f->sast2, false, false },
		{ FUNCTION_TVS, &f->other, true, false },
	};

	return list_make(name, &f->sast2, entries, 3);
}

/* One move and what must come of it. trusts: bits by number of the signer. */
struct row {
	const char *what;
	bool g12, reachable, right_certificate;
	unsigned trusts;
	enum trust_boot_how how;
	bool well;
};

static const struct row rows[] = {
	{ "10.1: nothing prepared", true, true, true, 0, TRUST_BOOT_REJECTED, false },
	{ "10.2: the old cluster is gone", true, false, true, 0, TRUST_BOOT_REJECTED, false },
	{ "10.3: all is prepared, one key", false, true, true, 3, TRUST_BOOT_BY_TVS, true },
	{ "10.3: all is prepared, two keys", true, true, true, 3, TRUST_BOOT_BY_TVS, true },
	{ "10.4: CallManager alone", true, true, true, 2, TRUST_BOOT_REJECTED, false },
	{ "the signer of lists alone", true, true, true, 1, TRUST_BOOT_BY_TVS, false },
	{ "prepared, but TVS.pem is another one", true, true, false, 3, TRUST_BOOT_REJECTED,
	    false },
};

static void
judge_row(const struct fixture *f, const struct row *row)
{
	struct bytes held_file = old_itl(f), next = new_list(f, "ITLFile.tlv", row->g12);
	struct moving_tvs tvs = { .reachable = row->reachable,
		.shown = row->reachable ? (row->right_certificate ? f->tvs.cert : f->other.cert)
					: NULL };
	struct trustlist held;
	struct moving m;
	struct trust_boot boot;
	struct err e = { 0 };

	assert_ok(trustlist_parse(bytes_span(&held_file), &held, &e), e);
	assert_ok(moving_open(NULL, &held, (struct span){ 0 }, bytes_span(&next), &m, &e), e);
	assert_int_equal(m.signers, 2);
	assert_int_equal(m.signer[0].function, FUNCTION_SAST);
	assert_int_equal(m.signer[1].function, FUNCTION_TFTP);
	for (size_t i = 0; i < 2; i++)
		tvs.trusts[i] = (row->trusts >> i & 1) != 0;
	moving_forecast(&m, &tvs, 1, NOW, &boot);
	if (boot.itl.how != row->how || moving_is_well(&m, &tvs) != row->well)
		fail_msg(
		    "%s: %s (%s)", row->what, trust_boot_how_name(boot.itl.how), boot.itl.reason);
	assert_int_equal(moving_is_taken(&boot), row->how == TRUST_BOOT_BY_TVS);
	moving_free(&m);
	trustlist_free(&held);
	bytes_free(&held_file);
	bytes_free(&next);
}

static void
phones_take_the_new_list_exactly_when_the_old_tvs_vouches_for_its_signer(void **state)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		judge_row(*state, &rows[i]);
}

static void
a_signer_that_phones_know_by_record_needs_no_tvs(void **state)
{
	struct fixture *f = *state;
	const struct list_entry entries[] = {
		{ FUNCTION_SAST, &f->sast, false, false },
		{ FUNCTION_SAST, &f->sast2, false, false },
		{ FUNCTION_TVS, &f->tvs, true, false },
	};
	struct bytes held_file = list_make("ITLFile.tlv", &f->sast, entries, 3);
	struct bytes next = new_list(f, "ITLFile.tlv", true);
	struct trustlist held;
	struct moving m;
	struct trust_boot boot;
	struct err e = { 0 };

	assert_ok(trustlist_parse(bytes_span(&held_file), &held, &e), e);
	assert_ok(moving_open(NULL, &held, (struct span){ 0 }, bytes_span(&next), &m, &e), e);
	assert_true(m.signer[0].known && !m.signer[1].known);
	moving_forecast(&m, NULL, 0, NOW, &boot);
	assert_int_equal(boot.itl.how, TRUST_BOOT_BY_RECORD);
	assert_true(moving_is_taken(&boot));
	moving_free(&m);
	trustlist_free(&held);
	bytes_free(&held_file);
	bytes_free(&next);
}

/* 10.5 and 10.6: lists that were emptied before the move. */
static void
phones_with_an_empty_list_take_any_unless_they_hold_a_ctl(void **state)
{
	struct fixture *f = *state;
	const struct list_entry sast = { FUNCTION_SAST, &f->sast, false, false };
	struct bytes empty = list_make("ITLFile.tlv", &f->sast, &sast, 1);
	struct bytes token = list_make("CTLFile.tlv", &f->sast, &sast, 1);
	struct bytes next = new_list(f, "ITLFile.tlv", true);
	struct trustlist held, ctl;
	struct moving m;
	struct trust_boot boot;
	struct err e = { 0 };

	assert_ok(trustlist_parse(bytes_span(&empty), &held, &e), e);
	assert_ok(trustlist_parse(bytes_span(&token), &ctl, &e), e);
	for (int with_ctl = 0; with_ctl < 2; with_ctl++) {
		assert_ok(moving_open(with_ctl ? &ctl : NULL, &held, (struct span){ 0 },
			      bytes_span(&next), &m, &e),
		    e);
		moving_forecast(&m, NULL, 0, NOW, &boot);
		assert_int_equal(boot.itl.how, with_ctl ? TRUST_BOOT_REJECTED : TRUST_BOOT_BLIND);
		moving_free(&m);
	}
	trustlist_free(&held);
	trustlist_free(&ctl);
	bytes_free(&empty);
	bytes_free(&token);
	bytes_free(&next);
}

/* 10.7: a new CTL is judged first; refused, it is not well, whatever becomes of the ITL. */
static void
a_ctl_is_asked_about_too(void **state)
{
	struct fixture *f = *state;
	struct bytes held_file = old_itl(f), itl = new_list(f, "ITLFile.tlv", false);
	struct bytes ctl = list_make("CTLFile.tlv", &f->other,
	    (const struct list_entry[]){ { FUNCTION_SAST, &f->other, false, false } }, 1);
	struct moving_tvs tvs = { .reachable = true, .shown = f->tvs.cert };
	struct trustlist held;
	struct moving m;
	struct trust_boot boot;
	struct err e = { 0 };

	assert_ok(trustlist_parse(bytes_span(&held_file), &held, &e), e);
	assert_ok(moving_open(NULL, &held, bytes_span(&ctl), bytes_span(&itl), &m, &e), e);
	assert_int_equal(m.signers, 3);
	tvs.trusts[1] = tvs.trusts[2] = true;
	moving_forecast(&m, &tvs, 1, NOW, &boot);
	assert_int_equal(boot.ctl.how, TRUST_BOOT_REJECTED);
	assert_int_equal(boot.itl.how, TRUST_BOOT_BY_TVS);
	assert_false(moving_is_taken(&boot));
	tvs.trusts[0] = true;
	moving_forecast(&m, &tvs, 1, NOW, &boot);
	assert_true(moving_is_taken(&boot));
	assert_true(moving_is_well(&m, &tvs));
	moving_free(&m);
	trustlist_free(&held);
	bytes_free(&held_file);
	bytes_free(&itl);
	bytes_free(&ctl);
}

static void
moving_open_refuses_a_list_that_no_phone_would_take(void **state)
{
	struct fixture *f = *state;
	struct bytes next = new_list(f, "ITLFile.tlv", true);
	struct moving m;
	struct err e;

	next.p[IN_SIGNATURE] ^= 1;
	assert_fails(moving_open(NULL, NULL, (struct span){ 0 }, bytes_span(&next), &m, &e), e,
	    ERR_CRYPTO, "the new ITL");
	assert_fails(moving_open(NULL, NULL, span_of(next.p, 40), bytes_span(&next), &m, &e), e,
	    ERR_MALFORMED, "the new CTL");
	bytes_free(&next);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    phones_take_the_new_list_exactly_when_the_old_tvs_vouches_for_its_signer),
		cmocka_unit_test(a_signer_that_phones_know_by_record_needs_no_tvs),
		cmocka_unit_test(phones_with_an_empty_list_take_any_unless_they_hold_a_ctl),
		cmocka_unit_test(a_ctl_is_asked_about_too),
		cmocka_unit_test(moving_open_refuses_a_list_that_no_phone_would_take),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
