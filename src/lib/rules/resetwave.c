#include "rules/resetwave.h"

#include <string.h>

#define PERCENT 100

static const char *const kind_names[] = {
	[RESET_RESET] = "reset",
	[RESET_RESTART] = "restart",
	[RESET_APPLY] = "apply",
};

const char *
reset_kind_name(enum reset_kind k)
{
	return k < RESET_KINDS ? kind_names[k] : "unknown";
}

bool
reset_kind_from_name(const char *name, enum reset_kind *out)
{
	for (int k = 0; k < RESET_KINDS; k++)
		if (strcmp(name, kind_names[k]) == 0) {
			*out = (enum reset_kind)k;
			return true;
		}
	return false;
}

static size_t
canaries(const struct resetwave_plan *p, size_t total)
{
	size_t n = (total * p->canary + PERCENT - 1) / PERCENT;

	return n < total ? n : total;
}

unsigned
resetwave_of(const struct resetwave_plan *p, size_t i, size_t total)
{
	size_t first = canaries(p, total), before;

	if (total == 0)
		return 1;
	before = i * first / total; /* canaries among the phones before this one */
	if ((i + 1) * first / total > before)
		return 1;
	return (unsigned)((p->wave > 0 ? (i - before) / p->wave : 0) + (first > 0 ? 2 : 1));
}

unsigned
resetwave_count(const struct resetwave_plan *p, size_t total)
{
	size_t first = canaries(p, total), rest = total - first;
	size_t waves = p->wave > 0 ? (rest + p->wave - 1) / p->wave : rest > 0;

	return (unsigned)(waves + (first > 0));
}

enum resetwave_verdict
resetwave_judge(const struct resetwave_tally *t, unsigned tolerance, bool accepted)
{
	size_t all = t->waiting + t->open + t->back + t->bad;
	size_t may_miss = all * tolerance / PERCENT;

	if (!accepted && t->bad > may_miss)
		return RESETWAVE_STOP;
	if (t->waiting > 0)
		return RESETWAVE_WAIT;
	if (accepted ? t->open == 0 : t->back + may_miss >= all)
		return RESETWAVE_NEXT;
	return RESETWAVE_WAIT;
}
