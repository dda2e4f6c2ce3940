#include "rules/diagnosis_internal.h"

#include <string.h>

/* What a packet capture shows of connections: CAPF, TVS, HTTPS and the call manager: rows 2, 4, 14
 * to 16, 19 and 20 of the troubleshooting table. */

/* Alerts about a certificate, RFC 5246 7.2. */
enum {
	FATAL = 2,
	BAD_CERTIFICATE = 42,
	UNSUPPORTED_CERTIFICATE,
	CERTIFICATE_REVOKED,
	CERTIFICATE_EXPIRED,
	CERTIFICATE_UNKNOWN,
	UNKNOWN_CA = 48,
};

static bool
is_distrust(const struct captured_alert *a)
{
	return (a->alert.description >= BAD_CERTIFICATE &&
		   a->alert.description <= CERTIFICATE_UNKNOWN) ||
	       a->alert.description == UNKNOWN_CA;
}

/* --- evidence --- */

static const char *
alert_name(const struct captured_alert *a)
{
	const char *name = tlsseen_alert_name(a->alert.description);

	return name != NULL ? name : "an alert without a name";
}

static void
say_connections(struct diagnosis_finding *f, const struct captured_server *s, const char *what)
{
	char server[PACKET_ADDRESS_TEXT];
	unsigned known = s->established + s->refused;

	diagnosis_add(f,
	    "capture packet %zu: %s at %s: %u tried, %u established, %u refused, %u not "
	    "answered%s",
	    s->packet, captured_service_name(s->service), packet_address_text(&s->address, server),
	    s->tries, s->established, s->refused, s->tries > known ? s->tries - known : 0, what);
}

static void
say_alert(
    struct diagnosis_finding *f, const struct captured_server *s, const struct captured_alert *a)
{
	char server[PACKET_ADDRESS_TEXT];

	diagnosis_add(f, "capture, from packet %zu: %s at %s: the %s ended TLS with \"%s\"",
	    s->packet, captured_service_name(s->service), packet_address_text(&s->address, server),
	    a->by_phone ? "phone" : "server", alert_name(a));
}

static void
say_certificate(struct diagnosis_finding *f, const struct captured_server *s, const char *who,
    const struct cert *c, const char *what)
{
	char server[PACKET_ADDRESS_TEXT];

	diagnosis_add(f, "capture, from packet %zu: %s at %s: the %s showed %.80s, by %.80s%s%.80s",
	    s->packet, captured_service_name(s->service), packet_address_text(&s->address, server),
	    who, cert_subject_cucm(c), cert_issuer_cucm(c), what[0] != '\0' ? ": " : "", what);
}

/* The alerts of one side that ended connections; only those about certificates, or all. */
static bool
say_alerts(
    struct diagnosis_finding *f, const struct captured_server *s, bool by_phone, bool only_distrust)
{
	bool found = false;

	for (size_t i = 0; i < s->alerts; i++) {
		const struct captured_alert *a = &s->alert[i];

		if (a->by_phone != by_phone || a->alert.level != FATAL ||
		    (only_distrust && !is_distrust(a)))
			continue;
		say_alert(f, s, a);
		found = true;
	}
	return found;
}

/* Connections to a service, one after the other; NULL: no more. */
static const struct captured_server *
next_of(const struct diagnosis_run *r, enum captured_service service, size_t *i)
{
	const struct captured_phone *seen = r->facts->capture.seen;

	while (seen != NULL && *i < seen->servers) {
		const struct captured_server *s = &seen->server[(*i)++];

		if (s->service == service)
			return s;
	}
	return NULL;
}

static bool
is_away(const struct captured_server *s)
{
	return s->tries > 0 && s->established == 0;
}

/* --- CAPF --- */

/* What is wrong with the connections to one CAPF server. */
static bool
judge_capf(const struct captured_server *s, struct diagnosis_finding *f)
{
	if (is_away(s)) {
		say_connections(f, s, "");
		f->cause = s->refused > 0
			       ? "nothing listens on port 3804 of the address that it calls"
			       : "port 3804 is blocked, or its address is nobody's";
		f->fix = s->refused > 0
			     ? "sealtone node set capf on; sealtone status; look at the address in "
			       "its configuration"
			     : "open port 3804 (TCP) between phone and server, in both directions";
		return true;
	}
	if (s->judged && !s->matches) {
		say_certificate(f, s, "server", s->server.cert, s->reason);
		f->cause = "the CAPF certificate in use is not that of the CAPF record of its list";
		f->fix = "reset the phone so that it takes the current list";
		return true;
	}
	if (say_alerts(f, s, true, true)) {
		f->cause = "the phone does not know the certificate that CAPF shows";
		f->fix = "reset the phone so that it takes the current list; with --itl FILE it is "
			 "said whether its list has the record";
		return true;
	}
	if (s->established > 0 && !s->both_ways) {
		say_connections(f, s, "; data did not go both ways");
		f->cause = "data goes one way only on port 3804";
		f->fix = "look for a firewall or a path with losses (MTU) between phone and server";
		return true;
	}
	return false;
}

bool
diagnosis_seen_capf(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct captured_server *s;
	bool found = false;

	for (size_t i = 0; (s = next_of(r, CAPTURED_CAPF, &i)) != NULL;)
		found |= judge_capf(s, f);
	return found;
}

/* --- TVS --- */

/* Of our TVS servers not one was reached; one is enough for a phone. */
bool
diagnosis_seen_tvs_away(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct diagnosis_capture *c = &r->facts->capture;
	const struct captured_server *s;
	size_t away = 0, refused = 0;

	for (size_t i = 0; (s = next_of(r, CAPTURED_TVS, &i)) != NULL;) {
		if (!diagnosis_is_own(c, &s->address))
			continue;
		if (!is_away(s))
			return false;
		away++;
		refused += s->refused > 0;
	}
	if (away == 0)
		return false;
	for (size_t i = 0; (s = next_of(r, CAPTURED_TVS, &i)) != NULL;)
		if (diagnosis_is_own(c, &s->address))
			say_connections(f, s, "");
	f->cause = refused > 0 ? "TVS does not run where the phone asks for it"
			       : "port 2445 is blocked between the phone and TVS";
	f->fix = refused > 0 ? "sealtone status; sealtone node set tvs on"
			     : "open port 2445 (TCP) between phone and server";
	return true;
}

bool
diagnosis_seen_tvs_refused(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct diagnosis_capture *c = &r->facts->capture;
	const struct captured_server *s;
	bool found = false;

	for (size_t i = 0; (s = next_of(r, CAPTURED_TVS, &i)) != NULL;) {
		bool differs = s->judged && !s->matches;

		if (!diagnosis_is_own(c, &s->address))
			continue;
		if (differs) {
			say_certificate(f, s, "server", s->server.cert, s->reason);
			f->cause = "the certificate that TVS shows is in no TVS record of the "
				   "phone's list";
			f->fix = "reset the phone: it may take the current list without TVS; "
				 "sealtone explain NAME FILE says whether it does";
		}
		found = say_alerts(f, s, true, false) || found || differs;
		found = say_alerts(f, s, false, false) || found;
	}
	return found;
}

/* --- whose lists it holds --- */

/* It asks a TVS server that is not ours and none that is, or did not know the certificate of our
 * server of files. */
bool
diagnosis_seen_foreign(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct diagnosis_capture *c = &r->facts->capture;
	const struct captured_server *s;
	bool asks_ours = false, found = false;

	for (size_t i = 0; (s = next_of(r, CAPTURED_TVS, &i)) != NULL;)
		asks_ours |= diagnosis_is_own(c, &s->address);
	for (size_t i = 0; !asks_ours && (s = next_of(r, CAPTURED_TVS, &i)) != NULL;) {
		say_connections(f, s, "; it is no server of this cluster");
		found = true;
	}
	for (size_t i = 0; !asks_ours && (s = next_of(r, CAPTURED_HTTPS, &i)) != NULL;)
		if (diagnosis_is_own(c, &s->address) && say_alerts(f, s, true, true))
			found = true;
	return found;
}

/* --- the call manager --- */

static const enum captured_service calls[] = { CAPTURED_SCCP, CAPTURED_SIP };

#define CALLS (sizeof calls / sizeof calls[0])

static bool
is_expired(const struct diagnosis_run *r, const struct captured_server *s)
{
	return s->phone.cert != NULL && cert_not_after(s->phone.cert) < r->facts->now;
}

static const char *
kind_of(const struct captured_server *s)
{
	return captured_is_mic(s->phone.cert) ? "its MIC" : "its LSC";
}

bool
diagnosis_seen_lsc_refused(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct captured_server *s;
	bool found = false;

	for (size_t k = 0; k < CALLS; k++)
		for (size_t i = 0; (s = next_of(r, calls[k], &i)) != NULL;) {
			if (is_expired(r, s) || !say_alerts(f, s, false, true))
				continue;
			found = true;
			if (s->phone.cert == NULL)
				continue;
			say_certificate(f, s, "phone", s->phone.cert, kind_of(s));
			if (captured_is_mic(s->phone.cert)) {
				f->cause = "the phone shows its MIC, and the call manager does not "
					   "trust the manufacturer";
				f->fix = "an LSC: sealtone phone set NAME --operation "
					 "install-upgrade; or give the call manager the roots of "
					 "MICs";
			}
		}
	return found;
}

bool
diagnosis_seen_lsc_expired(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct captured_server *s;
	bool found = false;

	for (size_t k = 0; k < CALLS; k++)
		for (size_t i = 0; (s = next_of(r, calls[k], &i)) != NULL;)
			if (is_expired(r, s) && !captured_is_mic(s->phone.cert)) {
				say_certificate(f, s, "phone", s->phone.cert, "it has expired");
				found = true;
			}
	return found;
}

bool
diagnosis_seen_no_lsc(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct captured_server *s;
	bool found = false;

	for (size_t k = 0; k < CALLS; k++)
		for (size_t i = 0; (s = next_of(r, calls[k], &i)) != NULL;) {
			if (s->phone.sight == CAPTURED_EMPTY)
				say_connections(f, s, "; the phone has no certificate to show");
			else if (s->phone.cert != NULL && captured_is_mic(s->phone.cert))
				say_certificate(f, s, "phone", s->phone.cert, "its MIC");
			else
				continue;
			found = true;
		}
	return found;
}

void
diagnosis_captured_calls(struct diagnosis_run *r)
{
	struct diagnosis_finding away = diagnosis_new(DIAGNOSIS_CALLMANAGER_UNREACHED),
				 unknown = diagnosis_new(DIAGNOSIS_CALLMANAGER_UNKNOWN);
	const struct captured_server *s;
	bool reached = false;

	for (size_t k = 0; k < CALLS; k++)
		for (size_t i = 0; (s = next_of(r, calls[k], &i)) != NULL;) {
			reached |= !is_away(s);
			if (is_away(s))
				say_connections(&away, s, "");
			if (say_alerts(&unknown, s, true, true) && s->server.cert != NULL)
				say_certificate(&unknown, s, "server", s->server.cert, "");
		}
	if (!reached) /* one call manager of its group is enough */
		diagnosis_tell(r, &away);
	diagnosis_tell(r, &unknown);
}
