#include "rules/diagnosis_internal.h"

#include "base/text.h"

#include <string.h>

/* Whose lists the phone holds, and what it refuses for them. */

#define RESET_HIM "then reset the phone"
#define ERASE_CTL \
	"sealtone ctl set-cluster mixed-mode for a CTL that names the key, or erase the CTL at " \
	"the phone (sealtone report features has the keys of its model)"

#define FALL_BACK_S 60 /* from a failed handshake to the next way of asking */

static bool
is_signed(const char *form)
{
	static const char *const forms[] = { "signed", "stub-signed", "encrypted" };

	for (size_t i = 0; form != NULL && i < sizeof forms / sizeof forms[0]; i++)
		if (strcmp(form, forms[i]) == 0)
			return true;
	return false;
}

static bool
boot_refuses_list(const struct diagnosis_lists *l)
{
	return l->is_booted &&
	       (l->boot.itl.how == TRUST_BOOT_REJECTED || l->boot.ctl.how == TRUST_BOOT_REJECTED);
}

/* A list from the phone that is neither ours nor empty, and for which it refuses ours. */
static void
say_foreign_file(const struct diagnosis_lists *l, struct diagnosis_finding *f)
{
	const struct diagnosis_held *const both[] = { &l->ctl, &l->itl };

	if (!boot_refuses_list(l))
		return;
	for (size_t i = 0; i < 2; i++)
		if (both[i]->is_given && !both[i]->is_bad && both[i]->version == 0 &&
		    !both[i]->signer_replaced)
			diagnosis_add(f, "the %s from the phone is none of ours: signed by %s",
			    i == 0 ? "CTL" : "ITL",
			    both[i]->signer != NULL ? both[i]->signer : "?");
	if (f->evidence_count > 0)
		diagnosis_add(f, "ours would be refused: %s",
		    l->boot.itl.reason[0] != '\0' ? l->boot.itl.reason : l->boot.ctl.reason);
}

/* A phone asks for signed files because of a list; when it was never handed one of ours, it has
 * somebody else's. */
static void
say_signed_without_list(const struct diagnosis_phone *p, struct diagnosis_finding *f)
{
	char when[TEXT_TIME_MAX];

	if (p->handed_count > 0 || !is_signed(p->config_form) || p->contact.question_at != 0 ||
	    p->attempt_at != 0)
		return;
	diagnosis_add(f,
	    "it fetched its configuration (%s) at %s, and was never handed a list of ours",
	    p->config_form, text_time(p->config_at, when));
	diagnosis_add(f, "its address never asked our TVS");
}

/* The peer did not trust the certificate that it was shown (doc/protocols/tls.md 9, assumed). */
static bool
is_distrust(const char *alert)
{
	return alert != NULL && strcasestr(alert, "alert") != NULL &&
	       (strcasestr(alert, "certificate") != NULL ||
		   strcasestr(alert, "unknown ca") != NULL);
}

/* It ended a handshake with our server of files, and fetched its configuration without TLS right
 * after that. */
static bool
fell_back(const struct diagnosis_phone *p)
{
	const struct diagnosis_contact *k = &p->contact;

	return is_distrust(k->https) && is_signed(p->config_form) && p->config_at >= k->https_at &&
	       p->config_at <= k->https_at + FALL_BACK_S;
}

/* A phone that had taken a list of ours would know the certificate of our server of files. */
static void
say_https_refused(const struct diagnosis_phone *p, struct diagnosis_finding *f)
{
	const struct diagnosis_contact *k = &p->contact;
	char when[TEXT_TIME_MAX], fetched[TEXT_TIME_MAX];

	if (k->https_at == 0 || p->handed_count == 0 || k->https_at < p->handed[0].first ||
	    k->question_at >= k->https_at || !fell_back(p))
		return;
	diagnosis_add(f, "HTTPS, %s: its address ended the handshake: %s",
	    text_time(k->https_at, when), k->https);
	diagnosis_add(f, "it then fetched its configuration (%s) without TLS at %s", p->config_form,
	    text_time(p->config_at, fetched));
	diagnosis_add(f, "its address did not ask our TVS since");
}

static void
find_foreign(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_LIST_FOREIGN);

	say_foreign_file(&facts->lists, &f);
	/* There is no bridge from a CTL of others. */
	if (f.evidence_count > 0 && facts->lists.itl.key_here && !facts->lists.ctl.is_given) {
		diagnosis_add(&f, "a key that its ITL names is here");
		f.fix = "sealtone phone holds NAME FILE, with the ITL that was given, " RESET_HIM
			" twice";
	}
	if (!facts->lists.itl.is_given && !facts->lists.ctl.is_given) {
		say_signed_without_list(&facts->phone, &f);
		say_https_refused(&facts->phone, &f);
		(void)diagnosis_seen_foreign(r, &f);
	}
	diagnosis_tell(r, &f);
}

/* A signer of ours by its name, not by its serial. */
static void
find_replaced(struct diagnosis_run *r)
{
	const struct diagnosis_lists *l = &r->facts->lists;
	const struct diagnosis_held *h = l->ctl.signer_replaced ? &l->ctl : &l->itl;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_SIGNER_REPLACED);

	if (boot_refuses_list(l) && h->signer_replaced)
		diagnosis_add(&f, "the %s from the phone is signed by %s with another serial",
		    h == &l->ctl ? "CTL" : "ITL", h->signer != NULL ? h->signer : "?");
	diagnosis_tell(r, &f);
}

static void
find_refused(struct diagnosis_run *r)
{
	const struct diagnosis_lists *l = &r->facts->lists;
	const struct diagnosis_console *c = &r->facts->console;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_LIST_REFUSED);

	(void)diagnosis_add_events(&f, c, CONSOLELOG_LIST_REFUSED, NULL);
	(void)diagnosis_add_events(&f, c, CONSOLELOG_SIGNER_UNKNOWN, ".tlv");
	if (f.evidence_count > 0) {
		(void)diagnosis_add_events(&f, c, CONSOLELOG_SIGNER, NULL);
		(void)diagnosis_add_events(&f, c, CONSOLELOG_TVS_REFUSED, NULL);
	}
	if (!l->itl.is_given && !l->ctl.is_given && r->facts->phone.lost != NULL)
		diagnosis_add(&f, "with lists that it was handed it may refuse ours: %s",
		    r->facts->phone.lost);
	if (boot_refuses_list(l) && !r->is_found[DIAGNOSIS_LIST_FOREIGN] &&
	    !r->is_found[DIAGNOSIS_SIGNER_REPLACED])
		diagnosis_add(&f, "with the lists it holds it would refuse ours: %s",
		    l->boot.itl.how == TRUST_BOOT_REJECTED ? l->boot.itl.reason
							   : l->boot.ctl.reason);
	if (r->is_found[DIAGNOSIS_LIST_FOREIGN]) {
		f.cause = "the phone holds a list of another cluster (list-foreign)";
		f.fix = "as for list-foreign";
	}
	diagnosis_tell(r, &f);
}

/* --- files --- */

static bool
is_released(const struct diagnosis_phone *p)
{
	return p->record != NULL && p->record->released;
}

/* What empties its ITL can be ended; a phone whose ITL is full takes no configuration for other
 * reasons. */
static void
find_no_config(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	const struct diagnosis_lists *l = &facts->lists;
	const char *why = facts->cluster.rollback      ? "rollback is prepared"
			  : is_released(&facts->phone) ? "it is released"
						       : NULL;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_NO_CONFIG);

	if (!l->ctl.is_given && facts->phone.no_config)
		diagnosis_add(&f,
		    "with lists that it was handed it takes what it is handed now%s%s, and then no "
		    "key that can sign its configuration is in its CTL",
		    why != NULL ? ": " : "", why != NULL ? why : "");
	if (why != NULL && l->is_booted && trust_boot_is_taken(&l->boot.itl) &&
	    l->boot.config.how == TRUST_BOOT_REJECTED)
		diagnosis_add(&f,
		    "%s; with the lists it holds it takes the empty one, and then refuses its "
		    "configuration: %s",
		    why, l->boot.config.reason);
	if (facts->cluster.rollback)
		f.fix =
		    "sealtone rollback end, " RESET_HIM "; where rollback has to go on: " ERASE_CTL;
	else if (why != NULL)
		f.fix = "take it back (sealtone phone add NAME), " RESET_HIM "; where it has to "
			"go: " ERASE_CTL;
	diagnosis_tell(r, &f);
}

static void
find_config_refused(struct diagnosis_run *r)
{
	const struct diagnosis_console *c = &r->facts->console;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_FILE_REFUSED);

	(void)diagnosis_add_events(&f, c, CONSOLELOG_SIGNER_UNKNOWN, ".cnf.xml");
	(void)diagnosis_add_events(&f, c, CONSOLELOG_FILE_REFUSED, ".cnf.xml");
	if (f.evidence_count > 0)
		for (size_t i = 0; i < c->count; i++)
			if (c->event[i].kind == CONSOLELOG_ASKED && c->event[i].other[0] != '\0' &&
			    strstr(c->event[i].what, ".cnf.xml") != NULL)
				diagnosis_add(&f, "console line %lu: asked %s", c->event[i].line,
				    c->event[i].other);
	if (r->is_found[DIAGNOSIS_LIST_FOREIGN]) {
		f.cause = "the phone holds a list of another cluster (list-foreign)";
		f.fix = "as for list-foreign";
	} else if (r->is_found[DIAGNOSIS_NO_CONFIG]) {
		f.cause = "no list that the phone holds names our key (no-configuration)";
		f.fix = "as for no-configuration";
	}
	diagnosis_tell(r, &f);
}

static bool
is_common(const char *name)
{
	return name[0] != '\0' && strstr(name, ".tlv") == NULL && strstr(name, ".cnf.xml") == NULL;
}

static void
find_common_refused(struct diagnosis_run *r)
{
	const struct diagnosis_console *c = &r->facts->console;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_COMMON_FILE_REFUSED);

	for (size_t i = 0; i < c->count; i++)
		if ((c->event[i].kind == CONSOLELOG_SIGNER_UNKNOWN ||
			c->event[i].kind == CONSOLELOG_FILE_REFUSED) &&
		    is_common(c->event[i].what))
			diagnosis_add(
			    &f, "console line %lu: %s", c->event[i].line, c->event[i].text);
	diagnosis_tell(r, &f);
}

static void
find_ignored(struct diagnosis_run *r)
{
	const struct diagnosis_facts *facts = r->facts;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_SETTINGS_IGNORED);
	char set[TEXT_TIME_MAX], fetched[TEXT_TIME_MAX];

	if (r->is_found[DIAGNOSIS_LIST_FOREIGN] || r->is_found[DIAGNOSIS_FILE_REFUSED] ||
	    r->is_found[DIAGNOSIS_NO_CONFIG])
		return;
	if (diagnosis_ignores_operation(facts)) {
		diagnosis_add(&f, "%s was set at %s, and it fetched its configuration at %s",
		    phone_operation_name(facts->phone.record->operation),
		    text_time(facts->phone.record->operation_changed, set),
		    text_time(facts->phone.config_at, fetched));
		diagnosis_add(&f, "it did not come to CAPF since");
	}
	if (facts->lists.is_booted && facts->lists.boot.config.how == TRUST_BOOT_REJECTED)
		diagnosis_add(&f, "with the lists it holds it would refuse its configuration: %s",
		    facts->lists.boot.config.reason);
	diagnosis_tell(r, &f);
}

/* --- lists that were handed out --- */

/* The lists of two servers, one after the other. */
static void
find_alternating(struct diagnosis_run *r)
{
	const struct diagnosis_phone *p = &r->facts->phone;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_LISTS_ALTERNATE);
	bool differ = false;
	char when[TEXT_TIME_MAX];

	for (size_t i = 1; i < p->handed_count; i++)
		differ |= strcmp(p->handed[i].node, p->handed[0].node) != 0;
	for (size_t i = 0; differ && i < p->handed_count; i++)
		diagnosis_add(&f, "at %s the list of %s", text_time(p->handed[i].at, when),
		    p->handed[i].node);
	(void)diagnosis_seen_two_itls(r, &f);
	diagnosis_tell(r, &f);
}

static void
find_behind(struct diagnosis_run *r)
{
	const struct diagnosis_phone *p = &r->facts->phone;
	struct diagnosis_finding f = diagnosis_new(DIAGNOSIS_LIST_BEHIND);
	char when[TEXT_TIME_MAX];

	if (p->handed_count > 0 && !p->handed[0].is_current && !r->is_found[DIAGNOSIS_LIST_FOREIGN])
		diagnosis_add(&f,
		    "the last one that it was handed is %s version %llu, at %s, to %s",
		    p->handed[0].kind, (unsigned long long)p->handed[0].version,
		    text_time(p->handed[0].at, when), p->handed[0].address);
	diagnosis_tell(r, &f);
}

void
diagnosis_trust_lists(struct diagnosis_run *r)
{
	find_foreign(r);
	find_replaced(r);
	find_refused(r);
	find_no_config(r);
	find_config_refused(r);
	find_common_refused(r);
	find_ignored(r);
	find_alternating(r);
	find_behind(r);
}
