#include "rules/diagnosis_internal.h"

#include "base/text.h"

#include <string.h>

/* Trust lists and signed files: rows 16 to 18, 22 to 24, 26 to 30, 34 and 35 of the
 * troubleshooting table. */

/* --- what is published --- */

static void
find_absent(struct diagnosis_run *r)
{
	const struct diagnosis_phone *p = &r->facts->phone;
	const struct diagnosis_cluster *c = &r->facts->cluster;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_ITL_ABSENT);

	(void)diagnosis_add_events(&f, &r->facts->console, CONSOLELOG_ITL_ABSENT, NULL);
	(void)diagnosis_seen_no_list(r, "ITL", &f);
	if (!c->tftp)
		diagnosis_add(&f, "%s: role tftp is off", c->node);
	else if (!c->itl.is_there)
		diagnosis_add(&f, "%s: no ITL is published", c->node);
	else if (p->record != NULL && !p->gets_lists && p->no_list != NULL) {
		f.cause = "the phone is handed no list";
		f.fix = "sealtone phone add NAME, or sealtone serve-lists known";
		diagnosis_add(&f, "%s", p->no_list);
	}
	diagnosis_tell(r, &f);
}

static void
say_held(struct diagnosis_finding *f, const struct diagnosis_held *h, const char *which)
{
	if (h->is_given)
		diagnosis_add(f, "the %s from the phone: %s", which,
		    h->fault != NULL ? h->fault : "its signer is in no SAST record");
}

static void
find_unverified(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_LIST_UNVERIFIED);

	if (facts->cluster.itl.is_bad && !facts->cluster.itl.signer_absent)
		diagnosis_add(&f, "the published ITL: %s", facts->cluster.itl.fault);
	if (facts->lists.itl.is_bad && !facts->lists.itl.signer_absent)
		say_held(&f, &facts->lists.itl, "ITL");
	if (facts->lists.ctl.is_bad && !facts->lists.ctl.signer_absent)
		say_held(&f, &facts->lists.ctl, "CTL");
	if (f.evidence_count > 0 && !facts->cluster.itl.is_bad) {
		f.cause = "the list was damaged in the phone or on its way";
		f.fix = "take it from the phone again; if it is the same: erase the trust list at "
			"the phone, and it takes ours at the next boot";
	}
	(void)diagnosis_add_events(&f, &facts->console, CONSOLELOG_LIST_BAD, NULL);
	diagnosis_tell(r, &f);
}

static void
find_signer_absent(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_LIST_SIGNER_ABSENT);

	if (facts->cluster.itl.signer_absent)
		diagnosis_add(&f, "the published ITL: %s",
		    facts->cluster.itl.fault != NULL ? facts->cluster.itl.fault
						     : "no SAST record is its signer's");
	if (facts->lists.itl.signer_absent)
		say_held(&f, &facts->lists.itl, "ITL");
	if (facts->lists.ctl.signer_absent)
		say_held(&f, &facts->lists.ctl, "CTL");
	if (diagnosis_events(&facts->console, CONSOLELOG_SAST_USED) == 0)
		(void)diagnosis_add_events(&f, &facts->console, CONSOLELOG_SAST_UNUSED, NULL);
	diagnosis_tell(r, &f);
}

static void
find_large(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_LIST_TOO_LARGE);

	if (facts->cluster.itl.size > TRUSTLIST_PHONE_MAX)
		diagnosis_add(&f, "the published ITL has %zu bytes, phones load %d",
		    facts->cluster.itl.size, TRUSTLIST_PHONE_MAX);
	if (facts->lists.itl.size > TRUSTLIST_PHONE_MAX)
		diagnosis_add(&f, "the ITL that was given has %zu bytes, phones load %d",
		    facts->lists.itl.size, TRUSTLIST_PHONE_MAX);
	diagnosis_tell(r, &f);
}

/* --- a CTL --- */

static bool
is_ctl_name(const char *name)
{
	return strncmp(name, "CTL", 3) == 0;
}

static void
find_no_ctl(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_CTL_ABSENT);

	(void)diagnosis_add_events(&f, &facts->console, CONSOLELOG_NOT_FOUND, "CTLFile.tlv");
	(void)diagnosis_add_events(&f, &facts->console, CONSOLELOG_CTL_ABSENT, NULL);
	(void)diagnosis_seen_no_list(r, "CTL", &f);
	if (facts->cluster.mixed) {
		f.cause = "the cluster is in mixed mode, and the server that was asked has no CTL";
		f.fix = "sealtone ctl update";
	}
	diagnosis_tell(r, &f);
}

/* The server had a CTL for it. */
static void
say_ctl_received(const struct diagnosis_console *c, struct diagnosis_finding *f)
{
	for (size_t i = 0; i + 1 < c->count; i++)
		if (c->event[i].kind == CONSOLELOG_ASKED && is_ctl_name(c->event[i].what) &&
		    c->event[i + 1].kind == CONSOLELOG_RECEIVED) {
			diagnosis_add(
			    f, "console line %lu: %s", c->event[i].line, c->event[i].text);
			diagnosis_add(
			    f, "console line %lu: %s", c->event[i + 1].line, c->event[i + 1].text);
			return;
		}
}

static void
find_left_ctl(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_CTL_LEFT);

	if (facts->cluster.mixed)
		return;
	if (facts->lists.ctl.is_given)
		diagnosis_add(&f, "a CTL from the phone was given, signed by %s",
		    facts->lists.ctl.signer != NULL ? facts->lists.ctl.signer : "?");
	say_ctl_received(&facts->console, &f);
	(void)diagnosis_seen_ctl(r, &f);
	diagnosis_tell(r, &f);
}

static void
find_token(struct diagnosis_run *r)
{
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_TOKEN_UNKNOWN);

	(void)diagnosis_add_events(&f, &r->facts->console, CONSOLELOG_TOKEN, NULL);
	diagnosis_tell(r, &f);
}

void
diagnosis_published_lists(struct diagnosis_run *r)
{
	find_absent(r);
	find_unverified(r);
	find_signer_absent(r);
	find_large(r);
	find_no_ctl(r);
	find_left_ctl(r);
	find_token(r);
}
