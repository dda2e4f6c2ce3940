#include "cluster/backup_held.h"

#include "base/mem.h"
#include "cluster/backup_state.h"
#include "cluster/handouts.h"
#include "files/wholefile.h"
#include "keys/signer_pem.h"
#include "rules/usage.h"
#include "store/store_held.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_FILE_MAX (64 * 1024)

/* A list of the cluster as it was last, and what it is in the restored one. */
struct pair {
	int64_t last, restored;
};

struct known {
	int64_t id;
	uint8_t sha256[32];
};

/* The phone whose lists are being brought. */
struct holder {
	char name[DEVICE_NAME_MAX];
	bool ended[2]; /* of ITLs, of CTLs: what the backup knew of them is done with */
};

struct bringing {
	struct cluster *last, *restored;
	time_t now;
	struct backup_held *held;
	struct known *known; /* lists of the restored one */
	size_t known_count;
	struct pair *pair;
	size_t pairs;
	struct holder holder;
	struct err *e;
	bool failed;
};

static void
names_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static void
names_add(char ***names, size_t *count, const char *name)
{
	*names = mem_grow(*names, *count + 1, sizeof **names);
	(*names)[(*count)++] = mem_text(name, strlen(name));
}

void
backup_held_free(struct backup_held *held)
{
	forecast_free(&held->forecast);
	names_free(held->missing, held->missing_count);
	names_free(held->revived, held->revived_count);
	modeltable_free(held->models);
	*held = (struct backup_held){ 0 };
}

static bool
load(struct cluster *c, struct err *e)
{
	return cluster_models_read(&c->conf, &c->models, e) &&
	       picture_load(c->store, &c->picture, e);
}

bool
backup_held_open(const char *dir, struct cluster **out, struct err *e)
{
	struct conf conf;

	if (!conf_read(dir, &conf, e) || !cluster_attach_to_read(&conf, out, e))
		return false;
	if (load(*out, e))
		return true;
	cluster_close(*out);
	return false;
}

/* --- lists --- */

static bool
on_known(void *arg, const struct store_list *l)
{
	struct bringing *b = arg;
	struct known *k;

	if (l->sha256.n != sizeof k->sha256)
		return true;
	b->known = mem_grow(b->known, b->known_count + 1, sizeof *b->known);
	k = &b->known[b->known_count++];
	k->id = l->id;
	memcpy(k->sha256, l->sha256.p, sizeof k->sha256);
	return true;
}

/* For the restored cluster it is a list of others: what is published next is counted from what was
 * in the backup. */
static bool
list_add(struct bringing *b, const struct store_list *l, int64_t *id, struct err *e)
{
	struct store_list next = { .node = b->restored->picture->node.id,
		.kind = store_list_is_ctl(l->kind) ? STORE_LIST_CTL_BRIDGE : STORE_LIST_FOREIGN,
		.digest = l->digest,
		.file = l->file,
		.signer = l->signer,
		.made = l->made };

	if (!store_list_add(b->restored->store, &next, e))
		return false;
	bytes_free(&next.sha256);
	*id = next.id;
	b->held->lists++;
	return true;
}

static bool
list_bring(struct bringing *b, int64_t last, int64_t *id, struct err *e)
{
	struct store_list l;
	bool found = false, ok = true;

	if (!store_list_get(b->last->store, last, &l, e))
		return false;
	for (size_t i = 0; i < b->known_count && !found; i++)
		if (span_eq(bytes_span(&l.sha256),
			span_of(b->known[i].sha256, sizeof b->known[i].sha256))) {
			found = true;
			*id = b->known[i].id;
		}
	if (!found)
		ok = list_add(b, &l, id, e);
	store_list_free(&l);
	return ok;
}

static bool
list_of(struct bringing *b, int64_t last, int64_t *id, struct err *e)
{
	for (size_t i = 0; i < b->pairs; i++)
		if (b->pair[i].last == last) {
			*id = b->pair[i].restored;
			return true;
		}
	if (!list_bring(b, last, id, e))
		return false;
	b->pair = mem_grow(b->pair, b->pairs + 1, sizeof *b->pair);
	b->pair[b->pairs++] = (struct pair){ last, *id };
	return true;
}

/* --- keys --- */

struct finding {
	struct span der;
	bool found;
};

static bool
on_same(void *arg, const struct store_cert *c)
{
	struct finding *f = arg;

	f->found = f->found || span_eq(bytes_span(&c->der), f->der);
	return !f->found;
}

static bool
key_path(const struct cluster *c, const struct cert *cert, char out[PATH_MAX])
{
	char keys[CONF_PATH_MAX + 16];

	snprintf(keys, sizeof keys, "%s/" CLUSTER_KEYS, c->conf.dir);
	return signer_pem_path(keys, cert_key_id(cert), out, NULL);
}

/* The file as it is: a backup has the passphrase of its cluster's keys. One that the restored
 * cluster cannot open is left out, and helps nobody. */
static bool
key_copy(const struct bringing *b, const struct cert *cert)
{
	char from[PATH_MAX], to[PATH_MAX];
	struct bytes text;
	bool ok;

	if (signer_has(b->restored->signer, cert_key_id(cert), NULL))
		return true;
	if (!key_path(b->last, cert, from) || !key_path(b->restored, cert, to) ||
	    !wholefile_read(from, KEY_FILE_MAX, &text, NULL))
		return false;
	ok = wholefile_write_new(to, bytes_span(&text), 0600, NULL) &&
	     signer_has(b->restored->signer, cert_key_id(cert), NULL);
	bytes_wipe(&text);
	if (!ok)
		unlink(to);
	return ok;
}

/* One that signs lists, and was made after the backup. */
static bool
key_bring(struct bringing *b, const struct store_cert *sc, struct err *e)
{
	struct finding f = { bytes_span(&sc->der), false };
	struct store_cert retired = { .node = b->restored->picture->node.id,
		.purpose = sc->purpose,
		.der = sc->der,
		.retired = b->now };
	struct cert *cert;
	bool ok = true;

	if (!store_cert_each(b->restored->store, on_same, &f, e))
		return false;
	cert = f.found ? NULL : cert_parse(bytes_span(&sc->der), NULL);
	if (cert != NULL && key_copy(b, cert)) {
		ok = store_cert_put(b->restored->store, &retired, b->now, e);
		b->held->keys += ok;
	}
	cert_free(cert);
	return ok;
}

/* A backup has keys that were given up since: purged, or because somebody else has them. */
static bool
revival_note(struct bringing *b, const struct store_cert *sc, struct err *e)
{
	struct finding f = { bytes_span(&sc->der), false };
	struct cert *cert;
	char name[ERR_TEXT_MAX];

	if (!store_cert_each(b->restored->store, on_same, &f, e))
		return false;
	cert = f.found ? cert_parse(bytes_span(&sc->der), NULL) : NULL;
	if (cert != NULL && signer_has(b->restored->signer, cert_key_id(cert), NULL)) {
		snprintf(
		    name, sizeof name, "%s %s", purpose_name(sc->purpose), cert_subject_cucm(cert));
		names_add(&b->held->revived, &b->held->revived_count, name);
	}
	cert_free(cert);
	return true;
}

static bool
on_cert(void *arg, const struct store_cert *sc)
{
	struct bringing *b = arg;

	if (sc->given_up != 0)
		b->failed = !revival_note(b, sc, b->e);
	else if (usage_allows(sc->purpose, USAGE_SIGN_LIST) && !sc->staged &&
		 sc->node == b->last->picture->node.id)
		b->failed = !key_bring(b, sc, b->e);
	return !b->failed;
}

/* --- who holds what --- */

/* Of its sort the first one without doubt ends what the backup knew of the phone; the others are
 * added to it. */
static bool
held_bring(struct bringing *b, const struct store_held *last, struct err *e)
{
	struct store *s = b->restored->store;
	struct store_held next = *last;
	struct store_list l;
	bool is_ctl, *ended;

	if (!list_of(b, last->belief.list, &next.belief.list, e) ||
	    !store_list_get(s, next.belief.list, &l, e))
		return false;
	is_ctl = store_list_is_ctl(l.kind);
	store_list_free(&l);
	if (strcmp(b->holder.name, last->phone) != 0) {
		b->holder = (struct holder){ 0 };
		snprintf(b->holder.name, sizeof b->holder.name, "%s", last->phone);
	}
	ended = &b->holder.ended[is_ctl];
	if (!*ended && !last->belief.doubted && last->gone == 0) {
		if (!store_held_end(s, last->phone, is_ctl, last->belief.last, e))
			return false;
		b->held->phones += !b->holder.ended[!is_ctl];
		*ended = true;
	}
	return store_held_put(s, &next, e);
}

static bool
on_held(void *arg, const struct store_held *h)
{
	struct bringing *b = arg;

	b->failed = !held_bring(b, h, b->e);
	return !b->failed;
}

/* One that nobody has added is handed lists all the same where everybody is, and nobody would add
 * it again: it has its record back. */
static bool
absent_note(struct bringing *b, const char *name, struct err *e)
{
	struct phone p;
	bool found, ok;

	if (!store_phone_get(b->last->store, name, &p, &found, e))
		return false;
	ok = !found || p.origin != PHONE_SEEN || store_phone_put(b->restored->store, &p, e);
	if (found && p.origin == PHONE_ADDED)
		names_add(&b->held->missing, &b->held->missing_count, name);
	mem_wipe(p.auth_string, sizeof p.auth_string);
	return ok;
}

static bool
phone_find(struct bringing *b, const char *name, struct err *e)
{
	struct phone p;
	bool found;

	if (!store_phone_get(b->restored->store, name, &p, &found, e))
		return false;
	mem_wipe(p.auth_string, sizeof p.auth_string);
	return found || absent_note(b, name, e);
}

static bool
on_phone(void *arg, const struct store_belief_phone *p)
{
	struct bringing *b = arg;

	b->failed = !phone_find(b, p->name, b->e);
	return !b->failed;
}

/* --- what they meet --- */

struct meeting {
	struct bringing *bringing;
	struct handouts *last, *restored; /* last NULL: its keys are gone */
};

/* The ids of a set as they are in the restored cluster. NULL: *e says why. */
static char *
translate(struct bringing *b, const char *lists, struct err *e)
{
	size_t max = 2 * strlen(lists) + 32, n = 0;
	char *out = mem_new(max, 1);
	int64_t last, id;
	bool doubted;

	while (store_belief_next(&lists, &last, &doubted)) {
		if (!list_of(b, last, &id, e)) {
			free(out);
			return NULL;
		}
		if (n + 24 > max)
			out = mem_grow(out, max *= 2, 1);
		n += (size_t)snprintf(out + n, max - n, "%s%s%lld", n > 0 ? "," : "",
		    doubted ? "-" : "", (long long)id);
	}
	return out;
}

/* Without its keys nobody knows whether a phone was lost before: it counts as well off. */
static bool
before_of(const struct meeting *m, const struct store_belief_set *set, const struct handout **out,
    struct err *e)
{
	*out = NULL;
	return m->last == NULL || handouts_of(m->last, set->lists, set->released, out, e);
}

static bool
meet(struct meeting *m, const struct store_belief_set *set, struct err *e)
{
	const struct handout *after, *before;
	char *lists = translate(m->bringing, set->lists, e);
	bool ok = lists != NULL && before_of(m, set, &before, e) &&
		  handouts_of(m->restored, lists, set->released, &after, e);

	if (ok)
		forecast_add(&m->bringing->held->forecast, set, after, before);
	free(lists);
	return ok;
}

static bool
on_set(void *arg, const struct store_belief_set *set)
{
	struct meeting *m = arg;

	m->bringing->failed = !meet(m, set, m->bringing->e);
	return !m->bringing->failed;
}

static bool
forecast(struct bringing *b, struct err *e)
{
	struct meeting m = { .bringing = b };
	bool ok;

	if (!handouts_now(b->last, &m.last, NULL))
		m.last = NULL;
	if (!handouts_new(b->restored, b->restored->picture, b->now, &m.restored, e))
		return false;
	ok = store_belief_set_each(b->last->store, on_set, &m, e) && !b->failed;
	handouts_free(m.restored);
	return ok;
}

static bool
note(const struct bringing *b, struct err *e)
{
	const struct backup_held *h = b->held;
	const struct cluster_change how = { .now = b->now, .actor = "restore" };
	char text[STORE_NAME_MAX];

	snprintf(text, sizeof text, "%zu lists that %zu phones hold, %zu keys since", h->lists,
	    h->phones, h->keys);
	if (h->keys > 0 && !backup_state_keys_changed(b->restored->store, b->now, e))
		return false;
	if (!cluster_event(
		b->restored->store, &how, "held-brought", b->restored->picture->name, text, e))
		return false;
	snprintf(text, sizeof text, "%zu phones are cut off", h->forecast.newly_lost);
	return h->forecast.newly_lost == 0 ||
	       cluster_event(b->restored->store, &how, "forced", "restore", text, e);
}

static bool
bring(struct store *s, void *arg, struct err *e)
{
	struct bringing *b = arg;

	b->e = e;
	return store_list_each(s, on_known, b, e) &&
	       store_cert_each(b->last->store, on_cert, b, e) && !b->failed &&
	       store_belief_phone_each(b->last->store, on_phone, b, e) && !b->failed &&
	       store_held_each(b->last->store, on_held, b, e) && !b->failed && forecast(b, e) &&
	       note(b, e);
}

bool
backup_held_bring(
    struct cluster *last, const char *dir, time_t now, struct backup_held *held, struct err *e)
{
	struct bringing b = { .last = last, .now = now, .held = held };
	struct conf conf;
	bool ok = conf_read(dir, &conf, e) && cluster_attach(&conf, &b.restored, e);

	*held = (struct backup_held){ .is_known = true };
	if (!ok)
		return false;
	ok = cluster_generation_ensure(b.restored, e) && load(b.restored, e) &&
	     store_change(b.restored->store, bring, &b, e);
	if (ok) {
		memcpy(held->node, b.restored->picture->node.name, sizeof held->node);
		held->models = last->models;
		last->models = NULL;
	}
	free(b.known);
	free(b.pair);
	cluster_close(b.restored);
	if (!ok)
		backup_held_free(held);
	return ok;
}
