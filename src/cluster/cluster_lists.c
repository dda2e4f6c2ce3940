#include "cluster/cluster_internal.h"

#include "rules/signedfile.h"

#include <stdio.h>

/* As the audit log calls them. */
static const char *const names[PICTURE_LISTS][PICTURE_DIGESTS] = {
	[STORE_LIST_ITL] = { "ITL", "ITL (SHA-512)" },
	[STORE_LIST_EMPTY] = { "empty ITL", "empty ITL (SHA-512)" },
	[STORE_LIST_CTL] = { "CTL", "CTL (SHA-512)" },
};

static const char *
list_name(enum store_list_kind kind, size_t digest)
{
	return kind < PICTURE_LISTS ? names[kind][digest] : "bridge";
}

/* One of the lists of a node. */
struct edition {
	enum store_list_kind kind;
	size_t digest; /* index into picture_digests */
};

enum envelope_digest
cluster_digest(const struct cluster *c)
{
	return (enum envelope_digest)c->conf.digest;
}

/* Every model takes SHA-1, whatever else it takes. */
static bool
is_wished(const struct conf *conf, enum envelope_digest digest)
{
	return digest == ENVELOPE_SHA1 || digest == conf->digest;
}

/* While rollback is prepared the empty list takes the place of the ITL. */
static enum store_list_kind
kind_handed(const struct cluster *c, enum store_list_kind kind)
{
	return kind == STORE_LIST_ITL && c->picture->recovery.rollback_since != 0 ? STORE_LIST_EMPTY
										  : kind;
}

bool
cluster_list(const struct cluster *c, enum store_list_kind kind, enum envelope_digest digest,
    struct cluster_list *out)
{
	const struct store_list *l = picture_list(c->picture, kind_handed(c, kind), digest);

	if (l == NULL || l->version == 0 || !is_wished(&c->conf, digest))
		return false;
	*out = (struct cluster_list){
		.id = l->id,
		.digest = l->digest,
		.version = l->version,
		.file = bytes_span(&l->file),
		.sha256 = bytes_span(&l->sha256),
		.made = l->made,
	};
	return true;
}

bool
cluster_list_is_current(const struct cluster *c, enum store_list_kind kind, int64_t id)
{
	for (size_t i = 0; i < PICTURE_DIGESTS; i++) {
		const struct store_list *l =
		    picture_list(c->picture, kind_handed(c, kind), picture_digests[i]);

		if (l != NULL && l->version != 0 && l->id == id)
			return true;
	}
	return false;
}

struct trustlist_plan
cluster_list_plan(
    const struct picture *p, enum store_list_kind kind, enum envelope_digest digest, time_t now)
{
	struct trustlist_plan plan = {
		.generation = p->recovery.generation,
		.other_signer = p->recovery.reset_since != 0,
		.itlrecovery = p->cert[PURPOSE_ITLRECOVERY],
		.callmanager = p->cert[PURPOSE_CALLMANAGER],
		.callmanager_ec = p->cert[PURPOSE_CALLMANAGER_EC],
		.ec_host = p->node.name,
		.capf = p->node.capf ? p->cert[PURPOSE_CAPF] : NULL,
		.tvs_count = p->tvs_count,
		.next_itlrecovery = p->staged[PURPOSE_ITLRECOVERY],
		.next_callmanager = p->staged[PURPOSE_CALLMANAGER],
		.next_tvs = p->staged[PURPOSE_TVS],
		.next_capf = p->staged[PURPOSE_CAPF],
		.tftp = p->node.tftp,
		.empty = kind == STORE_LIST_EMPTY,
		.digest = digest,
		.timestamp = (uint32_t)now,
	};

	for (size_t i = 0; i < p->tvs_count; i++)
		plan.tvs[i] = p->tvs[i];
	return plan;
}

/* The list, unsigned, and the certificate that is to sign it; a loan. */
static bool
edition_build(const struct picture *p, const struct edition *ed, time_t now, struct bytes *out,
    const struct cert **signer, struct err *e)
{
	struct trustlist_plan itl;
	struct ctl_plan ctl;

	if (ed->kind == STORE_LIST_CTL) {
		ctl = cluster_ctl_plan(p, picture_digests[ed->digest], now);
		*signer = ctl_plan_signer(&ctl);
		return ctl_build(&ctl, out, e);
	}
	itl = cluster_list_plan(p, ed->kind, picture_digests[ed->digest], now);
	*signer = trustlist_plan_signer(&itl);
	return trustlist_build(&itl, out, e);
}

/* Nothing is published that would not verify. */
static bool
list_prove(struct span file, const struct cert *signer, struct err *e)
{
	struct trustlist list;
	bool ok;

	if (!trustlist_parse(file, &list, e))
		return false;
	ok = signedfile_check_list(&list, signer, e);
	trustlist_free(&list);
	return ok;
}

bool
cluster_list_sign(const struct cluster *c, const struct cert *signer, struct span unsigned_file,
    struct bytes *out, struct err *e)
{
	if (!signer_sign_list(c->signer, cert_key_id(signer), unsigned_file, out, e))
		return false;
	if (list_prove(bytes_span(out), signer, e))
		return true;
	bytes_free(out);
	return err_in(e, "the list just signed");
}

bool
cluster_list_publish(const struct cluster *c, struct store_list *l, struct span built,
    const struct cert *signer, const struct cluster_change *how, struct err *e)
{
	char text[STORE_NAME_MAX];

	if (!cluster_list_sign(c, signer, built, &l->file, e))
		return false;
	l->signer = bytes_copy(cert_key_id(signer));
	l->made = how->now;
	if (!store_list_add(c->store, l, e)) {
		store_list_free(l);
		return false;
	}
	snprintf(text, sizeof text, "version %llu, %zu bytes, signed by %s",
	    (unsigned long long)l->version, l->file.n, cert_common_name(signer));
	if (cluster_event(c->store, how, "list-published",
		list_name(l->kind, l->digest == ENVELOPE_SHA1 ? 0 : 1), text, e))
		return true;
	store_list_free(l);
	return false;
}

static void
size_warn(const struct bytes *file, const struct cluster_change *how)
{
	if (how->warning != NULL && file->n > TRUSTLIST_WARN_BYTES)
		snprintf(how->warning, ERR_TEXT_MAX,
		    "the trust list has %zu bytes; phones load at most %d, and no larger one "
		    "will be made",
		    file->n, TRUSTLIST_PHONE_MAX);
}

/* The picture holds it from now on. */
static bool
edition_sign(const struct cluster *c, struct picture *p, const struct edition *ed,
    struct span built, const struct cert *signer, struct cluster_change *how, struct err *e)
{
	struct store_list l = {
		.node = p->node.id, .kind = ed->kind, .digest = picture_digests[ed->digest]
	};

	if (!cluster_list_publish(c, &l, built, signer, how, e))
		return false;
	store_list_free(&p->list[ed->kind][ed->digest]);
	p->list[ed->kind][ed->digest] = l;
	if (ed->kind == STORE_LIST_CTL)
		picture_ctl_add(p, l.id);
	how->published = true;
	return true;
}

static void
edition_drop(struct picture *p, const struct edition *ed)
{
	struct store_list *held = &p->list[ed->kind][ed->digest];

	store_list_free(held);
	*held = (struct store_list){ 0 };
}

/* A CTL that a token signed stays, whatever it says; one of before that, of the other digest, does
 * not. */
/* A list that is not wished any more stays in the picture only while it says the same as those that
 * are: a phone that was handed it is not behind. */
static bool
edition_publish(const struct cluster *c, struct picture *p, const struct edition *ed,
    struct cluster_change *how, struct err *e)
{
	const struct store_list *held = &p->list[ed->kind][ed->digest];
	const struct cert *signer;
	struct bytes built = { 0 };
	bool ok = true;

	if (ed->kind == STORE_LIST_CTL && p->security == CLUSTER_NEVER_MIXED) {
		edition_drop(p, ed);
		return true;
	}
	if (ed->kind == STORE_LIST_CTL && p->tokens_sign) {
		if (!span_eq(bytes_span(&held->signer), bytes_span(&p->list[ed->kind][0].signer)))
			edition_drop(p, ed);
		return true;
	}
	if (!edition_build(p, ed, how->now, &built, &signer, e))
		return false;
	size_warn(&built, how);
	if (held->version == 0 || !trustlist_same(bytes_span(&built), bytes_span(&held->file))) {
		if (is_wished(&c->conf, picture_digests[ed->digest]))
			ok = edition_sign(c, p, ed, bytes_span(&built), signer, how, e);
		else
			edition_drop(p, ed);
	}
	bytes_free(&built);
	return ok;
}

bool
cluster_lists_publish(
    const struct cluster *c, struct picture *p, struct cluster_change *how, struct err *e)
{
	for (int kind = 0; kind < PICTURE_LISTS; kind++)
		for (size_t i = 0; i < PICTURE_DIGESTS; i++) {
			const struct edition ed = { (enum store_list_kind)kind, i };

			if (!edition_publish(c, p, &ed, how, e))
				return err_in(e, "%s", names[kind][i]);
		}
	return true;
}
