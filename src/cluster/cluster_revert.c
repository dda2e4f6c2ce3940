#include "cluster/cluster_recovery.h"

#include "base/mem.h"
#include "cluster/backup_state.h"
#include "cluster/cluster_internal.h"
#include "rules/usage.h"
#include "wire/trustlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A certificate of the cluster, with all earlier ones. */
struct own {
	int64_t id, node;
	enum purpose purpose;
	bool active;
	bool wanted; /* the list names it */
	struct cert *cert;
};

struct revert {
	struct cluster_change how;
	struct cluster *cluster;
	uint64_t version;
	struct bytes file; /* of that version */
	struct own *own;
	size_t count;
	char reasons[ERR_TEXT_MAX / 2]; /* why not, a record each; "" when it can be */
	bool failed;
	struct err *e;
};

static bool
on_list(void *arg, const struct store_list *l)
{
	struct revert *r = arg;

	if (l->kind == STORE_LIST_ITL && l->version == r->version &&
	    l->node == r->cluster->picture->node.id)
		r->file = bytes_copy(bytes_span(&l->file));
	return r->file.p == NULL;
}

static bool
on_cert(void *arg, const struct store_cert *sc)
{
	struct revert *r = arg;
	struct own *o;

	r->own = mem_grow(r->own, r->count + 1, sizeof *r->own);
	o = &r->own[r->count];
	*o = (struct own){ .id = sc->id,
		.node = sc->node,
		.purpose = sc->purpose,
		.active = sc->active,
		.cert = cert_parse(bytes_span(&sc->der), r->e) };
	r->failed = o->cert == NULL;
	r->count += !r->failed;
	return !r->failed;
}

static bool
fits_function(const struct own *o, uint16_t function)
{
	switch (function) {
	case FUNCTION_SAST:
		return usage_allows(o->purpose, USAGE_SIGN_LIST);
	case FUNCTION_TFTP:
		return o->purpose == PURPOSE_CALLMANAGER || o->purpose == PURPOSE_CALLMANAGER_EC;
	case FUNCTION_TVS:
		return o->purpose == PURPOSE_TVS;
	case FUNCTION_CAPF:
		return o->purpose == PURPOSE_CAPF;
	default:
		return false;
	}
}

/* A record has the certificate, or its SHA-1 (files.md 1.4). */
static bool
is_named(const struct own *o, const struct trustlist_record *record)
{
	if (!fits_function(o, record->function))
		return false;
	return record->certificate.n > 0 ? span_eq(record->certificate, cert_der(o->cert))
					 : span_eq(record->cert_hash, cert_sha1(o->cert));
}

/* An active one before an earlier one, of these the newest. */
static struct own *
own_find(const struct revert *r, const struct trustlist_record *record)
{
	struct own *found = NULL;

	for (size_t i = 0; i < r->count; i++)
		if (is_named(&r->own[i], record) && (found == NULL || !found->active))
			found = &r->own[i];
	return found;
}

static void
refuse(struct revert *r, const struct trustlist_record *record, const char *why)
{
	size_t n = strlen(r->reasons);
	const char *name = function_name(record->function);

	snprintf(r->reasons + n, sizeof r->reasons - n, "%s%s record of %.*s: %s",
	    n > 0 ? "; " : "", name != NULL ? name : "unnamed",
	    (int)(record->subject.n < 64 ? record->subject.n : 64), (const char *)record->subject.p,
	    why);
}

static void
judge(struct revert *r, const struct trustlist_record *record)
{
	struct own *o = own_find(r, record);

	if (o == NULL)
		refuse(r, record, "the cluster has no such certificate");
	else if (!o->active && cert_not_after(o->cert) < r->how.now)
		refuse(r, record, "it has expired");
	else if (!o->active && !signer_has(r->cluster->signer, cert_key_id(o->cert), NULL))
		refuse(r, record, "its private key is gone");
	else
		o->wanted = true;
}

static bool
judge_list(struct revert *r, struct err *e)
{
	struct trustlist list;

	if (!trustlist_parse(bytes_span(&r->file), &list, e))
		return err_in(e, "version %llu", (unsigned long long)r->version);
	for (size_t i = 0; i < list.count; i++)
		judge(r, &list.records[i]);
	trustlist_free(&list);
	return r->reasons[0] == '\0' || err_set(e, ERR_REFUSED, "version %llu: %s",
					    (unsigned long long)r->version, r->reasons);
}

static bool
reactivate(struct store *s, const struct revert *r, const struct own *o, struct err *e)
{
	return store_cert_reactivate(s, o->id, r->how.now, e) &&
	       (!usage_allows(o->purpose, USAGE_ISSUE) ||
		   cluster_trust_once(s, TRUST_CAPF, o->cert, r->how.now, e)) &&
	       cluster_event(s, &r->how, "certificate-reactivated", purpose_name(o->purpose),
		   cert_subject_cucm(o->cert), e);
}

static bool
reactivate_all(struct store *s, const struct revert *r, struct err *e)
{
	char text[64];
	size_t changed = 0;

	for (size_t i = 0; i < r->count; i++) {
		if (!r->own[i].wanted || r->own[i].active)
			continue;
		if (!reactivate(s, r, &r->own[i], e))
			return false;
		changed++;
	}
	if (changed == 0)
		return err_set(e, ERR_CONFLICT,
		    "version %llu names the certificates that are active now",
		    (unsigned long long)r->version);
	snprintf(text, sizeof text, "to version %llu, %zu certificates",
	    (unsigned long long)r->version, changed);
	return backup_state_keys_changed(s, r->how.now, e) &&
	       cluster_event(s, &r->how, "itl-reverted", "ITL", text, e);
}

static bool
apply_revert(struct store *s, void *arg, struct err *e)
{
	struct revert *r = arg;

	r->e = e;
	if (!store_list_each(s, on_list, r, e))
		return false;
	if (r->file.p == NULL)
		return err_set(e, ERR_UNKNOWN, "no ITL of version %llu was ever published",
		    (unsigned long long)r->version);
	return store_cert_each(s, on_cert, r, e) && !r->failed && judge_list(r, e) &&
	       reactivate_all(s, r, e);
}

bool
cluster_itl_revert(struct cluster *c, uint64_t version, time_t now, struct err *e)
{
	struct revert r = { .cluster = c, .version = version };
	bool ok;

	r.how = (struct cluster_change){ apply_revert, &r, now, "cluster", false, NULL };
	ok = cluster_change(c, &r.how, e);
	for (size_t i = 0; i < r.count; i++)
		cert_free(r.own[i].cert);
	free(r.own);
	bytes_free(&r.file);
	return ok;
}
