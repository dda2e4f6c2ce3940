#include "daemon/askbudget.h"

/* FNV-1a. */
static unsigned
slot_of(struct span host)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < host.n; i++)
		h = (h ^ host.p[i]) * 16777619U;
	return h % ASKBUDGET_SLOTS;
}

bool
askbudget_take(struct askbudget *b, struct span host, time_t now)
{
	unsigned *one = &b->one[slot_of(host)];

	if (b->second != now)
		*b = (struct askbudget){ .second = now };
	if (b->all == ASKBUDGET_ALL || *one == ASKBUDGET_ONE)
		return false;
	b->all++;
	(*one)++;
	return true;
}
