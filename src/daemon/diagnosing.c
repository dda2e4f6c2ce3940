#include "daemon/diagnosing.h"

#include "base/mem.h"
#include "base/text.h"
#include "cluster/cluster_recovery.h"
#include "cluster/listnames.h"
#include "daemon/capf_peers.h"
#include "daemon/core_capf_attempt.h"
#include "daemon/core_digest.h"
#include "daemon/core_files.h"
#include "daemon/tvs_contacts.h"
#include "pki/trustset.h"
#include "rules/signedfile.h"
#include "rules/trust_record.h"

#include <stdio.h>
#include <stdlib.h>

static bool
has_capf(const struct trustlist *list)
{
	return trust_record_any(list, TRUST_RECORD_ROLE(FUNCTION_CAPF));
}

static bool
file_has_capf(struct span file)
{
	struct trustlist list;
	bool has;

	if (!trustlist_parse(file, &list, NULL))
		return false;
	has = has_capf(&list);
	trustlist_free(&list);
	return has;
}

/* --- lists that it was handed --- */

struct node_name {
	int64_t id;
	char *out;
};

static bool
on_node_name(void *arg, const struct store_node *n)
{
	struct node_name *want = arg;

	if (n->id == want->id)
		snprintf(want->out, STORE_NAME_MAX, "%s", n->name);
	return n->id != want->id;
}

struct handing {
	struct diagnosing *d;
	struct err *e;
	bool failed;
};

/* A list's own name element says what it is, whatever it was handed out for. */
static bool
is_ctl(struct span file)
{
	struct trustlist list;
	bool ctl;

	if (!trustlist_parse(file, &list, NULL))
		return false;
	ctl = trustlist_is_ctl(&list);
	trustlist_free(&list);
	return ctl;
}

/* Where a list goes that it was handed; NULL: it is a CTL, and not the newest. */
static struct diagnosing_list *
place(struct diagnosing *d, bool ctl)
{
	if (!ctl)
		return &d->list[d->lists++];
	return d->believed_ctl.file.n == 0 ? &d->believed_ctl : NULL;
}

static bool
take_list(struct diagnosing *d, const struct store_belief *b, struct err *e)
{
	struct store *s = cluster_store(d->core->cluster);
	enum store_list_kind itl = d->phone.released ? STORE_LIST_EMPTY : STORE_LIST_ITL;
	struct diagnosing_list *l;
	struct store_list list;
	struct node_name name = { 0 };
	bool ctl;

	if (!store_list_get(s, b->list, &list, e))
		return false;
	ctl = is_ctl(bytes_span(&list.file));
	l = place(d, ctl);
	if (l != NULL) {
		l->file = bytes_copy(bytes_span(&list.file));
		l->kind = list.kind;
		l->version = list.version;
		l->first = b->first;
		l->at = b->last;
		l->is_current =
		    cluster_list_is_current(d->core->cluster, ctl ? STORE_LIST_CTL : itl, b->list);
		snprintf(l->address, sizeof l->address, "%s", b->address);
		name = (struct node_name){ list.node, l->node };
	}
	store_list_free(&list);
	return l == NULL || store_node_each(s, on_node_name, &name, e);
}

static bool
on_belief(void *arg, const struct store_belief *b)
{
	struct handing *h = arg;

	if (h->d->lists == DIAGNOSING_HANDED_MAX)
		return false;
	h->failed = !take_list(h->d, b, h->e);
	return !h->failed;
}

static bool
gather_lists(struct diagnosing *d, struct err *e)
{
	struct handing h = { d, e, false };
	struct diagnosis_phone *p = &d->facts.phone;

	if (!store_belief_each(
		cluster_store(d->core->cluster), d->phone.device.name, on_belief, &h, e) ||
	    h.failed)
		return false;
	for (size_t i = 0; i < d->lists; i++) {
		const struct diagnosing_list *l = &d->list[i];

		d->handed[i] = (struct diagnosis_handed){ .kind = listnames_kind(l->kind),
			.version = l->version,
			.is_current = l->is_current,
			.has_capf = file_has_capf(bytes_span(&l->file)),
			.node = l->node,
			.address = l->address,
			.first = l->first,
			.at = l->at };
	}
	p->handed = d->handed;
	p->handed_count = d->lists;
	return true;
}

/* Why it is handed none; "" when it is (core_files_list). */
static bool
gather_entitlement(struct diagnosing *d, struct err *e)
{
	struct core *c = d->core;
	enum serve_lists serve;

	if (!core_files_serve_lists(c, &serve, e))
		return false;
	if (serve == SERVE_LISTS_NONE)
		snprintf(d->no_list, sizeof d->no_list, "serve-lists is none");
	else if (serve == SERVE_LISTS_KNOWN && d->phone.origin != PHONE_ADDED)
		snprintf(d->no_list, sizeof d->no_list,
		    "it was only seen: lists are handed to phones that were added");
	d->facts.phone.no_list = d->no_list;
	d->facts.phone.gets_lists = d->no_list[0] == '\0' || !model_has_lists(d->facts.phone.model);
	return true;
}

/* --- CAPF --- */

/* The newest one, when it is about the operation that is open. */
static bool
on_history(void *arg, const struct store_history *h)
{
	struct diagnosing *d = arg;

	if (h->at >= d->phone.operation_changed && strstr(h->status, "Failed") != NULL)
		snprintf(d->failure, sizeof d->failure, "%s", h->status);
	return false;
}

static bool
gather_attempt(struct diagnosing *d, struct err *e)
{
	struct core *c = d->core;
	const char *name = d->phone.device.name;
	struct diagnosis_phone *p = &d->facts.phone;
	const struct capf_peer *peer = capf_peers_find(c->capf_peers, d->phone.last_address);

	if (!core_capf_attempt(c, name, &d->attempt, e) ||
	    (d->phone.operation != PHONE_OPERATION_NONE &&
		!store_history_each(cluster_store(c->cluster), name, on_history, d, e)))
		return false;
	p->attempt_at = d->attempt.at;
	p->attempt_step = store_capf_step_name(d->attempt.step);
	p->attempt_reason = d->attempt.reason;
	p->attempt_address = d->attempt.address;
	p->failure = d->failure;
	if (d->phone.last_address[0] != '\0' && peer != NULL) {
		p->contact.capf_at = peer->at;
		p->contact.capf_tls = peer->tls;
		p->contact.capf = peer->text;
	}
	return true;
}

/* Whether it leads to a certificate of capf-trust. */
static enum diagnosis_answer
is_trusted(struct core *c, const struct cert *cert)
{
	enum diagnosis_answer answer = DIAGNOSIS_UNKNOWN;
	struct trustset *set = trustset_new(NULL);
	struct cert *const *trusted;
	size_t count;

	trusted = cluster_capf_trust(c->cluster, &count);
	for (size_t i = 0; set != NULL && i < count; i++)
		(void)!trustset_add(set, trusted[i], NULL);
	if (set != NULL)
		answer = trustset_check(set, cert, NULL) ? DIAGNOSIS_YES : DIAGNOSIS_NO;
	trustset_free(set);
	return answer;
}

static void
judge_mic(struct diagnosing *d, struct span der)
{
	struct cert *mic = der.n > 0 ? cert_parse(der, NULL) : NULL;

	if (mic == NULL)
		return;
	d->facts.phone.mic_not_after = cert_not_after(mic);
	d->facts.phone.mic_trusted = is_trusted(d->core, mic);
	cert_free(mic);
}

static bool
on_fetched(void *arg, const struct store_fetched *f)
{
	if (f->is_mic)
		judge_mic(arg, f->der);
	return true;
}

/* The MIC that the phone sent itself says more than the one an administrator gave. */
static bool
gather_certs(struct diagnosing *d, struct err *e)
{
	struct store *s = cluster_store(d->core->cluster);
	const char *name = d->phone.device.name;
	struct store_lsc lsc;
	struct bytes mic = { 0 };
	struct cert *cert;
	bool found;

	if (!store_lsc_latest(s, name, STORE_LSC_CONFIRMED, &lsc, &found, e))
		return false;
	if (found) {
		cert = cert_parse(bytes_span(&lsc.der), NULL);
		if (cert != NULL)
			d->facts.phone.lsc_trusted = is_trusted(d->core, cert);
		cert_free(cert);
		store_lsc_free(&lsc);
	}
	if (!store_phone_mic_get(s, name, &mic, e))
		return false;
	judge_mic(d, bytes_span(&mic));
	bytes_free(&mic);
	return store_fetched_each(s, name, on_fetched, d, e);
}

/* --- what it was sent, and who came from its address --- */

static bool
gather_config(struct diagnosing *d, struct err *e)
{
	struct store *s = cluster_store(d->core->cluster);
	struct diagnosis_phone *p = &d->facts.phone;
	struct profile profile = { 0 };
	bool found = false, served;

	if (!store_served_get(s, d->phone.device.name, &d->served, &served, e) ||
	    !core_config_explain(d->core, &d->phone.device, &d->config, e) ||
	    (d->phone.profile[0] != '\0' &&
		!store_profile_get(s, d->phone.profile, &profile, &found, e)))
		return false;
	if (served) {
		p->config_at = d->served.at;
		p->config_form = d->served.form;
		p->config_address = d->served.address;
	}
	p->config_fault = d->config.fault;
	p->wants_encryption = found && profile.encrypted_config;
	p->no_recipient = d->config.reason;
	return true;
}

/* A question of another phone at the same address says nothing of this one. */
static bool
gather_contact(struct diagnosing *d, struct err *e)
{
	struct diagnosis_contact *k = &d->facts.phone.contact;
	const struct store_tvs_contact *got = &d->contact;

	if (d->phone.last_address[0] == '\0')
		return true;
	if (!tvs_contacts_find(d->core->tvs_contacts, cluster_store(d->core->cluster),
		d->phone.last_address, &d->contact, e))
		return false;
	if (got->device[0] == '\0' || strcmp(got->device, d->phone.device.name) == 0) {
		k->question_at = got->question_at;
		k->is_known = got->is_known;
		k->certificate = got->certificate;
	}
	k->alert_at = got->alert_at;
	k->alert = got->alert;
	k->https_at = got->https_at;
	k->https = got->https;
	return true;
}

/* --- the cluster --- */

static void
look_at_published(struct diagnosing *d)
{
	struct diagnosis_published *out = &d->facts.cluster.itl;
	enum store_list_kind kind = d->phone.released ? STORE_LIST_EMPTY : STORE_LIST_ITL;
	struct err e = { 0 };
	struct trustlist list;

	out->is_there = cluster_list(
	    d->core->cluster, kind, core_digest_of_model(d->core, d->phone.model), &d->published);
	if (!out->is_there)
		return;
	out->size = d->published.file.n;
	out->is_bad = !trustlist_parse(d->published.file, &list, &e);
	if (!out->is_bad) {
		out->has_capf = has_capf(&list);
		out->signer_absent = signedfile_list_signer(&list) == NULL;
		out->is_bad = !signedfile_check_list(&list, NULL, &e);
		trustlist_free(&list);
	}
	memcpy(d->fault, e.text, sizeof d->fault);
	out->fault = d->fault;
}

/* In mixed mode the CTL has CCM+TFTP records with certificates; going back empties them
 * (doc/protocols/files.md 1.4). */
static void
look_at_mode(struct diagnosing *d)
{
	struct cluster_list ctl;
	struct trustlist list;

	if (!cluster_list(d->core->cluster, STORE_LIST_CTL,
		core_digest_of_model(d->core, d->phone.model), &ctl) ||
	    !trustlist_parse(ctl.file, &list, NULL))
		return;
	for (size_t i = 0; i < list.count; i++)
		d->facts.cluster.mixed |= list.records[i].function == FUNCTION_CCM_TFTP &&
					  list.records[i].certificate.n > 0;
	trustlist_free(&list);
}

static void
look_at_dates(struct diagnosing *d)
{
	for (int p = 0; p < PURPOSE_COUNT; p++) {
		const struct cert *c = cluster_cert(d->core->cluster, (enum purpose)p);

		if (c != NULL && cert_not_after(c) < d->facts.now)
			d->expired[d->facts.cluster.expired_count++] =
			    (struct diagnosis_expired){ purpose_name((enum purpose)p),
				    cert_not_after(c) };
	}
	d->facts.cluster.expired = d->expired;
}

/* TVS servers as configurations name them: this node, then others. */
static void
add_tvs(struct diagnosing *d, struct span der, const char *name)
{
	struct cert *c = cert_parse(der, NULL);

	if (c == NULL)
		return;
	snprintf(d->tvs_name[d->tvs_count], STORE_NAME_MAX, "%s", name);
	d->tvs[d->tvs_count++] = c;
}

struct tvs_nodes {
	struct diagnosing *d;
	const struct store_cert *cert;
};

static bool
on_tvs_node(void *arg, const struct store_node *n)
{
	const struct tvs_nodes *t = arg;

	if (n->id == t->cert->node && n->tvs && t->d->tvs_count < TRUST_BOOT_TVS_MAX)
		add_tvs(t->d, bytes_span(&t->cert->der), n->name);
	return n->id != t->cert->node;
}

static bool
on_cert(void *arg, const struct store_cert *sc)
{
	struct diagnosing *d = arg;
	struct tvs_nodes t = { d, sc };

	if (sc->purpose == PURPOSE_CAPF && sc->id < d->capf_id &&
	    sc->retired > d->facts.cluster.capf_replaced)
		d->facts.cluster.capf_replaced = sc->retired;
	if (sc->purpose != PURPOSE_TVS || !sc->active ||
	    sc->node == cluster_node(d->core->cluster)->id)
		return true;
	return store_node_each(cluster_store(d->core->cluster), on_tvs_node, &t, NULL);
}

/* What was only announced and then withdrawn is younger. */
static bool
on_capf_cert(void *arg, const struct store_cert *sc)
{
	struct diagnosing *d = arg;

	if (sc->purpose == PURPOSE_CAPF && sc->active)
		d->capf_id = sc->id;
	return true;
}

static bool
gather_cluster(struct diagnosing *d, struct err *e)
{
	struct core *c = d->core;
	struct store *s = cluster_store(c->cluster);
	const struct store_node *n = cluster_node(c->cluster);
	struct diagnosis_cluster *out = &d->facts.cluster;

	out->node = n->name;
	out->tftp = n->tftp;
	out->tvs = n->tvs;
	out->capf = n->capf;
	out->by_name = cluster_conf(c->cluster)->server_names == CONF_SERVERS_BY_NAME;
	out->capf_over_limit = core_counters(c).capf.over_limit;
	out->auth_string_tries = cluster_conf(c->cluster)->auth_string_tries;
	if (n->tvs)
		add_tvs(d, cert_der(cluster_cert(c->cluster, PURPOSE_TVS)), n->name);
	look_at_published(d);
	look_at_mode(d);
	look_at_dates(d);
	out->rollback = cluster_recovery(c->cluster)->rollback_since != 0;
	return store_cert_each(s, on_capf_cert, d, e) && store_cert_each(s, on_cert, d, e);
}

/* --- what it would be handed now --- */

static bool
gather_handout(struct diagnosing *d, struct err *e)
{
	if (!core_handout_look(d->core->handouts, &d->phone, &d->handed_now, e))
		return false;
	d->facts.phone.lost = d->handed_now.lost;
	d->facts.phone.no_config = d->handed_now.no_config;
	if (d->no_list[0] != '\0')
		d->handed_now.ctl = d->handed_now.itl = (struct cluster_list){ 0 };
	return true;
}

/* --- all --- */

static bool
gather(struct store *s, void *arg, struct err *e)
{
	struct diagnosing *d = arg;

	(void)s;
	return gather_lists(d, e) && gather_entitlement(d, e) && gather_attempt(d, e) &&
	       gather_certs(d, e) && gather_cluster(d, e) && gather_handout(d, e);
}

bool
diagnosing_gather(struct core *c, const char *name, struct diagnosing *out, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	struct device device;
	bool found;

	*out = (struct diagnosing){ .core = c, .facts = { .now = core_now() } };
	if (!device_parse(span_str(name), &device, e) || !core_sightings_write(c, e) ||
	    !store_phone_get(s, device.name, &out->phone, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_UNKNOWN, "no phone %s", device.name);
	out->facts.phone.record = &out->phone;
	out->facts.phone.model = modeltable_find(cluster_models(c->cluster), out->phone.model);
	return gather_contact(out, e) && gather_config(out, e) && store_view(s, gather, out, e);
}

void
diagnosing_free(struct diagnosing *d)
{
	for (size_t i = 0; i < d->lists; i++)
		bytes_free(&d->list[i].file);
	bytes_free(&d->believed_ctl.file);
	for (size_t i = 0; i < d->tvs_count; i++)
		cert_free(d->tvs[i]);
	diagnosing_held_free(&d->held_ctl);
	diagnosing_held_free(&d->held_itl);
	core_handout_view_free(&d->handed_now);
	diagnosing_seen_free(d->seen);
	mem_wipe(d->phone.auth_string, sizeof d->phone.auth_string);
	d->lists = d->tvs_count = 0;
}

void
diagnosing_tvs(const struct diagnosing *d, struct trust_boot_tvs tvs[TRUST_BOOT_TVS_MAX])
{
	for (size_t i = 0; i < d->tvs_count; i++)
		tvs[i] = (struct trust_boot_tvs){ true, d->tvs[i], cluster_view(d->core->cluster) };
}
