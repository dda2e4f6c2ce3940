#include "daemon/core_reset_again.h"

#include "base/log.h"
#include "base/mem.h"
#include "cluster/reset_job.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTLE_S 3 /* from the first file that a phone asks for to its list, on record */

struct returned {
	struct device *phone;
	size_t count, room;
	time_t last; /* when one came back last */
};

static bool
on_back(void *arg, const struct store_reset_phone *p)
{
	struct returned *r = arg;

	if (r->count == r->room) {
		r->room = r->room > 0 ? 2 * r->room : 64;
		r->phone = mem_grow(r->phone, r->room, sizeof *r->phone);
	}
	memcpy(r->phone[r->count++].name, p->name, sizeof p->name);
	if (p->at > r->last)
		r->last = p->at;
	return true;
}

/* The lists that a phone was handed last. */
struct held {
	struct store *store;
	bool seen[2]; /* its ITL, its CTL */
	bool bridge;
	struct err *e;
	bool failed;
};

/* Newest first. */
static bool
on_belief(void *arg, const struct store_belief *b)
{
	struct held *h = arg;
	struct store_list l;
	bool ctl;

	h->failed = !store_list_get(h->store, b->list, &l, h->e);
	if (h->failed)
		return false;
	ctl = store_list_is_ctl(l.kind);
	if (!h->seen[ctl])
		h->bridge =
		    h->bridge || l.kind == STORE_LIST_BRIDGE || l.kind == STORE_LIST_CTL_BRIDGE;
	h->seen[ctl] = true;
	store_list_free(&l);
	return !h->seen[0] || !h->seen[1];
}

static bool
keep_bridged(struct store *s, struct returned *r, struct err *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct held h = { .store = s, .e = e };

		if (!store_belief_each(s, r->phone[i].name, on_belief, &h, e) || h.failed)
			return false;
		if (h.bridge)
			r->phone[kept++] = r->phone[i];
	}
	r->count = kept;
	return true;
}

static bool
follow(struct core *c, struct store *s, const struct store_reset *job, struct returned *r,
    time_t now, struct err *e)
{
	const struct reset_job_settings how = {
		.kind = job->kind, .plan = job->plan, .wait_s = job->wait_s, .again = job->again - 1
	};
	struct store_reset next;
	char shown[64];

	if (!keep_bridged(s, r, e))
		return false;
	if (r->count == 0)
		return true;
	snprintf(shown, sizeof shown, "once more after job %lld", (long long)job->id);
	if (!reset_job_add_phones(s, r->phone, r->count, shown, &how, now, &next, e))
		return false;
	core_audit(c, "reset", "reset-begun", "", "job %lld: %s of %zu phones, %s",
	    (long long)next.id, reset_kind_name(next.kind), r->count, shown);
	return true;
}

bool
core_reset_again(struct core *c, struct store *s, const struct store_reset *job, time_t now,
    bool *over, struct err *e)
{
	struct returned r = { 0 };
	bool ok;

	*over = true;
	if (job->again == 0)
		return true;
	ok = store_reset_phone_each(
	    s, job->id, STORE_RESET_BACK, 0, (size_t)INT_MAX, on_back, &r, e);
	if (ok && r.last <= now && now - r.last < SETTLE_S)
		*over = false;
	else if (ok)
		ok = follow(c, s, job, &r, now, e);
	free(r.phone);
	return ok;
}
