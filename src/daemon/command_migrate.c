#include "daemon/commands.h"

#include "base/mem.h"
#include "cluster/cluster_bulk.h"
#include "daemon/core_forget.h"
#include "daemon/phonejson.h"
#include "daemon/phonepage.h"
#include "pki/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Values of a phone that is expected from another cluster: which one, and since when. */
#define MOVE_FROM  "move.from"
#define MOVE_SINCE "move.since"

/* --- certificates of another cluster --- */

struct wanted {
	struct cluster_bulk_item *item;
	struct cert **cert; /* those of the items */
	size_t count;
};

static void
wanted_free(struct wanted *w)
{
	for (size_t i = 0; i < w->count; i++)
		cert_free(w->cert[i]);
	free(w->cert);
	free(w->item);
}

static bool
read_one(const json_t *one, struct cluster_bulk_item *out, struct cert **cert, struct err *e)
{
	const char *type = args_text(one, "type");

	if (!bulkcert_type_from_name(type, &out->type))
		return err_set(e, ERR_UNKNOWN,
		    "no type \"%.40s\": CallManager, CallManager-ECDSA, ITLRecovery, CAPF, TVS or "
		    "tomcat",
		    type);
	*cert = cert_from_pem(span_str(args_text(one, "pem")), e);
	out->cert = *cert;
	return *cert != NULL;
}

static bool
read_wanted(const json_t *all, struct wanted *w, struct err *e)
{
	size_t count = json_array_size(all);

	if (count == 0 || count > BUNDLE_MAX)
		return err_set(e, ERR_LIMIT, "%zu certificates; 1 to %d can be imported at once",
		    count, BUNDLE_MAX);
	w->item = mem_new(count, sizeof *w->item);
	w->cert = mem_new(count, sizeof(struct cert *));
	for (size_t i = 0; i < count; i++, w->count++)
		if (!read_one(json_array_get(all, i), &w->item[i], &w->cert[i], e))
			return err_in(e, "certificate %zu", i + 1);
	return true;
}

static json_t *
stores_json(const struct cluster_bulk_item *item)
{
	json_t *stores = json_array();

	for (int s = 0; s < TRUST_STORE_COUNT; s++)
		if (item->added[s])
			json_array_append_new(
			    stores, json_string(trust_store_name((enum trust_store)s)));
	return stores;
}

static json_t *
item_json(const struct cluster_bulk_item *item)
{
	return json_pack("{s:s, s:o, s:o, s:s, s:o, s:o}", "type", bulkcert_type_name(item->type),
	    "subject", json_text(cert_subject_cucm(item->cert)), "sha256",
	    json_hex(cert_sha256(item->cert)), "outcome", cluster_bulk_outcome_name(item->outcome),
	    "stores", stores_json(item), "reason",
	    item->reason[0] != '\0' ? json_text(item->reason) : json_null());
}

bool
command_migrate_import(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	bool dry_run = json_is_true(json_object_get(args, "dry_run"));
	struct wanted w = { 0 };
	bool ok = read_wanted(json_object_get(args, "certificates"), &w, e) &&
		  cluster_bulk_import(c->cluster, w.item, w.count, dry_run, core_now(), e);

	if (ok) {
		*result = json_array();
		for (size_t i = 0; i < w.count; i++)
			json_array_append_new(*result, item_json(&w.item[i]));
	}
	if (ok && !dry_run)
		core_forget_all(c);
	wanted_free(&w);
	return ok;
}

/* --- phones that are expected from another cluster --- */

struct move {
	char from[PHONECFG_VALUE_MAX], since_text[PHONECFG_VALUE_MAX];
	time_t since; /* 0: not known */
};

static bool
on_value(void *arg, const char *key, const char *value)
{
	struct move *m = arg;

	if (strcmp(key, MOVE_FROM) == 0)
		snprintf(m->from, sizeof m->from, "%s", value);
	else if (strcmp(key, MOVE_SINCE) == 0)
		snprintf(m->since_text, sizeof m->since_text, "%s", value);
	return true;
}

static bool
move_get(struct store *s, const char *phone, struct move *m, struct err *e)
{
	struct tm tm = { 0 };

	*m = (struct move){ 0 };
	if (!store_phone_value_each(s, phone, on_value, m, e))
		return false;
	if (strptime(m->since_text, "%Y-%m-%dT%H:%M:%SZ", &tm) != NULL)
		m->since = timegm(&tm);
	return true;
}

struct handed {
	time_t since, first; /* of lists handed out since then, when the first one was; 0: none */
};

static bool
on_belief(void *arg, const struct store_belief *b)
{
	struct handed *h = arg;

	if (b->last >= h->since && (h->first == 0 || b->first < h->first))
		h->first = b->first >= h->since ? b->first : h->since;
	return true;
}

/* A list that was handed out proves nothing; that the phone took one does (rules/belief.h). */
static const char *
state_of(const struct phone *p, const struct move *m, const struct handed *h, const char *trust)
{
	if (p->released)
		return "released";
	if (p->last_seen < m->since || p->last_seen == 0)
		return "expected";
	if (h->first == 0)
		return "came";
	return strcmp(trust, "current") == 0 ? "took" : "handed";
}

static bool
moving_phone(struct core *c, const json_t *args, const struct phone *p, json_t **out, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	const char *from = args_text(args, "from");
	struct handed h = { 0 };
	struct move m;
	json_t *phone;

	*out = NULL;
	if (!move_get(s, p->device.name, &m, e))
		return false;
	if (m.from[0] == '\0' || (*from != '\0' && strcmp(from, m.from) != 0))
		return true;
	h.since = m.since;
	if (!store_belief_each(s, p->device.name, on_belief, &h, e) ||
	    !phonejson_of(c, p, &phone, e))
		return false;
	*out = json_pack("{s:s, s:o, s:o, s:s, s:o, s:O, s:O}", "name", p->device.name, "from",
	    json_text(m.from), "since", json_time(m.since), "state",
	    state_of(p, &m, &h, json_string_value(json_object_get(phone, "trust"))), "handed",
	    json_time(h.first), "trust", json_object_get(phone, "trust"), "last_seen",
	    json_object_get(phone, "last_seen"));
	json_decref(phone);
	return *out != NULL || err_set(e, ERR_BUG, "cannot show phone %s", p->device.name);
}

bool
command_migrate_progress(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	return phonepage_run(c, args, moving_phone, result, e);
}
