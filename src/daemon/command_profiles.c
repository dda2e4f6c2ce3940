#include "daemon/commands.h"

#include "daemon/command_profiles.h"
#include "daemon/core_forget.h"
#include "daemon/eckeys.h"

#include <stdio.h>
#include <string.h>

/* --- showing --- */

static json_t *
profile_json(const struct profile *p)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:b}", "name", p->name, "mode",
	    profile_mode_name(p->mode), "transport", profile_transport_name(p->transport),
	    "encrypted_config", p->encrypted_config);
	char key[JSON_KEY_MAX];

	for (int i = 0; i < PROFILE_URL_COUNT; i++)
		json_object_set_new(j, json_key(profile_url_name((enum profile_url)i), key),
		    p->url[i][0] != '\0' ? json_text(p->url[i]) : json_null());
	return j;
}

static bool
find_profile(struct store *s, const char *name, struct profile *p, struct err *e)
{
	bool found;

	if (!store_profile_get(s, name, p, &found, e))
		return false;
	return found || err_set(e, ERR_UNKNOWN, "no profile %.60s", name);
}

bool
command_profile_show(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct profile p;

	if (!find_profile(cluster_store(c->cluster), args_text(args, "name"), &p, e))
		return false;
	*result = profile_json(&p);
	return true;
}

static bool
add_profile(void *arg, const struct profile *p)
{
	json_array_append_new(arg, profile_json(p));
	return true;
}

bool
command_profile_list(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	*result = json_array();
	if (store_profile_each(cluster_store(c->cluster), add_profile, *result, e))
		return true;
	json_decref(*result);
	return false;
}

/* --- changing --- */

struct change {
	const char *name;
	const json_t *settings;
	bool fresh; /* it must not be there yet; else it must be */
	struct profile profile;
};

static bool
take_settings(struct profile *p, const json_t *settings, struct err *e)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)settings, name, value)
	{
		if (!json_is_string(value))
			return err_set(e, ERR_MALFORMED, "setting %.40s: expected a text", name);
		if (!profile_set(p, name, json_string_value(value), e))
			return err_in(e, "profile %s", p->name);
	}
	return profile_check(p, e);
}

bool
command_profile_change(struct store *s, const char *name, const json_t *settings, bool fresh,
    struct profile *before, struct profile *after, struct err *e)
{
	bool found;

	if (!store_profile_get(s, name, before, &found, e))
		return false;
	if (fresh && found)
		return err_set(e, ERR_CONFLICT, "profile %s exists already", name);
	if (fresh && !profile_new(name, before, e))
		return false;
	if (!fresh && !found)
		return err_set(e, ERR_UNKNOWN, "no profile %.60s", name);
	*after = *before;
	if (!take_settings(after, settings, e))
		return false;
	if (!before->encrypted_config && after->encrypted_config &&
	    !eckeys_check_profile(s, after, e))
		return false;
	return store_profile_put(s, after, e);
}

static bool
change_stored(struct store *s, void *arg, struct err *e)
{
	struct change *ch = arg;
	struct profile before;

	return command_profile_change(
	    s, ch->name, ch->settings, ch->fresh, &before, &ch->profile, e);
}

static bool
change_profile(struct core *c, struct change *ch, json_t **result, struct err *e)
{
	const struct profile *p = &ch->profile;

	if (!store_change(cluster_store(c->cluster), change_stored, ch, e))
		return false;
	core_audit(c, "cli", ch->fresh ? "profile-added" : "profile-set", p->name,
	    "mode %s, transport %s, encrypted config %s", profile_mode_name(p->mode),
	    profile_transport_name(p->transport), p->encrypted_config ? "yes" : "no");
	core_forget_all(c);
	*result = profile_json(p);
	return true;
}

bool
command_profile_add(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct change ch = { .name = args_text(args, "name"),
		.settings = json_object_get(args, "settings"),
		.fresh = true };

	return change_profile(c, &ch, result, e);
}

bool
command_profile_set(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct change ch = { .name = args_text(args, "name"),
		.settings = json_object_get(args, "settings") };

	if (json_object_size(ch.settings) == 0)
		return err_set(e, ERR_MALFORMED, "nothing to set");
	return change_profile(c, &ch, result, e);
}

bool
command_profile_delete(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *name = args_text(args, "name");
	bool found;

	if (!store_profile_remove(cluster_store(c->cluster), name, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_UNKNOWN, "no profile %.60s", name);
	core_audit(c, "cli", "profile-deleted", name, "%s", "");
	*result = json_pack("{s:s}", "name", name);
	return true;
}
