#include "cluster/handouts.h"
#include "rules/expiry.h"

#include <stdio.h>

struct walk {
	struct cluster *cluster;
	struct handouts *then, *doubting;
	struct forecast *to;
	struct err *e;
	bool failed;
};

/* Asked about only where TVS is what a phone depends on. */
static bool
is_in_doubt(struct walk *w, const struct store_belief_set *set, const struct handout *h, bool *out)
{
	const struct handout *strict;

	*out = false;
	if (h->outcome != HANDOUT_TVS)
		return true;
	if (!handouts_of(w->doubting, set->lists, set->released, &strict, w->e))
		return false;
	*out = strict->outcome == HANDOUT_LOST;
	return true;
}

static bool
meet(struct walk *w, const struct store_belief_set *set)
{
	const struct handout *before, *then;
	struct handout told;
	bool doubt;

	if (!cluster_handout(w->cluster, set->lists, set->released, &before, w->e) ||
	    !handouts_of(w->then, set->lists, set->released, &then, w->e) ||
	    !is_in_doubt(w, set, then, &doubt))
		return false;
	told = *then;
	if (doubt) {
		told.outcome = HANDOUT_UNKNOWN;
		snprintf(told.reason, sizeof told.reason, "%s", expiry_of_tvs_answer());
	}
	forecast_add(w->to, set, &told, before);
	return true;
}

static bool
on_set(void *arg, const struct store_belief_set *set)
{
	struct walk *w = arg;

	w->failed = !meet(w, set);
	return !w->failed;
}

bool
cluster_forecast_at(struct cluster *c, time_t when, struct forecast *out, struct err *e)
{
	struct walk w = { .cluster = c, .to = out, .e = e };
	bool ok;

	*out = (struct forecast){ .is_made = true };
	ok = handouts_new(c, c->picture, when, &w.then, e) &&
	     handouts_new(c, c->picture, when, &w.doubting, e);
	if (ok) {
		handouts_doubt_tvs(w.doubting, when);
		ok = store_belief_set_each(c->store, on_set, &w, e) && !w.failed;
	}
	handouts_free(w.then);
	handouts_free(w.doubting);
	if (!ok)
		forecast_free(out);
	return ok;
}
