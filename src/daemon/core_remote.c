#include "daemon/core_remote.h"

#include <stdio.h>
#include <string.h>

#define HTTP_PORT 6970
#define TFTP_PORT 69

static bool
on_any(void *arg, const struct store_remote *r)
{
	bool *any = arg;

	(void)r;
	*any = true;
	return false;
}

bool
core_remote_any(struct core *c, bool *any, struct err *e)
{
	*any = false;
	return store_remote_each(cluster_store(c->cluster), on_any, any, e);
}

/* A phone that is not added here is another cluster's. */
static bool
is_anothers(struct core *c, const struct device *device, bool *is, struct err *e)
{
	struct phone p;
	bool found;

	if (!store_phone_get(cluster_store(c->cluster), device->name, &p, &found, e))
		return false;
	*is = !found || p.origin != PHONE_ADDED;
	return true;
}

/* --- the servers --- */

struct listing {
	char *out;
	size_t used;
};

static bool
on_remote(void *arg, const struct store_remote *r)
{
	struct listing *l = arg;

	for (size_t i = 0; i < r->count; i++) {
		const struct phonecfg_server *s = &r->server[i];
		bool is_v6 = strchr(s->host, ':') != NULL;
		unsigned port = s->port != 0 ? s->port : (r->tftp ? TFTP_PORT : HTTP_PORT);
		int n;

		n = snprintf(l->out + l->used, CORE_REMOTE_MAX - l->used, "%s://%s%s%s:%u\n",
		    r->tftp ? "tftp" : "http", is_v6 ? "[" : "", s->host, is_v6 ? "]" : "", port);
		if (n < 0 || (size_t)n >= CORE_REMOTE_MAX - l->used) {
			l->out[l->used] = '\0';
			return false;
		}
		l->used += (size_t)n;
	}
	return true;
}

/* A signed configuration that is wanted as XML can be had from its own cluster alone; the phone
 * falls back to HTTP (files.md 8). */
static bool
is_passed_on(const struct core_wanted *w)
{
	bool is_list = w->name.kind == FNAME_CTL || w->name.kind == FNAME_ITL;

	return w->name.has_device ? !w->is_bare : !is_list;
}

bool
core_remote_elsewhere(
    struct core *c, const struct core_wanted *wanted, char out[CORE_REMOTE_MAX], struct err *e)
{
	struct listing l = { .out = out };
	bool is_asked = is_passed_on(wanted);

	out[0] = '\0';
	if (is_asked && wanted->name.has_device &&
	    !is_anothers(c, &wanted->name.device, &is_asked, e))
		return false;
	return !is_asked || store_remote_each(cluster_store(c->cluster), on_remote, &l, e);
}
