#include "cluster/handouts_internal.h"

#include "base/mem.h"
#include "cluster/cluster_ctl.h"
#include "rules/signedfile.h"
#include "rules/usage.h"

#include <stdlib.h>

struct known {
	char *lists; /* key: the ids, and '!' before them when released */
	struct handout handout;
	UT_hash_handle hh;
};

/* How phones that hold these two boot. */
struct boot {
	struct boot_key {
		int64_t ctl, itl; /* 0: none */
		int64_t released;
	} key;
	struct handout_fate fate;
	UT_hash_handle hh;
};

/* A bridge, as long as the picture lasts. */
struct bridge {
	const struct cert *signer, *tftp;
	bool empty;
	struct store_list list; /* its kind and digest among them */
};

struct handouts {
	const struct cluster *cluster;
	const struct picture *picture;
	struct handout_world world;
	struct handout_key *keys;
	struct cert **own; /* of keys */
	size_t key_count;
	struct bytes config;                          /* a signed file, as phones are given it */
	struct trust_eval_offer offer[PICTURE_LISTS]; /* the lists that are served */
	struct held *held;
	struct known *known;
	struct boot *boot;
	struct bridge *bridge;
	size_t bridges;
	bool elsewhere; /* phones are served lists of another cluster: those of the world */
};

/* --- keys --- */

/* Before those that are there. */
static void
key_add(struct handouts *h, struct cert *c, enum purpose purpose, bool taken_over)
{
	h->keys = mem_grow(h->keys, h->key_count + 1, sizeof *h->keys);
	h->own = mem_grow(h->own, h->key_count + 1, sizeof *h->own);
	memmove(h->keys + 1, h->keys, h->key_count * sizeof *h->keys);
	memmove(h->own + 1, h->own, h->key_count * sizeof *h->own);
	h->keys[0] = (struct handout_key){ c, purpose == PURPOSE_CALLMANAGER, taken_over };
	h->own[0] = c;
	h->key_count++;
}

/* Certificates come from the oldest to the newest. A key that cannot be read helps nobody, and is
 * for check to report. */
static bool
on_cert(void *arg, const struct store_cert *sc)
{
	struct handouts *h = arg;
	struct cert *c;

	if (!usage_allows(sc->purpose, USAGE_SIGN_LIST) || sc->given_up != 0 || sc->active ||
	    sc->staged)
		return true;
	c = cert_parse(bytes_span(&sc->der), NULL);
	if (c != NULL && signer_has(h->cluster->signer, cert_key_id(c), NULL))
		key_add(h, c, sc->purpose, sc->taken_over);
	else
		cert_free(c);
	return true;
}

static bool
load_keys(struct handouts *h, struct err *e)
{
	static const enum purpose current[] = { PURPOSE_CALLMANAGER, PURPOSE_ITLRECOVERY };

	if (!store_cert_each(h->cluster->store, on_cert, h, e))
		return false;
	for (size_t i = 0; i < sizeof current / sizeof current[0]; i++)
		key_add(h, cert_ref(h->picture->cert[current[i]]), current[i], false);
	return true;
}

/* --- the world --- */

/* Any file will do: what is judged is who signed it. */
static bool
sign_sample(struct handouts *h, time_t now, struct err *e)
{
	const struct cert *signer = h->picture->cert[PURPOSE_CALLMANAGER];
	const struct signedfile_head head = { .signer = signer,
		.names = SIGNEDFILE_CUCM,
		.filename = "XMLDefault.cnf.xml.sgn",
		.digest = ENVELOPE_SHA1,
		.timestamp = (uint32_t)now };
	struct bytes bare;
	bool ok;

	if (!signedfile_make_sgn(&head, span_str("<Default/>"), &bare, e))
		return false;
	ok = signer_sign_file(
	    h->cluster->signer, cert_key_id(signer), bytes_span(&bare), &h->config, e);
	bytes_free(&bare);
	return ok;
}

static void
fill_world(struct handouts *h, time_t now)
{
	const struct picture *p = h->picture;
	struct trust_boot_world *w = &h->world.served;

	*w = (struct trust_boot_world){ .config = bytes_span(&h->config), .now = now };
	for (size_t i = 0; i < p->tvs_count && i < TRUST_BOOT_TVS_MAX; i++)
		w->tvs[w->tvs_count++] = (struct trust_boot_tvs){ true, p->tvs[i], p->view };
	memcpy(w->next_tvs, w->tvs, sizeof w->tvs);
	w->next_tvs_count = w->tvs_count;
	h->world.tftp = p->cert[PURPOSE_CALLMANAGER];
	h->world.key = h->keys;
	h->world.key_count = h->key_count;
	h->world.bridges = h->cluster->conf.bridges;
	for (size_t i = 0; i < PICTURE_LISTS; i++)
		trust_eval_offer_read(bytes_span(&p->list[i][0].file), &h->offer[i]);
}

bool
handouts_new(const struct cluster *c, const struct picture *p, time_t now, struct handouts **out,
    struct err *e)
{
	struct handouts *h = mem_new(1, sizeof *h);

	*h = (struct handouts){ .cluster = c, .picture = p };
	if (load_keys(h, e) && sign_sample(h, now, e)) {
		fill_world(h, now);
		*out = h;
		return true;
	}
	handouts_free(h);
	return false;
}

void
handouts_doubt_tvs(struct handouts *h, time_t when)
{
	for (size_t i = 0; i < h->world.served.tvs_count; i++)
		if (cert_not_after(h->world.served.tvs[i].cert) < when)
			h->world.served.tvs[i].reachable = false;
	h->world.bridges = false;
}

void
handouts_free(struct handouts *h)
{
	struct held *l, *next_l;
	struct known *k, *next_k;
	struct boot *b, *next_b;

	if (h == NULL)
		return;
	HASH_ITER(hh, h->held, l, next_l)
	{
		HASH_DEL(h->held, l);
		trustlist_free(&l->parsed);
		store_list_free(&l->list);
		free(l);
	}
	HASH_ITER(hh, h->known, k, next_k)
	{
		HASH_DEL(h->known, k);
		free(k->lists);
		free(k);
	}
	HASH_ITER(hh, h->boot, b, next_b)
	{
		HASH_DEL(h->boot, b);
		free(b);
	}
	for (size_t i = 0; i < PICTURE_LISTS; i++)
		trust_eval_offer_free(&h->offer[i]);
	for (size_t i = 0; i < h->bridges; i++)
		store_list_free(&h->bridge[i].list);
	for (size_t i = 0; i < h->key_count; i++)
		cert_free(h->own[i]);
	free(h->bridge);
	free(h->own);
	free(h->keys);
	bytes_free(&h->config);
	free(h);
}

/* --- what a phone may hold --- */

static struct held *
held_get(struct handouts *h, int64_t id, struct err *e)
{
	struct held *l;

	HASH_FIND(hh, h->held, &id, sizeof id, l);
	if (l != NULL)
		return l;
	l = mem_new(1, sizeof *l);
	l->id = id;
	if (!store_list_get(h->cluster->store, id, &l->list, e)) {
		free(l);
		return NULL;
	}
	if (!trustlist_parse(bytes_span(&l->list.file), &l->parsed, e)) {
		store_list_free(&l->list);
		free(l);
		err_in(e, "list %lld in the database", (long long)id);
		return NULL;
	}
	HASH_ADD(hh, h->held, id, sizeof l->id, l);
	return l;
}

static void
split_add(struct doubtful **to, size_t *count, const struct held *held, bool doubted)
{
	*to = mem_grow(*to, *count + 1, sizeof **to);
	(*to)[(*count)++] = (struct doubtful){ held, doubted };
}

void
handouts_split_free(struct split *s)
{
	free(s->ctl);
	free(s->itl);
	*s = (struct split){ 0 };
}

bool
handouts_split(struct handouts *h, const char *lists, struct split *out, struct err *e)
{
	int64_t id;
	bool doubted;

	while (store_belief_next(&lists, &id, &doubted)) {
		const struct held *l = held_get(h, id, e);

		if (l == NULL)
			return false;
		if (store_list_is_ctl(l->list.kind))
			split_add(&out->ctl, &out->ctls, l, doubted);
		else
			split_add(&out->itl, &out->itls, l, doubted);
	}
	return true;
}

static void
serve(struct handouts *h, bool released)
{
	bool empty = released || h->picture->recovery.rollback_since != 0;
	enum store_list_kind itl = empty ? STORE_LIST_EMPTY : STORE_LIST_ITL;
	struct trust_boot_world *w = &h->world.served;

	if (h->elsewhere)
		return;
	w->itl = bytes_span(&h->picture->list[itl][0].file);
	w->itl_read = &h->offer[itl];
	w->ctl =
	    released ? (struct span){ 0 } : bytes_span(&h->picture->list[STORE_LIST_CTL][0].file);
	w->ctl_read = &h->offer[STORE_LIST_CTL];
}

/* What is served is set. Few pairs of lists make many sets, and each is booted once. */
static struct handout_member
member_get(
    struct handouts *h, const struct doubtful *ctl, const struct doubtful *itl, bool released)
{
	const struct boot_key key = { ctl != NULL ? ctl->held->id : 0,
		itl != NULL ? itl->held->id : 0, released };
	struct handout_member m = { .ctl = ctl != NULL ? &ctl->held->parsed : NULL,
		.itl = itl != NULL ? &itl->held->parsed : NULL,
		.doubted = (ctl != NULL && ctl->doubted) || (itl != NULL && itl->doubted) };
	struct boot *b;

	HASH_FIND(hh, h->boot, &key, sizeof key, b);
	if (b == NULL) {
		b = mem_new(1, sizeof *b);
		b->key = key;
		handout_boot(&m, &h->world, &b->fate);
		HASH_ADD(hh, h->boot, key, sizeof b->key, b);
	}
	m.fate = &b->fate;
	return m;
}

/* It is said to hold a list of another cluster. */
static bool
is_foreign(const struct split *s)
{
	for (size_t i = 0; i < s->itls; i++)
		if (s->itl[i].held->list.kind == STORE_LIST_FOREIGN)
			return true;
	return false;
}

/* Each ITL with each CTL, and without one: a CTL that was handed out need not have been taken. */
static void
decide(struct handouts *h, const struct split *s, bool released, struct handout *out)
{
	size_t itls = s->itls > 0 ? s->itls : 1;
	size_t pairs = (s->ctls + 1) * itls, count = s->ctls + s->itls > 0 ? pairs : 0;
	struct handout_member *m = mem_new(pairs, sizeof *m);

	serve(h, released);
	for (size_t i = 0; i < count; i++)
		m[i] = member_get(h, i / itls < s->ctls ? &s->ctl[i / itls] : NULL,
		    s->itls > 0 ? &s->itl[i % itls] : NULL, released);
	handout_decide(m, count, &h->world, out);
	out->hopeless = out->hopeless && !is_foreign(s);
	out->empty = released || h->picture->recovery.rollback_since != 0;
	free(m);
}

void
handouts_elsewhere(
    struct handouts *h, struct span ctl, struct span itl, const struct trustview *vouch)
{
	struct trust_boot_world *w = &h->world.served;

	h->elsewhere = true;
	h->world.bridges = false;
	w->ctl = ctl;
	w->itl = itl;
	w->ctl_read = w->itl_read = NULL;
	w->config = (struct span){ 0 };
	for (size_t i = 0; i < w->tvs_count; i++)
		w->tvs[i].vouch = vouch;
}

const struct handout_world *
handouts_world(struct handouts *h)
{
	serve(h, false);
	return &h->world;
}

bool
handouts_of(
    struct handouts *h, const char *lists, bool released, const struct handout **out, struct err *e)
{
	struct split s = { 0 };
	struct known *k;
	size_t n = strlen(lists);
	char *key = mem_new(n + 2, 1);
	bool ok;

	key[0] = released ? '!' : ' ';
	memcpy(key + 1, lists, n + 1);
	HASH_FIND_STR(h->known, key, k);
	if (k != NULL) {
		free(key);
		*out = &k->handout;
		return true;
	}
	k = mem_new(1, sizeof *k);
	k->lists = key;
	ok = handouts_split(h, lists, &s, e);
	if (ok) {
		decide(h, &s, released, &k->handout);
		HASH_ADD_KEYPTR(hh, h->known, k->lists, strlen(k->lists), k);
		*out = &k->handout;
	} else {
		free(key);
		free(k);
	}
	handouts_split_free(&s);
	return ok;
}

/* --- bridges --- */

struct search {
	struct span built;
	struct store_list *like; /* in: node, kind, digest; out: the whole, when found */
	struct span signer;
	bool found;
};

static bool
on_list(void *arg, const struct store_list *l)
{
	struct search *w = arg;

	if (l->kind != w->like->kind || l->digest != w->like->digest || l->node != w->like->node ||
	    !span_eq(bytes_span(&l->signer), w->signer) ||
	    !trustlist_same(w->built, bytes_span(&l->file)))
		return true;
	*w->like = *l;
	w->like->file = bytes_copy(bytes_span(&l->file));
	w->like->sha256 = bytes_copy(bytes_span(&l->sha256));
	w->like->signer = bytes_copy(bytes_span(&l->signer));
	w->found = true;
	return false;
}

/* A CTL as by tokens, one of which is the key that the phone knows. */
static bool
ctl_bridge_build(const struct handouts *h, const struct cert *signer, enum envelope_digest digest,
    time_t now, struct bytes *out, struct err *e)
{
	struct ctl_plan plan = cluster_ctl_plan(h->picture, digest, now);

	memmove(plan.token + 1, plan.token, plan.token_count * sizeof plan.token[0]);
	plan.token[0] = signer;
	plan.token_count++;
	return ctl_build(&plan, out, e);
}

static bool
bridge_build(const struct handouts *h, const struct handout *o, enum store_list_kind kind,
    enum envelope_digest digest, time_t now, struct bytes *out, struct err *e)
{
	const struct trustlist_plan plan = cluster_list_plan(
	    h->picture, o->empty ? STORE_LIST_EMPTY : STORE_LIST_ITL, digest, now);
	const struct trustlist_bridge b = { o->signer, o->tftp, h->cluster->conf.bridge_signers };

	return kind == STORE_LIST_CTL ? ctl_bridge_build(h, o->signer, digest, now, out, e)
				      : trustlist_build_bridge(&plan, &b, out, e);
}

/* like says node, kind and digest, and gets the rest. */
static bool
bridge_make(struct handouts *h, const struct handout *o, struct span built, time_t now,
    struct store_list *like, struct err *e)
{
	const struct cluster_change how = { .now = now, .actor = "cluster" };
	struct search w = { .built = built, .like = like, .signer = cert_key_id(o->signer) };

	return store_list_each(h->cluster->store, on_list, &w, e) &&
	       (w.found || cluster_list_publish(h->cluster, like, built, o->signer, &how, e));
}

static const struct store_list *
bridge_get(struct handouts *h, const struct handout *o, enum store_list_kind kind,
    enum envelope_digest digest, time_t now, struct err *e)
{
	struct store_list list = { .node = h->picture->node.id,
		.kind = kind == STORE_LIST_CTL ? STORE_LIST_CTL_BRIDGE : STORE_LIST_BRIDGE,
		.digest = digest };
	struct bytes built;
	bool ok;

	for (size_t i = 0; i < h->bridges; i++)
		if (h->bridge[i].signer == o->signer && h->bridge[i].tftp == o->tftp &&
		    h->bridge[i].empty == o->empty && h->bridge[i].list.kind == list.kind &&
		    h->bridge[i].list.digest == digest)
			return &h->bridge[i].list;
	ok = bridge_build(h, o, kind, digest, now, &built, e);
	if (ok) {
		ok = bridge_make(h, o, bytes_span(&built), now, &list, e);
		bytes_free(&built);
	}
	if (!ok) {
		err_in(e, "bridge");
		return NULL;
	}
	h->bridge = mem_grow(h->bridge, h->bridges + 1, sizeof *h->bridge);
	h->bridge[h->bridges] = (struct bridge){ o->signer, o->tftp, o->empty, list };
	return &h->bridge[h->bridges++].list;
}

/* --- of the cluster as it is --- */

bool
handouts_now(struct cluster *c, struct handouts **out, struct err *e)
{
	if (c->handouts == NULL && !handouts_new(c, c->picture, time(NULL), &c->handouts, e))
		return false;
	*out = c->handouts;
	return true;
}

void
cluster_handouts_forget(struct cluster *c)
{
	handouts_free(c->handouts);
	c->handouts = NULL;
}

bool
cluster_handout(
    struct cluster *c, const char *lists, bool released, const struct handout **out, struct err *e)
{
	struct handouts *h;

	return handouts_now(c, &h, e) && handouts_of(h, lists, released, out, e);
}

bool
cluster_bridge(struct cluster *c, const struct handout *o, enum store_list_kind kind,
    enum envelope_digest digest, time_t now, struct cluster_list *out, struct err *e)
{
	const struct store_list *l = bridge_get(c->handouts, o, kind, digest, now, e);

	if (l == NULL)
		return false;
	if (kind == STORE_LIST_CTL && !cluster_list_is_ctl(c, l->id))
		picture_ctl_add(c->picture, l->id);
	*out = (struct cluster_list){ .id = l->id,
		.digest = l->digest,
		.version = l->version,
		.file = bytes_span(&l->file),
		.sha256 = bytes_span(&l->sha256),
		.made = l->made };
	return true;
}

bool
cluster_bridge_draft(struct cluster *c, const struct handout *o, enum store_list_kind kind,
    enum envelope_digest digest, time_t now, struct bytes *out, struct err *e)
{
	struct bytes built = { 0 };
	bool ok = bridge_build(c->handouts, o, kind, digest, now, &built, e) &&
		  cluster_list_sign(c, o->signer, bytes_span(&built), out, e);

	bytes_free(&built);
	return ok || err_in(e, "bridge");
}
