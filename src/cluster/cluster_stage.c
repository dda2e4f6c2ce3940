#include "cluster/cluster_stage.h"

#include "cluster/backup_state.h"
#include "cluster/cluster_internal.h"
#include "rules/usage.h"

struct wish {
	struct cluster_change how;
	const struct picture *before;
	struct cluster_fresh fresh;
	bool named[PURPOSE_COUNT];
};

const struct cert *
cluster_staged(const struct cluster *c, enum purpose p)
{
	return c->picture->staged[p];
}

/* --- announcing --- */

static bool
may_stage(const struct cluster *c, const enum purpose *purpose, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (purpose[i] != PURPOSE_CALLMANAGER && purpose[i] != PURPOSE_ITLRECOVERY &&
		    purpose[i] != PURPOSE_TVS && purpose[i] != PURPOSE_CAPF)
			return err_set(e, ERR_REFUSED,
			    "%s: trust lists announce callmanager, itlrecovery, tvs and capf",
			    purpose_name(purpose[i]));
		if (cluster_staged(c, purpose[i]) != NULL)
			return err_set(e, ERR_CONFLICT,
			    "%s: a certificate is announced already: sealtone cert activate, or "
			    "withdraw",
			    purpose_name(purpose[i]));
	}
	return true;
}

static bool
stage_one(struct store *s, const struct wish *w, enum purpose p, struct err *e)
{
	const struct cert *cert = w->fresh.cert[p];
	struct store_cert row = { .node = w->before->node.id,
		.purpose = p,
		.der = bytes_copy(cert_der(cert)),
		.staged = true };
	bool ok = store_cert_put(s, &row, w->how.now, e) &&
		  cluster_event(s, &w->how, "certificate-staged", purpose_name(p),
		      cert_subject_cucm(cert), e);

	bytes_free(&row.der);
	return ok;
}

static bool
apply_stage(struct store *s, void *arg, struct err *e)
{
	const struct wish *w = arg;

	for (int p = 0; p < PURPOSE_COUNT; p++)
		if (w->fresh.cert[p] != NULL && !stage_one(s, w, (enum purpose)p, e))
			return false;
	return backup_state_keys_changed(s, w->how.now, e);
}

bool
cluster_stage(struct cluster *c, const enum purpose *purpose, size_t n, unsigned rsa_bits,
    time_t now, struct err *e)
{
	struct wish w = { .before = c->picture };
	bool ok;

	if (!may_stage(c, purpose, n, e) || !cluster_rsa_bits_check(purpose, n, rsa_bits, e) ||
	    !cluster_fresh_make(c, &c->picture->node, purpose, n, rsa_bits, now, &w.fresh, e))
		return false;
	w.how = (struct cluster_change){ apply_stage, &w, now, "cluster", false, NULL };
	ok = cluster_change(c, &w.how, e);
	cluster_fresh_free(c, &w.fresh, ok, e);
	return ok;
}

/* --- what becomes of them --- */

static bool
name_staged(
    const struct cluster *c, const enum purpose *purpose, size_t n, struct wish *w, struct err *e)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (cluster_staged(c, purpose[i]) == NULL)
			return err_set(e, ERR_UNKNOWN, "%s: no certificate is announced",
			    purpose_name(purpose[i]));
		w->named[purpose[i]] = any = true;
	}
	for (int p = 0; p < PURPOSE_COUNT && n == 0; p++)
		if (cluster_staged(c, (enum purpose)p) != NULL)
			w->named[p] = any = true;
	return any || err_set(e, ERR_UNKNOWN, "no certificate is announced");
}

static bool
activate_one(struct store *s, const struct wish *w, enum purpose p, struct err *e)
{
	const struct cert *cert = w->before->staged[p];

	return store_cert_promote(s, w->before->node.id, p, w->how.now, e) &&
	       (!usage_allows(p, USAGE_ISSUE) ||
		   cluster_trust_once(s, TRUST_CAPF, cert, w->how.now, e)) &&
	       cluster_event(
		   s, &w->how, "certificate-renewed", purpose_name(p), cert_subject_cucm(cert), e);
}

static bool
apply_activate(struct store *s, void *arg, struct err *e)
{
	const struct wish *w = arg;

	for (int p = 0; p < PURPOSE_COUNT; p++)
		if (w->named[p] && !activate_one(s, w, (enum purpose)p, e))
			return false;
	return backup_state_keys_changed(s, w->how.now, e);
}

bool
cluster_stage_activate(
    struct cluster *c, const enum purpose *purpose, size_t n, time_t now, struct err *e)
{
	struct wish w = { .before = c->picture };

	if (!name_staged(c, purpose, n, &w, e))
		return false;
	w.how = (struct cluster_change){ apply_activate, &w, now, "cluster", false, NULL };
	return cluster_change(c, &w.how, e);
}

static bool
apply_withdraw(struct store *s, void *arg, struct err *e)
{
	const struct wish *w = arg;

	for (int p = 0; p < PURPOSE_COUNT; p++)
		if (w->named[p] && !cluster_give_up(s, w->before->staged[p], &w->how, e))
			return false;
	return true;
}

bool
cluster_stage_withdraw(
    struct cluster *c, const enum purpose *purpose, size_t n, time_t now, struct err *e)
{
	struct wish w = { .before = c->picture };

	if (!name_staged(c, purpose, n, &w, e))
		return false;
	w.how = (struct cluster_change){ apply_withdraw, &w, now, "cluster", false, NULL };
	if (!cluster_change(c, &w.how, e))
		return false;
	cluster_purge_finish(c);
	return true;
}
