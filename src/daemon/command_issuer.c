#include "daemon/certjson.h"
#include "daemon/commands.h"

#include "cluster/cluster_import.h"
#include "cluster/cluster_keysize.h"
#include "cluster/cluster_purge.h"
#include "cluster/cluster_renew.h"
#include "cluster/cluster_stage.h"
#include "daemon/certnotes.h"
#include "daemon/core_crl.h"
#include "daemon/core_forget.h"
#include "daemon/core_stage.h"
#include "pki/crl.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool
purpose_take(const char *name, enum purpose *out, struct err *e)
{
	return purpose_from_name(name, out) ||
	       err_set(e, ERR_UNKNOWN,
		   "no purpose \"%.40s\": callmanager, callmanager-ec, tvs, capf, itlrecovery, web "
		   "or capf-issuer",
		   name);
}

static bool
named_purpose(const json_t *args, enum purpose *out, struct err *e)
{
	return purpose_take(args_text(args, "purpose"), out, e);
}

/* Those that there are. */
static bool
named_purposes(const struct core *c, const json_t *names, enum purpose out[PURPOSE_COUNT],
    size_t *count, struct err *e)
{
	size_t i;
	json_t *one;

	*count = 0;
	json_array_foreach((json_t *)(uintptr_t)names, i, one)
	{
		const char *name = json_string_value(one);

		if (i == PURPOSE_COUNT)
			return err_set(e, ERR_LIMIT, "more than %d purposes", PURPOSE_COUNT);
		if (!purpose_take(name != NULL ? name : "", &out[i], e))
			return false;
		if (cluster_cert(c->cluster, out[i]) == NULL)
			return err_set(e, ERR_UNKNOWN, "there is no %s", purpose_name(out[i]));
		(*count)++;
	}
	return true;
}

static bool
names_take(const json_t *names, const char *out[CLUSTER_NAMES_MAX], size_t *count, struct err *e)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)names, i, one)
	{
		if (i == CLUSTER_NAMES_MAX || !json_is_string(one))
			return err_set(
			    e, ERR_MALFORMED, "san: at most %d names, as texts", CLUSTER_NAMES_MAX);
		out[(*count)++] = json_string_value(one);
	}
	return true;
}

bool
command_cert_csr(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *distribution = args_text(args, "distribution");
	const char *name[CLUSTER_NAMES_MAX];
	struct cluster_csr what = { .name = name };
	struct bytes pem;

	what.all_nodes = strcmp(distribution, "multi-san") == 0;
	if (!what.all_nodes && *distribution != '\0' && strcmp(distribution, "node") != 0)
		return err_set(
		    e, ERR_MALFORMED, "distribution \"%.40s\": node or multi-san", distribution);
	if (!named_purpose(args, &what.purpose, e) ||
	    !names_take(json_object_get(args, "san"), name, &what.count, e) ||
	    !cluster_csr(c->cluster, &what, &pem, e))
		return false;
	*result = json_pack("{s:s%}", "pem", (const char *)pem.p, pem.n);
	bytes_free(&pem);
	return true;
}

/* The keys of a node are on its machine. */
static bool
is_own_node(const struct core *c, const json_t *args, struct err *e)
{
	const char *node = args_text(args, "node"), *own = cluster_node(c->cluster)->name;

	return *node == '\0' || strcmp(node, own) == 0 ||
	       err_set(e, ERR_UNKNOWN, "node \"%.200s\": only keys of %s are here", node, own);
}

/* 0: as usual. Phones are asked for larger ones, unless they are forced. */
static bool
size_take(const struct core *c, const json_t *args, unsigned *bits, struct err *e)
{
	const json_int_t size = json_integer_value(json_object_get(args, "rsa_size"));

	*bits = 0;
	if (size < 0 || size > UINT16_MAX)
		return err_set(e, ERR_MALFORMED, "rsa-size: must be 2048, 3072 or 4096");
	*bits = (unsigned)size;
	return *bits == 0 || json_is_true(json_object_get(args, "force_size")) ||
	       cluster_keysize_check(c->cluster, *bits, e);
}

bool
command_cert_regenerate(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	bool (*renew)(struct cluster * c, const enum purpose *purpose, size_t n, unsigned rsa_bits,
	    time_t now, struct err *e) = json_is_true(json_object_get(args, "compromised"))
					     ? cluster_renew_compromised
					     : cluster_renew_many;
	enum purpose purpose[PURPOSE_COUNT];
	bool was_signed[PURPOSE_COUNT];
	unsigned bits;
	size_t n;

	certnotes_signed(c, was_signed);
	if (!is_own_node(c, args, e) ||
	    !named_purposes(c, json_object_get(args, "purposes"), purpose, &n, e) ||
	    !size_take(c, args, &bits, e) || !renew(c->cluster, purpose, n, bits, core_now(), e))
		return false;
	core_refresh_fronts(c);
	*result = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *one = certnotes_replaced(c, purpose[i]);

		certnotes_add_lost(c, purpose[i], was_signed, json_object_get(one, "notes"));
		json_array_append_new(*result, one);
	}
	return true;
}

/* The key stays, so that it is that of the active one. */
static bool
key_fits_phones(const struct core *c, enum purpose purpose, const json_t *args, struct err *e)
{
	const struct cert *now = cluster_cert(c->cluster, purpose);

	return now == NULL || !cert_is_rsa(now) ||
	       json_is_true(json_object_get(args, "force_size")) ||
	       cluster_keysize_check(c->cluster, cert_key_bits(now), e);
}

bool
command_cert_import(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	enum purpose purpose;
	struct chain given;
	bool ok;

	if (!named_purpose(args, &purpose, e) || !key_fits_phones(c, purpose, args, e) ||
	    !chain_from_pem(span_str(args_text(args, "pem")), &given, e))
		return false;
	ok = cluster_import(c->cluster, purpose, &given, core_now(), e);
	chain_free(&given);
	if (!ok)
		return false;
	core_refresh_fronts(c);
	*result = certnotes_replaced(c, purpose);
	certnotes_add_imported(c, purpose, json_object_get(*result, "notes"));
	return true;
}

static bool
some_purposes(struct core *c, const json_t *args, enum purpose *purpose, size_t *n, struct err *e)
{
	const json_t *names = json_object_get(args, "purposes");

	*n = 0;
	return json_array_size(names) == 0 || named_purposes(c, names, purpose, n, e);
}

/* Those that are named; when none is, those that are announced. */
static bool
staged_purposes(struct core *c, const json_t *args, enum purpose *purpose, size_t *n, struct err *e)
{
	if (!some_purposes(c, args, purpose, n, e))
		return false;
	if (*n > 0)
		return true;
	for (int p = 0; p < PURPOSE_COUNT; p++)
		if (cluster_staged(c->cluster, (enum purpose)p) != NULL)
			purpose[(*n)++] = (enum purpose)p;
	return true;
}

static json_t *
names_of(const enum purpose *purpose, size_t n)
{
	json_t *names = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(names, json_string(purpose_name(purpose[i])));
	return names;
}

bool
command_cert_stage(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	enum purpose purpose[PURPOSE_COUNT];
	unsigned bits;
	size_t n;

	if (!is_own_node(c, args, e) ||
	    !named_purposes(c, json_object_get(args, "purposes"), purpose, &n, e) ||
	    !size_take(c, args, &bits, e) ||
	    !cluster_stage(c->cluster, purpose, n, bits, core_now(), e))
		return false;
	core_refresh_fronts(c);
	core_stage_look_again(c);
	*result = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *one = certjson(cluster_staged(c->cluster, purpose[i]), core_now());

		json_object_set_new(one, "purpose", json_string(purpose_name(purpose[i])));
		json_array_append_new(*result, one);
	}
	return true;
}

bool
command_cert_activate(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	enum purpose purpose[PURPOSE_COUNT];
	size_t n;

	if (!staged_purposes(c, args, purpose, &n, e) ||
	    !cluster_stage_activate(c->cluster, purpose, n, core_now(), e))
		return false;
	core_refresh_fronts(c);
	*result = json_pack("{s:o}", "purposes", names_of(purpose, n));
	return true;
}

bool
command_cert_withdraw(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	enum purpose purpose[PURPOSE_COUNT];
	size_t n;

	if (!staged_purposes(c, args, purpose, &n, e) ||
	    !cluster_stage_withdraw(c->cluster, purpose, n, core_now(), e))
		return false;
	core_refresh_fronts(c);
	*result = json_pack("{s:o}", "purposes", names_of(purpose, n));
	return true;
}

bool
command_cert_purge(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	bool taken_over = json_is_true(json_object_get(args, "taken_over"));
	enum purpose purpose[PURPOSE_COUNT];
	struct cluster_purged done;
	size_t n;

	if (!some_purposes(c, args, purpose, &n, e) ||
	    !cluster_purge(c->cluster, purpose, n, taken_over, core_now(), &done, e))
		return false;
	core_refresh_fronts(c);
	*result = json_pack(
	    "{s:I, s:I}", "given_up", (json_int_t)done.given_up, "left", (json_int_t)done.left);
	return true;
}

bool
command_capf_revoke(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *who = args_text(args, "who"), *reason = args_text(args, "reason");
	size_t count;
	unsigned code;

	if (*reason == '\0')
		reason = "unspecified";
	if (!crl_reason_from_name(reason, &code))
		return err_set(e, ERR_MALFORMED,
		    "reason \"%.40s\": unspecified, keyCompromise, affiliationChanged, superseded, "
		    "cessationOfOperation or privilegeWithdrawn",
		    reason);
	if (!store_lsc_revoke(cluster_store(c->cluster), who, reason, core_now(), &count, e))
		return false;
	if (count == 0)
		return err_set(e, ERR_UNKNOWN,
		    "no phone and no serial \"%.60s\" with a certificate to be revoked", who);
	core_audit(c, "admin", "lsc-revoked", who, "%zu, %s", count, reason);
	core_forget_all(c);
	*result = json_pack("{s:I}", "revoked", (json_int_t)count);
	return true;
}

bool
command_capf_crl(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const struct cert *issuer = cluster_issuer(c->cluster);
	struct bytes der;
	char *pem;

	(void)args;
	if (!core_crl_make(c, issuer, core_now(), &der, e))
		return false;
	pem = crl_to_pem(bytes_span(&der), e);
	bytes_free(&der);
	if (pem == NULL)
		return false;
	*result =
	    json_pack("{s:o, s:s}", "issuer", json_text(cert_subject_cucm(issuer)), "pem", pem);
	free(pem);
	return true;
}
