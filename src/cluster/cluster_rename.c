#include "cluster/cluster_rename.h"

#include "cluster/cluster_internal.h"

#include <stdio.h>
#include <string.h>

struct renaming {
	struct cluster_change how;
	struct store_node before, node;
	struct cluster_fresh fresh;
};

static bool
take(struct renaming *r, const char *host, const char *const *addresses, struct err *e)
{
	if (host != NULL) {
		if (!cluster_host_check(host, e))
			return false;
		snprintf(r->node.name, sizeof r->node.name, "%s", host);
	}
	if (addresses != NULL && addresses[0] == NULL)
		return err_set(e, ERR_REFUSED, "a node has at least one address");
	if (addresses != NULL && !cluster_addresses_take(addresses, r->node.addresses, e))
		return false;
	return strcmp(r->node.name, r->before.name) != 0 ||
	       strcmp(r->node.addresses, r->before.addresses) != 0 ||
	       err_set(e, ERR_CONFLICT, "node %s has this name and these addresses already",
		   r->before.name);
}

static bool
apply_rename(struct store *s, void *arg, struct err *e)
{
	struct renaming *r = arg;
	char text[STORE_NAME_MAX + STORE_VALUE_MAX];

	snprintf(text, sizeof text, "now %s, %s", r->node.name, r->node.addresses);
	return store_node_put(s, &r->node, e) &&
	       cluster_event(s, &r->how, "node-renamed", r->before.name, text, e) &&
	       cluster_fresh_activate(s, r->node.id, &r->fresh, &r->how, e);
}

bool
cluster_node_rename(struct cluster *c, const char *host, const char *const *addresses,
    bool with_itlrecovery, time_t now, struct err *e)
{
	struct renaming r = { .before = c->picture->node, .node = c->picture->node };
	enum purpose purpose[PURPOSE_COUNT];
	size_t n = 0;
	bool ok;

	for (int p = 0; p < PURPOSE_COUNT; p++)
		if (cluster_cert_names_node((enum purpose)p) ||
		    (p == PURPOSE_ITLRECOVERY && with_itlrecovery))
			purpose[n++] = (enum purpose)p;
	if (!take(&r, host, addresses, e) ||
	    !cluster_fresh_make(c, &r.node, purpose, n, 0, now, &r.fresh, e))
		return false;
	r.how = (struct cluster_change){ apply_rename, &r, now, "cluster", false, NULL };
	ok = cluster_change(c, &r.how, e);
	cluster_fresh_free(c, &r.fresh, ok, e);
	return ok;
}
