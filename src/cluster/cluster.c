#include "cluster/handouts.h"

#include "base/mem.h"
#include "cluster/cluster_above.h"
#include "cluster/cluster_import.h"
#include "cluster/cluster_renew.h"
#include "cluster/cluster_takeover.h"
#include "keys/signer_pem.h"
#include "pki/digest.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
attach(const struct conf *conf,
    bool (*open_store)(const char *path, struct store **out, struct err *e), struct cluster **out,
    struct err *e)
{
	char database[PATH_MAX], keys[PATH_MAX];
	struct cluster *c = mem_new(1, sizeof *c);

	c->conf = *conf;
	snprintf(database, sizeof database, "%s/%s", conf->dir, CLUSTER_DATABASE);
	snprintf(keys, sizeof keys, "%s/%s", conf->dir, CLUSTER_KEYS);
	if (open_store(database, &c->store, e) &&
	    signer_pem_open(keys, conf->key_file, &c->signer, e)) {
		*out = c;
		return true;
	}
	cluster_close(c);
	return false;
}

bool
cluster_attach(const struct conf *conf, struct cluster **out, struct err *e)
{
	return attach(conf, store_open, out, e);
}

bool
cluster_attach_to_read(const struct conf *conf, struct cluster **out, struct err *e)
{
	return attach(conf, store_open_to_read, out, e);
}

static bool
keys_check(const struct cluster *c, struct err *e)
{
	for (int i = 0; i < PURPOSE_COUNT; i++)
		if (c->picture->cert[i] != NULL &&
		    !signer_has(c->signer, cert_key_id(c->picture->cert[i]), e))
			return err_in(e, "%s certificate", purpose_name((enum purpose)i));
	return true;
}

/* Makes the issuer of its own when the configuration first wants it. */
static bool
issuer_ensure(struct cluster *c, time_t now, struct err *e)
{
	if (!conf_issuer_is_own(&c->conf) || c->picture->cert[PURPOSE_CAPF_ISSUER] != NULL)
		return true;
	return cluster_renew_many(c, &(enum purpose){ PURPOSE_CAPF_ISSUER }, 1, 0, now, e);
}

/* Phones would be told that every file is missing: better to say so before they ask. */
static bool
folder_check(const struct conf *conf, struct err *e)
{
	int fd = open(conf->provisioning_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || faccessat(fd, ".", X_OK, AT_EACCESS) != 0) {
		err_sys(e, "[files] provisioning-dir: cannot read %s", conf->provisioning_dir);
		if (fd >= 0)
			close(fd);
		return false;
	}
	close(fd);
	return true;
}

bool
cluster_generation_ensure(struct cluster *c, struct err *e)
{
	struct recovery_state r;

	if (!recovery_state_read(c->store, &r, e))
		return false;
	return r.has_generation || recovery_state_set_generation(c->store, c->conf.generation, e);
}

bool
cluster_open(const char *dir, struct cluster **out, struct err *e)
{
	struct conf conf;
	struct cluster *c;

	if (!conf_read(dir, &conf, e) || !folder_check(&conf, e) || !cluster_attach(&conf, &c, e))
		return false;
	if (cluster_models_read(&conf, &c->models, e) && cluster_generation_ensure(c, e) &&
	    picture_load(c->store, &c->picture, e) && keys_check(c, e) &&
	    issuer_ensure(c, time(NULL), e) && cluster_takeover_finish(c, time(NULL), e)) {
		cluster_purge_finish(c);
		*out = c;
		return true;
	}
	cluster_close(c);
	return err_in(e, "cluster %s", dir);
}

void
cluster_close(struct cluster *c)
{
	if (c == NULL)
		return;
	cluster_handouts_forget(c);
	modeltable_free(c->models);
	picture_free(c->picture);
	signer_close(c->signer);
	store_close(c->store);
	free(c);
}

const struct conf *
cluster_conf(const struct cluster *c)
{
	return &c->conf;
}

struct store *
cluster_store(const struct cluster *c)
{
	return c->store;
}

struct signer *
cluster_signer(const struct cluster *c)
{
	return c->signer;
}

const struct store_node *
cluster_node(const struct cluster *c)
{
	return &c->picture->node;
}

const char *
cluster_name(const struct cluster *c)
{
	return c->picture->name;
}

const struct cert *
cluster_cert(const struct cluster *c, enum purpose p)
{
	return c->picture->cert[p];
}

const struct cert *
cluster_issuer(const struct cluster *c)
{
	return c->picture->cert[conf_issuer_is_own(&c->conf) ? PURPOSE_CAPF_ISSUER : PURPOSE_CAPF];
}

struct cert *const *
cluster_capf_trust(const struct cluster *c, size_t *count)
{
	*count = c->picture->capf_trust_count;
	return c->picture->capf_trust;
}

const struct trustview *
cluster_view(const struct cluster *c)
{
	return c->picture->view;
}

uint64_t
cluster_generation(const struct cluster *c)
{
	return c->picture->generation;
}

bool
cluster_event(struct store *s, const struct cluster_change *how, const char *event,
    const char *object, const char *text, struct err *e)
{
	const struct store_event ev = {
		.at = how->now, .actor = how->actor, .event = event, .object = object, .text = text
	};

	return store_event_add(s, &ev, e);
}

/* --- changes --- */

struct run {
	struct cluster *cluster;
	struct cluster_change *how;
	struct picture *next;
	bool withdrew; /* keys are to be removed afterwards */
};

static bool
is_same(const struct cert *a, const struct cert *b)
{
	return a != NULL && b != NULL && span_eq(cert_der(a), cert_der(b));
}

/* What was announced before is older than what counts now, and must not replace it one day. */
static bool
is_overtaken(const struct picture *before, const struct picture *next, int p)
{
	return is_same(before->staged[p], next->staged[p]) &&
	       !is_same(before->cert[p], next->cert[p]);
}

static bool
withdraw_overtaken(struct run *r, struct store *s, struct err *e)
{
	const struct picture *before = r->cluster->picture;

	for (int p = 0; before != NULL && p < PURPOSE_COUNT; p++) {
		if (!is_overtaken(before, r->next, p))
			continue;
		if (!cluster_give_up(s, r->next->staged[p], r->how, e))
			return false;
		r->withdrew = true;
	}
	if (!r->withdrew)
		return true;
	picture_free(r->next);
	r->next = NULL;
	return picture_load(s, &r->next, e);
}

static bool
generation_next(struct store *s, struct picture *p, struct err *e)
{
	char value[32];

	p->generation++;
	snprintf(value, sizeof value, "%llu", (unsigned long long)p->generation);
	return store_setting_set(s, SETTING_GENERATION, value, e);
}

static bool
run_change(struct store *s, void *arg, struct err *e)
{
	struct run *r = arg;
	struct cluster_change *how = r->how;

	if (how->apply != NULL && !how->apply(s, how->arg, e))
		return false;
	if (!picture_load(s, &r->next, e) || !withdraw_overtaken(r, s, e) ||
	    !cluster_lists_publish(r->cluster, r->next, how, e))
		return false;
	if (how->apply == NULL && !how->published && r->cluster->rehearsal == NULL)
		return true;
	return cluster_guard(r->cluster, r->next, how->now, e) && generation_next(s, r->next, e);
}

bool
cluster_change(struct cluster *c, struct cluster_change *how, struct err *e)
{
	struct run r = { .cluster = c, .how = how };
	struct picture *before = c->picture;
	struct handouts *now;

	/* What phones meet before the change is not to be read from the store in its midst. */
	if (before != NULL && how->apply != NULL && !handouts_now(c, &now, e))
		return false;
	how->published = false;
	if (how->warning != NULL)
		how->warning[0] = '\0';
	if (!store_change(c->store, run_change, &r, e)) {
		picture_free(r.next);
		return false;
	}
	c->picture = r.next;
	picture_free(before);
	cluster_handouts_forget(c);
	if (r.withdrew)
		cluster_purge_finish(c);
	return true;
}

bool
cluster_publish(
    struct cluster *c, time_t now, bool *changed, char warning[ERR_TEXT_MAX], struct err *e)
{
	struct cluster_change how = { .now = now, .actor = "cluster", .warning = warning };
	bool ok = cluster_change(c, &how, e);

	*changed = ok && how.published;
	return ok;
}

bool
cluster_reload(struct cluster *c, time_t now, struct err *e)
{
	struct cluster_change how = { .now = now, .actor = "cluster" };
	struct conf before = c->conf, next;
	struct modeltable *models;

	if (!conf_read(before.dir, &next, e) || !folder_check(&next, e) ||
	    !cluster_models_read(&next, &models, e))
		return false;
	memcpy(next.listen, before.listen, sizeof next.listen);
	next.listen_count = before.listen_count;
	next.ports = before.ports;
	next.workers = before.workers;
	c->conf = next;
	if (!issuer_ensure(c, now, e) || !cluster_change(c, &how, e)) {
		c->conf = before;
		modeltable_free(models);
		return false;
	}
	modeltable_free(c->models);
	c->models = models;
	return true;
}

/* What an apply of the public calls needs. */
struct wish {
	struct cluster_change how;
	struct store_node node;
	const char *role;
	enum trust_store store;
	struct cert *const *certs; /* to be trusted */
	size_t cert_count;
	struct span sha256;
	int64_t found;
};

static bool *
role_of(struct store_node *n, const char *role)
{
	if (strcmp(role, "tftp") == 0)
		return &n->tftp;
	if (strcmp(role, "tvs") == 0)
		return &n->tvs;
	if (strcmp(role, "callmanager") == 0)
		return &n->callmanager;
	if (strcmp(role, "capf") == 0)
		return &n->capf;
	return NULL;
}

static bool
apply_role(struct store *s, void *arg, struct err *e)
{
	struct wish *w = arg;
	char text[STORE_NAME_MAX];

	snprintf(text, sizeof text, "%s %s", w->role, *role_of(&w->node, w->role) ? "on" : "off");
	return store_node_put(s, &w->node, e) &&
	       cluster_event(s, &w->how, "role-set", w->node.name, text, e);
}

bool
cluster_set_role(struct cluster *c, const char *role, bool on, time_t now, struct err *e)
{
	struct wish w = { .node = c->picture->node, .role = role };
	bool *is_on = role_of(&w.node, role);

	if (is_on == NULL)
		return err_set(
		    e, ERR_UNKNOWN, "role %s: must be tftp, tvs, capf or callmanager", role);
	if (*is_on == on)
		return true;
	*is_on = on;
	w.how = (struct cluster_change){ apply_role, &w, now, "cluster", false, NULL };
	return cluster_change(c, &w.how, e);
}

/* One that only completed a chain is a trusted one from now on. */
static bool
trust_one(struct store *s, const struct wish *w, const struct cert *cert, struct err *e)
{
	struct store_trust t = {
		.store = w->store, .der = bytes_copy(cert_der(cert)), .added = w->how.now
	};
	bool was_above = false;
	bool ok =
	    cluster_above_is(s, w->store, cert_sha256(cert), &was_above, e) &&
	    (was_above ? cluster_above_forget(s, w->store, cert_sha256(cert), e)
		       : store_trust_add(s, &t, e) || err_in(e, "%s", cert_subject_cucm(cert)));

	bytes_free(&t.der);
	return ok && cluster_event(s, &w->how, "trust-added", trust_store_name(w->store),
			 cert_subject_cucm(cert), e);
}

static bool
apply_trust_add(struct store *s, void *arg, struct err *e)
{
	const struct wish *w = arg;

	for (size_t i = 0; i < w->cert_count; i++)
		if (!trust_one(s, w, w->certs[i], e))
			return false;
	return true;
}

bool
cluster_trust_add(struct cluster *c, enum trust_store s, struct cert *const *certs, size_t count,
    time_t now, struct err *e)
{
	struct wish w = { .store = s, .certs = certs, .cert_count = count };

	w.how = (struct cluster_change){ apply_trust_add, &w, now, "cluster", false, NULL };
	return cluster_change(c, &w.how, e) || err_in(e, "%s", trust_store_name(s));
}

static bool
on_trust_find(void *arg, const struct store_trust *t)
{
	struct wish *w = arg;
	struct digest d;

	if (t->store == w->store && digest_of(DIGEST_SHA256, bytes_span(&t->der), &d, NULL) &&
	    span_eq(digest_span(&d), w->sha256))
		w->found = t->id;
	return w->found == 0;
}

static bool
apply_trust_remove(struct store *s, void *arg, struct err *e)
{
	struct wish *w = arg;

	if (!store_trust_each(s, on_trust_find, w, e))
		return false;
	if (w->found == 0)
		return err_set(e, ERR_UNKNOWN, "no certificate with that SHA-256 is in it");
	return store_trust_remove(s, w->found, e) &&
	       cluster_above_forget(s, w->store, w->sha256, e) &&
	       cluster_event(s, &w->how, "trust-removed", trust_store_name(w->store), "", e);
}

bool
cluster_trust_remove(struct cluster *c, enum trust_store s, struct span sha256, struct err *e)
{
	struct wish w = { .store = s, .sha256 = sha256 };

	enum purpose needs;

	for (size_t i = 0; s == TRUST_PHONE_SAST && i < c->picture->token_count; i++)
		if (span_eq(cert_sha256(c->picture->token[i]), sha256))
			return err_set(e, ERR_REFUSED,
			    "it is that of a security token: sealtone ctl token delete");
	if (cluster_chain_has(c, s, sha256, &needs))
		return err_set(e, ERR_REFUSED,
		    "%s: the active certificate of %s is below it, and would be sent without it: "
		    "cert regenerate or cert import another first",
		    trust_store_name(s), purpose_name(needs));
	w.how =
	    (struct cluster_change){ apply_trust_remove, &w, time(NULL), "cluster", false, NULL };
	return cluster_change(c, &w.how, e) || err_in(e, "%s", trust_store_name(s));
}
