#include "daemon/backupjson.h"

#include "cluster/backup_state.h"
#include "daemon/commands.h"

static json_t *
alarm_json(const struct backup_state *b)
{
	if (!backup_state_is_alarm(b))
		return json_null();
	return json_string(
	    b->made == 0 ? "there is no backup of this cluster: make one with sealtone backup "
			   "and move it to another machine"
			 : "keys have changed since the last backup: make a new one with "
			   "sealtone backup and move it to another machine");
}

bool
backupjson_of(const struct core *c, json_t **out, struct err *e)
{
	struct backup_state b;

	if (!backup_state_get(cluster_store(c->cluster), &b, e))
		return false;
	*out = json_pack("{s:o, s:o, s:o}", "made", json_time(b.made), "keys_changed",
	    json_time(b.keys_changed), "alarm", alarm_json(&b));
	return *out != NULL || err_set(e, ERR_BUG, "cannot show the backups");
}
