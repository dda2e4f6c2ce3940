#include "daemon/core_crl.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cluster/cluster_import.h"
#include "daemon/core_files.h"
#include "pki/crl.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_S   86400
#define CLOCK_S 3600 /* clocks of those who check may be behind */

struct entries {
	struct signer_revoked *list;
	size_t count;
};

static bool
add_entry(void *arg, const struct store_revoked *r)
{
	struct entries *all = arg;
	struct signer_revoked one = { .at = r->at };
	struct bytes serial;

	if (!text_unhex(span_str(r->serial), &serial, NULL)) /* the store takes no other */
		return true;
	if (!crl_reason_from_name(r->reason, &one.reason))
		one.reason = 0;
	one.serial = bytes_span(&serial);
	all->list = mem_grow(all->list, all->count + 1, sizeof *all->list);
	all->list[all->count++] = one;
	return true;
}

static void
entries_free(struct entries *all)
{
	for (size_t i = 0; i < all->count; i++)
		free((void *)(uintptr_t)all->list[i].serial.p);
	free(all->list);
}

bool
core_crl_make(
    struct core *c, const struct cert *issuer, time_t now, struct bytes *der, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	struct entries all = { 0 };
	int64_t number;
	bool ok;

	ok =
	    store_revocations_next(s, &number, e) && store_revoked_each(s, now, add_entry, &all, e);
	if (ok) {
		const struct signer_crl crl = { .number = (uint64_t)number,
			.this_update = now - CLOCK_S,
			.next_update = now + (time_t)cluster_conf(c->cluster)->crl_days * DAY_S,
			.revoked = all.list,
			.count = all.count };

		ok = signer_crl(cluster_signer(c->cluster), cert_key_id(issuer), cert_der(issuer),
		    &crl, der, e);
	}
	entries_free(&all);
	return ok;
}

static bool
is_fresh(const struct core *c, const struct filecache_copy *copy, time_t now)
{
	time_t made = (time_t)copy->facts.modified;
	time_t half = (time_t)cluster_conf(c->cluster)->crl_days * DAY_S / 2;

	return now >= made && now - made < half;
}

/* What a copy is known by; no path of a file begins with '/'. */
static bool
key_now(struct core *c, const char *text, struct filecache_key *key, struct err *e)
{
	int64_t number;

	if (!store_revocations_number(cluster_store(c->cluster), &number, e))
		return false;
	*key = (struct filecache_key){ .name = text, .generation = (uint64_t)number };
	return true;
}

static bool
copy_of(struct core *c, const struct cert *issuer, struct filecache_copy *copy, struct err *e)
{
	char name[CLUSTER_CRL_NAME_MAX], text[CLUSTER_CRL_NAME_MAX + 1];
	struct filecache_facts facts = { .modified = (uint64_t)core_now() };
	struct filecache_key key;
	struct bytes der;

	cluster_crl_name(issuer, name);
	snprintf(text, sizeof text, "/%s", name);
	if (!key_now(c, text, &key, e))
		return false;
	if (filecache_find(c->files, &key, copy) && is_fresh(c, copy, core_now()))
		return true;
	if (!core_crl_make(c, issuer, core_now(), &der, e))
		return false;
	if (!key_now(c, text, &key, e)) {
		bytes_free(&der);
		return false;
	}
	snprintf(facts.etag, sizeof facts.etag, "crl %llu", (unsigned long long)key.generation);
	return filecache_keep(c->files, &key, core_now(), &der, &facts, copy, e);
}

/* Looked at for every file, before its issuer is looked for. */
static bool
may_be_crl(const char *name)
{
	size_t n = strlen(name);

	return strncmp(name, "capf", 4) == 0 && n >= 8 && strcmp(name + n - 4, ".crl") == 0;
}

bool
core_crl_ask(struct core_front *from, const struct ask *ask, const char *name)
{
	const struct cert *issuer =
	    may_be_crl(name) ? cluster_crl_issuer(from->core->cluster, name) : NULL;
	struct filecache_copy copy;
	struct err e = { 0 };

	if (issuer == NULL)
		return false;
	if (copy_of(from->core, issuer, &copy, &e))
		core_files_send(from, ask->id, &copy, false);
	else
		core_files_fail(from, ask, &e);
	return true;
}
