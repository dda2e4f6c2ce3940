#include "daemon/commands.h"

#include "base/text.h"
#include "daemon/core_forget.h"
#include "daemon/serverjson.h"

#include <string.h>

#define REMOTES_MAX 32 /* each one that does not have a file is asked for it */

static json_t *
remote_json(const struct store_remote *r)
{
	return json_pack("{s:s, s:i, s:s, s:o}", "name", r->name, "position", r->position, "via",
	    r->tftp ? "tftp" : "http", "addresses", serverjson_of(r->server, r->count));
}

static bool
add_remote(void *arg, const struct store_remote *r)
{
	json_array_append_new(arg, remote_json(r));
	return true;
}

bool
command_remote_list(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	*result = json_array();
	if (store_remote_each(cluster_store(c->cluster), add_remote, *result, e))
		return true;
	json_decref(*result);
	return false;
}

/* --- add --- */

struct addition {
	struct store_remote remote;
	size_t count; /* of those there are */
	bool there;
	bool dry_run;
};

static bool
look_at_remote(void *arg, const struct store_remote *r)
{
	struct addition *a = arg;

	a->count++;
	if (strcmp(r->name, a->remote.name) == 0)
		a->there = true;
	return true;
}

static bool
add_stored(struct store *s, void *arg, struct err *e)
{
	struct addition *a = arg;

	if (!store_remote_each(s, look_at_remote, a, e))
		return false;
	if (a->there)
		return err_set(e, ERR_CONFLICT, "remote %s exists already", a->remote.name);
	if (a->count >= REMOTES_MAX)
		return err_set(e, ERR_LIMIT, "%zu remotes; at most %d", a->count, REMOTES_MAX);
	/* false undoes everything, which is what a dry run is too */
	return !a->dry_run && store_remote_put(s, &a->remote, e);
}

/* port is that of addresses without one of their own. */
static bool
take_settings(struct store_remote *r, const json_t *args, struct err *e)
{
	const char *via = args_text(args, "via");
	json_int_t port = json_integer_value(json_object_get(args, "port"));
	json_int_t position = json_integer_value(json_object_get(args, "position"));

	if (!name_check("remote", args_text(args, "name"), r->name, e))
		return false;
	r->tftp = strcmp(via, "tftp") == 0;
	if (*via != '\0' && !r->tftp && strcmp(via, "http") != 0)
		return err_set(e, ERR_MALFORMED, "via \"%.40s\": expected http or tftp", via);
	if (port < 0 || port > 65535)
		return err_set(e, ERR_MALFORMED, "port: expected 1 to 65535");
	if (position < 0 || position > REMOTES_MAX)
		return err_set(e, ERR_MALFORMED, "position: expected 1 to %d", REMOTES_MAX);
	r->position = (int)position;
	if (!serverjson_read(json_object_get(args, "addresses"), r->server, STORE_REMOTE_ADDRESSES,
		&r->count, e))
		return err_in(e, "remote %s", r->name);
	for (size_t i = 0; i < r->count; i++) {
		if (!serverjson_is_address(r->server[i].host))
			return err_set(e, ERR_MALFORMED,
			    "remote %s: server \"%s\": expected an IP address, since fronts look "
			    "no "
			    "names up",
			    r->name, r->server[i].host);
		if (r->server[i].port == 0)
			r->server[i].port = (uint16_t)port;
	}
	return true;
}

struct search {
	const char *name;
	json_t *found;
};

static bool
find_remote(void *arg, const struct store_remote *r)
{
	struct search *f = arg;

	if (strcmp(r->name, f->name) == 0)
		f->found = remote_json(r);
	return f->found == NULL;
}

bool
command_remote_add(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	struct addition a = { .dry_run = json_is_true(json_object_get(args, "dry_run")) };
	struct search f = { a.remote.name, NULL };

	if (!take_settings(&a.remote, args, e))
		return false;
	if (!store_change(s, add_stored, &a, e)) {
		if (!a.dry_run || e->code != ERR_NONE)
			return false;
		*result = remote_json(&a.remote);
		return true;
	}
	core_audit(c, "cli", "remote-added", a.remote.name, "%zu addresses from %s on, by %s",
	    a.remote.count, a.remote.server[0].host, a.remote.tftp ? "tftp" : "http");
	core_forget_all(c);
	if (!store_remote_each(s, find_remote, &f, e))
		return false;
	*result = f.found;
	return f.found != NULL || err_set(e, ERR_BUG, "remote %s was not kept", a.remote.name);
}

bool
command_remote_delete(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *name = args_text(args, "name");
	bool found;

	if (!store_remote_remove(cluster_store(c->cluster), name, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_UNKNOWN, "no remote %.60s", name);
	core_audit(c, "cli", "remote-deleted", name, "%s", "");
	core_forget_all(c);
	*result = json_pack("{s:s}", "name", name);
	return true;
}
