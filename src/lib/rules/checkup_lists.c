#include "rules/checkup_internal.h"

#include "base/text.h"
#include "pki/digest.h"
#include "rules/signedfile.h"
#include "wire/trustlist.h"

#include <stdio.h>
#include <stdlib.h>

#define WHERE_RECORD 200

/* A list as it lies there, and as it would be built now. */
struct pair {
	const struct checkup_run *r;
	const char *where;
	const struct trustlist *held, *wanted;
	size_t told;
};

/* --- the list by itself --- */

static bool
hash_fits(const struct checkup_list *l)
{
	struct digest d;

	return digest_of(DIGEST_SHA256, l->file, &d, NULL) && span_eq(digest_span(&d), l->sha256);
}

static void
judge_signer(const struct checkup_run *r, const struct checkup_list *l, const char *where,
    const struct trustlist *list)
{
	const struct trustlist_record *signer = signedfile_list_signer(list);
	const struct cert *want =
	    l->ctl ? ctl_plan_signer(&r->c->ctl) : trustlist_plan_signer(&r->c->plan);
	bool other = l->ctl ? r->c->ctl.other_signer : r->c->plan.other_signer;
	struct err e = { 0 };
	char *serial;

	if (signer == NULL) {
		serial = text_hex(list->env.serial);
		checkup_find(r, CHECKUP_LIST_SIGNER_NOT_IN_IT, where,
		    "no SAST record has the issuer and the serial of its signer (%s)", serial);
		free(serial);
		return;
	}
	if (!signedfile_check_list(list, NULL, &e)) {
		checkup_find(r, CHECKUP_LIST_SIGNATURE, where, "%s", e.text);
		return;
	}
	if (want != NULL && !span_eq(signer->certificate, cert_der(want)))
		checkup_find(r, CHECKUP_LIST_SIGNER_NOT_CURRENT, where,
		    "it is not signed with the active %s certificate, which signs lists in "
		    "generation %s%s",
		    purpose_name(generation_signer(r->c->plan.generation, other)),
		    generation_name(r->c->plan.generation),
		    other ? " while a reset is in force" : "");
}

/* --- its records against what would be built --- */

static bool
is_same_record(const struct trustlist_record *a, const struct trustlist_record *b)
{
	return a->function == b->function && span_eq(a->serial, b->serial) &&
	       span_eq(a->issuer, b->issuer) && span_eq(a->certificate, b->certificate) &&
	       span_eq(a->cert_hash, b->cert_hash) && span_eq(a->public_key, b->public_key);
}

static bool
has_record(const struct trustlist *list, const struct trustlist_record *r)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_same_record(&list->records[i], r))
			return true;
	return false;
}

/* Of this function there are records in a that b has not. */
static size_t
count_strangers(const struct trustlist *a, const struct trustlist *b, uint16_t function)
{
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++)
		n += a->records[i].function == function && !has_record(b, &a->records[i]);
	return n;
}

static const char *
name_of(uint16_t function)
{
	const char *name = function_name(function);

	return name != NULL ? name : "unnamed";
}

static void
find_record(struct pair *p, enum checkup_kind k, const struct trustlist_record *r, const char *text)
{
	char where[CHECKUP_WHERE_MAX];
	char *serial = text_hex(r->serial);

	snprintf(
	    where, sizeof where, "%.*s, %s record", WHERE_RECORD, p->where, name_of(r->function));
	checkup_find(p->r, k, where, "%.*s (serial %s) %s",
	    (int)(r->subject.n < 200 ? r->subject.n : 200), (const char *)r->subject.p, serial,
	    text);
	free(serial);
	p->told++;
}

/* A certificate that the list lacks: in its place stands another, or none. */
static void
judge_wanted(struct pair *p)
{
	for (size_t i = 0; i < p->wanted->count; i++) {
		const struct trustlist_record *r = &p->wanted->records[i];

		if (has_record(p->held, r))
			continue;
		if (count_strangers(p->held, p->wanted, r->function) > 0)
			find_record(p, CHECKUP_RECORD_DIFFERS, r,
			    "is active, and the list has another certificate in its place");
		else
			find_record(p, CHECKUP_RECORD_MISSING, r, "is active, and not in the list");
	}
}

/* Where as many are missing as are strange, each takes the place of one. */
static void
judge_held(struct pair *p)
{
	for (size_t i = 0; i < p->held->count; i++) {
		const struct trustlist_record *r = &p->held->records[i];

		if (!has_record(p->wanted, r) &&
		    count_strangers(p->held, p->wanted, r->function) >
			count_strangers(p->wanted, p->held, r->function))
			find_record(p, CHECKUP_RECORD_LEFT_OVER, r,
			    "is in the list, and its service is off or has another certificate");
	}
}

/* What the list would be now. */
static bool
build_wanted(const struct checkup *c, const struct checkup_list *l, struct bytes *out)
{
	struct trustlist_plan plan = c->plan;
	struct ctl_plan ctl = c->ctl;

	if (plan.itlrecovery == NULL || plan.callmanager == NULL || (l->ctl && ctl.node_count == 0))
		return false;
	plan.empty = l->empty;
	plan.digest = ctl.digest = l->digest;
	return l->ctl ? ctl_build(&ctl, out, NULL) : trustlist_build(&plan, out, NULL);
}

static void
judge_content(const struct checkup_run *r, const struct checkup_list *l, const char *where,
    const struct trustlist *held)
{
	struct trustlist wanted;
	struct bytes built;

	if (!build_wanted(r->c, l, &built))
		return;
	if (trustlist_parse(bytes_span(&built), &wanted, NULL)) {
		struct pair p = { r, where, held, &wanted, 0 };

		judge_wanted(&p);
		judge_held(&p);
		if (p.told == 0 && !trustlist_same(bytes_span(&built), l->file))
			checkup_find(r, CHECKUP_LIST_NOT_PUBLISHED, where,
			    "its records are those of now, but its header, their order or their "
			    "number is not");
		trustlist_free(&wanted);
	}
	bytes_free(&built);
}

/* Nobody can mend it here: one of the tokens has to come. */
static void
judge_token_ctl(const struct checkup_run *r, const struct checkup_list *l, const char *where,
    const struct trustlist *held)
{
	char names[CHECKUP_TEXT_MAX / 2] = "";
	struct err e = { 0 };
	struct bytes built;
	size_t n = 0;
	bool same;

	if (!signedfile_check_list(held, NULL, &e)) {
		checkup_find(r, CHECKUP_LIST_SIGNATURE, where, "%s", e.text);
		return;
	}
	if (!build_wanted(r->c, l, &built))
		return;
	same = trustlist_same(bytes_span(&built), l->file);
	bytes_free(&built);
	for (size_t i = 0; i < r->c->ctl.token_count && n < sizeof names; i++)
		n += (size_t)snprintf(names + n, sizeof names - n, "%s%.60s", i > 0 ? ", " : "",
		    cert_common_name(r->c->ctl.token[i]));
	if (!same)
		checkup_find(r, CHECKUP_CTL_NEEDS_TOKEN, where,
		    "certificates, names or tokens have changed since a token signed it; any of "
		    "these can sign: %s",
		    names);
}

static void
judge_list(const struct checkup_run *r, const struct checkup_list *l)
{
	char where[CHECKUP_WHERE_MAX];
	struct trustlist held;
	struct err e = { 0 };

	snprintf(where, sizeof where, "%.150s, %s", r->c->node, l->name);
	if (!l->is_there) {
		checkup_find(r, CHECKUP_LIST_MISSING, where, "none was ever published");
		return;
	}
	if (!hash_fits(l))
		checkup_find(r, CHECKUP_LIST_HASH, where,
		    "the SHA-256 that was put on record is not that of the list");
	if (l->file.n > TRUSTLIST_WARN_BYTES)
		checkup_find(r, CHECKUP_LIST_LARGE, where, "it has %zu bytes", l->file.n);
	if (!trustlist_parse(l->file, &held, &e)) {
		checkup_find(r, CHECKUP_LIST_UNREADABLE, where, "%s", e.text);
		return;
	}
	if (l->ctl && r->c->ctl.token_count > 0)
		judge_token_ctl(r, l, where, &held);
	else {
		judge_signer(r, l, where, &held);
		judge_content(r, l, where, &held);
	}
	trustlist_free(&held);
}

void
checkup_lists(const struct checkup_run *r)
{
	for (size_t i = 0; i < r->c->list_count; i++)
		judge_list(r, &r->c->list[i]);
	if (r->c->ctl_is_left)
		checkup_find(r, CHECKUP_CTL_LEFT, "CTL",
		    "it is left from mixed mode, and the cluster is in non-secure mode");
}

/* --- phones --- */

/* A key at hand signs what a phone with this record takes: as its SAST, or because the TVS that it
 * names vouches for the signer. */
static bool
is_of_use(const struct checkup *c, const struct trustlist_record *r)
{
	for (size_t i = 0; i < c->own_count; i++) {
		const struct checkup_own *o = &c->own[i];

		if (o->cert == NULL || o->key != CHECKUP_KEY_GOOD)
			continue;
		if (r->function == FUNCTION_SAST && span_eq(r->certificate, cert_der(o->cert)))
			return true;
		if (r->function == FUNCTION_TVS && o->active && o->purpose == PURPOSE_TVS &&
		    span_eq(r->cert_hash, cert_sha1(o->cert)))
			return true;
	}
	return false;
}

static bool
is_reachable(const struct checkup *c, struct span file)
{
	struct trustlist list;
	bool found = false;

	if (!trustlist_parse(file, &list, NULL))
		return true; /* a phone holds none that it cannot read */
	for (size_t i = 0; i < list.count && !found; i++)
		found = is_of_use(c, &list.records[i]);
	trustlist_free(&list);
	return found;
}

void
checkup_beliefs(const struct checkup_run *r)
{
	size_t lost = 0;

	for (size_t i = 0; i < r->c->belief_count; i++)
		if (!is_reachable(r->c, r->c->belief[i].file))
			lost += r->c->belief[i].phones;
	if (lost > 0)
		checkup_find(r, CHECKUP_PHONES_LOST, "phones",
		    "%zu %s handed last a list none of whose signers has a key here", lost,
		    lost == 1 ? "phone was" : "phones were");
}
