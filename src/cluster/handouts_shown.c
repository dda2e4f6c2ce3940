/* What a phone has shown of its lists by whom it trusted. */
#include "base/mem.h"
#include "cluster/handouts_internal.h"

#include <stdlib.h>

/* What a phone would do that holds these two, which may be NULL. */
typedef bool pair_test(const struct doubtful *ctl, const struct doubtful *itl, const void *arg);

/* With one of the CTLs, or without: it need not have taken any. */
static bool
some_with_itl(const struct split *s, const struct doubtful *itl, pair_test *test, const void *arg)
{
	bool found = test(NULL, itl, arg);

	for (size_t i = 0; i < s->ctls && !found; i++)
		found = test(&s->ctl[i], itl, arg);
	return found;
}

static bool
some_with_ctl(const struct split *s, const struct doubtful *ctl, pair_test *test, const void *arg)
{
	bool found = s->itls == 0 && test(ctl, NULL, arg);

	for (size_t i = 0; i < s->itls && !found; i++)
		found = test(ctl, &s->itl[i], arg);
	return found;
}

/* --- by what it trusted --- */

static bool
trusts_capf(const struct doubtful *ctl, const struct doubtful *itl, const void *capf)
{
	const struct trust_eval_state st = { .ctl = ctl != NULL ? &ctl->held->parsed : NULL,
		.itl = itl != NULL ? &itl->held->parsed : NULL };
	struct trust_eval_verdict v;

	trust_eval_capf(&st, capf, &v);
	return trust_eval_is_accepted(v.outcome);
}

static bool
rule_out(const struct split *s, const struct cert *capf,
    bool (*each)(void *arg, int64_t list, struct err *e), void *arg, struct err *e)
{
	bool *possible = mem_new(s->itls + 1, sizeof *possible), ok = true;
	size_t left = 0;

	for (size_t i = 0; i < s->itls; i++)
		left += possible[i] = some_with_itl(s, &s->itl[i], trusts_capf, capf);
	for (size_t i = 0; i < s->itls && left > 0 && ok; i++)
		ok = possible[i] || each(arg, s->itl[i].held->id, e);
	for (size_t i = 0; i < s->ctls && left > 0 && ok; i++)
		ok = some_with_ctl(s, &s->ctl[i], trusts_capf, capf) ||
		     each(arg, s->ctl[i].held->id, e);
	free(possible);
	return ok;
}

bool
cluster_ruled_out(struct cluster *c, const char *lists, const struct cert *capf,
    bool (*each)(void *arg, int64_t list, struct err *e), void *arg, struct err *e)
{
	struct split s = { 0 };
	struct handouts *h;
	bool ok = handouts_now(c, &h, e) && handouts_split(h, lists, &s, e) &&
		  rule_out(&s, capf, each, arg, e);

	handouts_split_free(&s);
	return ok;
}

/* --- by what it refused --- */

static bool
refuses(const struct doubtful *ctl, const struct doubtful *itl, const void *world)
{
	const struct handout_member m = { .ctl = ctl != NULL ? &ctl->held->parsed : NULL,
		.itl = itl != NULL ? &itl->held->parsed : NULL };
	struct handout_fate fate;

	handout_boot(&m, world, &fate);
	return fate.refuses;
}

static bool
tell_refusers(const struct split *s, const struct handout_world *w,
    bool (*each)(void *arg, int64_t list, bool refuses, struct err *e), void *arg, struct err *e)
{
	for (size_t i = 0; i < s->itls; i++)
		if (!each(arg, s->itl[i].held->id, some_with_itl(s, &s->itl[i], refuses, w), e))
			return false;
	for (size_t i = 0; i < s->ctls; i++)
		if (!each(arg, s->ctl[i].held->id, some_with_ctl(s, &s->ctl[i], refuses, w), e))
			return false;
	return true;
}

bool
cluster_refusers(struct cluster *c, const char *lists, const char *handed,
    bool (*each)(void *arg, int64_t list, bool refuses, struct err *e), void *arg, struct err *e)
{
	struct split s = { 0 }, given = { 0 };
	struct handout_world w;
	struct handouts *h;
	bool ok = handouts_now(c, &h, e) && handouts_split(h, handed, &given, e) &&
		  handouts_split(h, lists, &s, e);

	if (ok && given.itls == 1) {
		w = *handouts_world(h);
		w.served.itl = bytes_span(&given.itl[0].held->list.file);
		w.served.ctl =
		    given.ctls > 0 ? bytes_span(&given.ctl[0].held->list.file) : (struct span){ 0 };
		w.served.itl_read = w.served.ctl_read = NULL;
		ok = tell_refusers(&s, &w, each, arg, e);
	}
	handouts_split_free(&given);
	handouts_split_free(&s);
	return ok;
}
