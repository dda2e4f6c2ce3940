#include "daemon/commands.h"

#include "base/mem.h"
#include "cluster/cluster_bulk.h"
#include "daemon/core_forget.h"
#include "pki/bundle.h"

#include <stdlib.h>

/* --- certificates of another cluster --- */

struct wanted {
	struct cluster_bulk_item *item;
	struct cert **cert; /* those of the items */
	size_t count;
};

static void
wanted_free(struct wanted *w)
{
	for (size_t i = 0; i < w->count; i++)
		cert_free(w->cert[i]);
	free(w->cert);
	free(w->item);
}

static bool
read_one(const json_t *one, struct cluster_bulk_item *out, struct cert **cert, struct err *e)
{
	const char *type = args_text(one, "type");

	if (!bulkcert_type_from_name(type, &out->type))
		return err_set(e, ERR_UNKNOWN,
		    "no type \"%.40s\": CallManager, CallManager-ECDSA, ITLRecovery, CAPF, TVS or "
		    "tomcat",
		    type);
	*cert = cert_from_pem(span_str(args_text(one, "pem")), e);
	out->cert = *cert;
	return *cert != NULL;
}

static bool
read_wanted(const json_t *all, struct wanted *w, struct err *e)
{
	size_t count = json_array_size(all);

	if (count == 0 || count > BUNDLE_MAX)
		return err_set(e, ERR_LIMIT, "%zu certificates; 1 to %d can be imported at once",
		    count, BUNDLE_MAX);
	w->item = mem_new(count, sizeof *w->item);
	w->cert = mem_new(count, sizeof(struct cert *));
	for (size_t i = 0; i < count; i++, w->count++)
		if (!read_one(json_array_get(all, i), &w->item[i], &w->cert[i], e))
			return err_in(e, "certificate %zu", i + 1);
	return true;
}

static json_t *
stores_json(const struct cluster_bulk_item *item)
{
	json_t *stores = json_array();

	for (int s = 0; s < TRUST_STORE_COUNT; s++)
		if (item->added[s])
			json_array_append_new(
			    stores, json_string(trust_store_name((enum trust_store)s)));
	return stores;
}

static json_t *
item_json(const struct cluster_bulk_item *item)
{
	return json_pack("{s:s, s:o, s:o, s:s, s:o, s:o}", "type", bulkcert_type_name(item->type),
	    "subject", json_text(cert_subject_cucm(item->cert)), "sha256",
	    json_hex(cert_sha256(item->cert)), "outcome", cluster_bulk_outcome_name(item->outcome),
	    "stores", stores_json(item), "reason",
	    item->reason[0] != '\0' ? json_text(item->reason) : json_null());
}

bool
command_migrate_import(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	bool dry_run = json_is_true(json_object_get(args, "dry_run"));
	struct wanted w = { 0 };
	bool ok = read_wanted(json_object_get(args, "certificates"), &w, e) &&
		  cluster_bulk_import(c->cluster, w.item, w.count, dry_run, core_now(), e);

	if (ok) {
		*result = json_array();
		for (size_t i = 0; i < w.count; i++)
			json_array_append_new(*result, item_json(&w.item[i]));
	}
	if (ok && !dry_run)
		core_forget_all(c);
	wanted_free(&w);
	return ok;
}
