#include "daemon/turns.h"

#include "base/device.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

struct turn {
	char device[DEVICE_NAME_MAX]; /* key */
	size_t at;
	bool over; /* the configuration was asked for */
	UT_hash_handle hh;
};

struct turns {
	struct turn *turn;
	size_t first;
};

struct turns *
turns_new(size_t first)
{
	struct turns *t = mem_new(1, sizeof *t);

	t->first = first;
	return t;
}

void
turns_free(struct turns *t)
{
	struct turn *one, *next;

	if (t == NULL)
		return;
	HASH_ITER(hh, t->turn, one, next)
	{
		HASH_DEL(t->turn, one);
		free(one);
	}
	free(t);
}

static struct turn *
find(const struct turns *t, const char *device)
{
	struct turn *one;

	HASH_FIND_STR(t->turn, device, one);
	return one;
}

size_t
turns_next(const struct turns *t, const char *device)
{
	const struct turn *one = find(t, device);

	return one != NULL ? one->at + one->over : t->first;
}

size_t
turns_list(struct turns *t, const char *device)
{
	struct turn *one = find(t, device);

	if (one == NULL) {
		one = mem_new(1, sizeof *one);
		one->at = t->first;
		snprintf(one->device, sizeof one->device, "%s", device);
		HASH_ADD_STR(t->turn, device, one);
	}
	one->at += one->over;
	one->over = false;
	return one->at;
}

void
turns_config(struct turns *t, const char *device)
{
	struct turn *one = find(t, device);

	if (one != NULL)
		one->over = true;
}

size_t
turns_now(const struct turns *t, const char *device)
{
	const struct turn *one = find(t, device);

	return one != NULL ? one->at : t->first;
}

void
turns_end(struct turns *t, const char *device)
{
	struct turn *one = find(t, device);

	if (one == NULL)
		return;
	HASH_DEL(t->turn, one);
	free(one);
}
