#include "daemon/phonejson.h"

#include "base/log.h"
#include "cluster/cluster_ctl.h"
#include "daemon/commands.h"

#include <stdlib.h>
#include <string.h>

static void
first_note(time_t *first, bool is_current, time_t at)
{
	if (is_current && (*first == 0 || at < *first))
		*first = at;
}

static void
ctl_add(struct phonejson_trust *t, const struct core *c, const struct store_belief *b)
{
	bool is_current = cluster_list_is_current(c->cluster, STORE_LIST_CTL, b->list);

	belief_add(&t->ctl, is_current, b->last);
	first_note(&t->ctl_first, is_current, b->first);
}

void
phonejson_trust_add(
    struct phonejson_trust *t, const struct core *c, bool released, const struct store_belief *b)
{
	enum store_list_kind kind = released ? STORE_LIST_EMPTY : STORE_LIST_ITL;
	bool is_current = cluster_list_is_current(c->cluster, kind, b->list);

	t->wants_ctl = !released && cluster_security(c->cluster) != CLUSTER_NEVER_MIXED;
	if (cluster_list_is_ctl(c->cluster, b->list)) {
		ctl_add(t, c, b);
		return;
	}
	belief_add(&t->belief, is_current, b->last);
	first_note(&t->current_first, is_current, b->first);
	if (cluster_list_is_current(c->cluster, STORE_LIST_EMPTY, b->list) &&
	    b->last > t->empty_taken)
		t->empty_taken = b->last;
}

/* An LSC that the phone confirmed after it was handed the current list proves that it took a list
 * of ours: it verified our CAPF certificate by that list's record. */
static const char *
verdict(const struct belief *b, time_t first, time_t lsc_confirmed)
{
	return belief_verdict(b, lsc_confirmed >= first ? lsc_confirmed : 0);
}

/* Of both its lists; a phone that has not yet been handed the CTL is behind. */
const char *
phonejson_trust_verdict(const struct phonejson_trust *t, bool is_lost, time_t lsc_confirmed)
{
	const char *itl = verdict(&t->belief, t->current_first, lsc_confirmed);
	const char *ctl = verdict(&t->ctl, t->ctl_first, lsc_confirmed);

	if (is_lost)
		return "lost";
	if (!t->wants_ctl)
		return itl;
	if (t->ctl.current == 0)
		return "behind";
	if (strcmp(itl, ctl) == 0)
		return itl;
	return strcmp(itl, "behind") == 0 || strcmp(ctl, "behind") == 0 ? "behind" : "unknown";
}

bool
phonejson_is_lost(struct core *c, const char *lists, bool released)
{
	const struct handout *h;
	struct err e = { 0 };

	if (cluster_handout(c->cluster, lists, released, &h, &e))
		return h->outcome == HANDOUT_LOST && !h->turns_for_all;
	log_event(LOG_ERROR, "handout-failed lists=%s reason=\"%s\"", lists, e.text);
	return false;
}

static bool
trust_of(struct core *c, const struct phone *p, const struct phonejson_trust *t, time_t confirmed,
    const char **out, struct err *e)
{
	char *lists = store_belief_lists(cluster_store(c->cluster), p->device.name, e);

	if (lists == NULL)
		return false;
	*out = phonejson_trust_verdict(t, phonejson_is_lost(c, lists, p->released), confirmed);
	free(lists);
	return true;
}

/* A CTL that was handed out is held until it is erased at the phone (phone.md 2.1). */
static bool
holds_ctl(const struct phonejson_trust *t)
{
	return t->ctl.current + t->ctl.other > 0;
}

/* What is known about the lists that one phone was handed. */
struct handed {
	const struct core *core;
	bool released;
	struct phonejson_trust trust;
};

static bool
look_at_belief(void *arg, const struct store_belief *b)
{
	struct handed *h = arg;

	phonejson_trust_add(&h->trust, h->core, h->released, b);
	return true;
}

static bool
look_at_lsc(struct core *c, const struct phone *p, time_t *confirmed, struct err *e)
{
	struct store_lsc lsc;
	bool found;

	*confirmed = 0;
	if (!store_lsc_latest(
		cluster_store(c->cluster), p->device.name, STORE_LSC_CONFIRMED, &lsc, &found, e))
		return false;
	if (found) {
		*confirmed = lsc.confirmed;
		store_lsc_free(&lsc);
	}
	return true;
}

bool
phonejson_of(struct core *c, const struct phone *p, json_t **out, struct err *e)
{
	struct handed h = { .core = c, .released = p->released };
	const char *trust;
	time_t confirmed;

	if (!store_belief_each(cluster_store(c->cluster), p->device.name, look_at_belief, &h, e) ||
	    !look_at_lsc(c, p, &confirmed, e) || !trust_of(c, p, &h.trust, confirmed, &trust, e))
		return false;
	*out = json_pack("{s:s, s:o, s:o, s:s, s:s, s:s, s:o, s:s, s:s, s:i, s:i, s:o}", "name",
	    p->device.name, "model", json_text(p->model), "group", json_text(p->group), "origin",
	    p->origin == PHONE_ADDED ? "added" : "seen", "operation",
	    phone_operation_name(p->operation), "operation_status", p->operation_status,
	    "operation_changed", json_time(p->operation_changed), "auth_mode",
	    phone_auth_name(p->auth_mode), "key_order", phone_key_order_name(p->key_order),
	    "rsa_size", (int)p->rsa_size, "ec_size", (int)p->ec_size, "complete_by",
	    json_time(p->complete_by));
	if (*out == NULL)
		return err_set(e, ERR_BUG, "cannot show phone %s", p->device.name);
	json_object_set_new(*out, "key_weak", json_boolean(phone_key_is_weak(p)));
	json_object_set_new(*out, "profile", json_string(p->profile));
	json_object_set_new(*out, "template", json_string(p->template));
	json_object_set_new(*out, "lsc_status", json_string(phone_lsc_status(p)));
	json_object_set_new(*out, "lsc_serial",
	    p->lsc_serial[0] != '\0' ? json_string(p->lsc_serial) : json_null());
	json_object_set_new(*out, "lsc_expires", json_time(p->lsc_not_after));
	json_object_set_new(*out, "trust", json_string(trust));
	json_object_set_new(*out, "released", json_boolean(p->released));
	json_object_set_new(
	    *out, "empty_list_taken", json_time(p->released ? h.trust.empty_taken : 0));
	json_object_set_new(*out, "holds_ctl", json_boolean(holds_ctl(&h.trust)));
	json_object_set_new(*out, "first_seen", json_time(p->first_seen));
	json_object_set_new(*out, "last_seen", json_time(p->last_seen));
	json_object_set_new(*out, "last_address",
	    p->last_address[0] != '\0' ? json_text(p->last_address) : json_null());
	return true;
}

void
phonejson_add_secret(json_t *phone, const struct phone *p)
{
	json_object_set_new(phone, "auth_string", json_string(p->auth_string));
	json_object_set_new(phone, "auth_failures", json_integer(p->auth_failures));
}

static bool
add_event(void *arg, const struct store_event *ev)
{
	json_array_append_new(
	    arg, json_pack("{s:o, s:o, s:o, s:o, s:o}", "at", json_time(ev->at), "actor",
		     json_text(ev->actor), "event", json_text(ev->event), "object",
		     json_text(ev->object), "text", json_text(ev->text)));
	return true;
}

bool
eventjson_of(struct core *c, const char *object, size_t limit, json_t **out, struct err *e)
{
	*out = json_array();
	if (store_event_each(cluster_store(c->cluster), *object != '\0' ? object : NULL, limit,
		add_event, *out, e))
		return true;
	json_decref(*out);
	return false;
}
