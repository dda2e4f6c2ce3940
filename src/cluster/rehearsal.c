#include "cluster/cluster_internal.h"

#include "rules/trust_boot.h"

struct guard {
	const struct picture *next;
	struct span file; /* that is to be published */
	time_t now;
	struct err *e;
	bool refused;
};

/* A phone's group is not known here: every TVS server of the cluster may be in it. */
static struct trust_boot_world
world_of(const struct guard *g)
{
	struct trust_boot_world w = { .itl = g->file, .now = g->now };

	while (w.tvs_count < g->next->tvs_count && w.tvs_count < TRUST_BOOT_TVS_MAX) {
		w.tvs[w.tvs_count] =
		    (struct trust_boot_tvs){ true, g->next->tvs[w.tvs_count], g->next->view };
		w.tvs_count++;
	}
	return w;
}

static bool
boot_one(void *arg, const struct store_held *held)
{
	struct guard *g = arg;
	const struct trust_boot_world w = world_of(g);
	struct trustlist list;
	struct trust_boot got;
	struct err why = { 0 };

	if (!trustlist_parse(bytes_span(&held->file), &list, &why)) {
		g->refused = true;
		err_set(g->e, ERR_STORE, "list version %llu, which %zu phones may hold: %s",
		    (unsigned long long)held->version, held->phones, why.text);
		return false;
	}
	trust_boot(NULL, &list, &w, &got);
	trustlist_free(&list);
	g->refused = !trust_boot_is_taken(&got.itl);
	if (g->refused)
		err_set(g->e, ERR_REFUSED,
		    "%zu phones may hold version %llu and would refuse this list: %s", held->phones,
		    (unsigned long long)held->version, got.itl.reason);
	return !g->refused;
}

bool
cluster_list_guard(
    struct store *s, const struct picture *next, struct span file, time_t now, struct err *e)
{
	struct guard g = { .next = next, .file = file, .now = now, .e = e };

	return store_held_each(s, boot_one, &g, e) && !g.refused;
}
