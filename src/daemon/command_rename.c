#include "daemon/commands.h"

#include "cluster/cluster_rename.h"
#include "daemon/certnotes.h"
#include "daemon/core_forget.h"

#include <stdint.h>
#include <string.h>

#define ADDRESSES_MAX 64 /* what the cluster takes is less */

/* --- where else the earlier name and addresses stand: an administrator has written it there --- */

struct search {
	const struct core *core;
	const struct store_node *before;
	json_t *notes;
};

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == ':';
}

/* As a whole word, and not at the end or the beginning of a longer name. */
static bool
has_word(const char *text, const char *word, size_t n)
{
	for (const char *at = text; n > 0 && *at != '\0'; at++)
		if (strncasecmp(at, word, n) == 0 && (at == text || !is_name_char(at[-1])) &&
		    (at[n] == ':' || !is_name_char(at[n])))
			return true;
	return false;
}

/* What the node is not called any more. */
static bool
names_earlier(const struct search *w, const char *text)
{
	const struct store_node *now = cluster_node(w->core->cluster);

	if (strcmp(w->before->name, now->name) != 0 &&
	    has_word(text, w->before->name, strlen(w->before->name)))
		return true;
	for (const char *a = w->before->addresses; *a != '\0';) {
		size_t n = strcspn(a, " ");
		char one[CONF_ADDRESS_MAX];

		snprintf(one, sizeof one, "%.*s", (int)n, a);
		if (!has_word(now->addresses, one, n) && has_word(text, one, n))
			return true;
		a += n + strspn(a + n, " ");
	}
	return false;
}

static void
note_setting(struct search *w, const char *setting, const char *value, const char *then)
{
	if (names_earlier(w, value))
		json_array_append_new(
		    w->notes, json_sprintf("%s of sealtone.conf is %s: %s", setting, value, then));
}

static bool
on_group(void *arg, const struct store_group *g)
{
	struct search *w = arg;

	for (size_t i = 0; i < g->count; i++)
		if (names_earlier(w, g->server[i].host))
			json_array_append_new(w->notes,
			    json_sprintf("call-manager group %s has the server %s: sealtone group "
					 "set %s --server ...",
				g->name, g->server[i].host, g->name));
	return true;
}

static bool
on_profile(void *arg, const struct profile *p)
{
	struct search *w = arg;

	for (int u = 0; u < PROFILE_URL_COUNT; u++)
		if (names_earlier(w, p->url[u]))
			json_array_append_new(w->notes,
			    json_sprintf("profile %s has the %s %s: sealtone profile set %s",
				p->name, profile_url_name((enum profile_url)u), p->url[u],
				p->name));
	return true;
}

/* The sockets are open: what they listen on follows at the next start. */
static void
note_sockets(struct search *w, bool moved)
{
	const struct conf *conf = cluster_conf(w->core->cluster);

	for (size_t i = 0; i < conf->listen_count; i++)
		note_setting(w, "[network] listen", conf->listen[i],
		    "put the address of now there and start sealtoned anew");
	if (moved && conf->listen_count == 0)
		json_array_append_new(w->notes,
		    json_string("it listens on every address of the machine: nothing to start anew "
				"once the machine has the new one"));
	note_setting(
	    w, "[capf] crl-url", conf->crl_url, "LSCs of now on have it, earlier ones too");
	note_setting(
	    w, "[capf] ocsp-url", conf->ocsp_url, "LSCs of now on have it, earlier ones too");
}

/* --- the command --- */

/* Active ones, by purpose; NULL: none. */
struct actives {
	struct cert *cert[PURPOSE_COUNT];
};

static struct actives
actives_take(const struct core *c)
{
	struct actives a = { 0 };

	for (int p = 0; p < PURPOSE_COUNT; p++) {
		const struct cert *now = cluster_cert(c->cluster, (enum purpose)p);

		a.cert[p] = now != NULL ? cert_ref(now) : NULL;
	}
	return a;
}

static void
actives_free(struct actives *a)
{
	for (int p = 0; p < PURPOSE_COUNT; p++)
		cert_free(a->cert[p]);
}

/* Those that are others now, as cert regenerate tells of them. */
static json_t *
certs_replaced(const struct core *c, const struct actives *before)
{
	json_t *all = json_array();

	for (int p = 0; p < PURPOSE_COUNT; p++) {
		const struct cert *now = cluster_cert(c->cluster, (enum purpose)p);
		const struct cert *was = before->cert[p];

		if (now != NULL && was != NULL && !span_eq(cert_der(now), cert_der(was)))
			json_array_append_new(all, certnotes_replaced(c, (enum purpose)p));
	}
	return all;
}

static bool
add_notes(struct core *c, const struct store_node *before, const bool was_signed[PURPOSE_COUNT],
    json_t *notes, struct err *e)
{
	struct search w = { c, before, notes };
	bool moved = strcmp(before->addresses, cluster_node(c->cluster)->addresses) != 0;

	for (int p = 0; p < PURPOSE_COUNT; p++)
		certnotes_add_lost(c, (enum purpose)p, was_signed, notes);
	note_sockets(&w, moved);
	if (moved)
		json_array_append_new(notes,
		    json_string("phones find this server by DHCP option 150 or their settings: "
				"change it there too, and leave the earlier address in place until "
				"they have all come once"));
	return store_group_each(cluster_store(c->cluster), on_group, &w, e) &&
	       store_profile_each(cluster_store(c->cluster), on_profile, &w, e);
}

static bool
addresses_take(const json_t *given, const char *out[ADDRESSES_MAX + 1], struct err *e)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)given, i, one)
	{
		if (i == ADDRESSES_MAX || !json_is_string(one))
			return err_set(
			    e, ERR_MALFORMED, "addresses: at most %d, as texts", ADDRESSES_MAX);
		out[i] = json_string_value(one);
	}
	out[json_array_size(given)] = NULL;
	return true;
}

bool
command_node_rename(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const json_t *given = json_object_get(args, "addresses");
	const struct store_node before = *cluster_node(c->cluster);
	const char *host = json_string_value(json_object_get(args, "host"));
	const char *address[ADDRESSES_MAX + 1];
	bool was_signed[PURPOSE_COUNT];
	struct actives actives;
	json_t *notes;

	if (!addresses_take(given, address, e))
		return false;
	certnotes_signed(c, was_signed);
	actives = actives_take(c);
	if (!cluster_node_rename(c->cluster, host, given != NULL ? address : NULL,
		json_is_true(json_object_get(args, "with_itlrecovery")), core_now(), e)) {
		actives_free(&actives);
		return false;
	}
	core_refresh_fronts(c);
	notes = json_array();
	if (!add_notes(c, &before, was_signed, notes, e))
		json_array_append_new(notes, json_sprintf("cannot say what else: %s", e->text));
	*result = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "was", before.name, "node",
	    cluster_node(c->cluster)->name, "addresses_were", before.addresses, "addresses",
	    cluster_node(c->cluster)->addresses, "notes", notes, "certificates",
	    certs_replaced(c, &actives));
	actives_free(&actives);
	return true;
}
