#include "cluster/cluster_purge.h"

#include "base/log.h"
#include "base/mem.h"
#include "cluster/cluster_internal.h"
#include "rules/usage.h"

#include <stdlib.h>

/* A certificate of the store, by its key. */
struct keyed {
	int64_t id;
	enum purpose purpose;
	struct cert *cert;
	bool active, in_use; /* in use: active or staged */
	bool given_up, taken_over;
};

struct all {
	struct keyed *one;
	size_t count;
	struct err *e;
	bool failed;
};

static bool
on_cert(void *arg, const struct store_cert *sc)
{
	struct all *a = arg;
	struct cert *c = cert_parse(bytes_span(&sc->der), a->e);

	a->failed = c == NULL;
	if (a->failed)
		return false;
	a->one = mem_grow(a->one, a->count + 1, sizeof *a->one);
	a->one[a->count++] = (struct keyed){ .id = sc->id,
		.purpose = sc->purpose,
		.cert = c,
		.active = sc->active,
		.in_use = sc->active || sc->staged,
		.given_up = sc->given_up != 0,
		.taken_over = sc->taken_over };
	return true;
}

static void
all_free(struct all *a)
{
	for (size_t i = 0; i < a->count; i++)
		cert_free(a->one[i].cert);
	free(a->one);
}

static bool
all_read(struct store *s, struct all *out, struct err *e)
{
	*out = (struct all){ .e = e };
	if (store_cert_each(s, on_cert, out, e) && !out->failed)
		return true;
	all_free(out);
	return false;
}

/* A certificate that a CA made has the key of the one before it. */
static bool
key_is_used(const struct all *a, const struct keyed *k)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->one[i].in_use && span_eq(cert_key_id(a->one[i].cert), cert_key_id(k->cert)))
			return true;
	return false;
}

/* Its key goes, now that the store says so. A key that cannot be removed is tried again when the
 * cluster is opened. */
static void
key_remove(const struct cluster *c, const struct all *a, const struct keyed *k)
{
	struct err e = { 0 };

	if (key_is_used(a, k) || !signer_has(c->signer, cert_key_id(k->cert), NULL) ||
	    signer_remove(c->signer, cert_key_id(k->cert), &e))
		return;
	log_event(LOG_ERROR, "key-not-removed purpose=%s reason=\"%s\"", purpose_name(k->purpose),
	    e.text);
}

void
cluster_purge_finish(const struct cluster *c)
{
	struct all a;

	if (!all_read(c->store, &a, NULL))
		return;
	for (size_t i = 0; i < a.count; i++)
		if (a.one[i].given_up)
			key_remove(c, &a, &a.one[i]);
	all_free(&a);
}

bool
cluster_give_up(
    struct store *s, const struct cert *cert, const struct cluster_change *how, struct err *e)
{
	struct all a;
	bool ok = all_read(s, &a, e);

	for (size_t i = 0; ok && i < a.count; i++)
		if (span_eq(cert_der(a.one[i].cert), cert_der(cert)) && !a.one[i].active &&
		    !a.one[i].given_up)
			ok = store_cert_give_up(s, a.one[i].id, how->now, e) &&
			     cluster_event(s, how, "key-given-up", purpose_name(a.one[i].purpose),
				 cert_subject_cucm(cert), e);
	all_free(&a);
	return ok;
}

/* --- purging --- */

struct purge {
	struct cluster_change how;
	const enum purpose *purpose;
	size_t n;
	bool taken_over;
	struct cluster_purged done;
};

static bool
is_named(const struct purge *p, enum purpose purpose)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->purpose[i] == purpose)
			return true;
	return p->n == 0 && !usage_allows(purpose, USAGE_ISSUE);
}

static bool
apply_purge(struct store *s, void *arg, struct err *e)
{
	struct purge *p = arg;
	struct all a;
	bool ok = all_read(s, &a, e);

	for (size_t i = 0; ok && i < a.count; i++) {
		const struct keyed *k = &a.one[i];

		if (k->in_use || k->given_up || !is_named(p, k->purpose) || key_is_used(&a, k))
			continue;
		if (k->taken_over && !p->taken_over) {
			p->done.left++;
			continue;
		}
		p->done.given_up++;
		ok = store_cert_give_up(s, k->id, p->how.now, e) &&
		     cluster_event(s, &p->how, "key-given-up", purpose_name(k->purpose),
			 cert_subject_cucm(k->cert), e);
	}
	all_free(&a);
	return ok;
}

bool
cluster_purge(struct cluster *c, const enum purpose *purpose, size_t n, bool taken_over, time_t now,
    struct cluster_purged *out, struct err *e)
{
	struct purge p = { .purpose = purpose, .n = n, .taken_over = taken_over };

	for (size_t i = 0; i < n; i++)
		if (usage_allows(purpose[i], USAGE_ISSUE))
			return err_set(e, ERR_REFUSED,
			    "%s: its earlier keys sign the revocation lists of the LSCs that they "
			    "issued, and stay",
			    purpose_name(purpose[i]));
	p.how = (struct cluster_change){ apply_purge, &p, now, "cluster", false, NULL };
	if (!cluster_change(c, &p.how, e))
		return false;
	cluster_purge_finish(c);
	*out = p.done;
	return true;
}
