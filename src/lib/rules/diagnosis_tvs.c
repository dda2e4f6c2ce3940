#include "rules/diagnosis_internal.h"

#include "base/text.h"

#include <string.h>

/* TVS, HTTPS, and what a configuration is made of: rows 19 to 21 and 38 to 40 of the
 * troubleshooting table. */

/* --- HTTPS --- */

/* The certificates of HTTPS servers for which nobody vouched afterwards. */
static size_t
say_https(const struct diagnosis_console *c, struct diagnosis_finding *f)
{
	size_t open = 0;

	for (size_t i = 0; i < c->count; i++) {
		bool vouched = false;

		if (c->event[i].kind != CONSOLELOG_HTTPS_UNKNOWN)
			continue;
		for (size_t k = i + 1;
		     k < c->count && !vouched && c->event[k].kind != CONSOLELOG_HTTPS_UNKNOWN; k++)
			vouched = c->event[k].kind == CONSOLELOG_HTTPS_BY_TVS;
		if (vouched)
			continue;
		open++;
		diagnosis_add(f, "console line %lu: %s", c->event[i].line, c->event[i].text);
	}
	return open + diagnosis_add_events(f, c, CONSOLELOG_HOST_NOT_FOUND, NULL);
}

static void
choose_host(const struct diagnosis_run *r, struct diagnosis_finding *f)
{
	const struct diagnosis_console *c = &r->facts->console;

	if (!r->facts->cluster.tvs) {
		f->cause = "TVS is off on this node";
		f->fix = "sealtone node set tvs on, then reset the phone";
	} else if (r->is_found[DIAGNOSIS_DNS_UNKNOWN]) {
		f->cause = "the name of TVS is not resolved (dns-unknown)";
		f->fix = "as for dns-unknown";
	} else if (diagnosis_events(c, CONSOLELOG_TVS_REFUSED) > 0 ||
		   diagnosis_events(c, CONSOLELOG_TVS_NOT_FOUND) > 0) {
		f->cause = "TVS does not know the certificate of the HTTPS server";
		f->fix = "sealtone trust add phone-trust FILE with it, on the server that answers";
	} else if (diagnosis_events(c, CONSOLELOG_TVS_FAILED) > 0) {
		f->cause = "no TLS connection to TVS came about";
		f->fix = "as for tvs-handshake; open port 2445";
	} else if (diagnosis_events(c, CONSOLELOG_TVS_ASKED) > 0 &&
		   diagnosis_events(c, CONSOLELOG_TVS_CONNECT) == 0) {
		f->cause =
		    "the phone has no TVS server: it has XMLDefault.cnf.xml only, or a group "
		    "without one";
		f->fix = "give it a configuration of its own (sealtone phone show NAME says which "
			 "one it gets), then reset it";
	}
}

static void
find_host(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	struct diagnosis_finding f =
	    diagnosis_new(facts->cluster.rollback ? DIAGNOSIS_ROLLBACK : DIAGNOSIS_HOST_NOT_FOUND);
	bool is_said = say_https(&facts->console, &f) > 0, is_seen = diagnosis_seen_tvs_away(r, &f);

	if (!is_said && !is_seen)
		return;
	if (facts->cluster.rollback)
		diagnosis_add(&f, "the cluster is prepared for rollback");
	else if (!is_seen || !facts->cluster.tvs)
		choose_host(r, &f);
	diagnosis_tell(r, &f);
}

/* --- TVS --- */

/* About as old as the last that was heard of the phone: what was mended since is not told. */
static bool
is_recent(const struct diagnosis_facts *f, time_t at)
{
	enum { DAY = 86400 };

	return at != 0 && (f->phone.record == NULL || at + DAY >= f->phone.record->last_seen);
}

static void
find_handshake(struct diagnosis_run *r)
{
	const struct diagnosis_contact *k = &r->facts->phone.contact;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_TVS_HANDSHAKE);
	char when[TEXT_TIME_MAX];

	(void)diagnosis_add_events(&f, &r->facts->console, CONSOLELOG_TVS_FAILED, NULL);
	if (is_recent(r->facts, k->alert_at) && k->alert_at > k->question_at)
		diagnosis_add(&f, "TVS, %s: a handshake with its address failed: %s",
		    text_time(k->alert_at, when), k->alert != NULL ? k->alert : "");
	(void)diagnosis_seen_tvs_refused(r, &f);
	diagnosis_tell(r, &f);
}

static void
find_unknown(struct diagnosis_run *r)
{
	const struct diagnosis_console *c = &r->facts->console;
	const struct diagnosis_contact *k = &r->facts->phone.contact;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_TVS_UNKNOWN);
	char when[TEXT_TIME_MAX];

	if (is_recent(r->facts, k->question_at) && !k->is_known)
		diagnosis_add(&f, "TVS, %s: its address asked about %s, which is in no store",
		    text_time(k->question_at, when),
		    k->certificate != NULL && k->certificate[0] != '\0' ? k->certificate
									: "a certificate");
	(void)diagnosis_add_events(&f, c, CONSOLELOG_TVS_NOT_FOUND, NULL);
	if (!r->is_found[DIAGNOSIS_HOST_NOT_FOUND] && !r->is_found[DIAGNOSIS_LIST_REFUSED] &&
	    !r->is_found[DIAGNOSIS_FILE_REFUSED])
		(void)diagnosis_add_events(&f, c, CONSOLELOG_TVS_REFUSED, NULL);
	if (f.evidence_count > 0)
		(void)diagnosis_add_events(&f, c, CONSOLELOG_CERTIFICATE, NULL);
	diagnosis_tell(r, &f);
}

static void
find_off(struct diagnosis_run *r)
{
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_TVS_OFF);

	if (!r->facts->cluster.tvs && !r->is_found[DIAGNOSIS_HOST_NOT_FOUND])
		diagnosis_add(&f, "%s: role tvs is off", r->facts->cluster.node);
	diagnosis_tell(r, &f);
}

void
diagnosis_tvs(struct diagnosis_run *r)
{
	find_host(r);
	find_handshake(r);
	find_unknown(r);
	find_off(r);
}

/* --- configuration --- */

/* The number of a line from which on the console shows that it has a list; 0: it does not. */
static unsigned long
has_list_since(const struct diagnosis_console *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->event[i].kind == CONSOLELOG_LIST_TAKEN)
			return c->event[i].line;
	return 0;
}

static bool
is_plain_config(const char *name)
{
	size_t n = strlen(name), m = strlen(".cnf.xml");

	return strncmp(name, "SEP", 3) == 0 && n > m && strcmp(name + n - m, ".cnf.xml") == 0;
}

static void
find_plain(struct diagnosis_run *r)
{
	const struct diagnosis_console *c = &r->facts->console;
	const struct diagnosis_phone *p = &r->facts->phone;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_PLAIN_ASKED);
	unsigned long since = has_list_since(c);

	if (p->wants_encryption && p->model != NULL && !model_takes_encrypted_config(p->model)) {
		f.cause = "its model takes no encrypted configuration";
		f.fix = "a profile without encrypted-config";
		diagnosis_add(&f, "model %s, and its profile asks for encrypted configurations",
		    p->model->name);
	}
	for (size_t i = 0; since != 0 && i < c->count; i++)
		if (c->event[i].kind == CONSOLELOG_ASKED && c->event[i].line > since &&
		    is_plain_config(c->event[i].what) &&
		    (p->record == NULL || !p->record->released))
			diagnosis_add(
			    &f, "console line %lu: %s", c->event[i].line, c->event[i].text);
	(void)diagnosis_seen_plain(r, &f);
	diagnosis_tell(r, &f);
}

static void
find_not_opened(struct diagnosis_run *r)
{
	const struct diagnosis_phone *p = &r->facts->phone;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_NOT_OPENED);

	(void)diagnosis_add_events(&f, &r->facts->console, CONSOLELOG_NOT_OPENED, NULL);
	if (p->wants_encryption && p->no_recipient != NULL && p->no_recipient[0] != '\0' &&
	    !r->is_found[DIAGNOSIS_PLAIN_ASKED]) {
		diagnosis_add(&f, "%s", p->no_recipient);
		f.cause = "no certificate is known that its configuration can be encrypted for";
	}
	diagnosis_tell(r, &f);
}

static void
find_faults(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	struct diagnosis_finding fault = diagnosis_new(DIAGNOSIS_CONFIG_FAULT),
				 expired = diagnosis_new(DIAGNOSIS_CERT_EXPIRED),
				 never = diagnosis_new(DIAGNOSIS_NEVER_SEEN);
	char when[TEXT_TIME_MAX];

	if (facts->phone.config_fault != NULL && facts->phone.config_fault[0] != '\0')
		diagnosis_add(&fault, "%s", facts->phone.config_fault);
	for (size_t i = 0; i < facts->cluster.expired_count; i++)
		diagnosis_add(&expired, "%s ended at %s", facts->cluster.expired[i].what,
		    text_time(facts->cluster.expired[i].not_after, when));
	if (facts->phone.record != NULL && facts->phone.record->last_seen == 0)
		diagnosis_add(&never, "no file was asked for under its name");
	diagnosis_tell(r, &fault);
	diagnosis_tell(r, &expired);
	diagnosis_tell(r, &never);
}

void
diagnosis_config(struct diagnosis_run *r)
{
	find_plain(r);
	find_not_opened(r);
	find_faults(r);
}
