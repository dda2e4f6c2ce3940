#include "cluster/forecast.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void
forecast_add(struct forecast *f, const struct store_belief_set *set, const struct handout *h,
    enum handout_outcome before)
{
	struct forecast_group *g;

	f->group = mem_grow(f->group, f->count + 1, sizeof *f->group);
	g = &f->group[f->count++];
	*g = (struct forecast_group){ .lists = mem_text(set->lists, strlen(set->lists)),
		.released = set->released,
		.phones = set->phones,
		.outcome = h->outcome,
		.before = before,
		.tvs = h->tvs,
		.bridged = h->signer != NULL,
		.signer = h->signer != NULL ? cert_ref(h->signer) : NULL,
		.tftp = h->signer != NULL && h->tftp != NULL ? cert_ref(h->tftp) : NULL };
	memcpy(g->reason, h->reason, sizeof g->reason);
	f->phones[h->outcome] += set->phones;
	if (h->outcome == HANDOUT_LOST && before != HANDOUT_LOST)
		f->newly_lost += set->phones;
}

bool
forecast_refuse(const struct forecast *f, struct err *e)
{
	const struct forecast_group *worst = NULL;

	for (size_t i = 0; i < f->count; i++)
		if (f->group[i].outcome == HANDOUT_LOST && f->group[i].before != HANDOUT_LOST &&
		    (worst == NULL || f->group[i].phones > worst->phones))
			worst = &f->group[i];
	return err_set(e, ERR_REFUSED,
	    "%zu phones would be cut off: %.300s; sealtone plan says which, and how to do it "
	    "without losing them; --force goes on all the same",
	    f->newly_lost, worst->reason);
}

void
forecast_free(struct forecast *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->group[i].lists);
		cert_free(f->group[i].signer);
		cert_free(f->group[i].tftp);
	}
	free(f->group);
	*f = (struct forecast){ 0 };
}
