#include "daemon/core_issuer.h"

#include "rules/usage.h"

#include <stdio.h>

const struct cert *
core_issuer_now(const struct core *c)
{
	return conf_issuer_is_external(cluster_conf(c->cluster)) ? NULL
								 : cluster_issuer(c->cluster);
}

bool
core_issuer_number(struct store *s, const struct cert *issuer, int64_t *out, struct err *e)
{
	struct store_issuer i = { .der = cert_der(issuer),
		.sha256 = cert_sha256(issuer),
		.not_after = cert_not_after(issuer) };

	snprintf(i.subject, sizeof i.subject, "%s", cert_subject_cucm(issuer));
	return store_issuer_number(s, &i, out, e);
}

struct search {
	struct span sha256;
	bool found;
};

static bool
look_at_cert(void *arg, const struct store_cert *s)
{
	struct search *look = arg;
	bool signs = usage_allows(s->purpose, USAGE_ISSUE);
	struct cert *c = signs ? cert_parse(bytes_span(&s->der), NULL) : NULL;

	look->found = c != NULL && span_eq(cert_sha256(c), look->sha256);
	cert_free(c);
	return !look->found;
}

bool
core_issuer_needed(struct core *c, enum trust_store store, struct span sha256,
    struct core_issuer_need *out, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	struct search ours = { .sha256 = sha256 };

	*out = (struct core_issuer_need){ 0 };
	if (store != TRUST_CALLMANAGER && store != TRUST_CAPF)
		return true;
	return store_issuer_live(s, sha256, core_now(), &out->live, e) &&
	       store_cert_each(s, look_at_cert, &ours, e) &&
	       (!ours.found ||
		   store_issuer_live(s, (struct span){ 0 }, core_now(), &out->unknown, e));
}

bool
core_issuer_can_go(struct core *c, enum trust_store store, struct span sha256, struct err *e)
{
	struct core_issuer_need n;

	if (!core_issuer_needed(c, store, sha256, &n, e))
		return false;
	return n.live + n.unknown == 0 ||
	       err_set(e, ERR_REFUSED,
		   "%zu live LSCs depend on this certificate (%zu of them may): sealtone plan "
		   "trust remove says whose, capf issuers when the last one ends; --force goes on "
		   "all the same",
		   n.live + n.unknown, n.unknown);
}
