#include "cluster/forecast_moves.h"

#include "cluster/handouts.h"

struct walk {
	struct cluster *cluster;
	struct handouts *there;
	struct forecast *to;
	struct err *e;
	bool failed;
};

static bool
on_set(void *arg, const struct store_belief_set *set)
{
	struct walk *w = arg;
	const struct handout *before, *there;

	w->failed = !cluster_handout(w->cluster, set->lists, set->released, &before, w->e) ||
		    !handouts_of(w->there, set->lists, set->released, &there, w->e);
	if (!w->failed)
		forecast_add(w->to, set, there, before);
	return !w->failed;
}

bool
cluster_forecast_leaving(struct cluster *c, struct span ctl, struct span itl,
    const struct trustview *vouch, time_t now, struct forecast *out, struct err *e)
{
	struct walk w = { .cluster = c, .to = out, .e = e };
	bool ok;

	*out = (struct forecast){ .is_made = true };
	if (!handouts_new(c, c->picture, now, &w.there, e))
		return false;
	handouts_elsewhere(w.there, ctl, itl, vouch);
	ok = store_belief_set_each(c->store, on_set, &w, e) && !w.failed;
	handouts_free(w.there);
	if (!ok)
		forecast_free(out);
	return ok;
}

bool
cluster_arrival(struct cluster *c, const struct trustlist *ctl, const struct trustlist *itl,
    struct moveplan_arrival *out, struct err *e)
{
	struct handouts *now;

	if (!handouts_now(c, &now, e))
		return false;
	moveplan_arrive(ctl, itl, handouts_world(now), out);
	return true;
}
