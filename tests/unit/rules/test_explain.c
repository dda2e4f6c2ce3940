#include "../check.h"

#include "lists.h"
#include "rules/explain.h"

#include <stdio.h>

#define NOW 1700000000

struct fixture {
	struct identity own, foreign, tvs;
	struct bytes own_list, foreign_list, next_list, file; /* next: signed by foreign */
};

static struct bytes
list_of(const struct identity *signer, const struct identity *tvs)
{
	const struct list_entry entries[] = { { FUNCTION_SAST, signer, false, false },
		{ FUNCTION_TFTP, signer, false, false }, { FUNCTION_TVS, tvs, true, false } };

	return list_make("ITLFile.tlv", signer, entries, 3);
}

static int
setup(void **state)
{
	static struct fixture f;

	f.own = identity_load("sast");
	f.foreign = identity_load("casigned");
	f.tvs = identity_load("tvs");
	f.own_list = list_of(&f.own, &f.tvs);
	f.foreign_list = list_of(&f.foreign, &f.foreign);
	f.next_list = list_of(&f.foreign, &f.tvs);
	f.file = file_make("SEP001122334455.cnf.xml.sgn", &f.own, span_str("<device/>"));
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	identity_free(&f->own);
	identity_free(&f->foreign);
	identity_free(&f->tvs);
	bytes_free(&f->own_list);
	bytes_free(&f->foreign_list);
	bytes_free(&f->next_list);
	bytes_free(&f->file);
	return 0;
}

static bool
has_step(const struct explain *x, const char *name, const char *text)
{
	for (size_t i = 0; i < x->count; i++)
		if (strcmp(x->step[i].name, name) == 0 && strstr(x->step[i].text, text) != NULL)
			return true;
	for (size_t i = 0; i < x->count; i++)
		print_message("%s: %s\n", x->step[i].name, x->step[i].text);
	return false;
}

/* With a list held, or with none. */
static struct explain
run(struct explain_case c, const struct bytes *held)
{
	struct trustlist list;
	struct explain x;
	struct err e = { 0 };

	c.now = NOW;
	if (held == NULL) {
		explain(&c, &x);
		return x;
	}
	assert_ok(trustlist_parse(bytes_span(held), &list, &e), e);
	c.itl = &list;
	explain(&c, &x);
	trustlist_free(&list);
	return x;
}

static void
a_list_is_judged_by_the_records_that_are_held(void **state)
{
	const struct fixture *f = *state;
	const struct explain_case c = { .file = bytes_span(&f->own_list) };
	struct explain x = run(c, &f->own_list);

	assert_true(explain_is_list(c.file));
	assert_int_equal(x.verdict.how, TRUST_BOOT_BY_RECORD);
	assert_true(has_step(&x, "VERIFY_LIST 1", "signed with SHA1 by "));
	assert_true(has_step(&x, "VERIFY_LIST 2", "no CTL and an ITL"));
	assert_true(has_step(&x, "VERIFY_LIST 4", "it is in the ITL"));
	x = run(c, NULL);
	assert_int_equal(x.verdict.how, TRUST_BOOT_BLIND);
	assert_true(has_step(&x, "VERIFY_LIST 2", "taken unseen"));
	x = run(c, &f->foreign_list);
	assert_int_equal(x.verdict.how, TRUST_BOOT_REJECTED);
	assert_true(has_step(&x, "VERIFY_LIST 4", "it is not in the ITL"));
}

static void
each_tvs_server_is_named_with_what_it_shows_and_answers(void **state)
{
	const struct fixture *f = *state;
	struct trustview *knows = trustview_new(), *not = trustview_new();
	struct explain_case c = { .file = bytes_span(&f->next_list),
		.tvs = { { false, f->tvs.cert, not }, { true, f->foreign.cert, not },
		    { true, f->tvs.cert, knows } },
		.tvs_name = { "a", "b", "c" },
		.tvs_count = 3 };
	struct explain x;

	trustview_add_trusted(knows, TRUST_PHONE_SAST, f->foreign.cert);
	x = run(c, &f->own_list);
	assert_int_equal(x.verdict.how, TRUST_BOOT_BY_TVS);
	assert_int_equal(x.verdict.tvs, 2);
	assert_true(has_step(&x, "ASK_TVS 3", "TVS 1, a: not reached"));
	assert_true(has_step(&x, "ASK_TVS 3", "TVS 2, b: "));
	assert_true(has_step(&x, "ASK_TVS 3", "TVS 3, c: "));
	assert_true(has_step(&x, "ASK_TVS 5", "trusted, as SAST"));
	c.tvs[2].vouch = not ;
	x = run(c, &f->own_list);
	assert_int_equal(x.verdict.how, TRUST_BOOT_REJECTED);
	assert_true(has_step(&x, "ASK_TVS 5", "not known"));
	c.tvs_count = 2;
	x = run(c, &f->own_list);
	assert_int_equal(x.verdict.how, TRUST_BOOT_REJECTED);
	assert_true(has_step(&x, "ASK_TVS 7", "No server is left"));
	trustview_free(knows);
	trustview_free(not );
}

static void
a_signed_file_is_judged_after_the_list_that_is_served(void **state)
{
	const struct fixture *f = *state;
	struct explain_case c = { .file = bytes_span(&f->file) };
	struct explain x = run(c, &f->own_list);

	assert_false(explain_is_list(c.file));
	assert_int_equal(x.verdict.how, TRUST_BOOT_BY_RECORD);
	x = run(c, &f->foreign_list);
	assert_int_equal(x.verdict.how, TRUST_BOOT_REJECTED);
	c.served_itl = bytes_span(&f->own_list);
	x = run(c, &f->foreign_list);
	assert_int_equal(x.verdict.how, TRUST_BOOT_REJECTED);
	assert_true(has_step(&x, "boot 4 (ITL)", "refuses"));
	x = run(c, NULL);
	assert_int_equal(x.verdict.how, TRUST_BOOT_BY_RECORD);
	assert_true(has_step(&x, "boot 4 (ITL)", "takes"));
	c.served_ctl = c.served_itl;
	x = run(c, &f->own_list);
	assert_int_equal(x.verdict.how, TRUST_BOOT_BY_RECORD);
	assert_true(has_step(&x, "boot 2 (CTL)", "takes"));
	assert_true(has_step(&x, "VERIFY_FILE", "it is in the CTL"));
}

static void
what_is_damaged_is_refused_before_anybody_is_asked(void **state)
{
	const struct fixture *f = *state;
	struct bytes spoilt = bytes_copy(bytes_span(&f->own_list));
	struct explain x;

	spoilt.p[spoilt.n - 1] ^= 1;
	x = run((struct explain_case){ .file = bytes_span(&spoilt) }, &f->own_list);
	assert_int_equal(x.verdict.how, TRUST_BOOT_REJECTED);
	assert_true(has_step(&x, "VERIFY_LIST 1", "Refused at once"));
	bytes_free(&spoilt);
	x = run((struct explain_case){ .file = span_str("nothing of the kind") }, &f->own_list);
	assert_int_equal(x.verdict.how, TRUST_BOOT_REJECTED);
	assert_true(has_step(&x, "VERIFY_FILE", "cannot be read"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_judged_by_the_records_that_are_held),
		cmocka_unit_test(each_tvs_server_is_named_with_what_it_shows_and_answers),
		cmocka_unit_test(a_signed_file_is_judged_after_the_list_that_is_served),
		cmocka_unit_test(what_is_damaged_is_refused_before_anybody_is_asked),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
