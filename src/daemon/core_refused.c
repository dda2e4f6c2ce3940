#include "daemon/core_refused.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/core.h"
#include "daemon/core_forget.h"
#include "daemon/core_handout.h"
#include "daemon/core_stage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct verdict {
	int64_t list;
	bool refuses;
};

struct weighing {
	struct core *core;
	const struct refusal *refusal;
	char *lists, *guessed; /* that it may hold, and that went by a guess */
	char handed[48];
	struct verdict *verdict;
	size_t verdicts;
	bool explained; /* one of them would refuse it */
	bool changed;
};

static bool
has(const char *lists, int64_t list, bool *doubted)
{
	int64_t one;

	while (store_belief_next(&lists, &one, doubted))
		if (one == list)
			return true;
	return false;
}

static bool
note(void *arg, int64_t list, bool refuses, struct err *e)
{
	struct weighing *w = arg;

	(void)e;
	w->verdict = mem_grow(w->verdict, w->verdicts + 1, sizeof *w->verdict);
	w->verdict[w->verdicts++] = (struct verdict){ list, refuses };
	w->explained = w->explained || refuses;
	return true;
}

/* Of all lists in one text, as cluster_refusers reads it. */
static bool
judge(struct weighing *w, struct err *e)
{
	size_t room = strlen(w->lists) + strlen(w->guessed) + 2;
	char *all = mem_new(room, 1);
	bool ok;

	snprintf(all, room, "%s%s%s", w->lists, *w->lists != '\0' && *w->guessed != '\0' ? "," : "",
	    w->guessed);
	ok = cluster_refusers(w->core->cluster, all, w->handed, note, w, e);
	free(all);
	return ok;
}

/* What takes the list and went by a guess stays where it is. */
static bool
weigh(struct store *s, struct weighing *w, const struct verdict *v, struct err *e)
{
	bool doubted, member = has(w->lists, v->list, &doubted);

	if (!member && !v->refuses)
		return true;
	w->changed = w->changed || !member || doubted == v->refuses;
	return store_belief_weigh(s, w->refusal->device, v->list, !v->refuses, e);
}

static bool
weigh_all(struct store *s, void *arg, struct err *e)
{
	struct weighing *w = arg;
	bool ok = true;

	for (size_t i = 0; ok && w->explained && i < w->verdicts; i++)
		ok = weigh(s, w, &w->verdict[i], e);
	return ok;
}

static bool
look(struct weighing *w, struct err *e)
{
	struct store *s = cluster_store(w->core->cluster);
	const char *device = w->refusal->device;

	/* That it was handed the list has to be written before. */
	if (!core_sightings_write(w->core, e))
		return false;
	w->lists = store_belief_lists(s, device, e);
	w->guessed = w->lists != NULL ? store_belief_lists_guessed(s, device, e) : NULL;
	return w->guessed != NULL && judge(w, e) && store_change(s, weigh_all, w, e);
}

/* What was made for it before is not good any more. */
static void
tell_change(struct core *c, const struct refusal *r)
{
	log_event(LOG_WARNING,
	    "list-refused device=%s peer=%s list=%" PRId64
	    " reason=\"it ended the handshake with TVS: it holds an earlier list\"",
	    r->device, r->address, r->itl);
	core_audit(c, "phone", "list-refused", r->device, "list %" PRId64, r->itl);
	core_forget_device(c, r->device);
	core_stage_look_again(c);
}

static void
conclude(void *arg, const struct refusal *r)
{
	struct weighing w = { .core = arg, .refusal = r };
	struct err e = { 0 };

	if (r->ctl != 0)
		snprintf(w.handed, sizeof w.handed, "%" PRId64 ",%" PRId64, r->itl, r->ctl);
	else
		snprintf(w.handed, sizeof w.handed, "%" PRId64, r->itl);
	core_handout_refused(w.core->handouts, r->device);
	if (!look(&w, &e))
		log_event(
		    LOG_ERROR, "refusal-not-noted device=%s reason=\"%s\"", r->device, e.text);
	else if (w.changed)
		tell_change(w.core, r);
	free(w.lists);
	free(w.guessed);
	free(w.verdict);
}

void
core_refused_step(struct core *c)
{
	refusals_conclude(c->refusals, core_now(), conclude, c);
}
