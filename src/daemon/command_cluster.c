#include "daemon/commands.h"

#include "cluster/cluster_recovery.h"
#include "daemon/backupjson.h"
#include "daemon/certwarn.h"
#include "daemon/core_files.h"
#include "daemon/core_forget.h"
#include "daemon/core_prepare.h"
#include "daemon/issuerjson.h"
#include "daemon/phonejson.h"
#include "daemon/recoveryjson.h"

#include <stdio.h>
#include <string.h>

#define LOG_MAX     200
#define DAY_S       86400
#define COUNTED_MAX 5000 /* phones in one call: about 20 ms */

/* --- status --- */

static json_t *
service_json(
    const struct front_service_counters *s, uint16_t port, const char *setting, bool old_tls)
{
	return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:s}", "port",
	    (int)port, "open", (json_int_t)s->open, "accepted", (json_int_t)s->accepted, "served",
	    (json_int_t)s->served, "handshake_failed", (json_int_t)s->handshake_failed,
	    "old_refused", (json_int_t)s->old_refused, "over_limit", (json_int_t)s->over_limit,
	    "timed_out", (json_int_t)s->timed_out, "broken", (json_int_t)s->broken, "old_tls",
	    old_tls, "old_tls_setting", setting);
}

/* Old TLS is not offered to whom HTTPS is for. */
static json_t *
http_json(const struct front_service_counters *s, uint16_t port)
{
	return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "port", (int)port, "open",
	    (json_int_t)s->open, "accepted", (json_int_t)s->accepted, "served",
	    (json_int_t)s->served, "handshake_failed",
	    (json_int_t)(s->handshake_failed + s->old_refused), "over_limit",
	    (json_int_t)s->over_limit, "timed_out", (json_int_t)s->timed_out, "broken",
	    (json_int_t)s->broken);
}

static json_t *
services_json(struct core *c)
{
	const struct conf *conf = cluster_conf(c->cluster);
	const struct front_counters n = core_counters(c);

	json_t *all = json_pack("{s:{s:i, s:I, s:I, s:I}, s:o, s:o}", "tftp", "port",
	    (int)conf->ports.tftp, "sent", (json_int_t)n.tftp_sent, "failed",
	    (json_int_t)n.tftp_failed, "running", (json_int_t)n.tftp_running, "tvs",
	    service_json(&n.tvs, conf->ports.tvs, "[tvs] old-tls", conf->tvs_old_tls), "capf",
	    service_json(&n.capf, conf->ports.capf, "[capf] old-tls", conf->capf_old_tls));

	json_object_set_new(all, "http", http_json(&n.http, conf->ports.http));
	json_object_set_new(all, "https", http_json(&n.https, conf->ports.https));
	return all;
}

static json_t *
certificates_json(struct core *c)
{
	json_t *all = json_array();

	for (int p = 0; p < PURPOSE_COUNT; p++) {
		const struct cert *cert = cluster_cert(c->cluster, (enum purpose)p);

		if (cert == NULL)
			continue;
		json_array_append_new(
		    all, json_pack("{s:s, s:o, s:o, s:I}", "purpose", purpose_name((enum purpose)p),
			     "subject", json_text(cert_subject_cucm(cert)), "not_after",
			     json_time(cert_not_after(cert)), "days_left",
			     (json_int_t)((cert_not_after(cert) - core_now()) / DAY_S)));
	}
	return all;
}

/* How many phones there are; how they stand is counted in steps. */
static bool
phones_json(struct core *c, json_t **out, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	size_t added, seen;

	if (!store_phone_count(s, PHONE_ADDED, &added, e) ||
	    !store_phone_count(s, PHONE_SEEN, &seen, e))
		return false;
	*out = json_pack("{s:I, s:I}", "added", (json_int_t)added, "only_seen", (json_int_t)seen);
	return true;
}

/* How far the configurations are that are made before phones ask for them. */
static json_t *
prepared_json(const struct core *c)
{
	const struct core_prepare_progress p = core_prepare_progress(c->prepare);

	return json_pack("{s:I, s:I, s:I}", "phones", (json_int_t)p.total, "done",
	    (json_int_t)p.done, "waiting", (json_int_t)p.waiting);
}

/* What has to be read for it. */
static bool
add_stored(struct core *c, json_t *status, struct err *e)
{
	json_t *warnings = issuerjson_warnings(c), *phones, *issuers, *backup;

	json_object_set_new(status, "warnings", warnings);
	recoveryjson_add(c, status, warnings);
	if (!certwarn_add(c, warnings, e) || !phones_json(c, &phones, e))
		return false;
	json_object_set_new(status, "phones", phones);
	if (!issuerjson_of(c, &issuers, e))
		return false;
	json_object_set_new(status, "lsc_issuers", issuers);
	if (!backupjson_of(c, &backup, e))
		return false;
	json_object_set_new(status, "backup", backup);
	return true;
}

bool
command_status(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct cluster_list list = { 0 };
	json_t *stored = json_object();
	enum serve_lists serve;

	(void)args;
	if (!core_files_serve_lists(c, &serve, e) || !add_stored(c, stored, e)) {
		json_decref(stored);
		return false;
	}
	(void)cluster_list(c->cluster, STORE_LIST_ITL, cluster_digest(c->cluster), &list);
	*result = json_pack("{s:s, s:s, s:s, s:o, s:s, s:{s:I, s:I, s:o}, s:o, s:o, s:o}",
	    "cluster", cluster_name(c->cluster), "node", cluster_node(c->cluster)->name,
	    "generation", generation_name(cluster_recovery(c->cluster)->generation), "started",
	    json_time(c->started), "serve_lists", serve_lists_name(serve), "itl", "version",
	    (json_int_t)list.version, "bytes", (json_int_t)list.file.n, "made",
	    json_time(list.made), "services", services_json(c), "certificates",
	    certificates_json(c), "prepared", prepared_json(c));
	command_ctl_status(c, *result);
	json_object_update(*result, stored);
	json_decref(stored);
	return *result != NULL || err_set(e, ERR_BUG, "cannot show the status");
}

/* --- how phones stand --- */

struct tally {
	struct core *core;
	json_t *by_trust, *by_lsc;
	size_t phones;
	char name[DEVICE_NAME_MAX]; /* the one that is being added up; "" before the first */
	enum phone_operation operation;
	bool is_lost;
	time_t lsc_confirmed;
	struct phonejson_trust trust;
};

static void
count_up(json_t *counts, const char *key)
{
	json_object_set_new(
	    counts, key, json_integer(json_integer_value(json_object_get(counts, key)) + 1));
}

static void
tally_end(struct tally *t)
{
	if (t->name[0] == '\0')
		return;
	count_up(t->by_trust, phonejson_trust_verdict(&t->trust, t->is_lost, t->lsc_confirmed));
	count_up(t->by_lsc, phone_lsc_status_of(t->operation, t->lsc_confirmed != 0));
	t->phones++;
}

static bool
tally_standing(void *arg, const struct store_standing *s)
{
	struct tally *t = arg;

	if (strcmp(t->name, s->name) != 0) {
		tally_end(t);
		snprintf(t->name, sizeof t->name, "%s", s->name);
		t->operation = s->operation;
		t->lsc_confirmed = s->lsc_confirmed;
		t->is_lost = phonejson_is_lost(t->core, s->lists, s->released);
		t->trust = (struct phonejson_trust){ 0 };
	}
	if (s->belief.list != 0)
		phonejson_trust_add(&t->trust, t->core, s->released, &s->belief);
	return true;
}

/* Phones wait meanwhile: many are counted in several calls, and added up by who asks. */
bool
command_status_phones(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct tally t = { .core = c, .by_trust = json_object(), .by_lsc = json_object() };

	if (!store_standing_each(cluster_store(c->cluster), args_text(args, "after"), COUNTED_MAX,
		tally_standing, &t, e)) {
		json_decref(t.by_trust);
		json_decref(t.by_lsc);
		return false;
	}
	tally_end(&t);
	*result = json_pack("{s:o, s:o, s:o}", "trust", t.by_trust, "lsc", t.by_lsc, "next",
	    t.phones == COUNTED_MAX ? json_string(t.name) : json_null());
	return true;
}

/* --- serve-lists --- */

bool
command_serve_lists(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *who = args_text(args, "who");
	enum serve_lists serve;

	if (*who == '\0') {
		if (!core_files_serve_lists(c, &serve, e))
			return false;
	} else {
		if (!serve_lists_from_name(who, &serve))
			return err_set(e, ERR_MALFORMED,
			    "serve-lists \"%.40s\": expected known, all or none", who);
		if (!store_setting_set(cluster_store(c->cluster), "serve-lists", who, e))
			return false;
		core_audit(c, "cli", "serve-lists", "", "%s", who);
		core_forget_all(c);
	}
	*result = json_pack("{s:s}", "serve_lists", serve_lists_name(serve));
	return true;
}

/* --- nodes --- */

static bool
add_node(void *arg, const struct store_node *n)
{
	json_array_append_new(
	    arg, json_pack("{s:s, s:s, s:b, s:b, s:b, s:b, s:b}", "name", n->name, "addresses",
		     n->addresses, "publisher", n->publisher, "tftp", n->tftp, "tvs", n->tvs,
		     "callmanager", n->callmanager, "capf", n->capf));
	return true;
}

bool
command_node_list(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	*result = json_array();
	if (store_node_each(cluster_store(c->cluster), add_node, *result, e))
		return true;
	json_decref(*result);
	return false;
}

bool
command_node_set(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *role = args_text(args, "role");
	bool on = json_is_true(json_object_get(args, "on"));

	if (!cluster_set_role(c->cluster, role, on, core_now(), e))
		return false;
	core_refresh_fronts(c);
	return command_node_list(c, args, result, e);
}

/* --- the audit log --- */

bool
command_log(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	return eventjson_of(c, args_text(args, "object"), LOG_MAX, result, e);
}
