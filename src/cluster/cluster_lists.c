#include "cluster/cluster_internal.h"

#include "rules/signedfile.h"

#include <stdio.h>

static const char *const kind_names[PICTURE_LISTS] = {
	[STORE_LIST_ITL] = "ITL",
	[STORE_LIST_EMPTY] = "empty ITL",
};

static struct trustlist_plan
plan_of(const struct conf *conf, const struct picture *p, enum store_list_kind kind, time_t now)
{
	struct trustlist_plan plan = {
		.generation = conf->generation,
		.itlrecovery = p->cert[PURPOSE_ITLRECOVERY],
		.callmanager = p->cert[PURPOSE_CALLMANAGER],
		.callmanager_ec = p->cert[PURPOSE_CALLMANAGER_EC],
		.ec_host = p->node.name,
		.capf = p->node.capf ? p->cert[PURPOSE_CAPF] : NULL,
		.tvs_count = p->tvs_count,
		.tftp = p->node.tftp,
		.empty = kind == STORE_LIST_EMPTY,
		.digest = (enum envelope_digest)conf->digest,
		.timestamp = (uint32_t)now,
	};

	for (size_t i = 0; i < p->tvs_count; i++)
		plan.tvs[i] = p->tvs[i];
	return plan;
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

static bool
list_sign(const struct cluster *c, const struct cert *signer, struct span unsigned_file,
    struct bytes *out, struct err *e)
{
	if (!signer_sign_list(c->signer, cert_key_id(signer), unsigned_file, out, e))
		return false;
	if (list_prove(bytes_span(out), signer, e))
		return true;
	bytes_free(out);
	return err_in(e, "the list just signed");
}

/* Into the store as the next version, and into the picture, which takes file. */
static bool
list_add(const struct cluster *c, struct picture *p, enum store_list_kind kind, struct bytes *file,
    const struct cert *signer, const struct cluster_change *how, struct err *e)
{
	struct store_list l = { .node = p->node.id,
		.kind = kind,
		.file = *file,
		.signer = bytes_copy(cert_key_id(signer)),
		.made = how->now };
	char text[STORE_NAME_MAX];

	if (!store_list_add(c->store, &l, e)) {
		bytes_free(&l.signer);
		return false;
	}
	store_list_free(&p->list[kind]);
	p->list[kind] = l;
	*file = (struct bytes){ 0 };
	snprintf(text, sizeof text, "version %llu, %zu bytes, signed by %s",
	    (unsigned long long)l.version, l.file.n, cert_common_name(signer));
	return cluster_event(c->store, how, "list-published", kind_names[kind], text, e);
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

static bool
kind_publish(const struct cluster *c, struct picture *p, enum store_list_kind kind,
    struct cluster_change *how, struct err *e)
{
	struct trustlist_plan plan = plan_of(&c->conf, p, kind, how->now);
	const struct cert *signer = trustlist_plan_signer(&plan);
	struct bytes built = { 0 }, file = { 0 };
	bool ok;

	if (!trustlist_build(&plan, &built, e))
		return false;
	size_warn(&built, how);
	if (p->list[kind].version > 0 &&
	    trustlist_same(bytes_span(&built), bytes_span(&p->list[kind].file))) {
		bytes_free(&built);
		return true;
	}
	ok = list_sign(c, signer, bytes_span(&built), &file, e) &&
	     list_add(c, p, kind, &file, signer, how, e);
	bytes_free(&built);
	bytes_free(&file);
	how->published = how->published || ok;
	return ok;
}

bool
cluster_lists_publish(
    const struct cluster *c, struct picture *p, struct cluster_change *how, struct err *e)
{
	for (int kind = 0; kind < PICTURE_LISTS; kind++)
		if (!kind_publish(c, p, (enum store_list_kind)kind, how, e))
			return err_in(e, "%s", kind_names[kind]);
	return true;
}
