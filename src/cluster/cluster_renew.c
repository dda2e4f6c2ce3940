#include "cluster/cluster_renew.h"

#include "cluster/cluster_internal.h"
#include "rules/usage.h"

bool
cluster_rsa_bits_check(const enum purpose *purpose, size_t n, unsigned rsa_bits, struct err *e)
{
	if (rsa_bits == 0)
		return true;
	if (rsa_bits != 2048 && rsa_bits != 3072 && rsa_bits != 4096)
		return err_set(e, ERR_REFUSED,
		    "RSA keys of %u bits: must be 2048, 3072 or 4096; smaller ones are not safe",
		    rsa_bits);
	for (size_t i = 0; i < n; i++) {
		/* files.md 1.1: the header has no number for any other length of a signature. */
		if (rsa_bits == 3072 && (usage_allows(purpose[i], USAGE_SIGN_LIST) ||
					    usage_allows(purpose[i], USAGE_SIGN_FILE)))
			return err_set(e, ERR_REFUSED,
			    "%s: signs what phones read, where signatures of 3072 bits cannot be "
			    "written: take 2048 or 4096",
			    purpose_name(purpose[i]));
		if (purpose[i] == PURPOSE_CALLMANAGER_EC)
			return err_set(e, ERR_REFUSED,
			    "%s: has an EC key, whose size stays: name it without a size of RSA "
			    "keys",
			    purpose_name(purpose[i]));
	}
	return true;
}

bool
cluster_fresh_make(const struct cluster *c, const struct store_node *node,
    const enum purpose *purpose, size_t n, unsigned rsa_bits, time_t now, struct cluster_fresh *out,
    struct err *e)
{
	bool ok = true;

	*out = (struct cluster_fresh){ 0 };
	for (size_t i = 0; ok && i < n; i++) {
		struct cert **its = &out->cert[purpose[i]];

		ok = *its != NULL
			 ? err_set(e, ERR_REFUSED, "%s: is named twice", purpose_name(purpose[i]))
			 : cluster_cert_make(c, node, purpose[i], rsa_bits, now, its, e);
	}
	if (!ok)
		cluster_fresh_free(c, out, false, e);
	return ok;
}

bool
cluster_fresh_activate(struct store *s, int64_t node, const struct cluster_fresh *fresh,
    const struct cluster_change *how, struct err *e)
{
	for (int p = 0; p < PURPOSE_COUNT; p++) {
		const struct cert *its = fresh->cert[p];

		if (its != NULL &&
		    (!cluster_cert_activate(s, node, (enum purpose)p, its, how->now, e) ||
			!cluster_event(s, how, "certificate-renewed", purpose_name((enum purpose)p),
			    cert_subject_cucm(its), e)))
			return false;
	}
	return true;
}

void
cluster_fresh_free(const struct cluster *c, struct cluster_fresh *fresh, bool taken, struct err *e)
{
	for (int p = 0; p < PURPOSE_COUNT; p++) {
		if (fresh->cert[p] != NULL && !taken &&
		    !signer_remove(c->signer, cert_key_id(fresh->cert[p]), NULL))
			err_in(e, "its new key of %s stays in %s", purpose_name((enum purpose)p),
			    CLUSTER_KEYS);
		cert_free(fresh->cert[p]);
		fresh->cert[p] = NULL;
	}
}

struct renewal {
	struct cluster_change how;
	int64_t node;
	struct cluster_fresh fresh;
	const struct picture *before;
	bool compromised;
};

static bool
apply_renewal(struct store *s, void *arg, struct err *e)
{
	const struct renewal *r = arg;

	if (!cluster_fresh_activate(s, r->node, &r->fresh, &r->how, e))
		return false;
	for (int p = 0; r->compromised && p < PURPOSE_COUNT; p++)
		if (r->fresh.cert[p] != NULL && r->before->cert[p] != NULL &&
		    !cluster_give_up(s, r->before->cert[p], &r->how, e))
			return false;
	return true;
}

static bool
renew(struct cluster *c, const enum purpose *purpose, size_t n, unsigned rsa_bits,
    struct renewal *r, time_t now, struct err *e)
{
	bool ok;

	if (n == 0)
		return err_set(e, ERR_REFUSED, "no purpose is named");
	if (!cluster_rsa_bits_check(purpose, n, rsa_bits, e) ||
	    !cluster_fresh_make(c, &c->picture->node, purpose, n, rsa_bits, now, &r->fresh, e))
		return false;
	r->node = c->picture->node.id;
	r->before = c->picture;
	r->how = (struct cluster_change){ apply_renewal, r, now, "cluster", false, NULL };
	ok = cluster_change(c, &r->how, e);
	cluster_fresh_free(c, &r->fresh, ok, e);
	return ok;
}

bool
cluster_renew_many(struct cluster *c, const enum purpose *purpose, size_t n, unsigned rsa_bits,
    time_t now, struct err *e)
{
	struct renewal r = { 0 };

	return renew(c, purpose, n, rsa_bits, &r, now, e);
}

bool
cluster_renew_compromised(struct cluster *c, const enum purpose *purpose, size_t n,
    unsigned rsa_bits, time_t now, struct err *e)
{
	struct renewal r = { .compromised = true };

	if (!renew(c, purpose, n, rsa_bits, &r, now, e))
		return false;
	cluster_purge_finish(c);
	return true;
}
