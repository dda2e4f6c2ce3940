#include "daemon/boots.h"

#include "base/mem.h"
#include "base/text.h"
#include "wire/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

/* One that is half seen. */
struct half {
	char device[DEVICE_NAME_MAX]; /* key */
	int64_t list;                 /* 0: not yet */
	time_t config;                /* 0: not yet */
	char address[PHONE_ADDRESS_MAX];
	UT_hash_handle hh;
};

struct boots {
	struct half *half;
	struct store_boot *whole;
	size_t count, room;
};

struct boots *
boots_new(void)
{
	return mem_new(1, sizeof(struct boots));
}

void
boots_forget(struct boots *b)
{
	struct half *h, *next;

	HASH_ITER(hh, b->half, h, next)
	{
		HASH_DEL(b->half, h);
		free(h);
	}
	b->count = 0;
}

void
boots_free(struct boots *b)
{
	if (b == NULL)
		return;
	boots_forget(b);
	free(b->whole);
	free(b);
}

/* What was seen from another address was of somebody else. */
static struct half *
half_get(struct boots *b, const struct device *d, struct span address)
{
	char from[PHONE_ADDRESS_MAX];
	struct half *h;

	text_printable(ask_host(address), from, sizeof from);
	HASH_FIND_STR(b->half, d->name, h);
	if (h == NULL) {
		h = mem_new(1, sizeof *h);
		snprintf(h->device, sizeof h->device, "%s", d->name);
		HASH_ADD_STR(b->half, device, h);
	} else if (strcmp(h->address, from) != 0) {
		h->list = 0;
		h->config = 0;
	}
	memcpy(h->address, from, sizeof h->address);
	return h;
}

static void
whole_add(struct boots *b, struct half *h, time_t now)
{
	if (b->count == b->room) {
		b->room = b->room > 0 ? 2 * b->room : 64;
		b->whole = mem_grow(b->whole, b->room, sizeof *b->whole);
	}
	b->whole[b->count] = (struct store_boot){ .list = h->list, .at = now };
	memcpy(b->whole[b->count++].device, h->device, sizeof h->device);
	HASH_DEL(b->half, h);
	free(h);
}

void
boots_list(struct boots *b, const struct device *d, int64_t list, struct span address, time_t now)
{
	struct half *h = half_get(b, d, address);

	h->list = list;
	if (h->config != 0 && now - h->config <= BOOTS_EARLY_S)
		whole_add(b, h, now);
	else
		h->config = 0;
}

void
boots_config(struct boots *b, const struct device *d, struct span address, time_t now)
{
	struct half *h = half_get(b, d, address);

	h->config = now;
	if (h->list != 0)
		whole_add(b, h, now);
}

bool
boots_write(struct boots *b, struct store *store, size_t *count, struct err *e)
{
	*count = b->count;
	if (b->count == 0)
		return true;
	if (!store_boot_put(store, b->whole, b->count, e))
		return false;
	b->count = 0;
	return true;
}
