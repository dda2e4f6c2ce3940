#include "rules/belief.h"

void
belief_add(struct belief *b, bool is_current, time_t last)
{
	size_t *count = is_current ? &b->current : &b->other;
	time_t *newest = is_current ? &b->current_last : &b->other_last;

	(*count)++;
	if (last > *newest)
		*newest = last;
}

const char *
belief_verdict(const struct belief *b, time_t proof)
{
	if (b->other > 0 && (b->current == 0 || b->other_last > b->current_last))
		return "behind";
	if (b->current > 0 && b->other == 0 && proof != 0)
		return "current";
	return "unknown";
}
