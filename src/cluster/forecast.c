#include "cluster/forecast.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMED_MAX 4 /* phones in a refusal */

void
forecast_add(struct forecast *f, const struct store_belief_set *set, const struct handout *h,
    const struct handout *before)
{
	const bool cut_off = handout_cuts_off(before, h);
	const bool by_key = cut_off && before != NULL && h->reachable < before->reachable;
	const enum handout_outcome outcome = cut_off ? HANDOUT_LOST : h->outcome;
	struct forecast_group *g;

	f->group = mem_grow(f->group, f->count + 1, sizeof *f->group);
	g = &f->group[f->count++];
	*g = (struct forecast_group){ .lists = mem_text(set->lists, strlen(set->lists)),
		.released = set->released,
		.phones = set->phones,
		.outcome = outcome,
		.before = before != NULL ? before->outcome : HANDOUT_KEEPS,
		.cut_off = cut_off,
		.tvs = h->tvs,
		.no_config = h->no_config,
		.bridged = h->signer != NULL,
		.signer = h->signer != NULL ? cert_ref(h->signer) : NULL,
		.tftp = h->signer != NULL && h->tftp != NULL ? cert_ref(h->tftp) : NULL };
	snprintf(g->reason, sizeof g->reason, "%s",
	    by_key ? "the last key goes that a list which it may hold knows" : h->reason);
	f->phones[outcome] += set->phones;
	if (h->no_config)
		f->no_config += set->phones;
	if (g->cut_off)
		f->newly_lost += set->phones;
}

const struct forecast_group *
forecast_group_of(const struct forecast *f, size_t *at, const struct store_belief_phone *p)
{
	while (*at < f->count && (f->group[*at].released != p->released ||
				     strcmp(f->group[*at].lists, p->lists) != 0))
		++*at;
	return *at < f->count ? &f->group[*at] : NULL;
}

/* " (SEP..., SEP... and 7 more)" */
struct naming {
	const struct forecast *forecast;
	size_t at, count;
	char text[NAMED_MAX * (DEVICE_NAME_MAX + 2) + 32];
};

static bool
add_name(void *arg, const struct store_belief_phone *p)
{
	struct naming *n = arg;
	const struct forecast_group *g = forecast_group_of(n->forecast, &n->at, p);
	size_t used = strlen(n->text);

	if (g == NULL)
		return false;
	if (!g->cut_off)
		return true;
	snprintf(
	    n->text + used, sizeof n->text - used, "%s%s", n->count > 0 ? ", " : " (", p->name);
	return ++n->count < NAMED_MAX;
}

static void
name_some(struct naming *n, struct store *s)
{
	size_t more, used;

	if (s == NULL || !store_belief_phone_each(s, add_name, n, NULL) || n->count == 0)
		return;
	more = n->forecast->newly_lost - n->count;
	used = strlen(n->text);
	if (more > 0)
		snprintf(n->text + used, sizeof n->text - used, " and %zu more)", more);
	else
		snprintf(n->text + used, sizeof n->text - used, ")");
}

bool
forecast_refuse(const struct forecast *f, struct store *s, struct err *e)
{
	struct naming n = { .forecast = f };
	const struct forecast_group *worst = NULL;

	for (size_t i = 0; i < f->count; i++)
		if (f->group[i].cut_off && (worst == NULL || f->group[i].phones > worst->phones))
			worst = &f->group[i];
	name_some(&n, s);
	return err_set(e, ERR_REFUSED,
	    "%zu phone%s would be cut off%s: %.140s; sealtone plan says more, and the safe way "
	    "where there is one; --force goes on all the same",
	    f->newly_lost, f->newly_lost == 1 ? "" : "s", n.text, worst->reason);
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
