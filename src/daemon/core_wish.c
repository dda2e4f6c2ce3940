#include "daemon/core_wish.h"

#include "base/mem.h"
#include "cluster/cluster_recovery.h"
#include "pki/digest.h"

#include <stdio.h>
#include <stdlib.h>

#define MAC_PREFIX 3 /* "SEP", "ATA" */

/* What is the same for all phones, read once. */
struct core_common {
	struct phonecfg_server tvs[PHONECFG_TVS_MAX], capf[PHONECFG_CAPF_MAX];
	size_t tvs_count, capf_count;
	char address[PHONECFG_HOST_MAX]; /* of this node */
	struct digest vpn[PHONECFG_VPN_MAX];
	size_t vpn_count;
	bool rollback;
};

/* --- what is the same for all --- */

struct reading {
	struct core *core;
	struct core_common *to;
	bool others; /* the other nodes; this one comes first */
};

/* The first address, which every phone can use; or the name. */
static void
server_of(const struct core *c, const struct store_node *n, char out[PHONECFG_HOST_MAX])
{
	bool by_name = cluster_conf(c->cluster)->server_names == CONF_SERVERS_BY_NAME;
	size_t length = strcspn(n->addresses, " ");

	if (by_name || length == 0)
		snprintf(out, PHONECFG_HOST_MAX, "%s", n->name);
	else
		snprintf(out, PHONECFG_HOST_MAX, "%.*s", (int)length, n->addresses);
}

static void
add_server(const struct core *c, const struct store_node *n, uint16_t port,
    struct phonecfg_server *list, size_t *count, size_t max)
{
	if (*count == max)
		return;
	server_of(c, n, list[*count].host);
	list[(*count)++].port = port;
}

static bool
read_node(void *arg, const struct store_node *n)
{
	struct reading *r = arg;
	const struct conf_ports *ports = &cluster_conf(r->core->cluster)->ports;
	bool is_own = n->id == cluster_node(r->core->cluster)->id;

	if (is_own == r->others)
		return true;
	if (is_own)
		server_of(r->core, n, r->to->address);
	if (n->tvs)
		add_server(r->core, n, ports->tvs, r->to->tvs, &r->to->tvs_count, PHONECFG_TVS_MAX);
	if (n->capf)
		add_server(
		    r->core, n, ports->capf, r->to->capf, &r->to->capf_count, PHONECFG_CAPF_MAX);
	return true;
}

static bool
read_gateway(void *arg, const struct store_trust *t)
{
	struct core_common *to = ((struct reading *)arg)->to;

	if (t->store == TRUST_PHONE_VPN && to->vpn_count < PHONECFG_VPN_MAX &&
	    digest_of(DIGEST_SHA1, bytes_span(&t->der), &to->vpn[to->vpn_count], NULL))
		to->vpn_count++;
	return true;
}

static bool
read_common(struct core *c, struct core_common *out, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	struct reading own = { c, out, false }, others = { c, out, true };

	out->rollback = cluster_recovery(c->cluster)->rollback_since != 0;
	return store_node_each(s, read_node, &own, e) &&
	       store_node_each(s, read_node, &others, e) &&
	       store_trust_each(s, read_gateway, &own, e);
}

static const struct core_common *
common(struct core *c, struct err *e)
{
	struct core_common *read;

	if (c->common != NULL)
		return c->common;
	read = mem_new(1, sizeof *read);
	if (!read_common(c, read, e)) {
		free(read);
		return NULL;
	}
	return c->common = read;
}

void
core_wish_forget(struct core *c)
{
	free(c->common);
	c->common = NULL;
}

/* --- placeholders --- */

static bool
give(const char *text, char value[PHONECFG_VALUE_MAX])
{
	if (text == NULL || *text == '\0')
		return false;
	snprintf(value, PHONECFG_VALUE_MAX, "%s", text);
	return true;
}

/* The group's servers in order; without a group, this node. */
static const char *
server_at(const struct core_wish *w, size_t i)
{
	const struct core_subject *s = w->subject;

	if (s->has_group && s->group.count > 0)
		return i < s->group.count ? s->group.server[i].host : NULL;
	return i == 0 ? w->core->common->address : NULL;
}

static bool
take_value(void *arg, const char *key, const char *text)
{
	struct core_wish *w = arg;
	struct core_wish_value *v;

	/* full at powers of two, so that no size has to be kept */
	if ((w->values & (w->values - 1)) == 0)
		w->value = mem_grow(w->value, w->values > 0 ? 2 * w->values : 1, sizeof *v);
	v = &w->value[w->values++];
	snprintf(v->key, sizeof v->key, "%s", key);
	snprintf(v->text, sizeof v->text, "%s", text);
	return true;
}

/* A template looks up many keys, and most of them have no value: all are read at once. */
static const char *
value_of(struct core_wish *w, const char *key)
{
	if (!w->is_read && !store_phone_value_each(cluster_store(w->core->cluster),
			       w->subject->phone.device.name, take_value, w, &w->lookup))
		return NULL;
	w->is_read = true;
	for (size_t i = 0; i < w->values; i++)
		if (strcmp(w->value[i].key, key) == 0)
			return w->value[i].text;
	return NULL;
}

static bool
look_up(void *arg, const char *key, char value[PHONECFG_VALUE_MAX])
{
	struct core_wish *w = arg;
	const struct phone *p = &w->subject->phone;
	const struct {
		const char *key, *text;
	} known[] = {
		{ "name", p->device.name },
		{ "mac", p->device.name + strnlen(p->device.name, MAC_PREFIX) },
		{ "model", p->model },
		{ "group", p->group },
		{ "profile", p->profile },
		{ "server", server_at(w, 0) },
		{ "server2", server_at(w, 1) },
		{ "server3", server_at(w, 2) },
		{ "address", w->core->common->address },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(known[i].key, key) == 0)
			return give(known[i].text, value);
	return give(value_of(w, key), value);
}

/* --- the wish --- */

static void
fill_common(const struct core_common *common, struct phonecfg_wish *w)
{
	memcpy(w->tvs, common->tvs, sizeof common->tvs);
	w->tvs_count = common->tvs_count;
	memcpy(w->capf, common->capf, sizeof common->capf);
	w->capf_count = common->capf_count;
	for (size_t i = 0; i < common->vpn_count; i++)
		w->vpn_sha1[i] = digest_span(&common->vpn[i]);
	w->vpn_count = common->vpn_count;
	w->rollback = common->rollback;
}

static unsigned
transport_of(enum profile_transport t)
{
	static const unsigned values[] = { /* doc/protocols/config.md, transportLayerProtocol */
		[PROFILE_TRANSPORT_KEEP] = 0,
		[PROFILE_TRANSPORT_TCP] = 1,
		[PROFILE_TRANSPORT_UDP] = 2,
		[PROFILE_TRANSPORT_TLS] = 3,
		[PROFILE_TRANSPORT_TCP_UDP] = 4
	};

	return values[t];
}

static enum phonecfg_mode
mode_of(enum profile_mode m)
{
	static const enum phonecfg_mode modes[] = {
		[PROFILE_MODE_KEEP] = PHONECFG_MODE_UNSET,
		[PROFILE_MODE_NON_SECURE] = PHONECFG_NON_SECURE,
		[PROFILE_MODE_AUTHENTICATED] = PHONECFG_AUTHENTICATED,
		[PROFILE_MODE_ENCRYPTED] = PHONECFG_ENCRYPTED,
	};

	return modes[m];
}

static void
fill_subject(struct core_wish *out, const struct core_subject *s, bool from_template)
{
	struct phonecfg_wish *w = &out->wish;

	w->capf_auth = core_subject_capf_auth(s);
	w->mode = mode_of(s->profile.mode);
	w->transport = transport_of(s->profile.transport);
	w->encrypted = s->profile.encrypted_config;
	if (s->recipient != NULL)
		provision_cert_hash(s->recipient, out->cert_hash);
	for (size_t i = 0; i < PHONECFG_URLS; i++)
		w->secure_url[i] = s->profile.url[i];
	if (s->has_group) {
		memcpy(w->manager, s->group.server, sizeof w->manager);
		w->manager_count = s->group.count;
	}
	if (from_template) {
		w->lookup = look_up;
		w->arg = out;
	}
}

bool
core_wish_fill(struct core *c, const struct core_subject *subject, bool from_template,
    struct core_wish *out, struct err *e)
{
	const struct core_common *shared = common(c, e);

	if (shared == NULL)
		return false;
	*out = (struct core_wish){ .core = c, .subject = subject };
	fill_common(shared, &out->wish);
	out->wish.cert_hash = out->cert_hash;
	if (subject == NULL)
		out->wish.is_default = true;
	else
		fill_subject(out, subject, from_template);
	return true;
}

void
core_wish_free(struct core_wish *w)
{
	if (w->value != NULL)
		mem_wipe(w->value, w->values * sizeof *w->value);
	free(w->value);
	w->value = NULL;
	w->values = 0;
}
