#include "daemon/diagnosing.h"

#include "base/mem.h"
#include "base/text.h"
#include "cluster/listnames.h"
#include "daemon/core_digest.h"
#include "rules/signedfile.h"
#include "rules/trust_record.h"

#include <stdio.h>
#include <stdlib.h>

/* --- what a list is --- */

struct search {
	struct diagnosing *d;
	struct span file;
	struct diagnosis_held *out;
};

/* Every list that was ever published is on record, and with them what others published. */
static bool
on_list(void *arg, const struct store_list *l)
{
	const struct search *s = arg;

	if (l->kind == STORE_LIST_FOREIGN || !span_eq(bytes_span(&l->file), s->file))
		return true;
	s->out->version = l->version;
	s->out->kind = listnames_kind(l->kind);
	s->out->is_current = cluster_list_is_current(s->d->core->cluster, l->kind, l->id);
	return false;
}

/* A signer with the name of one of ours, and not its certificate. */
static bool
is_replaced(const struct diagnosing *d, const struct envelope *env)
{
	static const enum purpose signers[] = { PURPOSE_ITLRECOVERY, PURPOSE_CALLMANAGER };

	for (size_t i = 0; i < sizeof signers / sizeof signers[0]; i++) {
		const struct cert *own = cluster_cert(d->core->cluster, signers[i]);

		if (own != NULL && span_is(env->signer_name, cert_subject_cucm(own)) &&
		    !span_eq(env->serial, cert_serial(own)))
			return true;
	}
	return false;
}

struct key_search {
	const struct trustlist *list;
	bool found;
};

/* A key that signs lists, also one that was taken over: it can sign a bridge for who holds this. */
static bool
on_key(void *arg, const struct store_cert *sc)
{
	struct key_search *k = arg;
	struct cert *c;

	if (sc->given_up != 0 ||
	    (sc->purpose != PURPOSE_ITLRECOVERY && sc->purpose != PURPOSE_CALLMANAGER))
		return true;
	c = cert_parse(bytes_span(&sc->der), NULL);
	k->found = c != NULL && trust_record_knows(k->list, c, TRUST_RECORD_ROLE(FUNCTION_SAST));
	cert_free(c);
	return !k->found;
}

static bool
look_for_key(const struct diagnosing *d, const struct diagnosing_held *h,
    struct diagnosis_held *out, struct err *e)
{
	struct key_search k = { .list = &h->list };

	if (!h->is_parsed)
		return true;
	if (!store_cert_each(cluster_store(d->core->cluster), on_key, &k, e))
		return false;
	out->key_here = k.found;
	return true;
}

static void
judge(struct diagnosing_held *h, struct diagnosis_held *out)
{
	struct err e = { 0 };

	out->is_given = true;
	out->size = h->file.n;
	h->is_parsed = trustlist_parse(h->file, &h->list, &e);
	if (h->is_parsed) {
		out->has_capf = trust_record_any(&h->list, TRUST_RECORD_ROLE(FUNCTION_CAPF));
		out->is_empty = trust_eval_list_is_empty(&h->list);
		out->signer_absent = signedfile_list_signer(&h->list) == NULL;
		text_printable(h->list.env.signer_name, h->signer, sizeof h->signer);
		out->signer = h->signer;
	}
	out->is_bad = !h->is_parsed || !signedfile_check_list(&h->list, NULL, &e);
	snprintf(h->fault, sizeof h->fault, "%s", e.text);
	out->fault = h->fault;
}

/* Phones hold one of each and look into both, so that a list in the other's place would be judged
 * all the same, and wrongly. */
static bool
is_kind(const struct diagnosing *d, const struct diagnosing_held *h, struct err *e)
{
	bool wanted = h == &d->held_ctl, is_ctl = h->is_parsed && trustlist_is_ctl(&h->list);

	if (!h->is_parsed || is_ctl == wanted)
		return true;
	return err_set(e, ERR_REFUSED, "%s",
	    is_ctl ? "the file that is given as its ITL is a CTL: give it with --ctl"
		   : "the file that is given as its CTL is an ITL: give it with --itl");
}

static bool
look_at(struct diagnosing *d, struct diagnosing_held *h, struct span file,
    struct diagnosis_held *out, struct err *e)
{
	struct search s = { d, file, out };

	if (file.n == 0)
		return true;
	h->file = file;
	judge(h, out);
	if (!is_kind(d, h, e))
		return false;
	if (!store_list_each(cluster_store(d->core->cluster), on_list, &s, e))
		return false;
	out->signer_replaced = h->is_parsed && out->version == 0 && is_replaced(d, &h->list.env);
	return look_for_key(d, h, out, e);
}

/* --- a boot with it --- */

/* A file of the phone's own name, signed as its configuration is: what is in it is of no matter to
 * whether it is taken. */
static bool
sign_sample(struct diagnosing *d, struct bytes *out, struct err *e)
{
	struct core *c = d->core;
	char name[DEVICE_NAME_MAX + 16];
	const struct cert *tftp = d->handed_now.tftp;
	const struct signedfile_head head = {
		.signer = tftp != NULL ? tftp : cluster_cert(c->cluster, PURPOSE_CALLMANAGER),
		.names = SIGNEDFILE_CUCM,
		.filename = name,
		.digest = core_digest_of_model(c, d->phone.model),
		.timestamp = (uint32_t)d->facts.now
	};
	struct bytes unsigned_file;
	bool ok;

	snprintf(name, sizeof name, "%s.cnf.xml.sgn", d->phone.device.name);
	if (!signedfile_make_sgn(&head, span_str("<device/>"), &unsigned_file, e))
		return false;
	ok = signer_sign_file(cluster_signer(c->cluster), cert_key_id(head.signer),
	    bytes_span(&unsigned_file), out, e);
	bytes_free(&unsigned_file);
	return ok;
}

static bool
boot(struct diagnosing *d, struct err *e)
{
	struct trust_boot_world w = { .ctl = d->handed_now.ctl.file,
		.itl = d->handed_now.itl.file,
		.capf = d->facts.cluster.capf ? cluster_cert(d->core->cluster, PURPOSE_CAPF) : NULL,
		.tvs_count = d->tvs_count,
		.next_tvs_count = d->tvs_count,
		.now = d->facts.now };
	const struct diagnosing_held *ctl = &d->held_ctl, *itl = &d->held_itl;
	struct bytes sample = { 0 };

	if (d->facts.lists.ctl.is_bad || d->facts.lists.itl.is_bad)
		return true;
	if (!sign_sample(d, &sample, e))
		return false;
	w.config = bytes_span(&sample);
	diagnosing_tvs(d, w.tvs);
	diagnosing_tvs(d, w.next_tvs);
	trust_boot(ctl->is_parsed ? &ctl->list : NULL, itl->is_parsed ? &itl->list : NULL, &w,
	    &d->facts.lists.boot);
	d->facts.lists.is_booted = true;
	bytes_free(&sample);
	return true;
}

bool
diagnosing_hold(struct diagnosing *d, struct span ctl, struct span itl, struct err *e)
{
	struct diagnosis_lists *l = &d->facts.lists;

	if (ctl.n == 0 && itl.n == 0)
		return true;
	return look_at(d, &d->held_ctl, ctl, &l->ctl, e) &&
	       look_at(d, &d->held_itl, itl, &l->itl, e) && boot(d, e);
}

void
diagnosing_held_free(struct diagnosing_held *h)
{
	if (h->is_parsed)
		trustlist_free(&h->list);
	h->is_parsed = false;
}
