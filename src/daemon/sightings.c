#include "daemon/sightings.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <uthash.h>

#define COLLECTED_MAX 50000 /* strangers' names in one second; more are not noted */

struct entry {
	struct store_sighting what; /* key: what.device.name */
	UT_hash_handle hh;
};

struct sightings {
	struct entry *entries;
};

struct sightings *
sightings_new(void)
{
	return mem_new(1, sizeof(struct sightings));
}

static void
forget_all(struct sightings *s)
{
	struct entry *en, *next;

	HASH_ITER(hh, s->entries, en, next)
	{
		HASH_DEL(s->entries, en);
		free(en);
	}
}

void
sightings_free(struct sightings *s)
{
	if (s == NULL)
		return;
	forget_all(s);
	free(s);
}

/* "192.0.2.1:50000" and "[2001:db8::1]:50000" without the port and the brackets. */
static struct span
without_port(struct span a)
{
	const char *colon, *close;

	if (a.p == NULL || a.n == 0)
		return a;
	colon = memrchr(a.p, ':', a.n);
	close = memrchr(a.p, ']', a.n);
	if (a.p[0] == '[' && close != NULL)
		return span_of(a.p + 1, (size_t)(close - (const char *)a.p) - 1);
	return colon != NULL ? span_of(a.p, (size_t)(colon - (const char *)a.p)) : a;
}

void
sightings_add(struct sightings *s, const struct device *d, struct span address, time_t now)
{
	struct entry *en;

	HASH_FIND_STR(s->entries, d->name, en);
	if (en == NULL) {
		if (HASH_COUNT(s->entries) >= COLLECTED_MAX)
			return;
		en = mem_new(1, sizeof *en);
		en->what.device = *d;
		HASH_ADD_STR(s->entries, what.device.name, en);
	}
	text_printable(without_port(address), en->what.address, sizeof en->what.address);
	en->what.at = now;
}

bool
sightings_write(struct sightings *s, struct store *store, size_t seen_only_max, struct err *e)
{
	size_t count = HASH_COUNT(s->entries), n = 0;
	struct store_sighting *all;
	struct entry *en, *next;
	bool ok;

	if (count == 0)
		return true;
	all = mem_new(count, sizeof *all);
	HASH_ITER(hh, s->entries, en, next)
	all[n++] = en->what;
	ok = store_phone_seen(store, all, count, seen_only_max, e);
	if (ok)
		forget_all(s);
	free(all);
	return ok;
}
