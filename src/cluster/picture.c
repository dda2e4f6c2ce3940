#include "cluster/picture.h"

#include "base/mem.h"
#include "base/text.h"
#include "cluster/cluster_above.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const enum envelope_digest picture_digests[PICTURE_DIGESTS] = { ENVELOPE_SHA1, ENVELOPE_SHA512 };

/* Which nodes have a TVS, and which one is this. */
struct nodes {
	struct picture *picture;
	int64_t tvs[TRUSTLIST_BUILD_NODES_MAX];
	size_t tvs_count;
	bool has_publisher, too_many;
};

void
picture_ipv4(const char *addresses, uint8_t ip[CTL_BUILD_IP])
{
	char text[INET_ADDRSTRLEN];
	struct in_addr found;

	for (const char *a = addresses; *a != '\0'; a += strspn(a, " ")) {
		size_t n = strcspn(a, " ");

		snprintf(text, sizeof text, "%.*s", (int)n, a);
		if (n < sizeof text && inet_pton(AF_INET, text, &found) == 1) {
			memcpy(ip, &found, CTL_BUILD_IP);
			return;
		}
		a += n;
	}
}

/* This node comes first, and is there in any case: SAST records bear its name. */
static void
server_add(struct nodes *nodes, const struct store_node *n)
{
	struct picture *p = nodes->picture;
	struct picture_server *s = &p->server[p->server_count];

	if (!n->publisher && !n->tftp && !n->callmanager)
		return;
	if (p->server_count == TRUSTLIST_BUILD_NODES_MAX) {
		nodes->too_many = true;
		return;
	}
	if (n->publisher) {
		*s = p->server[0];
		s = &p->server[0];
	}
	*s = (struct picture_server){ .node = n->id };
	snprintf(s->host, sizeof s->host, "%s", n->name);
	picture_ipv4(n->addresses, s->ip);
	p->server_count++;
}

/* Until several nodes share a store, this node is the publisher. */
static bool
on_node(void *arg, const struct store_node *n)
{
	struct nodes *nodes = arg;

	if (n->publisher) {
		nodes->picture->node = *n;
		nodes->has_publisher = true;
	}
	server_add(nodes, n);
	if (n->tvs && nodes->tvs_count == TRUSTLIST_BUILD_NODES_MAX)
		nodes->too_many = true;
	else if (n->tvs)
		nodes->tvs[nodes->tvs_count++] = n->id;
	return true;
}

struct loading {
	struct picture *picture;
	const struct nodes *nodes;
	struct store *store;
	bool failed;
	struct err *e;
};

static bool
runs_tvs(const struct nodes *nodes, int64_t id)
{
	for (size_t i = 0; i < nodes->tvs_count; i++)
		if (nodes->tvs[i] == id)
			return true;
	return false;
}

static void
server_cert(struct picture *p, const struct store_cert *sc, struct cert *c)
{
	for (size_t i = 0; i < p->server_count; i++) {
		struct picture_server *s = &p->server[i];

		if (s->node == sc->node && sc->purpose == PURPOSE_CALLMANAGER)
			s->callmanager = cert_ref(c);
		else if (s->node == sc->node && sc->purpose == PURPOSE_CALLMANAGER_EC)
			s->callmanager_ec = cert_ref(c);
	}
}

static bool
on_cert(void *arg, const struct store_cert *sc)
{
	struct loading *l = arg;
	struct picture *p = l->picture;
	struct cert *c;

	if (!sc->active && !sc->staged)
		return true;
	c = cert_parse(bytes_span(&sc->der), l->e);
	if (c == NULL) {
		err_in(l->e, "%s certificate in the database", purpose_name(sc->purpose));
		l->failed = true;
		return false;
	}
	if (sc->staged) {
		cert_free(p->staged[sc->purpose]);
		p->staged[sc->purpose] = c;
		return true;
	}
	trustview_add_own(p->view, sc->purpose, c);
	server_cert(p, sc, c);
	if (sc->purpose == PURPOSE_TVS && runs_tvs(l->nodes, sc->node))
		p->tvs[p->tvs_count++] = cert_ref(c);
	if (sc->node == p->node.id && p->cert[sc->purpose] == NULL)
		p->cert[sc->purpose] = c;
	else
		cert_free(c);
	return true;
}

static void
certs_add(struct cert ***certs, size_t *count, const struct cert *c)
{
	*certs = mem_grow(*certs, *count + 1, sizeof **certs);
	(*certs)[(*count)++] = cert_ref(c);
}

static void
certs_free(struct cert **certs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cert_free(certs[i]);
	free(certs);
}

/* Those that TVS does not vouch for stay out of its view. */
static bool
trusted_add(struct loading *l, enum trust_store store, const struct cert *c)
{
	struct picture *p = l->picture;
	bool is_above;

	if (!cluster_above_is(l->store, store, cert_sha256(c), &is_above, l->e))
		return false;
	if (!is_above)
		trustview_add_trusted(p->view, store, c);
	if (store == TRUST_CAPF)
		certs_add(&p->capf_trust, &p->capf_trust_count, c);
	certs_add(&p->trusted, &p->trusted_count, c);
	return true;
}

static bool
on_trust(void *arg, const struct store_trust *t)
{
	struct loading *l = arg;
	struct cert *c = cert_parse(bytes_span(&t->der), l->e);

	if (c == NULL) {
		err_in(l->e, "certificate in %s", trust_store_name(t->store));
		l->failed = true;
		return false;
	}
	l->failed = !trusted_add(l, t->store, c);
	cert_free(c);
	return !l->failed;
}

static bool
load_nodes(struct store *s, struct nodes *nodes, struct err *e)
{
	if (!store_node_each(s, on_node, nodes, e))
		return false;
	if (!nodes->has_publisher)
		return err_set(e, ERR_STORE, "the database has no publisher node");
	return !nodes->too_many ||
	       err_set(e, ERR_LIMIT, "more than %d nodes run TVS, or TFTP and call managers",
		   TRUSTLIST_BUILD_NODES_MAX);
}

static bool
load_certs(struct store *s, struct picture *p, const struct nodes *nodes, struct err *e)
{
	struct loading l = { p, nodes, s, false, e };

	if (!store_cert_each(s, on_cert, &l, e) || l.failed)
		return false;
	for (int i = 0; i < PURPOSE_COUNT; i++)
		if (p->cert[i] == NULL && i != PURPOSE_CAPF_ISSUER)
			return err_set(e, ERR_STORE,
			    "the database has no active %s certificate of node %s: restore a "
			    "backup",
			    purpose_name((enum purpose)i), p->node.name);
	return store_trust_each(s, on_trust, &l, e) && !l.failed;
}

struct store_list *
picture_list(struct picture *p, enum store_list_kind kind, enum envelope_digest digest)
{
	for (size_t i = 0; i < PICTURE_DIGESTS; i++)
		if ((size_t)kind < PICTURE_LISTS && picture_digests[i] == digest)
			return &p->list[kind][i];
	return NULL;
}

static bool
load_lists(struct store *s, struct picture *p, struct err *e)
{
	struct store_list like = { .node = p->node.id };
	bool found;

	for (int kind = 0; kind < PICTURE_LISTS; kind++)
		for (size_t i = 0; i < PICTURE_DIGESTS; i++) {
			if (kind == STORE_LIST_CTL && p->security == CLUSTER_NEVER_MIXED)
				continue;
			like.kind = (enum store_list_kind)kind;
			like.digest = picture_digests[i];
			if (!store_list_latest(s, &like, &p->list[kind][i], &found, e))
				return false;
		}
	return true;
}

static bool
load_settings(struct store *s, struct picture *p, struct err *e)
{
	char value[STORE_VALUE_MAX];
	unsigned long generation = 0;
	bool found;

	if (!store_setting_get(s, SETTING_NAME, p->name, &found, e) ||
	    !store_setting_get(s, SETTING_GENERATION, value, &found, e) ||
	    !recovery_state_read(s, &p->recovery, e))
		return false;
	if (found && !text_number(value, 0, ULONG_MAX, &generation))
		return err_set(
		    e, ERR_STORE, "setting %s is not a number: %s", SETTING_GENERATION, value);
	p->generation = generation;
	return true;
}

void
picture_ctl_add(struct picture *p, int64_t id)
{
	p->ctl = mem_grow(p->ctl, p->ctl_count + 1, sizeof *p->ctl);
	p->ctl[p->ctl_count++] = id;
}

static bool
on_ctl(void *arg, int64_t id)
{
	picture_ctl_add(arg, id);
	return true;
}

static bool
load_ctls(struct store *s, struct picture *p, struct err *e)
{
	return cluster_security_get(s, &p->security, e) && store_ctl_id_each(s, on_ctl, p, e);
}

static const struct cert *
trusted_find(const struct picture *p, const char *sha256)
{
	struct tokens_state one = { .count = 1 };

	snprintf(one.sha256[0], sizeof one.sha256[0], "%s", sha256);
	for (size_t i = 0; i < p->trusted_count; i++)
		if (tokens_state_has(&one, cert_sha256(p->trusted[i])))
			return p->trusted[i];
	return NULL;
}

static bool
load_tokens(struct store *s, struct picture *p, struct err *e)
{
	struct tokens_state t;

	if (!tokens_state_read(s, &t, e))
		return false;
	p->tokens_sign = t.sign;
	for (size_t i = 0; i < t.count; i++) {
		p->token[i] = trusted_find(p, t.sha256[i]);
		if (p->token[i] == NULL)
			return err_set(e, ERR_STORE,
			    "the certificate of security token %.16s... is in no trust store",
			    t.sha256[i]);
	}
	p->token_count = t.count;
	return true;
}

bool
picture_load(struct store *s, struct picture **out, struct err *e)
{
	struct picture *p = mem_new(1, sizeof *p);
	struct nodes nodes = { .picture = p };

	p->view = trustview_new();
	if (load_nodes(s, &nodes, e) && load_certs(s, p, &nodes, e) && load_ctls(s, p, e) &&
	    load_tokens(s, p, e) && load_lists(s, p, e) && load_settings(s, p, e)) {
		*out = p;
		return true;
	}
	picture_free(p);
	return false;
}

void
picture_free(struct picture *p)
{
	if (p == NULL)
		return;
	for (int i = 0; i < PURPOSE_COUNT; i++) {
		cert_free(p->cert[i]);
		cert_free(p->staged[i]);
	}
	for (size_t i = 0; i < p->tvs_count; i++)
		cert_free(p->tvs[i]);
	for (int kind = 0; kind < PICTURE_LISTS; kind++)
		for (size_t i = 0; i < PICTURE_DIGESTS; i++)
			store_list_free(&p->list[kind][i]);
	certs_free(p->capf_trust, p->capf_trust_count);
	certs_free(p->trusted, p->trusted_count);
	for (size_t i = 0; i < p->server_count; i++) {
		cert_free(p->server[i].callmanager);
		cert_free(p->server[i].callmanager_ec);
	}
	free(p->ctl);
	trustview_free(p->view);
	free(p);
}
