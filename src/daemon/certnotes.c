#include "daemon/certnotes.h"

#include "daemon/commands.h"
#include "pki/certusage.h"
#include "pki/certview.h"
#include "rules/usage.h"

#include <stdio.h>
#include <string.h>

json_t *
certnotes_replaced(const struct core *c, enum purpose p)
{
	const struct cert *now = cluster_cert(c->cluster, p);

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:[]}", "purpose", purpose_name(p), "subject",
	    json_text(cert_subject_cucm(now)), "issuer", json_text(cert_issuer_cucm(now)),
	    "not_after", json_time(cert_not_after(now)), "sha256", json_hex(cert_sha256(now)),
	    "notes");
}

void
certnotes_signed(const struct core *c, bool signed_by_ca[PURPOSE_COUNT])
{
	for (int p = 0; p < PURPOSE_COUNT; p++) {
		const struct cert *its = cluster_cert(c->cluster, (enum purpose)p);

		signed_by_ca[p] = its != NULL && !certview_is_self_signed(its);
	}
}

void
certnotes_add_lost(
    const struct core *c, enum purpose p, const bool was_signed[PURPOSE_COUNT], json_t *all)
{
	const char *name = purpose_name(p);

	if (was_signed[p] && certview_is_self_signed(cluster_cert(c->cluster, p)))
		json_array_append_new(all,
		    json_sprintf("%s was signed by a CA and is self-signed now: sealtone cert csr "
				 "%s, sealtone cert import %s FILE",
			name, name, name));
}

static void
add_address(json_t *all, const struct cert *c, const char *address)
{
	if (!cert_names_address(c, address))
		json_array_append_new(all,
		    json_sprintf("its alternative names lack the address %s: clients that come by "
				 "it and look for it there do not take it; phones do not look",
			address));
}

void
certnotes_add_imported(const struct core *c, enum purpose p, json_t *all)
{
	const struct cert *now = cluster_cert(c->cluster, p);
	char addresses[STORE_VALUE_MAX], *rest = NULL;

	if (usage_allows(p, USAGE_ISSUE))
		return;
	snprintf(addresses, sizeof addresses, "%s", cluster_node(c->cluster)->addresses);
	for (char *a = strtok_r(addresses, " ", &rest); a != NULL; a = strtok_r(NULL, " ", &rest))
		add_address(all, now, a);
	if (!certusage_of(now).names_all)
		json_array_append_new(all,
		    json_string("it names no key usages: its CA has left out what was asked for, "
				"and newer phones may refuse it"));
	if (cert_is_rsa(now) && !certusage_of(now).data_encipherment)
		json_array_append_new(all,
		    json_string("it lacks key usage dataEncipherment, which Unified CM asks for"));
}
