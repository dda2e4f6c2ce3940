#include "cluster/stage_progress.h"

#include "base/mem.h"
#include "cluster/cluster_internal.h"
#include "rules/trust_record.h"
#include "store/store_stage.h"

#include <stdlib.h>

/* A list that phones may hold, looked at once. */
struct looked {
	int64_t id;
	bool is_itl, names; /* every announced key */
};

struct walk {
	struct cluster *cluster;
	struct looked *looked;
	size_t count;
	struct stage_progress *to;
	size_t left; /* of those that are told */
	void (*each)(void *arg, const char *name, const char *model, enum announced_state s);
	void *arg;
	struct err *e;
	bool failed;
};

bool
stage_is_any(const struct cluster *c)
{
	for (int p = 0; p < PURPOSE_COUNT; p++)
		if (c->picture->staged[p] != NULL)
			return true;
	return false;
}

static bool
names_all(const struct cluster *c, const struct trustlist *list)
{
	for (int p = 0; p < PURPOSE_COUNT; p++)
		if (c->picture->staged[p] != NULL &&
		    !trust_record_knows(list, c->picture->staged[p], TRUST_RECORD_ANY))
			return false;
	return true;
}

static bool
look(const struct cluster *c, int64_t id, struct looked *out, struct err *e)
{
	struct store_list l;
	struct trustlist list;
	bool ok;

	if (!store_list_get(c->store, id, &l, e))
		return false;
	ok = trustlist_parse(bytes_span(&l.file), &list, e) ||
	     err_in(e, "list %lld in the database", (long long)id);
	if (ok) {
		*out = (struct looked){ id, !store_list_is_ctl(l.kind), names_all(c, &list) };
		trustlist_free(&list);
	}
	store_list_free(&l);
	return ok;
}

static const struct looked *
find(struct walk *w, int64_t id)
{
	struct looked one;

	for (size_t i = 0; i < w->count; i++)
		if (w->looked[i].id == id)
			return &w->looked[i];
	if (!look(w->cluster, id, &one, w->e)) {
		w->failed = true;
		return NULL;
	}
	w->looked = mem_grow(w->looked, w->count + 1, sizeof *w->looked);
	w->looked[w->count] = one;
	return &w->looked[w->count++];
}

/* Counts the ITLs of a set, and those that name the keys. */
static bool
count(struct walk *w, const char *lists, size_t *all, size_t *naming)
{
	int64_t id;
	bool doubted;

	*all = *naming = 0;
	while (store_belief_next(&lists, &id, &doubted)) {
		const struct looked *l = find(w, id);

		if (l == NULL)
			return false;
		*all += l->is_itl;
		*naming += l->is_itl && l->names;
	}
	return true;
}

static bool
judge(struct walk *w, const char *lists, const char *booted, enum announced_state *out)
{
	const struct handout *h;
	struct announced_phone p = { 0 };
	size_t all, naming;

	if (!count(w, lists, &p.lists, &p.naming) || !count(w, booted, &all, &naming))
		return false;
	w->failed = !cluster_handout(w->cluster, lists, false, &h, w->e);
	if (w->failed)
		return false;
	p.booted = naming > 0;
	p.lost = h->outcome == HANDOUT_LOST;
	*out = announced_judge(&p, w->cluster->conf.bridge_proof == CONF_PROOF_BOOT);
	return true;
}

static bool
on_set(void *arg, const struct store_stage_set *set)
{
	struct walk *w = arg;
	enum announced_state s;

	if (!judge(w, set->lists, set->booted, &s))
		return false;
	w->to->phones[s] += set->phones;
	return true;
}

bool
stage_progress(struct cluster *c, struct stage_progress *out, struct err *e)
{
	struct walk w = { .cluster = c, .to = out, .e = e };
	bool ok;

	*out = (struct stage_progress){ 0 };
	ok = store_stage_set_each(c->store, on_set, &w, e) && !w.failed;
	out->reached = announced_is_reached(out->phones, c->conf.activate_share);
	free(w.looked);
	return ok;
}

static bool
on_phone(void *arg, const struct store_stage_phone *p)
{
	struct walk *w = arg;
	enum announced_state s;

	if (w->left == 0 || !judge(w, p->lists, p->booted, &s))
		return false;
	if (s == ANNOUNCED_KNOWN)
		return true;
	w->each(w->arg, p->name, p->model, s);
	w->left--;
	return true;
}

bool
stage_missing_each(struct cluster *c, size_t max,
    void (*each)(void *arg, const char *name, const char *model, enum announced_state s), void *arg,
    struct err *e)
{
	struct walk w = { .cluster = c, .left = max, .each = each, .arg = arg, .e = e };
	bool ok = store_stage_phone_each(c->store, on_phone, &w, e) && !w.failed;

	free(w.looked);
	return ok;
}
