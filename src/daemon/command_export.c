#include "daemon/commands.h"

#include "base/mem.h"
#include "base/text.h"
#include "daemon/phonepage.h"
#include "pki/chain.h"

#include <stdlib.h>

static void
add_pem(json_t *to, struct span der, time_t not_after)
{
	char *pem = cert_der_to_pem(der);

	json_object_set_new(to, "expires", json_time(not_after));
	json_object_set_new(to, "pem", json_string(pem));
	free(pem);
}

/* --- LSCs --- */

struct holding {
	struct core *core;
	json_t *lscs;
	struct err *e;
	bool failed;
};

/* The SHA-256, in hex, of the one in capf-trust that signed an LSC; null: none did. */
static json_t *
found_issuer(struct core *c, const struct store_lsc *l)
{
	struct cert *lsc = cert_parse(bytes_span(&l->der), NULL);
	size_t count;
	struct cert *const *trusted = cluster_capf_trust(c->cluster, &count);
	const struct cert *issuer = lsc != NULL ? chain_issuer(lsc, trusted, count) : NULL;
	json_t *sha256 = issuer != NULL ? json_hex(cert_sha256(issuer)) : json_null();

	cert_free(lsc);
	return sha256;
}

/* Certificates are not parsed where that can be avoided: phones wait meanwhile. */
static bool
add_live(void *arg, const struct store_lsc *l)
{
	struct holding *h = arg;
	struct bytes issuer;
	json_t *one;

	if ((l->state != STORE_LSC_ISSUED && l->state != STORE_LSC_CONFIRMED) ||
	    l->not_after <= core_now())
		return true;
	if (!store_lsc_issuer_get(cluster_store(h->core->cluster), l->id, &issuer, h->e)) {
		h->failed = true;
		return false;
	}
	one = json_pack("{s:o}", "issuer",
	    issuer.n > 0 ? json_hex(bytes_span(&issuer)) : found_issuer(h->core, l));
	add_pem(one, bytes_span(&l->der), l->not_after);
	json_array_append_new(h->lscs, one);
	bytes_free(&issuer);
	return true;
}

static bool
holding_of(struct core *c, const json_t *args, const struct phone *p, json_t **out, struct err *e)
{
	struct holding h = { .core = c, .lscs = json_array(), .e = e };

	(void)args;
	*out = NULL;
	if (!store_lsc_each(cluster_store(c->cluster), p->device.name, add_live, &h, e) ||
	    h.failed) {
		json_decref(h.lscs);
		return false;
	}
	if (json_array_size(h.lscs) > 0)
		*out = json_pack("{s:s, s:O}", "name", p->device.name, "lscs", h.lscs);
	json_decref(h.lscs);
	return true;
}

bool
command_capf_export(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	return phonepage_run(c, args, holding_of, result, e);
}

/* --- chains --- */

struct chains {
	struct core *core;
	const json_t *wanted;
	json_t *found; /* by SHA-256 in hex, in the order of the answer */
};

/* Whether it was not there yet. */
static bool
add_one(struct chains *ch, const struct cert *c)
{
	char *sha256 = text_hex(cert_sha256(c));
	bool is_new = json_object_get(ch->found, sha256) == NULL;

	if (is_new) {
		json_t *one = json_pack("{s:o}", "subject", json_text(cert_subject_cucm(c)));

		add_pem(one, cert_der(c), cert_not_after(c));
		json_object_set_new(ch->found, sha256, one);
	}
	free(sha256);
	return is_new;
}

static void
add_upwards(struct chains *ch, const struct cert *c)
{
	size_t count;
	struct cert *const *trusted = cluster_capf_trust(ch->core->cluster, &count);

	while (c != NULL && add_one(ch, c) && !cert_is_issued_by(c, c, NULL))
		c = chain_issuer(c, trusted, count);
}

static bool
is_wanted(const struct chains *ch, struct span sha256)
{
	char *hex = text_hex(sha256);
	size_t i;
	json_t *one;
	bool wanted = false;

	json_array_foreach((json_t *)(uintptr_t)ch->wanted, i, one)
	{
		const char *text = json_string_value(one);

		wanted = wanted || (text != NULL && strcmp(text, hex) == 0);
	}
	free(hex);
	return wanted;
}

static bool
add_recorded(void *arg, const struct store_issuer *i)
{
	struct chains *ch = arg;
	struct cert *c = is_wanted(ch, i->sha256) ? cert_parse(i->der, NULL) : NULL;

	if (c != NULL)
		add_upwards(ch, c);
	cert_free(c);
	return true;
}

bool
command_capf_chains(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct chains ch = {
		.core = c, .wanted = json_object_get(args, "issuers"), .found = json_object()
	};
	size_t count;
	struct cert *const *trusted = cluster_capf_trust(c->cluster, &count);
	const char *key;
	json_t *one;

	if (!store_issuer_each(cluster_store(c->cluster), core_now(), add_recorded, &ch, e)) {
		json_decref(ch.found);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (is_wanted(&ch, cert_sha256(trusted[i])))
			add_upwards(&ch, trusted[i]);
	*result = json_array();
	json_object_foreach(ch.found, key, one) json_array_append(*result, one);
	json_decref(ch.found);
	return true;
}
