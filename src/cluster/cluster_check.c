#include "cluster/cluster_check.h"

#include "base/mem.h"
#include "base/text.h"
#include "cluster/cluster_check_internal.h"
#include "cluster/listnames.h"
#include "keys/signer_pem.h"
#include "pki/digest.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const list_names[PICTURE_LISTS][PICTURE_DIGESTS] = {
	[STORE_LIST_ITL] = { "ITL", "ITL (SHA-512)" },
	[STORE_LIST_EMPTY] = { "empty ITL", "empty ITL (SHA-512)" },
	[STORE_LIST_CTL] = { "CTL", "CTL (SHA-512)" },
};

/* --- nodes and certificates --- */

static bool
on_node(void *arg, const struct store_node *n)
{
	struct cluster_look *l = arg;

	l->nodes = mem_grow(l->nodes, l->node_count + 1, sizeof *l->nodes);
	l->nodes[l->node_count++] = *n;
	if (n->publisher)
		l->node = *n;
	return true;
}

static const struct store_node *
node_find(const struct cluster_look *l, int64_t id)
{
	for (size_t i = 0; i < l->node_count; i++)
		if (l->nodes[i].id == id)
			return &l->nodes[i];
	return NULL;
}

static bool
key_is_there(const struct cluster_look *l, const struct cert *c)
{
	char keys[CONF_PATH_MAX + 16], path[PATH_MAX];

	snprintf(keys, sizeof keys, "%s/%s", l->how->conf->dir, CONF_KEYS);
	return signer_pem_path(keys, cert_key_id(c), path, NULL) && access(path, F_OK) == 0;
}

static void
key_look(const struct cluster_look *l, struct checkup_own *o)
{
	struct err e = { 0 };
	enum purpose purpose;

	if (l->signer == NULL)
		o->key = o->active ? CHECKUP_KEY_GOOD : CHECKUP_KEY_BAD; /* said once, for all */
	else if (!signer_pem_purpose(l->signer, cert_key_id(o->cert), &purpose, &e))
		o->key = key_is_there(l, o->cert) ? CHECKUP_KEY_BAD : CHECKUP_KEY_GONE;
	else if (purpose != o->purpose) {
		o->key = CHECKUP_KEY_FOREIGN;
		err_set(&e, ERR_CRYPTO, "its key file is for %s", purpose_name(purpose));
	}
	o->key_reason = mem_text(e.text, strlen(e.text));
}

static void
tvs_add(struct cluster_look *l, const struct store_node *node, const struct checkup_own *o)
{
	struct trustlist_plan *plan = &l->c.plan;

	if (o->purpose == PURPOSE_TVS && node != NULL && node->tvs &&
	    plan->tvs_count < TRUSTLIST_BUILD_NODES_MAX)
		plan->tvs[plan->tvs_count++] = o->cert;
}

/* A certificate of this node that lists are built from. */
static void
plan_announce(struct cluster_look *l, const struct checkup_own *o)
{
	struct trustlist_plan *plan = &l->c.plan;

	if (o->purpose == PURPOSE_ITLRECOVERY)
		plan->next_itlrecovery = o->cert;
	else if (o->purpose == PURPOSE_CALLMANAGER)
		plan->next_callmanager = o->cert;
	else if (o->purpose == PURPOSE_TVS)
		plan->next_tvs = o->cert;
	else if (o->purpose == PURPOSE_CAPF)
		plan->next_capf = o->cert;
}

static void
plan_add(struct cluster_look *l, const struct checkup_own *o)
{
	struct trustlist_plan *plan = &l->c.plan;

	if (o->purpose == PURPOSE_ITLRECOVERY)
		plan->itlrecovery = o->cert;
	else if (o->purpose == PURPOSE_CALLMANAGER)
		plan->callmanager = o->cert;
	else if (o->purpose == PURPOSE_CALLMANAGER_EC)
		plan->callmanager_ec = o->cert;
	else if (o->purpose == PURPOSE_CAPF && l->node.capf)
		plan->capf = o->cert;
}

static bool
on_cert(void *arg, const struct store_cert *sc)
{
	struct cluster_look *l = arg;
	const struct store_node *node = node_find(l, sc->node);
	struct checkup_own *o;

	l->own = mem_grow(l->own, l->c.own_count + 1, sizeof *l->own);
	o = &l->own[l->c.own_count++];
	*o = (struct checkup_own){ .node = node != NULL ? node->name : "unknown node",
		.purpose = sc->purpose,
		.active = sc->active,
		.staged = sc->staged,
		.given_up = sc->given_up != 0,
		.cert = cert_parse(bytes_span(&sc->der), NULL) };
	if (o->cert == NULL)
		return true;
	key_look(l, o);
	if (o->active)
		tvs_add(l, node, o);
	if (o->active && sc->node == l->node.id)
		plan_add(l, o);
	if (sc->staged && sc->node == l->node.id)
		plan_announce(l, o);
	return true;
}

static bool
on_trust(void *arg, const struct store_trust *t)
{
	struct cluster_look *l = arg;

	l->trusted = mem_grow(l->trusted, l->c.trusted_count + 1, sizeof *l->trusted);
	l->trusted[l->c.trusted_count++] =
	    (struct checkup_trusted){ t->store, cert_parse(bytes_span(&t->der), NULL) };
	return true;
}

static bool
on_issuer(void *arg, const struct store_issuer *i)
{
	struct cluster_look *l = arg;
	struct bytes sha256 = bytes_copy(i->sha256);

	l->issuer = mem_grow(l->issuer, l->c.issuer_count + 1, sizeof *l->issuer);
	l->issuer[l->c.issuer_count++] =
	    (struct checkup_issuer){ mem_text(i->subject, strlen(i->subject)), bytes_span(&sha256),
		    i->live };
	return true;
}

/* --- lists --- */

static bool
is_wished(const struct cluster_look *l, enum store_list_kind kind, enum envelope_digest digest)
{
	if (kind == STORE_LIST_CTL && l->security == CLUSTER_NEVER_MIXED)
		return false;
	return digest == ENVELOPE_SHA1 || digest == l->how->conf->digest;
}

static bool
lists_look(struct cluster_look *l, struct err *e)
{
	for (int kind = 0; kind < PICTURE_LISTS; kind++)
		for (size_t i = 0; i < PICTURE_DIGESTS; i++) {
			struct store_list *held = &l->held[l->c.list_count];
			bool found;

			if (!is_wished(l, (enum store_list_kind)kind, picture_digests[i]))
				continue;
			*held = (struct store_list){ .node = l->node.id,
				.kind = (enum store_list_kind)kind,
				.digest = picture_digests[i] };
			if (!store_list_latest(l->how->store, held, held, &found, e))
				return false;
			l->list[l->c.list_count++] = (struct checkup_list){
				.name = list_names[kind][i],
				.empty = kind == STORE_LIST_EMPTY,
				.digest = picture_digests[i],
				.is_there = found,
				.file = bytes_span(&held->file),
				.sha256 = bytes_span(&held->sha256),
				.ctl = kind == STORE_LIST_CTL,
			};
		}
	return true;
}

static bool
on_belief(void *arg, int64_t list, size_t phones)
{
	struct cluster_look *l = arg;
	struct store_list *believed;

	l->belief = mem_grow(l->belief, l->c.belief_count + 1, sizeof *l->belief);
	l->believed = mem_grow(l->believed, l->c.belief_count + 1, sizeof *l->believed);
	believed = &l->believed[l->c.belief_count];
	if (!store_list_get(l->how->store, list, believed, l->e)) {
		l->failed = true;
		return false;
	}
	l->belief[l->c.belief_count++] =
	    (struct checkup_belief){ bytes_span(&believed->file), phones };
	return true;
}

/* --- profiles --- */

static bool
on_profile(void *arg, const struct profile *p)
{
	struct cluster_look *l = arg;
	size_t *n = &l->c.secure_profile_count;

	if (l->security == CLUSTER_MIXED ||
	    (p->mode != PROFILE_MODE_AUTHENTICATED && p->mode != PROFILE_MODE_ENCRYPTED))
		return true;
	l->secure_profile = mem_grow(l->secure_profile, *n + 1, sizeof *l->secure_profile);
	l->secure_profile[(*n)++] = mem_text(p->name, strlen(p->name));
	return true;
}

/* --- lists that phones may hold, other than those that are served --- */

static bool
is_judged(const struct cluster_look *l, int64_t id)
{
	for (size_t i = 0; i < sizeof l->held / sizeof l->held[0]; i++)
		if (l->held[i].id == id)
			return true;
	return false;
}

static bool
is_as_published(const struct store_list *list)
{
	struct digest d;

	return digest_of(DIGEST_SHA256, bytes_span(&list->file), &d, NULL) &&
	       span_eq(digest_span(&d), bytes_span(&list->sha256));
}

static bool
on_earlier_list(void *arg, const struct store_list *list)
{
	struct cluster_look *l = arg;
	char name[LISTNAME_MAX];

	if (!is_judged(l, list->id) && !is_as_published(list))
		checkup_report(CHECKUP_LIST_HASH, listnames_of(l->names, list->id, name),
		    "what is on record is not what was published; phones may hold it, and plans "
		    "are made by what is on record",
		    l->how->found, l->how->arg);
	return true;
}

static bool
earlier_lists_look(struct cluster_look *l, struct store *s, struct err *e)
{
	bool ok = listnames_load(s, &l->names, e) && store_list_each(s, on_earlier_list, l, e);

	listnames_free(l->names);
	l->names = NULL;
	return ok;
}

/* --- all --- */

static bool
on_fault(void *arg, const char *fault)
{
	const struct cluster_look *l = arg;

	checkup_report(
	    CHECKUP_DATABASE_DAMAGED, CLUSTER_DATABASE, fault, l->how->found, l->how->arg);
	return true;
}

static void
keys_open(struct cluster_look *l)
{
	const struct conf *conf = l->how->conf;
	char keys[PATH_MAX];
	struct err e = { 0 };

	snprintf(keys, sizeof keys, "%s/%s", conf->dir, CONF_KEYS);
	if (signer_pem_open(keys, conf->key_file, &l->signer, &e))
		return;
	l->signer = NULL;
	checkup_report(CHECKUP_KEYS_LOCKED, CONF_KEYS, e.text, l->how->found, l->how->arg);
}

/* On one state of the store. */
static bool
store_look(struct store *s, void *arg, struct err *e)
{
	struct cluster_look *l = arg;

	if (!backup_state_get(s, &l->backup, e) || !backup_schedule_get(s, &l->schedule, e) ||
	    !recovery_state_read(s, &l->recovery, e) || !tokens_state_read(s, &l->tokens, e) ||
	    !store_node_each(s, on_node, l, e) || !store_cert_each(s, on_cert, l, e) ||
	    !store_trust_each(s, on_trust, l, e) ||
	    !store_issuer_each(s, l->how->now, on_issuer, l, e) ||
	    !cluster_security_get(s, &l->security, e) || !lists_look(l, e) ||
	    !earlier_lists_look(l, s, e) || !store_profile_each(s, on_profile, l, e) ||
	    !store_belief_last_each(s, on_belief, l, e))
		return false;
	return !l->failed;
}

static void
look_free(struct cluster_look *l)
{
	for (size_t i = 0; i < l->c.own_count; i++) {
		cert_free((struct cert *)(uintptr_t)l->own[i].cert);
		free((char *)(uintptr_t)l->own[i].key_reason);
	}
	for (size_t i = 0; i < l->c.trusted_count; i++)
		cert_free((struct cert *)(uintptr_t)l->trusted[i].cert);
	for (size_t i = 0; i < l->c.issuer_count; i++) {
		free((char *)(uintptr_t)l->issuer[i].subject);
		free((uint8_t *)(uintptr_t)l->issuer[i].sha256.p);
	}
	for (size_t i = 0; i < l->c.list_count; i++)
		store_list_free(&l->held[i]);
	for (size_t i = 0; i < l->c.belief_count; i++)
		store_list_free(&l->believed[i]);
	for (size_t i = 0; i < l->c.file_count; i++)
		free((char *)(uintptr_t)l->file[i].path);
	for (size_t i = 0; i < l->c.secure_profile_count; i++)
		free(l->secure_profile[i]);
	for (size_t i = 0; i < l->c.left_key_count; i++)
		free(l->left_key[i]);
	free(l->left_key);
	free(l->secure_profile);
	free(l->nodes);
	free(l->own);
	free(l->trusted);
	free(l->issuer);
	free(l->belief);
	free(l->believed);
	free(l->file);
	signer_close(l->signer);
}

static const struct cert *
active_of(const struct cluster_look *l, const struct store_node *n, enum purpose purpose)
{
	for (size_t i = 0; i < l->c.own_count; i++)
		if (l->own[i].active && l->own[i].purpose == purpose &&
		    strcmp(l->own[i].node, n->name) == 0)
			return l->own[i].cert;
	return NULL;
}

static void
ctl_node_add(struct cluster_look *l, const struct store_node *n)
{
	struct ctl_plan *plan = &l->c.ctl;
	struct ctl_node *out = &plan->node[plan->node_count];
	const struct cert *callmanager = active_of(l, n, PURPOSE_CALLMANAGER);

	if (callmanager == NULL || plan->node_count == TRUSTLIST_BUILD_NODES_MAX)
		return;
	*out = (struct ctl_node){ .host = n->name,
		.callmanager = callmanager,
		.callmanager_ec = active_of(l, n, PURPOSE_CALLMANAGER_EC) };
	picture_ipv4(n->addresses, out->ip);
	plan->node_count++;
}

/* One that no trust store has keeps the cluster from being opened at all. */
static void
ctl_tokens_add(struct cluster_look *l)
{
	struct ctl_plan *plan = &l->c.ctl;

	for (size_t i = 0; i < l->tokens.count && l->tokens.sign; i++) {
		struct tokens_state one = { .count = 1 };
		size_t at = 0;

		memcpy(one.sha256[0], l->tokens.sha256[i], sizeof one.sha256[0]);
		while (at < l->c.trusted_count &&
		       (l->trusted[at].cert == NULL ||
			   !tokens_state_has(&one, cert_sha256(l->trusted[at].cert))))
			at++;
		if (at < l->c.trusted_count)
			plan->token[plan->token_count++] = l->trusted[at].cert;
	}
}

/* The publisher comes first. */
static void
ctl_finish(struct cluster_look *l)
{
	l->c.ctl = (struct ctl_plan){ .generation = l->c.plan.generation,
		.itlrecovery = l->c.plan.itlrecovery,
		.callmanager = l->c.plan.callmanager,
		.capf = l->c.plan.capf,
		.other_signer = l->recovery.ctl_reset_since != 0,
		.non_secure = l->security != CLUSTER_MIXED,
		.timestamp = (uint32_t)l->how->now };
	ctl_tokens_add(l);
	ctl_node_add(l, &l->node);
	for (size_t i = 0; i < l->node_count; i++)
		if (!l->nodes[i].publisher && (l->nodes[i].tftp || l->nodes[i].callmanager))
			ctl_node_add(l, &l->nodes[i]);
	l->c.ctl_is_left = l->security == CLUSTER_MIXED_BEFORE;
}

/* The picture lends what was gathered. */
static void
picture_finish(struct cluster_look *l)
{
	struct checkup *c = &l->c;

	c->now = l->how->now;
	c->node = l->node.name;
	c->addresses = l->node.addresses;
	c->needs_issuer = conf_issuer_is_own(l->how->conf);
	c->own = l->own;
	c->trusted = l->trusted;
	c->issuer = l->issuer;
	c->list = l->list;
	c->belief = l->belief;
	c->file = l->file;
	c->left_key = (const char *const *)l->left_key;
	c->secure_profile = (const char *const *)l->secure_profile;
	c->plan.generation =
	    l->recovery.has_generation ? l->recovery.generation : l->how->conf->generation;
	c->plan.other_signer = l->recovery.reset_since != 0;
	c->reset_since = l->recovery.reset_since;
	c->ctl_reset_since = l->recovery.ctl_reset_since;
	c->rollback_since = l->recovery.rollback_since;
	c->backups = l->how->conf->backup_folder[0] != '\0';
	c->backup_behind = backup_state_is_alarm(&l->backup);
	c->backup_made = l->schedule.made;
	c->keys_changed = l->backup.keys_changed;
	c->backup_failed = l->schedule.failed != 0 ? l->schedule.reason : "";
	c->plan.ec_host = l->node.name;
	c->plan.tftp = l->node.tftp;
	c->plan.timestamp = (uint32_t)l->how->now;
	ctl_finish(l);
}

bool
cluster_check(const struct cluster_check *check, struct err *e)
{
	struct cluster_look l = { .how = check, .e = e };
	bool ok;

	keys_open(&l);
	ok = store_verify(check->store, !check->quick, on_fault, &l, e) &&
	     store_view(check->store, store_look, &l, e) &&
	     (check->quick || cluster_check_folder_look(&l, e));
	if (ok) {
		cluster_check_files_look(&l);
		picture_finish(&l);
		checkup_judge(&l.c, check->found, check->arg);
	}
	look_free(&l);
	return ok;
}

bool
cluster_check_folder(const char *dir, const struct cluster_check *how, struct err *e)
{
	struct cluster_check check = *how;
	char database[PATH_MAX];
	struct conf conf;
	struct err fault = { 0 };
	bool ok;

	if (!conf_read(dir, &conf, &fault)) {
		if (fault.code == ERR_IO)
			return err_set(e, fault.code, "%s", fault.text);
		checkup_report(
		    CHECKUP_CONF_UNREADABLE, "sealtone.conf", fault.text, how->found, how->arg);
		return true;
	}
	snprintf(database, sizeof database, "%s/%s", conf.dir, CLUSTER_DATABASE);
	check.conf = &conf;
	check.quick = false;
	ok = store_open_to_read(database, &check.store, &fault);
	if (ok) {
		ok = cluster_check(&check, &fault);
		store_close(check.store);
	}
	if (!ok)
		checkup_report(CHECKUP_DATABASE_UNREADABLE, CLUSTER_DATABASE, fault.text,
		    how->found, how->arg);
	return true;
}
