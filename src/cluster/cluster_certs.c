#include "cluster/cluster_internal.h"

#include "cluster/backup_state.h"
#include "pki/issue.h"
#include "rules/usage.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define DAY           86400
#define BACKDATE      DAY            /* phones' clocks may be behind */
#define SERVER_DAYS   (5 * 365)      /* validity, as Unified CM's defaults */
#define RECOVERY_DAYS (20 * 365 + 5) /* the anchor outlives the rest */
#define RSA_BITS      2048           /* many phones take no larger */
#define NAME_MAX_X509 64
#define ADDRESSES_MAX 16

/* Names as a real cluster's; none in those of capf: they get a number. */
static const struct {
	const char *before, *after; /* around the host name */
	int days;
	bool alternative_names;
} shapes[PURPOSE_COUNT] = {
	[PURPOSE_CALLMANAGER] = { "", "", SERVER_DAYS, true },
	[PURPOSE_CALLMANAGER_EC] = { "", "-EC", SERVER_DAYS, true },
	[PURPOSE_TVS] = { "", "", SERVER_DAYS, true },
	[PURPOSE_CAPF] = { "CAPF-", "", SERVER_DAYS, false },
	[PURPOSE_ITLRECOVERY] = { "ITLRECOVERY_", "", RECOVERY_DAYS, false },
	[PURPOSE_WEB] = { "", "", SERVER_DAYS, true },
	[PURPOSE_CAPF_ISSUER] = { "CAPF-ISSUER-", "", SERVER_DAYS, false },
};

/* Cluster settings: the attributes behind the common name; an empty one is left out. */
enum { ORG_UNIT, ORG, LOCALITY, STATE, COUNTRY, SUBJECT_SETTINGS };

static const char *const subject_settings[SUBJECT_SETTINGS] = {
	[ORG_UNIT] = "subject-unit",
	[ORG] = "subject-organization",
	[LOCALITY] = "subject-locality",
	[STATE] = "subject-state",
	[COUNTRY] = "subject-country",
};

struct subject {
	char value[SUBJECT_SETTINGS][STORE_VALUE_MAX];
};

bool
cluster_cert_names_node(enum purpose p)
{
	return shapes[p].alternative_names;
}

bool
cluster_cert_defaults(struct store *s, const char *name, struct err *e)
{
	for (int i = 0; i < SUBJECT_SETTINGS; i++)
		if (!store_setting_set(s, subject_settings[i], i == ORG ? name : "", e))
			return false;
	return true;
}

static bool
subject_get(struct store *s, struct subject *out, struct err *e)
{
	bool found;

	for (int i = 0; i < SUBJECT_SETTINGS; i++)
		if (!store_setting_get(s, subject_settings[i], out->value[i], &found, e))
			return false;
	return true;
}

static const char *
value_or_none(const struct subject *s, int i)
{
	return s->value[i][0] != '\0' ? s->value[i] : NULL;
}

static bool
common_name(enum purpose purpose, const char *host, char out[NAME_MAX_X509 + 1], struct err *e)
{
	uint32_t number;

	if (!usage_allows(purpose, USAGE_ISSUE)) {
		snprintf(out, NAME_MAX_X509 + 1, "%s%s%s", shapes[purpose].before, host,
		    shapes[purpose].after);
		return true;
	}
	if (getrandom(&number, sizeof number, 0) != sizeof number)
		return err_sys(e, "no random bytes");
	snprintf(out, NAME_MAX_X509 + 1, "%s%08x", shapes[purpose].before, number);
	return true;
}

/* Cuts a list of addresses at its blanks. */
static void
addresses_split(char *addresses, const char *out[ADDRESSES_MAX + 1])
{
	size_t n = 0;
	char *rest = NULL;

	for (char *a = strtok_r(addresses, " ", &rest); a != NULL && n < ADDRESSES_MAX;
	     a = strtok_r(NULL, " ", &rest))
		out[n++] = a;
	out[n] = NULL;
}

bool
cluster_cert_make(const struct cluster *c, const struct store_node *node, enum purpose purpose,
    unsigned rsa_bits, time_t now, struct cert **out, struct err *e)
{
	const char *const dns[] = { node->name, NULL };
	const char *ip[ADDRESSES_MAX + 1];
	char cn[NAME_MAX_X509 + 1], addresses[STORE_VALUE_MAX];
	struct signer_template t = { .purpose = purpose,
		.common_name = cn,
		.not_before = now - BACKDATE,
		.not_after = now + (time_t)shapes[purpose].days * DAY,
		.rsa_bits = rsa_bits != 0 ? rsa_bits : RSA_BITS };
	struct subject subject;
	struct bytes der;

	if (!subject_get(c->store, &subject, e) || !common_name(purpose, node->name, cn, e))
		return false;
	t.org_unit = value_or_none(&subject, ORG_UNIT);
	t.org = value_or_none(&subject, ORG);
	t.locality = value_or_none(&subject, LOCALITY);
	t.state = value_or_none(&subject, STATE);
	t.country = value_or_none(&subject, COUNTRY);
	if (shapes[purpose].alternative_names) {
		snprintf(addresses, sizeof addresses, "%s", node->addresses);
		addresses_split(addresses, ip);
		t.dns_names = dns;
		t.ip_names = ip;
	}
	if (!signer_make(c->signer, &t, &der, e))
		return false;
	*out = cert_parse(bytes_span(&der), e);
	bytes_free(&der);
	return *out != NULL;
}

struct search {
	enum trust_store store;
	struct span der;
	bool found;
};

static bool
on_trust(void *arg, const struct store_trust *t)
{
	struct search *w = arg;

	w->found = t->store == w->store && span_eq(bytes_span(&t->der), w->der);
	return !w->found;
}

bool
cluster_trust_once(
    struct store *s, enum trust_store store, const struct cert *c, time_t now, struct err *e)
{
	struct search w = { store, cert_der(c), false };
	struct store_trust t = { .store = store, .added = now };
	bool ok;

	if (!store_trust_each(s, on_trust, &w, e))
		return false;
	if (w.found)
		return true;
	t.der = bytes_copy(cert_der(c));
	ok = store_trust_add(s, &t, e);
	bytes_free(&t.der);
	return ok;
}

/*
 * Of the own certificates only CAPF's and its issuer's stand in a trust store: in capf-trust, where
 * they stay when they are replaced, since LSCs under them go on. A real cluster puts CAPF's into
 * callmanager-trust too, for the call manager's TLS; there TVS would vouch for it as a signer of
 * files.
 */
bool
cluster_cert_activate(struct store *s, int64_t node, enum purpose purpose, const struct cert *c,
    time_t now, struct err *e)
{
	struct store_cert active = { .node = node, .purpose = purpose };
	bool ok;

	active.der = bytes_copy(cert_der(c));
	ok = store_cert_activate(s, &active, now, e) && backup_state_keys_changed(s, now, e) &&
	     (!usage_allows(purpose, USAGE_ISSUE) || cluster_trust_once(s, TRUST_CAPF, c, now, e));
	bytes_free(&active.der);
	return ok;
}
