#include "cluster/cluster_bulk.h"

#include "cluster/cluster_internal.h"

#include <stdio.h>
#include <string.h>

struct import {
	struct cluster_bulk_item *item;
	size_t count;
	struct cluster_change how;
	bool dry_run;
};

const char *
cluster_bulk_outcome_name(enum cluster_bulk_outcome o)
{
	static const char *const names[] = { "taken", "already", "refused" };

	return names[o];
}

static bool
is_same(const struct cluster_bulk_item *item, const struct bytes *der)
{
	return span_eq(cert_der(item->cert), bytes_span(der));
}

/* --- what is there --- */

/* A certificate of ours, active or earlier, came back in a consolidated bundle. */
static bool
on_own(void *arg, const struct store_cert *own)
{
	struct import *im = arg;

	for (size_t i = 0; i < im->count; i++) {
		struct cluster_bulk_item *item = &im->item[i];

		if (item->outcome != CLUSTER_BULK_TAKEN || !is_same(item, &own->der))
			continue;
		item->outcome = CLUSTER_BULK_ALREADY;
		snprintf(item->reason, sizeof item->reason, "%s%s of this cluster",
		    own->active ? "" : "an earlier ", purpose_name(own->purpose));
	}
	return true;
}

struct held {
	const struct cluster_bulk_item *item;
	bool in[TRUST_STORE_COUNT];
};

static bool
on_held(void *arg, const struct store_trust *t)
{
	struct held *h = arg;

	h->in[t->store] = h->in[t->store] || is_same(h->item, &t->der);
	return true;
}

/* --- one certificate --- */

static bool
put(struct store *s, const struct import *im, struct cluster_bulk_item *item, enum trust_store to,
    struct err *e)
{
	struct store_trust t = { .store = to, .added = im->how.now };
	bool ok;

	item->added[to] = true;
	if (im->dry_run)
		return true;
	t.der = bytes_copy(cert_der(item->cert));
	ok = store_trust_add(s, &t, e) &&
	     cluster_event(s, &im->how, "trust-added", trust_store_name(to),
		 cert_subject_cucm(item->cert), e);
	bytes_free(&t.der);
	return ok;
}

/* An earlier one of the same call went into the store, or would have. */
static bool
was_put(const struct import *im, const struct cluster_bulk_item *item, enum trust_store to)
{
	for (const struct cluster_bulk_item *i = im->item; i < item; i++)
		if (i->added[to] && span_eq(cert_der(i->cert), cert_der(item->cert)))
			return true;
	return false;
}

static bool
take(struct store *s, const struct import *im, struct cluster_bulk_item *item, struct err *e)
{
	enum trust_store to[BULKCERT_STORES_MAX];
	size_t count = bulkcert_stores(item->type, to), added = 0;
	struct held held = { .item = item };

	if (!store_trust_each(s, on_held, &held, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (held.in[to[i]] || was_put(im, item, to[i]))
			continue;
		if (!put(s, im, item, to[i], e))
			return err_in(
			    e, "%s: %s", trust_store_name(to[i]), cert_subject_cucm(item->cert));
		added++;
	}
	if (added == 0)
		item->outcome = CLUSTER_BULK_ALREADY;
	return true;
}

static bool
import_all(struct store *s, void *arg, struct err *e)
{
	struct import *im = arg;

	if (!store_cert_each(s, on_own, im, e))
		return false;
	for (size_t i = 0; i < im->count; i++)
		if (im->item[i].outcome == CLUSTER_BULK_TAKEN && !take(s, im, &im->item[i], e))
			return false;
	return true;
}

static void
judge(struct cluster_bulk_item *item)
{
	struct err why = { 0 };

	item->outcome = bulkcert_check(item->type, item->cert, &why) ? CLUSTER_BULK_TAKEN
								     : CLUSTER_BULK_REFUSED;
	memset(item->added, 0, sizeof item->added);
	snprintf(item->reason, sizeof item->reason, "%s", why.text);
}

bool
cluster_bulk_import(struct cluster *c, struct cluster_bulk_item *items, size_t count, bool dry_run,
    time_t now, struct err *e)
{
	struct import im = { .item = items, .count = count, .dry_run = dry_run };

	for (size_t i = 0; i < count; i++)
		judge(&items[i]);
	if (dry_run)
		return store_view(c->store, import_all, &im, e);
	im.how = (struct cluster_change){ import_all, &im, now, "cluster", false, NULL };
	return cluster_change(c, &im.how, e);
}
