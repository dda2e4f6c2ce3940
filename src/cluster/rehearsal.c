#include "cluster/handouts.h"

/* --- what phones meet --- */

struct walk {
	struct cluster *cluster;
	struct handouts *next;
	struct forecast *to;
	struct err *e;
	bool failed;
};

static bool
add_set(void *arg, const struct store_belief_set *set)
{
	struct walk *w = arg;
	const struct handout *h, *before;

	w->failed = !handouts_of(w->next, set->lists, set->released, &h, w->e) ||
		    !cluster_handout(w->cluster, set->lists, set->released, &before, w->e);
	if (w->failed)
		return false;
	forecast_add(w->to, set, h, before);
	return true;
}

static bool
make_forecast(struct cluster *c, struct handouts *next, struct forecast *out, struct err *e)
{
	struct walk w = { .cluster = c, .next = next, .to = out, .e = e };

	*out = (struct forecast){ .is_made = true };
	if (store_belief_set_each(c->store, add_set, &w, e) && !w.failed)
		return true;
	forecast_free(out);
	return false;
}

bool
cluster_forecast(struct cluster *c, struct forecast *out, struct err *e)
{
	struct handouts *now;

	return handouts_now(c, &now, e) && make_forecast(c, now, out, e);
}

/* --- the guard --- */

bool
cluster_guard(struct cluster *c, const struct picture *next, time_t now, struct err *e)
{
	struct handouts *h;
	struct forecast f;
	bool ok;

	if (c->picture == NULL) /* there are no phones while the cluster is being made */
		return true;
	if (!handouts_new(c, next, now, &h, e))
		return false;
	ok = make_forecast(c, h, &f, e);
	handouts_free(h);
	if (!ok)
		return err_in(e, "what phones would meet");
	if (c->rehearsal != NULL) {
		*c->rehearsal = f;
		return err_set(e, ERR_REFUSED, "this is a rehearsal");
	}
	ok = c->forced || f.newly_lost == 0 || forecast_refuse(&f, c->store, e);
	forecast_free(&f);
	return ok;
}

void
cluster_force(struct cluster *c, bool forced)
{
	c->forced = forced;
}

bool
cluster_is_forced(const struct cluster *c)
{
	return c->forced;
}

/* --- rehearsals --- */

bool
cluster_is_rehearsed(const struct cluster *c)
{
	return c->rehearsal != NULL;
}

bool
cluster_rehearse(struct cluster *c, bool (*act)(void *arg, struct err *e), void *arg,
    struct forecast *out, struct err *e)
{
	bool ok;

	*out = (struct forecast){ 0 };
	c->rehearsal = out;
	ok = act(arg, e);
	c->rehearsal = NULL;
	if (out->is_made) {
		*e = (struct err){ 0 };
		return true;
	}
	return ok && cluster_forecast(c, out, e); /* it changed nothing that phones trust */
}
