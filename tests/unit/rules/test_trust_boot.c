#include "../check.h"

#include "lists.h"
#include "scenarios.h"
#include "rules/handout.h"

#include <stdio.h>

#define NOW     LISTS_NOW
#define NODES   2
#define RECORDS 12

static const enum purpose purposes[WHO] = { PURPOSE_CALLMANAGER, PURPOSE_CALLMANAGER, PURPOSE_TVS,
	PURPOSE_TVS, PURPOSE_ITLRECOVERY, PURPOSE_CAPF, PURPOSE_WEB, PURPOSE_CALLMANAGER_EC,
	PURPOSE_ITLRECOVERY, PURPOSE_ITLRECOVERY };
static const char *const names[WHO] = { "one", "two", "one-tvs", "two-tvs", "ITLRECOVERY_one",
	"CAPF-1", "one-web", "one-EC", "token-1", "token-2" };

/* Before the event, after it, and of another cluster. */
enum age { OLD, NEW, FOREIGN, AGES };

struct fixture {
	struct identity id[AGES][WHO];
};

static int
setup(void **state)
{
	static struct fixture f;

	for (enum age a = 0; a < AGES; a++)
		for (enum who w = 0; w < WHO; w++)
			f.id[a][w] = identity_make(purposes[w], names[w]);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (enum age a = 0; a < AGES; a++)
		for (enum who w = 0; w < WHO; w++)
			identity_free(&f->id[a][w]);
	return 0;
}

/* A cluster: who holds which key now. */
struct cluster {
	const struct identity *id[WHO];
	enum gen gen;
	bool ctl_lists_recovery; /* tokenless CTLs of 10.5(2) and later */
	bool other_signer;       /* the other SAST key signs (itl reset, ctl reset) */
};

static struct cluster
cluster_of(const struct fixture *f, enum gen gen, unsigned changed, enum age to)
{
	struct cluster c = { .gen = gen };

	for (enum who w = 0; w < WHO; w++)
		c.id[w] = &f->id[changed & BIT(w) ? to : OLD][w];
	return c;
}

struct records {
	struct list_entry r[RECORDS];
	size_t n;
};

static void
add(struct records *all, enum function function, const struct identity *id, bool hash_only)
{
	assert_true(all->n < RECORDS);
	all->r[all->n++] = (struct list_entry){ (uint16_t)function, id, hash_only, false };
}

/* The ITL of a node. Which keys sign and stand in it: phone.md, the table of generations. */
static struct bytes
make_itl(const struct cluster *c, enum who callmanager, bool empty)
{
	const struct identity *cm = c->id[callmanager], *rec = c->id[REC];
	struct records all = { 0 };

	add(&all, FUNCTION_SAST, cm, false);
	if (c->gen != G8)
		add(&all, FUNCTION_SAST, rec, false);
	if (!empty) {
		add(&all, FUNCTION_TFTP, cm, false);
		add(&all, FUNCTION_TFTP, c->id[EC], false);
		add(&all, FUNCTION_TVS, c->id[TVS1], true);
		add(&all, FUNCTION_TVS, c->id[TVS2], true);
	}
	add(&all, FUNCTION_CAPF, c->id[CAPF], true);
	return list_make("ITLFile.tlv", c->gen == G12 && !c->other_signer ? rec : cm, all.r, all.n);
}

static const struct identity *
ctl_signer(const struct cluster *c, enum ctl kind)
{
	return kind == TOKEN                       ? c->id[TOK1]
	       : c->gen == G12 && !c->other_signer ? c->id[REC]
						   : c->id[CM1];
}

/* Its SAST records: operations reference 4.7. */
static struct bytes
make_ctl(const struct cluster *c, enum ctl kind)
{
	struct records all = { 0 };

	if (kind == NO_CTL)
		return (struct bytes){ 0 };
	if (kind == TOKEN) {
		add(&all, FUNCTION_SAST, c->id[TOK1], false);
		add(&all, FUNCTION_SAST, c->id[TOK2], false);
	}
	if (kind == TOKENLESS || c->gen == G12)
		add(&all, FUNCTION_SAST, c->id[CM1], false);
	if (c->gen == G12 || (kind == TOKENLESS && c->ctl_lists_recovery))
		add(&all, FUNCTION_SAST, c->id[REC], false);
	add(&all, FUNCTION_CCM_TFTP, c->id[CM1], false);
	add(&all, FUNCTION_CCM_TFTP, c->id[CM2], false);
	add(&all, FUNCTION_CAPF, c->id[CAPF], false);
	return list_make("CTLFile.tlv", ctl_signer(c, kind), all.r, all.n);
}

static struct trustview *
view_of(const struct cluster *c)
{
	struct trustview *v = trustview_new();

	for (enum who w = 0; w < TOK1; w++)
		trustview_add_own(v, purposes[w], c->id[w]->cert);
	trustview_add_trusted(v, TRUST_PHONE_SAST, c->id[TOK1]->cert);
	return v;
}

/* --- one row --- */

/* What a row's phone holds and is shown; owns its parts. */
struct scene {
	struct cluster before, after;
	struct bytes held_ctl, held_itl, ctl, itl, config;
	struct trustlist lists[2];
	struct trustview *old_view, *new_view;
};

static void
put_tvs(struct trust_boot_tvs *out, const struct cluster *c, struct trustview *view, bool up,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = (struct trust_boot_tvs){ up, c->id[TVS1 + i]->cert, view };
}

/* The phone's own TVS servers: after a move those of the cluster that it comes from. */
static void
put_servers(const struct row *r, struct scene *s, struct trust_boot_world *w)
{
	bool moved = r->flags & MOVED;

	w->tvs_count = w->next_tvs_count = r->servers;
	put_tvs(w->tvs, moved ? &s->before : &s->after, moved ? s->old_view : s->new_view,
	    !(r->flags & OLD_GONE), r->servers);
	put_tvs(w->next_tvs, &s->after, s->new_view, true, r->servers);
	if (r->flags & TVS_STOPPED)
		w->tvs[0].reachable = w->next_tvs[0].reachable = false;
}

/* Nobody could have signed that. */
static void
damage(struct bytes *file)
{
	file->p[file->n - 1] ^= 1;
}

/* What the phone finds when it is reset. */
static void
serve(const struct row *r, struct scene *s)
{
	enum who server = r->flags & OTHER_NODE ? CM2 : CM1;
	bool updated = r->flags & CTL_UPDATED;

	if (r->flags & NOT_RESET)
		return;
	if (!(r->flags & NO_CTL_SERVED))
		s->ctl = make_ctl(updated ? &s->after : &s->before, r->ctl);
	s->itl = make_itl(&s->after, server, false);
	s->config =
	    file_make("SEP001122334455.cnf.xml.sgn", s->after.id[server], span_str("<device/>"));
	if (r->flags & DAMAGED) {
		damage(&s->itl);
		damage(&s->config);
	}
}

static void
prepare(const struct row *r, struct scene *s)
{
	if (r->flags & (PREPARED | PREPARED_CALLMANAGER))
		trustview_add_trusted(s->old_view, TRUST_PHONE_SAST, s->after.id[CM1]->cert);
	if (r->flags & PREPARED)
		trustview_add_trusted(s->old_view, TRUST_PHONE_SAST, s->after.id[REC]->cert);
}

/* A backup brings back the keys from before the event; phones hold lists from after it. */
static void
scene_make(const struct fixture *f, const struct row *r, enum gen gen, struct scene *s)
{
	struct cluster with = cluster_of(f, gen, r->changed, NEW),
		       without = cluster_of(f, gen, 0, OLD);

	*s = (struct scene){ .before = r->flags & RESTORED ? with : without,
		.after = r->flags & MOVED      ? cluster_of(f, gen, BIT(WHO) - 1, FOREIGN)
			 : r->flags & RESTORED ? without
					       : with };
	s->before.ctl_lists_recovery = s->after.ctl_lists_recovery = !(r->flags & CTL_WITHOUT_REC);
	s->after.other_signer = r->flags & OTHER_SIGNER;
	s->old_view = view_of(&s->before);
	s->new_view = view_of(&s->after);
	prepare(r, s);
	s->held_ctl = make_ctl(&s->before, r->ctl);
	s->held_itl = make_itl(&s->before, CM1, r->flags & EMPTIED);
	serve(r, s);
}

static void
scene_free(struct scene *s)
{
	trustview_free(s->old_view);
	trustview_free(s->new_view);
	bytes_free(&s->held_ctl);
	bytes_free(&s->held_itl);
	bytes_free(&s->ctl);
	bytes_free(&s->itl);
	bytes_free(&s->config);
}

static const struct trustlist *
hold(struct trustlist *list, const struct bytes *file)
{
	struct err e = { 0 };

	if (file->n == 0)
		return NULL;
	assert_ok(trustlist_parse(bytes_span(file), list, &e), e);
	return list;
}

/* The two say the same of a row: what phones do, and what a plan says of them. */
struct said {
	struct trust_boot boot;
	struct handout handout;
};

static void
boot(const struct row *r, struct scene *s, struct said *out)
{
	struct trustlist ctl = { 0 }, itl = { 0 };
	struct handout_world w = { .served = { .ctl = bytes_span(&s->ctl),
				       .itl = bytes_span(&s->itl),
				       .config = bytes_span(&s->config),
				       .https = s->after.id[WEB]->cert,
				       .capf = s->after.id[CAPF]->cert,
				       .now = NOW } };
	bool factory = r->flags & FACTORY;
	struct handout_member m = { factory ? NULL : hold(&ctl, &s->held_ctl),
		factory ? NULL : hold(&itl, &s->held_itl) };

	put_servers(r, s, &w.served);
	trust_boot(m.ctl, m.itl, &w.served, &out->boot);
	handout_decide(&m, 1, &w, &out->handout);
	trustlist_free(&ctl);
	trustlist_free(&itl);
}

static bool
check(const struct row *r, enum gen gen, const char *step, const struct trust_boot_step *got,
    enum trust_boot_how want)
{
	if (got->how == want)
		return true;
	print_error("%s G%d %s: %s (%s), expected %s\n", r->id,
	    gen == G8    ? 8
	    : gen == G10 ? 10
			 : 12,
	    step, trust_boot_how_name(got->how), got->reason, trust_boot_how_name(want));
	return false;
}

/* What a plan is to say of a boot: whether both lists are taken, and by what at the worst. */
static enum handout_outcome
outcome_of(const struct trust_boot *b)
{
	if (b->ctl.how == RE || b->itl.how == RE)
		return HANDOUT_LOST;
	if (b->ctl.how == TV || b->itl.how == TV)
		return HANDOUT_TVS;
	return b->itl.how == DI && b->itl.by_ctl ? HANDOUT_CTL : HANDOUT_KEEPS;
}

static bool
plan_agrees(const struct row *r, enum gen gen, const struct said *got)
{
	enum handout_outcome want = outcome_of(&got->boot);

	if (r->flags & NOT_RESET) /* nothing is handed out */
		return true;
	if (got->handout.outcome == want && got->handout.signer == NULL)
		return true;
	print_error("%s gen %d: the plan says %s (%s), expected %s\n", r->id, gen,
	    handout_outcome_name(got->handout.outcome), got->handout.reason,
	    handout_outcome_name(want));
	return false;
}

static bool
row_holds(const struct fixture *f, const struct row *r, enum gen gen)
{
	struct said said;
	const struct trust_boot *got = &said.boot;
	struct scene s;
	bool ok;

	scene_make(f, r, gen, &s);
	boot(r, &s, &said);
	/* each is looked at, so that all that differ are said */
	ok = check(r, gen, "CTL", &got->ctl, r->want_ctl);
	ok = check(r, gen, "ITL", &got->itl, r->want_itl) && ok;
	ok = check(r, gen, "config", &got->config, r->want_config) && ok;
	ok = check(r, gen, "HTTPS", &got->https, r->want_https) && ok;
	ok = check(r, gen, "CAPF", &got->capf, r->want_capf) && ok;
	ok = plan_agrees(r, gen, &said) && ok;
	if (got->lost != r->lost)
		print_error("%s: lost %d, expected %d\n", r->id, got->lost, r->lost);
	ok = ok && got->lost == r->lost;
	scene_free(&s);
	return ok;
}

static void
trust_boot_and_the_plan_come_to_what_every_row_of_the_scenario_matrix_says(void **state)
{
	struct scenarios all;
	size_t bad = 0;

	assert_true(scenarios_read(&all));
	for (size_t i = 0; i < all.count; i++)
		for (unsigned gen = G8; gen <= G12; gen <<= 1)
			if (all.row[i].gens & gen)
				bad += !row_holds(*state, &all.row[i], (enum gen)gen);
	assert_int_equal(bad, 0);
}

/* The rows of the reference, and those that are told apart there by what is done first. */
static void
every_row_of_the_scenario_matrix_is_there_or_it_is_said_why_not(void **state)
{
	static const char *const ids =
	    "1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 2.1 2.2 2.3 2.4 3.1 3.2 3.3 "
	    "3.4 3.5 3.6 3.7 3.8 3.9 4.1 4.2 4.3 4.4 4.5 5.1 5.2 5.3 5.4 "
	    "5.5 5.6 6.1 6.2 6.3 6.4 6.5 6.6 6.7 7.1 7.2 8.1 8.2 8.3 8.4 "
	    "8.5 8.6 8.7 8.8 8.8b 8.8c 8.9 8.10 8.11 9.1 9.2 9.2b 9.3 "
	    "9.4 9.5 9.6 10.1 10.2 10.3 10.4 10.5 10.6 10.7 10.8 10.9 "
	    "10.10 11.1 11.2 11.3 11.4 11.5 11.6 12.1 12.2 12.3 ";
	struct scenarios all;
	char id[16];

	(void)state;
	assert_true(scenarios_read(&all));
	for (const char *at = ids; *at != '\0'; at += strlen(id) + 1) {
		assert_int_equal(sscanf(at, "%15s", id), 1);
		if (!scenarios_has(&all, id))
			fail_msg("row %s is missing", id);
	}
}

/* Row 6.3: the other SAST key signs once, then the new one is known (itl reset localkey). */
static void
trust_boot_takes_a_new_recovery_key_in_two_boots_by_the_book(void **state)
{
	const struct fixture *f = *state;
	const struct row r = { "6.3", G12, NO_CTL, 1, BIT(REC), 0, NO, DI, DI, TV, DI, false };
	struct said got;
	struct scene s;

	scene_make(f, &r, G12, &s);
	bytes_free(&s.itl);
	s.after.gen = G10; /* the CallManager key signs */
	s.itl = make_itl(&s.after, CM1, false);
	boot(&r, &s, &got);
	assert_int_equal(got.boot.itl.how, DI);
	bytes_free(&s.held_itl);
	s.held_itl = s.itl;
	s.after.gen = G12;
	s.itl = make_itl(&s.after, CM1, false);
	boot(&r, &s, &got);
	assert_int_equal(got.boot.itl.how, DI);
	assert_false(got.boot.lost);
	scene_free(&s);
}

static void
trust_boot_says_which_tvs_server_answered(void **state)
{
	const struct row r = { "3.4", G10, NO_CTL, 2, BIT(CM1) | BIT(TVS1), 0, NO, TV, DI, TV, DI,
		false };
	struct said got;
	struct scene s;

	scene_make(*state, &r, G10, &s);
	boot(&r, &s, &got);
	assert_int_equal(got.boot.itl.tvs, 1);
	assert_non_null(strstr(got.boot.itl.reason, "TVS trusts signer"));
	scene_free(&s);
}

static void
trust_boot_of_a_phone_that_finds_nothing_loses_nothing(void **state)
{
	const struct fixture *f = *state;
	struct cluster c = cluster_of(f, G12, 0, OLD);
	struct bytes file = make_itl(&c, CM1, false);
	struct trustlist itl;
	struct trust_boot got;

	trust_boot(NULL, hold(&itl, &file), &(struct trust_boot_world){ .now = NOW }, &got);
	assert_int_equal(got.itl.how, NO);
	assert_int_equal(got.config.how, NO);
	assert_false(got.lost);
	trustlist_free(&itl);
	bytes_free(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    trust_boot_and_the_plan_come_to_what_every_row_of_the_scenario_matrix_says),
		cmocka_unit_test(every_row_of_the_scenario_matrix_is_there_or_it_is_said_why_not),
		cmocka_unit_test(trust_boot_takes_a_new_recovery_key_in_two_boots_by_the_book),
		cmocka_unit_test(trust_boot_says_which_tvs_server_answered),
		cmocka_unit_test(trust_boot_of_a_phone_that_finds_nothing_loses_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
