#include "cluster/recovery_state.h"

#include "base/text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define SETTING_LISTS     "list-generation"
#define SETTING_RESET     "itl-reset-since"
#define SETTING_CTL_RESET "ctl-reset-since"
#define SETTING_ROLLBACK  "rollback-since"
#define SETTING_MODE      "cluster-security-mode"
#define MODE_MIXED        "mixed"

static bool
generation_read(struct store *s, struct recovery_state *out, struct err *e)
{
	char value[STORE_VALUE_MAX];

	out->generation = GENERATION_G12;
	if (!store_setting_get(s, SETTING_LISTS, value, &out->has_generation, e))
		return false;
	return !out->has_generation || generation_from_name(value, &out->generation) ||
	       err_set(e, ERR_STORE, "%s in the database is \"%.40s\"", SETTING_LISTS, value);
}

static bool
since_read(struct store *s, const char *name, time_t *out, struct err *e)
{
	char value[STORE_VALUE_MAX];
	unsigned long number = 0;
	bool found;

	if (!store_setting_get(s, name, value, &found, e))
		return false;
	if (found && !text_number(value, 0, LONG_MAX, &number))
		return err_set(e, ERR_STORE, "%s in the database is \"%.40s\"", name, value);
	*out = (time_t)number;
	return true;
}

static bool
since_write(struct store *s, const char *name, time_t since, struct err *e)
{
	char value[32];

	snprintf(value, sizeof value, "%lld", (long long)since);
	return store_setting_set(s, name, value, e);
}

bool
recovery_state_read(struct store *s, struct recovery_state *out, struct err *e)
{
	char mode[STORE_VALUE_MAX];
	bool found;

	*out = (struct recovery_state){ 0 };
	if (!generation_read(s, out, e) || !since_read(s, SETTING_RESET, &out->reset_since, e) ||
	    !since_read(s, SETTING_CTL_RESET, &out->ctl_reset_since, e) ||
	    !since_read(s, SETTING_ROLLBACK, &out->rollback_since, e) ||
	    !store_setting_get(s, SETTING_MODE, mode, &found, e))
		return false;
	out->mixed = strcmp(mode, MODE_MIXED) == 0;
	return true;
}

bool
recovery_state_set_generation(struct store *s, enum generation g, struct err *e)
{
	return store_setting_set(s, SETTING_LISTS, generation_name(g), e);
}

bool
recovery_state_set_reset(struct store *s, time_t since, struct err *e)
{
	return since_write(s, SETTING_RESET, since, e);
}

bool
recovery_state_set_ctl_reset(struct store *s, time_t since, struct err *e)
{
	return since_write(s, SETTING_CTL_RESET, since, e);
}

bool
recovery_state_set_rollback(struct store *s, time_t since, struct err *e)
{
	return since_write(s, SETTING_ROLLBACK, since, e);
}
