#include "daemon/commands.h"

#include "base/text.h"
#include "cluster/cluster_above.h"
#include "cluster/cluster_import.h"
#include "daemon/certjson.h"
#include "daemon/core_forget.h"
#include "daemon/core_issuer.h"
#include "pki/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX      24
#define DESCRIPTION_MAX 160

/* --- certificates --- */

struct listing {
	json_t *out;
	const char *only;   /* a purpose or trust store; "" for all */
	struct span sha256; /* p NULL: all */
	bool all;           /* earlier ones too */
	bool details;
	json_t *nodes;        /* names by number */
	json_int_t warn_days; /* set by list_certs and list_trusted */
	struct store *trusts; /* set by list_trusted */
};

/* What is listed of one certificate, under the name of its purpose or store; NULL: nothing. */
static json_t *
listed(const struct listing *l, const char *kind, const char *name, struct span der)
{
	struct cert *c;
	json_t *one = NULL;

	if (*l->only != '\0' && strcmp(l->only, name) != 0)
		return NULL;
	c = cert_parse(der, NULL);
	if (c == NULL)
		return NULL;
	if (l->sha256.p == NULL || span_eq(l->sha256, cert_sha256(c))) {
		one = certjson(c, core_now());
		if (l->details)
			certjson_add_details(one, c);
		json_object_set_new(one, kind, json_string(name));
		json_array_append_new(l->out, one);
	}
	cert_free(c);
	return one;
}

static const char *
number_key(int64_t number, char out[NUMBER_MAX])
{
	snprintf(out, NUMBER_MAX, "%lld", (long long)number);
	return out;
}

static bool
add_node(void *arg, const struct store_node *n)
{
	char key[NUMBER_MAX];

	json_object_set_new(arg, number_key(n->id, key), json_text(n->name));
	return true;
}

/* Where it came from, and what became or becomes of it. */
static void
describe(const struct listing *l, json_t *one, const char *origin)
{
	const char *retired = json_string_value(json_object_get(one, "retired")),
		   *gone = json_string_value(json_object_get(one, "given_up"));
	json_int_t days = json_integer_value(json_object_get(one, "days_left"));
	char text[DESCRIPTION_MAX];
	int n = snprintf(text, sizeof text, "%s", origin);

	if (retired != NULL)
		n += snprintf(text + n, sizeof text - (size_t)n, ", replaced on %.10s", retired);
	if (gone != NULL)
		n += snprintf(text + n, sizeof text - (size_t)n, ", key given up on %.10s", gone);
	if (days < 0)
		snprintf(text + n, sizeof text - (size_t)n, ", EXPIRED");
	else if (days <= l->warn_days)
		snprintf(
		    text + n, sizeof text - (size_t)n, ", expires in %lld days", (long long)days);
	json_object_set_new(one, "description", json_string(text));
}

static bool
add_cert(void *arg, const struct store_cert *s)
{
	const struct listing *l = arg;
	char key[NUMBER_MAX];
	bool own;
	json_t *one;

	if (!l->all && !s->active)
		return true;
	one = listed(l, "purpose", purpose_name(s->purpose), bytes_span(&s->der));
	if (one == NULL)
		return true;
	own = json_is_true(json_object_get(one, "self_signed"));
	json_object_set_new(one, "type", json_string(own ? "self-signed" : "CA-signed"));
	json_object_set(one, "node", json_object_get(l->nodes, number_key(s->node, key)));
	json_object_set_new(one, "active", json_boolean(s->active));
	json_object_set_new(one, "made", json_time(s->made));
	json_object_set_new(one, "retired", json_time(s->retired));
	json_object_set_new(one, "given_up", json_time(s->given_up));
	describe(l, one,
	    s->taken_over ? "taken over from another cluster"
	    : own         ? "made by Sealtone"
			  : "signed by another CA");
	return true;
}

static bool
list_certs(struct core *c, struct listing *l, json_t **result, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	bool ok;

	l->out = json_array();
	l->warn_days = cluster_conf(c->cluster)->cert_warn_days;
	l->nodes = json_object();
	ok = store_node_each(s, add_node, l->nodes, e) && store_cert_each(s, add_cert, l, e);
	json_decref(l->nodes);
	if (ok)
		*result = l->out;
	else
		json_decref(l->out);
	return ok;
}

bool
command_cert_list(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct listing l = { .only = "", .all = json_is_true(json_object_get(args, "all")) };

	return list_certs(c, &l, result, e);
}

/* The active ones' chains, up to the root where it is known, as PEM. */
static void
add_chains(const struct core *c, json_t *certs)
{
	enum purpose p;
	size_t i;
	json_t *one;

	json_array_foreach(certs, i, one)
	{
		struct chain chain = { 0 };
		json_t *pems = json_array();

		if (json_is_true(json_object_get(one, "active")) &&
		    purpose_from_name(json_string_value(json_object_get(one, "purpose")), &p))
			cluster_chain(c->cluster, p, &chain);
		for (size_t n = 0; n < chain.count; n++) {
			char *pem = cert_to_pem(chain.cert[n]);

			json_array_append_new(pems, json_string(pem));
			free(pem);
		}
		chain_free(&chain);
		json_object_set_new(one, "chain", pems);
	}
}

bool
command_cert_show(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *name = args_text(args, "purpose");
	struct listing l = { .only = name, .all = true, .details = true };
	enum purpose purpose;

	if (!purpose_from_name(name, &purpose))
		return err_set(e, ERR_UNKNOWN,
		    "no purpose \"%.40s\": callmanager, callmanager-ec, tvs, capf, itlrecovery, "
		    "web or capf-issuer",
		    name);
	if (!list_certs(c, &l, result, e))
		return false;
	add_chains(c, *result);
	return true;
}

/* --- trust stores --- */

static bool
only_above(const struct listing *l, const struct store_trust *t, json_t *one)
{
	struct cert *c = cert_parse(bytes_span(&t->der), NULL);
	bool is_above = false;

	if (c != NULL && !cluster_above_is(l->trusts, t->store, cert_sha256(c), &is_above, NULL))
		is_above = false;
	cert_free(c);
	json_object_set_new(one, "chain_only", json_boolean(is_above));
	return is_above;
}

static bool
add_trusted(void *arg, const struct store_trust *t)
{
	json_t *one = listed(arg, "store", trust_store_name(t->store), bytes_span(&t->der));
	char origin[DESCRIPTION_MAX];

	if (one == NULL)
		return true;
	json_object_set_new(one, "type", json_string("trust"));
	json_object_set_new(one, "added", json_time(t->added));
	snprintf(origin, sizeof origin, "%s on %.10s",
	    only_above(arg, t, one) ? "above a certificate of ours, no signer, added" : "added",
	    json_string_value(json_object_get(one, "added")));
	describe(arg, one, origin);
	return true;
}

static bool
named_store(const json_t *args, enum trust_store *out, struct err *e)
{
	const char *name = args_text(args, "store");

	return trust_store_from_name(name, out) ||
	       err_set(e, ERR_UNKNOWN,
		   "no trust store \"%.40s\": callmanager-trust, capf-trust, tvs-trust, "
		   "phone-sast-trust, "
		   "phone-vpn-trust or phone-trust",
		   name);
}

static bool
list_trusted(struct core *c, struct listing *l, json_t **result, struct err *e)
{
	l->out = json_array();
	l->warn_days = cluster_conf(c->cluster)->cert_warn_days;
	l->trusts = cluster_store(c->cluster);
	if (!store_trust_each(l->trusts, add_trusted, l, e)) {
		json_decref(l->out);
		return false;
	}
	*result = l->out;
	return true;
}

bool
command_trust_list(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct listing l = { .only = args_text(args, "store") };
	enum trust_store store;

	return (*l.only == '\0' || named_store(args, &store, e)) && list_trusted(c, &l, result, e);
}

bool
command_trust_show(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct listing l = { .only = args_text(args, "store"), .details = true };
	enum trust_store store;
	struct bytes sha256;
	json_t *found;
	bool ok;

	if (!named_store(args, &store, e) ||
	    !text_unhex(span_str(args_text(args, "sha256")), &sha256, e))
		return false;
	l.sha256 = bytes_span(&sha256);
	ok = list_trusted(c, &l, &found, e);
	bytes_free(&sha256);
	if (!ok)
		return false;
	*result = json_incref(json_array_get(found, 0));
	json_decref(found);
	return *result != NULL || err_set(e, ERR_UNKNOWN, "%s: no certificate with that SHA-256",
				      trust_store_name(store));
}

/* What one certificate says; "added" has what each one says. */
static json_t *
added_json(const struct bundle_certs *certs)
{
	json_t *first = certjson(certs->cert[0], core_now()), *all = json_array();

	for (size_t i = 0; i < certs->count; i++)
		json_array_append_new(all, certjson(certs->cert[i], core_now()));
	json_object_set_new(first, "added", all);
	return first;
}

bool
command_trust_add(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct bundle_certs certs;
	enum trust_store store;
	bool ok;

	if (!named_store(args, &store, e) ||
	    !bundle_from_pem(span_str(args_text(args, "pem")), BUNDLE_MAX, &certs, e))
		return false;
	ok = cluster_trust_add(c->cluster, store, certs.cert, certs.count, core_now(), e);
	if (ok) {
		core_forget_all(c);
		*result = added_json(&certs);
	}
	bundle_free(&certs);
	return ok;
}

bool
command_trust_remove(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *hex = args_text(args, "sha256");
	enum trust_store store;
	struct bytes sha256;
	bool ok;

	if (!named_store(args, &store, e) || !text_unhex(span_str(hex), &sha256, e))
		return false;
	ok = (cluster_is_forced(c->cluster) || cluster_is_rehearsed(c->cluster) ||
		 core_issuer_can_go(c, store, bytes_span(&sha256), e)) &&
	     cluster_trust_remove(c->cluster, store, bytes_span(&sha256), e);
	bytes_free(&sha256);
	if (!ok)
		return false;
	core_forget_all(c);
	*result = json_pack("{s:s}", "sha256", hex);
	return true;
}

/* --- the list that is served --- */
