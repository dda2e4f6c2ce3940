#include "daemon/backupjson.h"
#include "daemon/commands.h"

#include "base/text.h"
#include "cluster/backup_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct noted {
	struct core *core;
	time_t made;
	uint64_t saw;
};

static bool
apply_note(struct store *s, void *arg, struct err *e)
{
	const struct noted *n = arg;
	char text[64], made[TEXT_TIME_MAX];
	const struct store_event ev = { .at = core_now(),
		.actor = "cli",
		.event = "backup-made",
		.object = cluster_name(n->core->cluster),
		.text = text };

	snprintf(text, sizeof text, "of %s", text_time(n->made, made));
	return backup_state_note(s, n->made, n->saw, e) && store_event_add(s, &ev, e);
}

bool
command_backup_note(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct noted n = { c, (time_t)json_integer_value(json_object_get(args, "made")),
		(uint64_t)json_integer_value(json_object_get(args, "saw")) };

	return store_change(cluster_store(c->cluster), apply_note, &n, e) &&
	       backupjson_of(c, result, e);
}
