#include "rules/diagnosis_internal.h"

#include "base/text.h"

#include <string.h>

/* Reaching CAPF: rows 1, 2, 4 to 6, 13, 32, 33 of the troubleshooting table. */

/* --- names --- */

static void
find_dns(struct diagnosis_run *r)
{
	const struct diagnosis_console *c = &r->facts->console;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_DNS_UNKNOWN);

	if (diagnosis_add_events(&f, c, CONSOLELOG_DNS_UNKNOWN, NULL) > 0)
		(void)diagnosis_add_events(&f, c, CONSOLELOG_DNS_RESOLVED, NULL);
	(void)diagnosis_seen_dns(r, &f);
	if (f.evidence_count == 0)
		return;
	if (r->facts->cluster.by_name)
		diagnosis_add(&f, "configurations name servers by name ([files] server-names)");
	diagnosis_tell(r, &f);
}

static void
find_no_address(struct diagnosis_run *r)
{
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_CAPF_NO_ADDRESS);

	(void)diagnosis_add_events(&f, &r->facts->console, CONSOLELOG_CAPF_NO_ADDRESS, NULL);
	if (r->is_found[DIAGNOSIS_DNS_UNKNOWN])
		f.cause = "the name of the CAPF server was not resolved (dns-unknown)";
	diagnosis_tell(r, &f);
}

/* --- the record --- */

static void
say_handed_without_record(struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct diagnosis_phone *p = &r->facts->phone;
	char when[TEXT_TIME_MAX];

	if (!diagnosis_is_pending(r->facts) || p->handed_count == 0)
		return;
	for (size_t i = 0; i < p->handed_count; i++)
		if (p->handed[i].has_capf)
			return;
	for (size_t i = 0; i < p->handed_count; i++)
		diagnosis_add(f, "%s version %llu, handed out at %s, has no CAPF record",
		    p->handed[i].kind, (unsigned long long)p->handed[i].version,
		    text_time(p->handed[i].at, when));
}

static void
find_no_record(struct diagnosis_run *r)
{
	const struct diagnosis_lists *l = &r->facts->lists;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_CAPF_NOT_IN_LIST);

	(void)diagnosis_add_events(&f, &r->facts->console, CONSOLELOG_CAPF_NONE, NULL);
	if (l->itl.is_given && !l->itl.is_bad && !l->itl.has_capf && !l->ctl.has_capf)
		diagnosis_add(
		    &f, "its %s no CAPF record", l->ctl.is_given ? "CTL and ITL have" : "ITL has");
	say_handed_without_record(r, &f);
	if (!r->facts->cluster.capf) {
		f.cause = "CAPF is off, so no list has a CAPF record";
		f.fix = "sealtone node set capf on, then reset the phone";
	}
	diagnosis_tell(r, &f);
}

static void
find_record_missing(struct diagnosis_run *r)
{
	const struct diagnosis_cluster *c = &r->facts->cluster;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_CAPF_RECORD_MISSING);

	if (c->capf && c->itl.is_there && !c->itl.is_bad && !c->itl.has_capf)
		diagnosis_add(
		    &f, "%s: role capf is on, the newest ITL has no CAPF record", c->node);
	diagnosis_tell(r, &f);
}

/* --- the connection --- */

static void
say_peer(const struct diagnosis_phone *p, struct diagnosis_finding *f)
{
	const struct diagnosis_contact *k = &p->contact;
	char when[TEXT_TIME_MAX];

	if (k->capf_at == 0 || (p->record != NULL && k->capf_at < p->record->operation_changed) ||
	    k->capf_at < p->attempt_at)
		return;
	diagnosis_add(f, "CAPF, %s: its address %s%s%s", text_time(k->capf_at, when),
	    k->capf_tls ? "began TLS, which failed" : "connected and said nothing",
	    k->capf != NULL && k->capf[0] != '\0' ? ": " : "", k->capf != NULL ? k->capf : "");
}

/* With lists that are refused as a whole, CAPF is the least of it. */
static void
say_boot(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct diagnosis_lists *l = &r->facts->lists;

	if (l->is_booted && l->boot.capf.how == TRUST_BOOT_REJECTED && l->itl.has_capf &&
	    !r->is_found[DIAGNOSIS_LIST_FOREIGN] && !r->is_found[DIAGNOSIS_SIGNER_REPLACED] &&
	    !r->is_found[DIAGNOSIS_LIST_REFUSED])
		diagnosis_add(
		    f, "with the list it holds it would refuse CAPF: %s", l->boot.capf.reason);
}

/* The certificate that the mode asks for is not there. */
static bool
lacks_certificate(const struct phone *p)
{
	return p != NULL && p->auth_mode == PHONE_AUTH_LSC && p->lsc_serial[0] == '\0';
}

/* Which of the five it is, as far as it can be told. */
static void
choose_pending(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct diagnosis_facts *facts = r->facts;

	if (r->is_found[DIAGNOSIS_DNS_UNKNOWN]) {
		f->cause = "a name is not resolved (dns-unknown)";
		f->fix = "as for dns-unknown";
	} else if (facts->lists.itl.is_bad) {
		f->cause = "the ITL that the phone holds is damaged";
		f->fix = "erase the trust list at the phone (sealtone report features has the keys "
			 "of its model); it takes ours at the next boot";
	} else if (r->is_found[DIAGNOSIS_LIST_FOREIGN]) {
		f->cause = "the ITL that the phone holds is another one (list-foreign)";
		f->fix = "as for list-foreign";
	} else if (facts->lists.is_booted && facts->lists.boot.capf.how == TRUST_BOOT_REJECTED) {
		f->cause =
		    "the CAPF record of the ITL that the phone holds is not that of the CAPF "
		    "certificate";
		f->fix = "reset the phone so that it takes the current list";
	} else if (diagnosis_events(&facts->console, CONSOLELOG_TVS_FAILED) > 0) {
		f->cause = "TVS fails, so nothing new can be vouched for";
		f->fix = "as for tvs-handshake";
	} else if (lacks_certificate(facts->phone.record)) {
		f->cause = "the mode is existing-lsc, and the phone has no LSC: it offers its MIC";
		f->fix = "sealtone phone set NAME --auth-mode null-string (or auth-string) "
			 "--operation install-upgrade";
	}
}

static void
choose_unreached(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct diagnosis_facts *facts = r->facts;

	if (!facts->cluster.capf) {
		f->cause = "CAPF is off";
		f->fix = "sealtone node set capf on, then reset the phone";
	} else if (facts->lists.is_booted && facts->lists.boot.capf.how == TRUST_BOOT_REJECTED) {
		f->cause = "the CAPF certificate in use is not that of the CAPF record of its list";
		f->fix = "reset the phone so that it takes the current list";
	}
}

static void
find_unreached(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	bool pending = diagnosis_is_pending(facts);
	struct diagnosis_finding f = diagnosis_new(
				     pending ? DIAGNOSIS_CAPF_PENDING : DIAGNOSIS_CAPF_UNREACHED),
				 seen = f;
	bool is_seen = diagnosis_seen_capf(r, &seen);

	if (diagnosis_add_events(&f, &facts->console, CONSOLELOG_LSC_UNREACHED, NULL) == 0 &&
	    !r->is_found[DIAGNOSIS_CAPF_NO_ADDRESS])
		(void)diagnosis_add_events(&f, &facts->console, CONSOLELOG_CAPF_FAILED, NULL);
	if (pending)
		say_peer(&facts->phone, &f);
	say_boot(r, &f);
	for (size_t i = 0; i < seen.evidence_count; i++)
		diagnosis_add(&f, "%s", seen.evidence[i]);
	if (f.evidence_count > 0 && facts->cluster.by_name)
		diagnosis_add(&f, "configurations name servers by name ([files] server-names)");
	if (pending)
		choose_pending(r, &f);
	else
		choose_unreached(r, &f);
	/* What is seen on the wire is nearer than what may be concluded. */
	if (is_seen && facts->cluster.capf && !r->is_found[DIAGNOSIS_DNS_UNKNOWN] &&
	    !r->is_found[DIAGNOSIS_LIST_FOREIGN]) {
		f.cause = seen.cause;
		f.fix = seen.fix;
	}
	diagnosis_tell(r, &f);
}

static void
find_busy(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_CAPF_BUSY);

	if (diagnosis_is_pending(facts) && facts->cluster.capf_over_limit > 0 &&
	    facts->phone.attempt_at < facts->phone.record->operation_changed)
		diagnosis_add(&f,
		    "%llu connections to CAPF were closed for a limit since sealtoned "
		    "started",
		    (unsigned long long)facts->cluster.capf_over_limit);
	diagnosis_tell(r, &f);
}

/* --- the mode --- */

/* The phone's own words for the modes (doc/protocols/capf.md 5.5). */
static const char *const modes[] = {
	[PHONE_AUTH_NULL_STRING] = "NULL_STR",
	[PHONE_AUTH_STRING] = "AUTH_STR",
	[PHONE_AUTH_LSC] = "LSC",
	[PHONE_AUTH_MIC] = "MIC",
};

static void
find_mode(struct diagnosis_run *r)
{
	const struct diagnosis_console *c = &r->facts->console;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_MODE_DIFFERS);
	const struct phone *p = r->facts->phone.record;

	if (!diagnosis_is_pending(r->facts))
		return;
	for (size_t i = 0; i < c->count; i++)
		if (c->event[i].kind == CONSOLELOG_CAPF_START &&
		    strcmp(c->event[i].what, modes[p->auth_mode]) != 0)
			diagnosis_add(&f, "console line %lu: mode %s; its record says %s",
			    c->event[i].line, c->event[i].what, phone_auth_name(p->auth_mode));
	diagnosis_tell(r, &f);
}

void
diagnosis_capf(struct diagnosis_run *r)
{
	find_dns(r);
	find_no_address(r);
	find_record_missing(r);
	find_no_record(r);
	find_unreached(r);
	find_busy(r);
	find_mode(r);
}
