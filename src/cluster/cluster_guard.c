#include "cluster/cluster_internal.h"

#include "rules/trust_boot.h"

struct guard {
	const struct picture *next;
	enum store_list_kind kind;
	struct span file; /* that is to be published */
	time_t now;
	struct err *e;
	bool refused;
};

/* A phone's group is not known here: every TVS server of the cluster may be in it. */
static struct trust_boot_world
world_of(const struct guard *g)
{
	struct trust_boot_world w = { .now = g->now };

	*(g->kind == STORE_LIST_CTL ? &w.ctl : &w.itl) = g->file;
	while (w.tvs_count < g->next->tvs_count && w.tvs_count < TRUST_BOOT_TVS_MAX) {
		w.tvs[w.tvs_count] =
		    (struct trust_boot_tvs){ true, g->next->tvs[w.tvs_count], g->next->view };
		w.tvs_count++;
	}
	return w;
}

/* A phone with a CTL has an ITL besides, and is booted as if it had that alone: what it takes then,
 * it takes with a CTL too (phone.md 2.2: one list after the other is searched). */
static bool
boot_one(void *arg, const struct store_held *held)
{
	struct guard *g = arg;
	const struct trust_boot_world w = world_of(g);
	const struct trust_boot_step *step;
	struct trustlist list;
	struct trust_boot got;
	struct err why = { 0 };

	if (!trustlist_parse(bytes_span(&held->file), &list, &why)) {
		g->refused = true;
		err_set(g->e, ERR_STORE, "list version %llu, which %zu phones may hold: %s",
		    (unsigned long long)held->version, held->phones, why.text);
		return false;
	}
	if (trustlist_is_ctl(&list)) {
		trustlist_free(&list);
		return true;
	}
	trust_boot(NULL, &list, &w, &got);
	trustlist_free(&list);
	step = g->kind == STORE_LIST_CTL ? &got.ctl : &got.itl;
	g->refused = !trust_boot_is_taken(step);
	if (g->refused)
		err_set(g->e, ERR_REFUSED,
		    "%zu phones may hold version %llu and would refuse this list: %s", held->phones,
		    (unsigned long long)held->version, step->reason);
	return !g->refused;
}

bool
cluster_list_guard(struct store *s, const struct picture *next, enum store_list_kind kind,
    struct span file, time_t now, struct err *e)
{
	struct guard g = { .next = next, .kind = kind, .file = file, .now = now, .e = e };

	return store_held_each(s, boot_one, &g, e) && !g.refused;
}
