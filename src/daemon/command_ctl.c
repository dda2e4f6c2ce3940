#include "daemon/commands.h"

#include "cluster/cluster_ctl.h"
#include "cluster/cluster_tokens.h"

#include <string.h>

/* The mode, and the CTL that is served in it; null: there is none. */
static json_t *
ctl_json(struct core *c)
{
	struct cluster_list list;
	json_t *ctl = json_null();

	if (cluster_list(c->cluster, STORE_LIST_CTL, cluster_digest(c->cluster), &list))
		ctl = json_pack("{s:I, s:I, s:o, s:b, s:b}", "version", (json_int_t)list.version,
		    "bytes", (json_int_t)list.file.n, "made", json_time(list.made), "by_token",
		    cluster_tokens_sign(c->cluster), "stale",
		    cluster_tokens_stale(c->cluster, core_now()));
	return json_pack("{s:s, s:o}", "security_mode",
	    cluster_security_name(cluster_security(c->cluster)), "ctl", ctl);
}

void
command_ctl_status(struct core *c, json_t *status)
{
	json_t *ctl = ctl_json(c);

	json_object_update(status, ctl);
	json_decref(ctl);
}

bool
command_ctl_set_cluster(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *mode = args_text(args, "mode");
	bool mixed = strcmp(mode, "mixed-mode") == 0;
	bool was = cluster_security(c->cluster) == CLUSTER_MIXED;

	if (!mixed && strcmp(mode, "non-secure-mode") != 0)
		return err_set(e, ERR_MALFORMED,
		    "\"%.40s\": a cluster is set to mixed-mode or non-secure-mode", mode);
	if (!cluster_ctl_set_mode(c->cluster, mixed, core_now(), e))
		return false;
	core_refresh_fronts(c);
	*result = ctl_json(c);
	json_object_set_new(*result, "changed", json_boolean(was != mixed));
	return true;
}

bool
command_ctl_update(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	bool changed;

	(void)args;
	if (!cluster_ctl_update(c->cluster, core_now(), &changed, e))
		return false;
	core_refresh_fronts(c);
	*result = ctl_json(c);
	json_object_set_new(*result, "changed", json_boolean(changed));
	return true;
}

static bool
reset(struct core *c, bool on, json_t **result, struct err *e)
{
	if (!cluster_ctl_reset(c->cluster, on, core_now(), e))
		return false;
	core_refresh_fronts(c);
	*result = ctl_json(c);
	return true;
}

bool
command_ctl_reset(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	return reset(c, true, result, e);
}

bool
command_ctl_reset_end(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	return reset(c, false, result, e);
}

bool
command_ctl_delete(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	if (!cluster_ctl_delete(c->cluster, core_now(), e))
		return false;
	core_refresh_fronts(c);
	*result = ctl_json(c);
	return true;
}
