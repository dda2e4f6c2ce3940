#include "daemon/backupjson.h"

#include "cluster/backup_state.h"
#include "daemon/commands.h"
#include "daemon/core_backup.h"

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

/* What keeps it from being made; NULL: nothing. */
static const char *
schedule_trouble(const struct core *c, const struct backup_schedule *b)
{
	if (!core_backup_is_there(c))
		return "[backup] folder was set after sealtoned was started: start it anew";
	return b->failed != 0 ? b->reason : NULL;
}

static bool
schedule_json(const struct core *c, json_t **out, struct err *e)
{
	const struct conf *conf = cluster_conf(c->cluster);
	struct backup_schedule b;
	const char *trouble;

	if (conf->backup_folder[0] == '\0') {
		*out = json_null();
		return true;
	}
	if (!backup_schedule_get(cluster_store(c->cluster), &b, e))
		return false;
	trouble = schedule_trouble(c, &b);
	*out = json_pack("{s:o, s:o, s:o, s:o, s:o}", "folder", json_text(conf->backup_folder),
	    "made", json_time(b.made), "next", json_time(core_backup_next(c, core_now())), "failed",
	    json_time(b.failed), "trouble", trouble != NULL ? json_text(trouble) : json_null());
	return true;
}

bool
backupjson_of(const struct core *c, json_t **out, struct err *e)
{
	struct backup_state b;
	json_t *schedule;

	if (!backup_state_get(cluster_store(c->cluster), &b, e) || !schedule_json(c, &schedule, e))
		return false;
	*out = json_pack("{s:o, s:o, s:o, s:o}", "made", json_time(b.made), "keys_changed",
	    json_time(b.keys_changed), "alarm", alarm_json(&b), "schedule", schedule);
	return *out != NULL || err_set(e, ERR_BUG, "cannot show the backups");
}
