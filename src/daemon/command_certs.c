#include "daemon/commands.h"

#include "base/text.h"
#include "daemon/core_forget.h"
#include "daemon/core_issuer.h"

#include <stdlib.h>
#include <string.h>

/* --- certificates --- */

static json_t *
cert_json(const struct cert *c)
{
	char *pem = cert_to_pem(c);
	json_t *j = json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:s}", "subject",
	    json_text(cert_subject_cucm(c)), "issuer", json_text(cert_issuer_cucm(c)), "serial",
	    json_hex(cert_serial(c)), "not_before", json_time(cert_not_before(c)), "not_after",
	    json_time(cert_not_after(c)), "key", cert_key_text(c), "sha1", json_hex(cert_sha1(c)),
	    "sha256", json_hex(cert_sha256(c)), "pem", pem);

	free(pem);
	return j;
}

struct listing {
	json_t *out;
	const char *only; /* a purpose or trust store; "" for all */
};

/* What is listed of one certificate, under the name of its purpose or store; NULL: nothing. */
static json_t *
listed(const struct listing *l, const char *kind, const char *name, struct span der)
{
	struct cert *c;
	json_t *one;

	if (*l->only != '\0' && strcmp(l->only, name) != 0)
		return NULL;
	c = cert_parse(der, NULL);
	if (c == NULL)
		return NULL;
	one = cert_json(c);
	json_object_set_new(one, kind, json_string(name));
	json_array_append_new(l->out, one);
	cert_free(c);
	return one;
}

static bool
add_cert(void *arg, const struct store_cert *s)
{
	json_t *one = listed(arg, "purpose", purpose_name(s->purpose), bytes_span(&s->der));

	json_object_set_new(one, "active", json_boolean(s->active));
	json_object_set_new(one, "made", json_time(s->made));
	json_object_set_new(one, "retired", json_time(s->retired));
	return true;
}

static bool
list_certs(struct core *c, const char *only, json_t **result, struct err *e)
{
	struct listing l = { json_array(), only };

	if (!store_cert_each(cluster_store(c->cluster), add_cert, &l, e)) {
		json_decref(l.out);
		return false;
	}
	*result = l.out;
	return true;
}

bool
command_cert_list(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	return list_certs(c, "", result, e);
}

bool
command_cert_show(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *name = args_text(args, "purpose");
	enum purpose purpose;

	if (!purpose_from_name(name, &purpose))
		return err_set(e, ERR_UNKNOWN,
		    "no purpose \"%.40s\": callmanager, callmanager-ec, tvs, capf, itlrecovery, "
		    "web or capf-issuer",
		    name);
	return list_certs(c, name, result, e);
}

/* --- trust stores --- */

static bool
add_trusted(void *arg, const struct store_trust *t)
{
	json_t *one = listed(arg, "store", trust_store_name(t->store), bytes_span(&t->der));

	json_object_set_new(one, "added", json_time(t->added));
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

bool
command_trust_list(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct listing l = { NULL, args_text(args, "store") };
	enum trust_store store;

	if (*l.only != '\0' && !named_store(args, &store, e))
		return false;
	l.out = json_array();
	if (!store_trust_each(cluster_store(c->cluster), add_trusted, &l, e)) {
		json_decref(l.out);
		return false;
	}
	*result = l.out;
	return true;
}

bool
command_trust_add(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	enum trust_store store;
	struct cert *cert;
	bool ok;

	if (!named_store(args, &store, e))
		return false;
	cert = cert_from_pem(span_str(args_text(args, "pem")), e);
	if (cert == NULL)
		return false;
	ok = cluster_trust_add(c->cluster, store, cert, core_now(), e);
	if (ok) {
		core_forget_all(c);
		*result = cert_json(cert);
	}
	cert_free(cert);
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
	ok = core_issuer_can_go(c, store, bytes_span(&sha256), e) &&
	     cluster_trust_remove(c->cluster, store, bytes_span(&sha256), e);
	bytes_free(&sha256);
	if (!ok)
		return false;
	core_forget_all(c);
	*result = json_pack("{s:s}", "sha256", hex);
	return true;
}

/* --- the list that is served --- */

/* What this phone is handed (the empty list when it is released), or the current list. */
bool
command_show_itl(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *name = args_text(args, "phone");
	enum store_list_kind kind = STORE_LIST_ITL;
	struct cluster_list list;
	struct phone p;
	bool found;

	if (*name != '\0') {
		if (!store_phone_get(cluster_store(c->cluster), name, &p, &found, e))
			return false;
		if (!found)
			return err_set(e, ERR_UNKNOWN, "no phone %.60s", name);
		kind = p.released ? STORE_LIST_EMPTY : STORE_LIST_ITL;
	}
	if (!cluster_list(c->cluster, kind, cluster_digest(c->cluster), &list))
		return err_set(e, ERR_UNKNOWN, "no list was published");
	*result = json_pack("{s:I, s:o, s:o}", "version", (json_int_t)list.version, "made",
	    json_time(list.made), "file", json_hex(list.file));
	return true;
}
