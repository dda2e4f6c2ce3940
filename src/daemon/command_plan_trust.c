#include "daemon/command_plan.h"
#include "daemon/commands.h"
#include "daemon/core_issuer.h"

#include "base/text.h"
#include "cluster/forecast_json.h"

#include <stdarg.h>
#include <stdio.h>

#define STEP_MAX 512

struct removing {
	struct core *core;
	const json_t *args;
	struct span sha256;
	struct core_issuer_need need;
};

static bool
add_phone(void *arg, const char *name, const char *model)
{
	forecast_effect_add(arg, name, model, true);
	return true;
}

/* Those who hold its LSCs; where their issuer is not on record, those that it may be of too. */
static bool
holders(const struct removing *r, json_t *effect, struct err *e)
{
	struct store *s = cluster_store(r->core->cluster);

	return store_issuer_phone_each(s, r->sha256, core_now(), add_phone, effect, e) &&
	       (r->need.unknown == 0 || store_issuer_phone_each(s, (struct span){ 0 }, core_now(),
					    add_phone, effect, e));
}

static json_t *
effect_json(void)
{
	return forecast_effect_json("lsc",
	    "hold LSCs that it issued: CAPF lets them in by those no more, and who verifies LSCs "
	    "by this store refuses them",
	    "give them new LSCs first, by another CAPF certificate", true);
}

static void step_add(json_t *steps, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
step_add(json_t *steps, const char *fmt, ...)
{
	char text[STEP_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	json_array_append_new(steps, json_text(text));
}

/* The subject of the certificate as filters know it. */
struct named {
	struct span sha256;
	char subject[PHONE_ISSUER_MAX];
};

static bool
look_for(void *arg, const struct store_issuer *i)
{
	struct named *n = arg;

	if (!span_eq(i->sha256, n->sha256))
		return true;
	snprintf(n->subject, sizeof n->subject, "%s", i->subject);
	return false;
}

static bool
add_steps(const struct removing *r, json_t *steps, struct err *e)
{
	struct named n = { .sha256 = r->sha256, .subject = "Unknown" };
	const struct cert *now = core_issuer_now(r->core);

	if (!store_issuer_each(cluster_store(r->core->cluster), core_now(), look_for, &n, e))
		return false;
	json_array_clear(steps);
	if (now != NULL && span_eq(cert_sha256(now), r->sha256))
		step_add(steps, "sealtone cert regenerate capf");
	step_add(steps,
	    "sealtone capf bulk 'lsc issued by is exactly \"%s\"' --operation install-upgrade",
	    n.subject);
	step_add(steps, "reset the phones until sealtone capf issuers counts none of it");
	step_add(steps, "sealtone trust remove %s %s", args_text(r->args, "store"),
	    args_text(r->args, "sha256"));
	return true;
}

static bool
add_holders(const struct removing *r, json_t *plan, struct err *e)
{
	json_t *effect = effect_json(), *cut_off = json_object_get(plan, "cut_off");
	bool ok = holders(r, effect, e) && add_steps(r, json_object_get(plan, "steps"), e);

	if (ok) {
		if (json_object_get(plan, "effects") == NULL)
			json_object_set_new(plan, "effects", json_array());
		json_array_append(json_object_get(plan, "effects"), effect);
		json_integer_set(
		    cut_off, json_integer_value(cut_off) + forecast_effect_count(effect));
	}
	json_decref(effect);
	return ok;
}

bool
command_plan_trust(struct core *c, const json_t *args, json_t *plan, struct err *e)
{
	struct removing r = { .core = c, .args = args };
	enum trust_store store;
	struct bytes sha256;
	bool ok;

	if (!trust_store_from_name(args_text(args, "store"), &store) ||
	    !text_unhex(span_str(args_text(args, "sha256")), &sha256, e))
		return err_set(e, ERR_BUG, "a plan for no certificate");
	r.sha256 = bytes_span(&sha256);
	ok = core_issuer_needed(c, store, r.sha256, &r.need, e) &&
	     (r.need.live + r.need.unknown == 0 || add_holders(&r, plan, e));
	bytes_free(&sha256);
	return ok;
}
