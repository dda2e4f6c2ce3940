#include "rules/announced.h"

#define PERCENT 100

const char *
announced_state_name(enum announced_state s)
{
	static const char *const names[ANNOUNCED_STATES] = {
		[ANNOUNCED_KNOWN] = "known",
		[ANNOUNCED_TAKING] = "taking",
		[ANNOUNCED_MISSING] = "missing",
		[ANNOUNCED_LOST] = "lost",
	};

	return names[s];
}

enum announced_state
announced_judge(const struct announced_phone *p, bool boots)
{
	if (p->lists > 0 && p->naming == p->lists)
		return ANNOUNCED_KNOWN;
	if (boots && p->booted)
		return ANNOUNCED_KNOWN;
	if (p->lost)
		return ANNOUNCED_LOST;
	return p->naming > 0 ? ANNOUNCED_TAKING : ANNOUNCED_MISSING;
}

bool
announced_is_reached(const size_t phones[ANNOUNCED_STATES], unsigned percent)
{
	size_t known = phones[ANNOUNCED_KNOWN],
	       all = known + phones[ANNOUNCED_TAKING] + phones[ANNOUNCED_MISSING];

	return known > 0 && known * PERCENT >= all * percent;
}
