#include "daemon/core_handout.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/core_digest.h"
#include "daemon/refusals.h"
#include "daemon/turns.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <uthash.h>

/* A bridge on its way. Kept in memory only: after a restart the phone is handed it once more. */
struct handover {
	char device[DEVICE_NAME_MAX]; /* key */
	int64_t bridge, ctl_bridge;   /* store_list.id; 0: not handed out yet */
	char address[PHONE_ADDRESS_MAX];
	bool read; /* the configuration was asked for since, from that address */
	time_t read_at;
	bool
	    by_turn; /* one of several: the phone has to have had time to show that it refused it */
	UT_hash_handle hh;
};

/* A phone whose refusals can be seen. */
struct shown {
	char device[DEVICE_NAME_MAX]; /* key */
	UT_hash_handle hh;
};

struct core_handouts {
	struct core *core;
	struct handover *handover;
	struct shown *shown;
	struct turns *turns;
};

struct core_handouts *
core_handouts_new(struct core *c)
{
	struct core_handouts *h = mem_new(1, sizeof *h);

	unsigned first = 0;

	h->core = c;
	if (getrandom(&first, sizeof first, GRND_NONBLOCK) < 0)
		first = (unsigned)core_now();
	h->turns = turns_new(first);
	return h;
}

static void
drop(struct core_handouts *h, struct handover *o)
{
	HASH_DEL(h->handover, o);
	free(o);
}

static void
drop_all(struct core_handouts *h)
{
	struct handover *o, *next;

	HASH_ITER(hh, h->handover, o, next)
	drop(h, o);
}

static void
forget_shown(struct core_handouts *h)
{
	struct shown *s, *next;

	HASH_ITER(hh, h->shown, s, next)
	{
		HASH_DEL(h->shown, s);
		free(s);
	}
}

void
core_handouts_free(struct core_handouts *h)
{
	if (h == NULL)
		return;
	drop_all(h);
	forget_shown(h);
	turns_free(h->turns);
	free(h);
}

static struct handover *
find(const struct core_handouts *h, const char *device)
{
	struct handover *o;

	HASH_FIND_STR(h->handover, device, o);
	return o;
}

static int64_t *
bridge_of(struct handover *o, enum store_list_kind kind)
{
	return kind == STORE_LIST_CTL ? &o->ctl_bridge : &o->bridge;
}

static bool
is_from(const struct handover *o, struct span peer)
{
	char address[PHONE_ADDRESS_MAX];

	text_printable(ask_host(peer), address, sizeof address);
	return strcmp(o->address, address) == 0;
}

/* A bridge on its way is none any more when another list is handed out after it: wherever that
 * went, the phone may have taken it since. */
static void
drop_other(struct core_handouts *h, const char *device, enum store_list_kind kind, int64_t list)
{
	struct handover *o = find(h, device);

	if (o != NULL && *bridge_of(o, kind) != 0 && *bridge_of(o, kind) != list)
		drop(h, o);
}

static void
note_bridge(struct core_handouts *h, const char *device, struct span peer,
    enum store_list_kind kind, int64_t bridge, bool by_turn)
{
	struct handover *o = find(h, device);

	if (o != NULL && o->read)
		return; /* whoever asks meanwhile takes nothing away from it */
	if (o == NULL) {
		o = mem_new(1, sizeof *o);
		snprintf(o->device, sizeof o->device, "%s", device);
		HASH_ADD_STR(h->handover, device, o);
	}
	*bridge_of(o, kind) = bridge;
	o->by_turn = by_turn;
	text_printable(ask_host(peer), o->address, sizeof o->address);
}

/* Whether lists that the phone may hold were fetched from where the bridge was. */
struct whereabouts {
	struct store *store;
	const struct handover *handover;
	bool some, same, other;        /* with an address, of lists for everybody */
	bool some_bridge, same_bridge; /* of earlier bridges */
	struct err *e;
	bool failed;
};

static bool
look_where(void *arg, const struct store_belief *b)
{
	struct whereabouts *w = arg;
	const struct handover *o = w->handover;
	struct store_list l;
	bool same, is_bridge;

	if (b->list == o->bridge || b->list == o->ctl_bridge || b->address[0] == '\0' ||
	    strcmp(b->address, STORE_BELIEF_TOLD) == 0)
		return true;
	w->failed = !store_list_get(w->store, b->list, &l, w->e);
	if (w->failed)
		return false;
	same = span_is(ask_host(span_str(b->address)), o->address);
	is_bridge = l.kind == STORE_LIST_BRIDGE || l.kind == STORE_LIST_CTL_BRIDGE;
	store_list_free(&l);
	w->some = w->some || !is_bridge;
	w->same = w->same || (!is_bridge && same);
	w->other = w->other || (!is_bridge && !same);
	w->some_bridge = w->some_bridge || is_bridge;
	w->same_bridge = w->same_bridge || (is_bridge && same);
	return true;
}

/* By where lists went, of a phone that never fetched a signed configuration. A boot from an address
 * where it never was is anybody's, and when lists went to several addresses nobody knows which is
 * the phone's. Of a phone of which no address is known it cannot be told. */
static bool
lists_went_there(const struct core_handouts *h, const struct handover *o)
{
	struct store *s = cluster_store(h->core->cluster);
	struct err e = { 0 };
	struct whereabouts w = { .store = s, .handover = o, .e = &e };

	if (!store_belief_each(s, o->device, look_where, &w, &e) || w.failed) {
		log_event(LOG_ERROR, "handout-failed device=%s reason=\"%s\"", o->device, e.text);
		return false;
	}
	return w.some ? w.same && !w.other : w.some_bridge ? w.same_bridge : true;
}

/* Whoever fetches lists alone does not boot: what counts is where signed configurations went. */
static bool
is_its_own(const struct core_handouts *h, const struct handover *o)
{
	struct store_served last;
	struct err e = { 0 };
	bool found;

	if (!store_served_get(cluster_store(h->core->cluster), o->device, &last, &found, &e)) {
		log_event(LOG_ERROR, "handout-failed device=%s reason=\"%s\"", o->device, e.text);
		return false;
	}
	return found && last.home[0] != '\0' ? strcmp(last.home, o->address) == 0
					     : lists_went_there(h, o);
}

void
core_handout_read(struct core_handouts *h, const char *device, struct span peer)
{
	struct handover *o = find(h, device);

	turns_config(h->turns, device);
	if (o == NULL || o->bridge == 0 || o->read || !is_from(o, peer))
		return;
	o->read = is_its_own(h, o);
	o->read_at = core_now();
	if (!o->read)
		log_event(LOG_INFO, "bridge-not-proven device=%s peer=%s reason=\"%s\"", device,
		    o->address, "its configurations and lists did not always go there");
}

bool
core_handout_waits(const struct core_handouts *h, const char *device)
{
	return find(h, device) != NULL;
}

void
core_handout_told(struct core_handouts *h, const char *device)
{
	struct handover *o = find(h, device);

	if (o != NULL)
		drop(h, o);
}

static bool
shows_refusals(const struct core_handouts *h, const char *device)
{
	struct shown *s;

	HASH_FIND_STR(h->shown, device, s);
	return s != NULL;
}

void
core_handout_refused(struct core_handouts *h, const char *device)
{
	struct shown *s;

	core_handout_told(h, device);
	if (shows_refusals(h, device))
		return;
	s = mem_new(1, sizeof *s);
	snprintf(s->device, sizeof s->device, "%s", device);
	HASH_ADD_STR(h->shown, device, s);
}

static bool
prove(struct core_handouts *h, const char *device, struct span peer, struct err *e)
{
	struct core *c = h->core;
	struct store *s = cluster_store(c->cluster);
	struct handover *o = find(h, device), taken;

	if (o == NULL || !o->read || !is_from(o, peer) ||
	    cluster_conf(c->cluster)->bridge_proof != CONF_PROOF_BOOT)
		return true;
	taken = *o;
	drop(h, o);
	if (taken.by_turn && core_now() - taken.read_at <= REFUSALS_LATE_S + 1)
		return true;
	log_event(LOG_INFO, "bridge-taken device=%s list=%lld", device, (long long)taken.bridge);
	return store_belief_guess(s, device, taken.bridge, core_now(), e) &&
	       (taken.ctl_bridge == 0 ||
		   store_belief_guess(s, device, taken.ctl_bridge, core_now(), e));
}

/* What it is to be handed, by what it may hold. */
static bool
decide(struct core *c, const char *device, const struct handout **out, struct err *e)
{
	bool released;
	char *lists = store_belief_lists_released(cluster_store(c->cluster), device, &released, e);
	bool ok = lists != NULL && cluster_handout(c->cluster, lists, released, out, e);

	free(lists);
	return ok;
}

/* What it is handed at one of its boots: a bridge that is for some of its members only. */
static const struct handout *
of_turn(const struct handout *o, size_t turn, struct handout *copy)
{
	const struct handout_turn *t;

	if (o->turns == 0)
		return o;
	t = &o->turn[turn % o->turns];
	*copy = *o;
	copy->signer = t->signer;
	copy->tftp = t->tftp;
	copy->refuses = t->signer == NULL && o->refuses;
	return copy;
}

/* At the boot that it is at. */
static const struct handout *
at_boot(struct core_handouts *h, const char *device, const struct handout *o, struct handout *copy)
{
	if (o->turns > 0)
		return of_turn(o, turns_list(h->turns, device), copy);
	turns_end(h->turns, device);
	return o;
}

/* What everybody is handed. */
static bool
hand_current(const struct core *c, const struct phone *p, enum store_list_kind kind,
    enum envelope_digest digest, struct cluster_list *out)
{
	if (kind == STORE_LIST_CTL)
		return !p->released && cluster_list(c->cluster, kind, digest, out);
	return cluster_list(
	    c->cluster, p->released ? STORE_LIST_EMPTY : STORE_LIST_ITL, digest, out);
}

/* One of several may have been refused, and the boot looks the same, unless the phone shows what it
 * refuses. Where what it held has no key left, a boot with the list of everybody says that it was
 * erased: nothing is lost by believing it. */
static bool
may_prove(const struct core_handouts *h, const char *device, const struct handout *o)
{
	if (o->turns > 0)
		return shows_refusals(h, device);
	return o->signer != NULL || o->hopeless;
}

bool
core_handout_list(struct core_handouts *h, const struct phone *p, enum store_list_kind kind,
    struct span peer, struct core_handed *out, struct err *e)
{
	struct core *c = h->core;
	enum envelope_digest digest = core_digest_of_model(c, p->model);
	const struct handout *o;
	struct handout copy;

	*out = (struct core_handed){ 0 };
	if (!prove(h, p->device.name, peer, e) || !decide(c, p->device.name, &o, e))
		return false;
	o = at_boot(h, p->device.name, o, &copy);
	if (o->signer == NULL) {
		out->found = hand_current(c, p, kind, digest, &out->list);
		out->doubted = out->found && kind == STORE_LIST_ITL && o->refuses;
		/* A front that kept it would tell it without doubt, and at every turn. */
		out->settled = !out->doubted && o->turns == 0;
	} else
		out->found = kind == STORE_LIST_ITL || o->has_ctl;
	if (!out->found)
		return true;
	if (o->signer != NULL &&
	    !cluster_bridge(c->cluster, o, kind, digest, core_now(), &out->list, e))
		return false;
	drop_other(h, p->device.name, kind, out->list.id);
	if (may_prove(h, p->device.name, o))
		note_bridge(h, p->device.name, peer, kind, out->list.id, o->turns > 0);
	return true;
}

/* --- a look at it --- */

/* By what it would have proven at its next boot; what a refusal may yet show is not seen before. */
static bool
decide_ahead(
    struct core_handouts *h, const struct phone *p, const struct handout **out, struct err *e)
{
	struct core *c = h->core;
	const struct handover *o = find(h, p->device.name);
	char lists[64];

	if (!decide(c, p->device.name, out, e))
		return false;
	if (o == NULL || !o->read || (*out)->hopeless || (*out)->turns > 0 ||
	    cluster_conf(c->cluster)->bridge_proof != CONF_PROOF_BOOT)
		return true;
	snprintf(lists, sizeof lists, "%lld", (long long)o->bridge);
	if (o->ctl_bridge != 0)
		snprintf(lists, sizeof lists, "%lld,%lld", (long long)o->bridge,
		    (long long)o->ctl_bridge);
	return cluster_handout(c->cluster, lists, p->released, out, e);
}

static bool
look_at(struct core_handouts *h, const struct phone *p, const struct handout *o,
    enum store_list_kind kind, struct cluster_list *out, struct bytes *bridge, struct err *e)
{
	struct core *c = h->core;
	enum envelope_digest digest = core_digest_of_model(c, p->model);

	if (o->signer == NULL) {
		(void)hand_current(c, p, kind, digest, out);
		return true;
	}
	if (kind == STORE_LIST_CTL && !o->has_ctl)
		return true;
	if (!cluster_bridge_draft(c->cluster, o, kind, digest, core_now(), bridge, e))
		return false;
	*out = (struct cluster_list){ .digest = digest, .file = bytes_span(bridge) };
	return true;
}

bool
core_handout_look(
    struct core_handouts *h, const struct phone *p, struct core_handout_view *out, struct err *e)
{
	const struct handout *o;
	struct handout copy;

	*out = (struct core_handout_view){ 0 };
	if (!decide_ahead(h, p, &o, e))
		return false;
	o = of_turn(o, turns_next(h->turns, p->device.name), &copy);
	out->tftp = o->tftp;
	out->lost = o->outcome == HANDOUT_LOST ? o->reason : NULL;
	out->no_config = o->no_config;
	return look_at(h, p, o, STORE_LIST_CTL, &out->ctl, &out->bridge[0], e) &&
	       look_at(h, p, o, STORE_LIST_ITL, &out->itl, &out->bridge[1], e);
}

void
core_handout_view_free(struct core_handout_view *v)
{
	bytes_free(&v->bridge[0]);
	bytes_free(&v->bridge[1]);
	*v = (struct core_handout_view){ 0 };
}

const struct cert *
core_handout_signer(struct core_handouts *h, const char *device)
{
	struct core *c = h->core;
	const struct handout *o;
	struct handout copy;
	struct err e = { 0 };

	if (decide(c, device, &o, &e))
		return of_turn(o, turns_now(h->turns, device), &copy)->tftp;
	log_event(LOG_ERROR, "handout-failed device=%s reason=\"%s\"", device, e.text);
	return NULL;
}

/* --- CAPF --- */

struct met {
	struct core *core;
	const char *device;
	time_t now, begun; /* the earliest that the session can have begun */
};

static bool
rule_out(void *arg, int64_t list, struct err *e)
{
	const struct met *m = arg;

	return store_belief_rule_out(
	    cluster_store(m->core->cluster), m->device, list, m->begun, m->now, e);
}

bool
core_handout_met(struct core_handouts *h, const char *device, time_t now, struct err *e)
{
	struct core *c = h->core;
	const struct conf *conf = cluster_conf(c->cluster);
	struct met m = { c, device, now, now - conf->handshake_s - conf->capf_answer_s };
	struct cluster_list current;
	char *lists;
	bool ok;

	if (!cluster_list(c->cluster, STORE_LIST_ITL, core_digest_shared(c), &current) ||
	    current.made >= m.begun)
		return true; /* CAPF may have had another certificate when it began */
	if (!store_served_rehome(cluster_store(c->cluster), device, e))
		return false;
	lists = store_belief_lists(cluster_store(c->cluster), device, e);
	ok = lists != NULL && cluster_ruled_out(c->cluster, lists,
				  cluster_cert(c->cluster, PURPOSE_CAPF), rule_out, &m, e);
	free(lists);
	return ok;
}

void
core_handouts_undo(struct core_handouts *h)
{
	cluster_handouts_forget(h->core->cluster);
	drop_all(h);
}
