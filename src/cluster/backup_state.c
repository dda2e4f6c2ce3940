#include "cluster/backup_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Each setting is two numbers: a time, and a count of changes of keys. */
#define SETTING_KEYS   "keys-changed"
#define SETTING_BACKUP "backup-made"

#define SETTING_SCHEDULE "backup-schedule" /* "MADE FAILED REASON" */

static bool
pair_get(struct store *s, const char *name, time_t *at, uint64_t *count, struct err *e)
{
	char value[STORE_VALUE_MAX], *end;
	bool found;

	*at = 0;
	*count = 0;
	if (!store_setting_get(s, name, value, &found, e))
		return false;
	if (found) {
		*at = (time_t)strtoll(value, &end, 10);
		*count = strtoull(end, NULL, 10);
	}
	return true;
}

static bool
pair_set(struct store *s, const char *name, time_t at, uint64_t count, struct err *e)
{
	char value[64];

	snprintf(value, sizeof value, "%lld %" PRIu64, (long long)at, count);
	return store_setting_set(s, name, value, e);
}

bool
backup_state_keys_changed(struct store *s, time_t now, struct err *e)
{
	uint64_t count;
	time_t before;

	return pair_get(s, SETTING_KEYS, &before, &count, e) &&
	       pair_set(s, SETTING_KEYS, now, count + 1, e);
}

bool
backup_state_note(struct store *s, time_t made, uint64_t saw, struct err *e)
{
	return pair_set(s, SETTING_BACKUP, made, saw, e);
}

bool
backup_state_get(struct store *s, struct backup_state *out, struct err *e)
{
	return pair_get(s, SETTING_KEYS, &out->keys_changed, &out->changes, e) &&
	       pair_get(s, SETTING_BACKUP, &out->made, &out->saw, e);
}

bool
backup_state_is_alarm(const struct backup_state *b)
{
	return b->made == 0 || b->saw != b->changes;
}

bool
backup_schedule_get(struct store *s, struct backup_schedule *out, struct err *e)
{
	char value[STORE_VALUE_MAX], *end;
	bool found;

	*out = (struct backup_schedule){ 0 };
	if (!store_setting_get(s, SETTING_SCHEDULE, value, &found, e))
		return false;
	if (!found)
		return true;
	out->made = (time_t)strtoll(value, &end, 10);
	out->failed = (time_t)strtoll(end, &end, 10);
	snprintf(out->reason, sizeof out->reason, "%s", *end == ' ' ? end + 1 : end);
	return true;
}

bool
backup_schedule_set(struct store *s, const struct backup_schedule *b, struct err *e)
{
	char value[STORE_VALUE_MAX];

	snprintf(value, sizeof value, "%lld %lld %s", (long long)b->made, (long long)b->failed,
	    b->reason);
	return store_setting_set(s, SETTING_SCHEDULE, value, e);
}
