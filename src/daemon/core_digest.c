#include "daemon/core_digest.h"

#include "base/log.h"

enum envelope_digest
core_digest_of_model(const struct core *c, const char *model)
{
	return model_digest(
	    modeltable_find(cluster_models(c->cluster), model), cluster_digest(c->cluster));
}

struct search {
	const struct core *core;
	bool everybody; /* takes SHA-512 */
};

static bool
look_at_model(void *arg, const char *model)
{
	struct search *s = arg;

	s->everybody = core_digest_of_model(s->core, model) == ENVELOPE_SHA512;
	return s->everybody;
}

/* A fault of the store is not a reason to give phones what they cannot verify. */
static enum envelope_digest
find_shared(struct core *c)
{
	struct search s = { c, true };
	struct err e = { 0 };

	if (cluster_digest(c->cluster) != ENVELOPE_SHA512)
		return ENVELOPE_SHA1;
	if (!store_phone_models(cluster_store(c->cluster), look_at_model, &s, &e)) {
		log_event(LOG_ERROR, "models-not-read reason=\"%s\"", e.text);
		return ENVELOPE_SHA1;
	}
	return s.everybody ? ENVELOPE_SHA512 : ENVELOPE_SHA1;
}

enum envelope_digest
core_digest_shared(struct core *c)
{
	if (c->shared_digest == 0)
		c->shared_digest = find_shared(c);
	return (enum envelope_digest)c->shared_digest;
}

bool
core_digest_changed(struct core *c)
{
	unsigned before = c->shared_digest;

	if (before == 0)
		return false;
	c->shared_digest = find_shared(c);
	return c->shared_digest != before;
}

void
core_digest_forget(struct core *c)
{
	c->shared_digest = 0;
}
