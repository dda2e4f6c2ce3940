#include "daemon/commands.h"

#include "cluster/stage_progress.h"
#include "daemon/core_stage.h"

#define NAMED_MAX 1000 /* in one answer */

static void
add_phone(void *arg, const char *name, const char *model, enum announced_state s)
{
	json_array_append_new(arg, json_pack("{s:s, s:o, s:s}", "name", name, "model",
				       json_text(model), "state", announced_state_name(s)));
}

bool
command_cert_staged(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	json_t *waited;

	(void)args;
	if (!core_stage_json(c, result, e))
		return false;
	if (json_is_null(*result))
		return true;
	waited = json_array();
	json_object_set_new(*result, "waited_for", waited);
	if (stage_missing_each(c->cluster, NAMED_MAX, add_phone, waited, e))
		return true;
	json_decref(*result);
	return false;
}
