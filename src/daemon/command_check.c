#include "daemon/commands.h"

#include "cluster/cluster_check.h"

static void
add_finding(void *arg, const struct checkup_finding *f)
{
	json_array_append_new(arg,
	    json_pack("{s:s, s:s, s:o, s:o, s:s, s:s}", "id", checkup_id(f->kind), "severity",
		checkup_severity_name(checkup_severity_of(f->kind)), "where", json_text(f->where),
		"what", json_text(f->what), "why", f->why, "fix", f->fix));
}

/* Phones wait meanwhile: the provisioning folder is looked at by files/check, in steps. */
bool
command_check(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	json_t *findings = json_array();
	const struct cluster_check check = { .conf = cluster_conf(c->cluster),
		.store = cluster_store(c->cluster),
		.now = core_now(),
		.quick = true,
		.found = add_finding,
		.arg = findings };

	(void)args;
	if (!cluster_check(&check, e)) {
		json_decref(findings);
		return false;
	}
	*result = findings;
	return true;
}
