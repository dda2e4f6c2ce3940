#include "daemon/sightings.h"

#include "base/mem.h"
#include "base/text.h"
#include "wire/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#define COLLECTED_MAX 50000 /* strangers' names between two writings; more are not noted */

struct entry {
	struct store_sighting what;                        /* key: what.device.name */
	int64_t list;                                      /* 0: none was sent */
	char form[sizeof((struct store_served *)0)->form]; /* "": no configuration was sent */
	char version[PHONE_TEXT_MAX];
	char home[PHONE_ADDRESS_MAX]; /* store_served.home */
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
	text_printable(ask_host(address), en->what.address, sizeof en->what.address);
	en->what.at = now;
}

static struct entry *
find(struct sightings *s, const struct device *d)
{
	struct entry *en;

	HASH_FIND_STR(s->entries, d->name, en);
	return en;
}

void
sightings_list(struct sightings *s, const struct device *d, int64_t list)
{
	struct entry *en = find(s, d);

	if (en != NULL)
		en->list = list;
}

void
sightings_config(struct sightings *s, const struct device *d, struct span form, struct span version,
    struct span home)
{
	struct entry *en = find(s, d);
	char address[PHONE_ADDRESS_MAX];

	if (en == NULL)
		return;
	text_printable(ask_host(home), address, sizeof address);
	if (en->home[0] == '\0')
		memcpy(en->home, address, sizeof en->home);
	else if (address[0] != '\0' && strcmp(en->home, address) != 0)
		snprintf(en->home, sizeof en->home, "%s", STORE_SEVERAL);
	text_printable(form, en->form, sizeof en->form);
	text_printable(version, en->version, sizeof en->version);
}

struct writing {
	struct sightings *sightings;
	size_t seen_only_max;
};

static bool
write_seen(struct store *store, const struct writing *w, struct err *e)
{
	struct store_sighting *all;
	struct entry *en, *next;
	size_t n = 0;
	bool ok;

	all = mem_new(HASH_COUNT(w->sightings->entries), sizeof *all);
	HASH_ITER(hh, w->sightings->entries, en, next)
	all[n++] = en->what;
	ok = store_phone_seen(store, all, n, w->seen_only_max, e);
	free(all);
	return ok;
}

/* What was handed out was remembered before it left (core_files.c). */
static bool
write_lists(struct store *store, const struct writing *w, struct err *e)
{
	struct entry *en, *next;

	HASH_ITER(hh, w->sightings->entries, en, next)
	if (en->list != 0 && !store_belief_again(store, en->what.device.name, en->list,
				 en->what.address, en->what.at, e))
		return false;
	return true;
}

static bool
write_configs(struct store *store, const struct writing *w, struct err *e)
{
	struct store_served *all;
	struct entry *en, *next;
	size_t n = 0;
	bool ok;

	all = mem_new(HASH_COUNT(w->sightings->entries), sizeof *all);
	HASH_ITER(hh, w->sightings->entries, en, next)
	{
		struct store_served *one = &all[n];

		if (en->form[0] == '\0')
			continue;
		n++;
		one->at = en->what.at;
		memcpy(one->device, en->what.device.name, sizeof one->device);
		memcpy(one->form, en->form, sizeof one->form);
		memcpy(one->version, en->version, sizeof one->version);
		memcpy(one->address, en->what.address, sizeof one->address);
		memcpy(one->home, en->home, sizeof one->home);
	}
	ok = n == 0 || store_served_put(store, all, n, e);
	free(all);
	return ok;
}

static bool
write_all(struct store *store, void *arg, struct err *e)
{
	const struct writing *w = arg;

	return write_seen(store, w, e) && write_lists(store, w, e) && write_configs(store, w, e);
}

bool
sightings_write(struct sightings *s, struct store *store, size_t seen_only_max, struct err *e)
{
	struct writing w = { s, seen_only_max };

	if (s->entries == NULL)
		return true;
	if (!store_change(store, write_all, &w, e))
		return false;
	forget_all(s);
	return true;
}
