#include "rules/diagnosis_internal.h"

#include "base/text.h"

#include <string.h>

/* How the certificate operation ended, and the certificates themselves: rows 3, 7 to 12, 14, 15
 * and 31 of the troubleshooting table. */

/* --- Unified CM's texts --- */

static const struct {
	const char *reason;
	enum diagnosis_kind kind;
} reasons[] = {
	{ "Late/Timedout", DIAGNOSIS_OPERATION_LATE },
	{ "Invalid LSC", DIAGNOSIS_LSC_INVALID },
	{ "Invalid MIC", DIAGNOSIS_MIC_INVALID },
	{ "Invalid Authentication String", DIAGNOSIS_STRING_INVALID },
	{ "Key Generation Failed", DIAGNOSIS_KEY_GENERATION },
	{ "CA Communication Failure", DIAGNOSIS_CA_FAILED },
	{ "CA Rejected Connection", DIAGNOSIS_CA_FAILED },
	{ "Invalid Credentials", DIAGNOSIS_CA_FAILED },
	{ "No Support for EC only", DIAGNOSIS_EC_ONLY },
	{ "Phone Communication Failure", DIAGNOSIS_SESSION_BROKEN },
	{ "Failed", DIAGNOSIS_OPERATION_FAILED },
};

/* How the operation, or the last attempt of one that is open, went wrong; NULL: it did not. */
static const char *
failure_of(const struct diagnosis_phone *p)
{
	if (p->record != NULL && strstr(p->record->operation_status, "Failed") != NULL)
		return p->record->operation_status;
	return p->failure != NULL && p->failure[0] != '\0' ? p->failure : NULL;
}

static enum diagnosis_kind
kind_of(const char *failure)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (strstr(failure, reasons[i].reason) != NULL)
			return reasons[i].kind;
	return DIAGNOSIS_OPERATION_FAILED;
}

static bool
is_past(time_t t, time_t now)
{
	return t != 0 && t < now;
}

static void
choose_certificate(const struct diagnosis_facts *f, struct diagnosis_finding *out)
{
	const struct diagnosis_phone *p = &f->phone;

	if (out->kind == DIAGNOSIS_LSC_INVALID && p->record != NULL) {
		if (is_past(p->record->lsc_not_after, f->now))
			out->cause = "the LSC has expired";
		else if (p->lsc_trusted == DIAGNOSIS_NO)
			out->cause = "the issuer of its LSC is not in capf-trust";
	}
	if (out->kind == DIAGNOSIS_MIC_INVALID) {
		if (is_past(p->mic_not_after, f->now))
			out->cause = "the MIC has expired; it cannot be replaced";
		else if (p->mic_trusted == DIAGNOSIS_NO)
			out->cause = "the root of its MIC is not in capf-trust";
	}
}

static void
choose_string(const struct diagnosis_facts *f, struct diagnosis_finding *out)
{
	const struct phone *p = f->phone.record;

	if (out->kind != DIAGNOSIS_STRING_INVALID || p == NULL || f->cluster.auth_string_tries == 0)
		return;
	if (p->auth_failures >= f->cluster.auth_string_tries) {
		out->cause = "the string is locked after wrong ones: even the right one is refused";
		diagnosis_add(out, "%u wrong strings, and [capf] auth-string-tries is %u",
		    p->auth_failures, f->cluster.auth_string_tries);
	}
}

static void
say_attempt(const struct diagnosis_phone *p, struct diagnosis_finding *f)
{
	char when[TEXT_TIME_MAX];

	if (p->attempt_at == 0 || p->attempt_reason == NULL || p->attempt_reason[0] == '\0')
		return;
	diagnosis_add(f, "CAPF, %s, from %s, step %s: %s", text_time(p->attempt_at, when),
	    p->attempt_address != NULL ? p->attempt_address : "?",
	    p->attempt_step != NULL ? p->attempt_step : "?", p->attempt_reason);
}

static void
find_failure(struct diagnosis_run *r)
{
	const struct diagnosis_phone *p = &r->facts->phone;
	const char *failure = failure_of(p);
	struct diagnosis_finding f =
	    diagnosis_new(failure != NULL ? kind_of(failure) : DIAGNOSIS_OPERATION_FAILED);

	if (failure != NULL) {
		diagnosis_add(&f, "Certificate Operation Status: %s", failure);
		say_attempt(p, &f);
	}
	(void)diagnosis_add_events(&f, &r->facts->console, CONSOLELOG_LSC_FAILED, NULL);
	choose_certificate(r->facts, &f);
	choose_string(r->facts, &f);
	diagnosis_tell(r, &f);
}

/* --- what it would be refused for --- */

/* The certificate that its mode offers will not do. */
static void
find_offered(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	const struct phone *p = facts->phone.record;
	enum diagnosis_kind kind;
	struct diagnosis_finding f;
	char when[TEXT_TIME_MAX];
	bool by_lsc;

	if (!diagnosis_is_pending(facts) ||
	    (p->auth_mode != PHONE_AUTH_LSC && p->auth_mode != PHONE_AUTH_MIC))
		return;
	by_lsc = p->auth_mode == PHONE_AUTH_LSC && p->lsc_serial[0] != '\0';
	kind = by_lsc ? DIAGNOSIS_LSC_INVALID : DIAGNOSIS_MIC_INVALID;
	if (r->is_found[kind])
		return;
	f = diagnosis_new(kind);
	if (by_lsc && is_past(p->lsc_not_after, facts->now))
		diagnosis_add(&f, "%s: its LSC %s ended at %s", phone_auth_name(p->auth_mode),
		    p->lsc_serial, text_time(p->lsc_not_after, when));
	else if (by_lsc && facts->phone.lsc_trusted == DIAGNOSIS_NO)
		diagnosis_add(&f, "%s: its LSC %s leads to no certificate of capf-trust",
		    phone_auth_name(p->auth_mode), p->lsc_serial);
	else if (!by_lsc && is_past(facts->phone.mic_not_after, facts->now))
		diagnosis_add(&f, "%s: its MIC ended at %s", phone_auth_name(p->auth_mode),
		    text_time(facts->phone.mic_not_after, when));
	else if (!by_lsc && facts->phone.mic_trusted == DIAGNOSIS_NO)
		diagnosis_add(&f, "%s: its MIC leads to no certificate of capf-trust",
		    phone_auth_name(p->auth_mode));
	choose_certificate(facts, &f);
	diagnosis_tell(r, &f);
}

static void
find_expired(struct diagnosis_run *r)
{
	const struct phone *p = r->facts->phone.record;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_LSC_EXPIRED);
	char when[TEXT_TIME_MAX];

	if (p != NULL && p->lsc_serial[0] != '\0' && is_past(p->lsc_not_after, r->facts->now) &&
	    !r->is_found[DIAGNOSIS_LSC_INVALID])
		diagnosis_add(
		    &f, "LSC %s ended at %s", p->lsc_serial, text_time(p->lsc_not_after, when));
	(void)diagnosis_seen_lsc_expired(r, &f);
	diagnosis_tell(r, &f);
}

/* --- at the call manager --- */

static void
find_foreign(struct diagnosis_run *r)
{
	const struct diagnosis_console *c = &r->facts->console;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_LSC_FOREIGN);
	const struct phone *p = r->facts->phone.record;

	for (size_t i = 0; i < c->count; i++)
		if (c->event[i].kind == CONSOLELOG_ALERT &&
		    strstr(c->event[i].what, "unknown CA") != NULL)
			diagnosis_add(
			    &f, "console line %lu: %s", c->event[i].line, c->event[i].text);
	if (f.evidence_count > 0)
		(void)diagnosis_add_events(&f, c, CONSOLELOG_OWN_CERT, NULL);
	(void)diagnosis_seen_lsc_refused(r, &f);
	if (f.evidence_count > 0) {
		if (p != NULL && p->lsc_serial[0] == '\0')
			diagnosis_add(&f, "no LSC of this cluster is on record for it");
	}
	diagnosis_tell(r, &f);
}

static void
find_none(struct diagnosis_run *r)
{
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_LSC_NONE);

	(void)diagnosis_add_events(&f, &r->facts->console, CONSOLELOG_NO_LSC, NULL);
	(void)diagnosis_seen_no_lsc(r, &f);
	diagnosis_tell(r, &f);
}

static void
find_replaced(struct diagnosis_run *r)
{
	enum { DAY = 86400 };
	const struct diagnosis_facts *facts = r->facts;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_CAPF_REPLACED);
	char when[TEXT_TIME_MAX];

	if (facts->cluster.capf_replaced != 0 && facts->cluster.capf_replaced + DAY > facts->now)
		diagnosis_add(&f, "the CAPF certificate was replaced at %s",
		    text_time(facts->cluster.capf_replaced, when));
	diagnosis_tell(r, &f);
}

void
diagnosis_operations(struct diagnosis_run *r)
{
	find_failure(r);
	find_offered(r);
	find_expired(r);
	find_foreign(r);
	find_none(r);
	find_replaced(r);
}
