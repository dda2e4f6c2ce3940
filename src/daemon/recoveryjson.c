#include "daemon/recoveryjson.h"

#include "base/text.h"
#include "cluster/cluster_recovery.h"
#include "daemon/commands.h"

#include <stdio.h>

#define DAY_S    86400
#define TEXT_MAX 320

static void
warn(json_t *warnings, const char *event, time_t since, const char *what)
{
	const long long days = (core_now() - since) / DAY_S;
	char text[TEXT_MAX], at[TEXT_TIME_MAX];

	snprintf(text, sizeof text, "%s (since %s, %lld days)", what, text_time(since, at), days);
	json_array_append_new(warnings, json_pack("{s:s, s:s, s:I, s:s}", "event", event, "since",
					    at, "days", (json_int_t)days, "text", text));
}

void
recoveryjson_add(const struct core *c, json_t *status, json_t *warnings)
{
	const struct recovery_state *r = cluster_recovery(c->cluster);
	char what[TEXT_MAX];

	json_object_set_new(status, "reset_since", json_time(r->reset_since));
	json_object_set_new(status, "ctl_reset_since", json_time(r->ctl_reset_since));
	json_object_set_new(status, "rollback_since", json_time(r->rollback_since));
	snprintf(what, sizeof what,
	    "an ITL reset is in force: %s signs trust lists until \"sealtone itl reset end\"",
	    purpose_name(cluster_list_signer(c->cluster)));
	if (r->reset_since != 0)
		warn(warnings, "reset-in-force", r->reset_since, what);
	snprintf(what, sizeof what,
	    "a CTL reset is in force: the other SAST key signs it until \"sealtone ctl update\"");
	if (r->ctl_reset_since != 0)
		warn(warnings, "ctl-reset-in-force", r->ctl_reset_since, what);
	if (r->rollback_since != 0)
		warn(warnings, "rollback-prepared", r->rollback_since,
		    "rollback is prepared: phones are handed the empty list, which lets them take "
		    "any other, until \"sealtone rollback end\"");
}

json_t *
recoveryjson_signer(const struct core *c)
{
	const struct recovery_state *r = cluster_recovery(c->cluster);
	const enum purpose signer = cluster_list_signer(c->cluster);
	json_t *other = json_null();

	if (generation_has_other_signer(r->generation))
		other = json_string(
		    purpose_name(generation_signer(r->generation, r->reset_since == 0)));
	return json_pack("{s:s, s:s, s:o, s:o, s:o}", "generation", generation_name(r->generation),
	    "signer", purpose_name(signer), "subject",
	    json_text(cert_subject_cucm(cluster_cert(c->cluster, signer))), "other_signer", other,
	    "reset_since", json_time(r->reset_since));
}
