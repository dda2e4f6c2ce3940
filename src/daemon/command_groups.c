#include "daemon/commands.h"

#include "base/text.h"
#include "daemon/core_forget.h"
#include "daemon/serverjson.h"
#include "daemon/template_find.h"

#include <stdio.h>
#include <string.h>

/* --- showing --- */

static json_t *
group_json(const struct store_group *g)
{
	return json_pack("{s:o, s:o, s:o}", "name", json_text(g->name), "servers",
	    serverjson_of(g->server, g->count), "template",
	    g->template[0] != '\0' ? json_text(g->template) : json_null());
}

bool
command_group_show(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *name = args_text(args, "name");
	struct store_group g;
	bool found;

	if (!store_group_get(cluster_store(c->cluster), name, &g, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_UNKNOWN, "no group %.60s", name);
	*result = group_json(&g);
	return true;
}

static bool
add_group(void *arg, const struct store_group *g)
{
	json_array_append_new(arg, group_json(g));
	return true;
}

bool
command_group_list(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	*result = json_array();
	if (store_group_each(cluster_store(c->cluster), add_group, *result, e))
		return true;
	json_decref(*result);
	return false;
}

/* --- changing --- */

struct change {
	const json_t *args;
	bool fresh; /* it must not be there yet; else it must be */
	struct store_group group;
};

/* A group's name is what phones have as their group: the same rule. */
static bool
take_name(struct store_group *g, const char *name, struct err *e)
{
	struct phone p = { 0 };

	if (name[0] == '\0')
		return err_set(e, ERR_MALFORMED, "group: expected a name");
	if (!phone_set(&p, "group", name, e))
		return false;
	memcpy(g->name, p.group, sizeof g->name);
	return true;
}

static bool
take_template(struct store *s, struct store_group *g, const char *name, struct err *e)
{
	struct phone p = { 0 };

	if (!phone_set(&p, "template", name, e) ||
	    (name[0] != '\0' && !template_exists(s, name, e)))
		return false;
	memcpy(g->template, p.template, sizeof g->template);
	return true;
}

static bool
take_settings(struct store *s, struct change *ch, struct err *e)
{
	const json_t *servers = json_object_get(ch->args, "servers");
	struct store_group *g = &ch->group;

	if (servers != NULL || ch->fresh) {
		memset(g->server, 0, sizeof g->server);
		if (!serverjson_read(servers, g->server, PHONECFG_MANAGERS_MAX, &g->count, e))
			return err_in(e, "group %s", g->name);
	}
	return json_object_get(ch->args, "template") == NULL ||
	       take_template(s, g, args_text(ch->args, "template"), e) ||
	       err_in(e, "group %s", g->name);
}

static bool
change_stored(struct store *s, void *arg, struct err *e)
{
	const char *name = args_text(((struct change *)arg)->args, "name");
	struct change *ch = arg;
	bool found;

	if (!store_group_get(s, name, &ch->group, &found, e))
		return false;
	if (ch->fresh && found)
		return err_set(e, ERR_CONFLICT, "group %s exists already", name);
	if (!ch->fresh && !found)
		return err_set(e, ERR_UNKNOWN, "no group %.60s", name);
	return (found || take_name(&ch->group, name, e)) && take_settings(s, ch, e) &&
	       store_group_put(s, &ch->group, e);
}

static bool
change_group(struct core *c, struct change *ch, json_t **result, struct err *e)
{
	const struct store_group *g = &ch->group;

	if (!store_change(cluster_store(c->cluster), change_stored, ch, e))
		return false;
	core_audit(c, "cli", ch->fresh ? "group-added" : "group-set", g->name,
	    "%zu servers from %s on, template %s", g->count, g->server[0].host,
	    g->template[0] != '\0' ? g->template : "none");
	core_forget_all(c);
	*result = group_json(g);
	return true;
}

bool
command_group_add(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct change ch = { .args = args, .fresh = true };

	return change_group(c, &ch, result, e);
}

bool
command_group_set(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct change ch = { .args = args };

	if (json_object_size(args) < 2)
		return err_set(e, ERR_MALFORMED, "nothing to set");
	return change_group(c, &ch, result, e);
}

bool
command_group_delete(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *name = args_text(args, "name");
	bool found;

	if (!store_group_remove(cluster_store(c->cluster), name, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_UNKNOWN, "no group %.60s", name);
	core_audit(c, "cli", "group-deleted", name, "%s", "");
	core_forget_all(c);
	*result = json_pack("{s:s}", "name", name);
	return true;
}
