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
		.bridged = h->signer != NULL };
	memcpy(g->reason, h->reason, sizeof g->reason);
	f->phones[h->outcome] += set->phones;
	if (h->outcome == HANDOUT_LOST && before != HANDOUT_LOST)
		f->newly_lost += set->phones;
}

void
forecast_free(struct forecast *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->group[i].lists);
	free(f->group);
	*f = (struct forecast){ 0 };
}
