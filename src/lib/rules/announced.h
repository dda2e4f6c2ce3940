/*
 * announced: whether phones know a key that was announced before it counts (doc/guide/plan.md,
 * "Keys that are announced first").
 *
 * What a phone may hold is a set; a boot that was seen is a hint which of it. Both are taken here:
 * when keys begin to count too early for one, it is handed a bridge like any other.
 */
#ifndef RULES_ANNOUNCED_H
#define RULES_ANNOUNCED_H

#include <stdbool.h>
#include <stddef.h>

enum announced_state {
	ANNOUNCED_KNOWN,
	ANNOUNCED_TAKING,  /* it was handed the list, and was not seen to boot with it */
	ANNOUNCED_MISSING, /* it was not handed the list */
	ANNOUNCED_LOST,    /* it takes no list of ours, and loses nothing by a change */
	ANNOUNCED_STATES
};

/* "known", "taking", "missing", "lost". */
const char *announced_state_name(enum announced_state s);

/* What one phone may hold: of its ITLs, how many and how many name every announced key; of those it
 * was seen to boot with, whether one does. */
struct announced_phone {
	size_t lists, naming;
	bool booted;
	bool lost;
};

/* boots: a boot that was seen counts. */
enum announced_state announced_judge(const struct announced_phone *p, bool boots);

/* So many percent of the phones that are not lost know them, and one at least does. */
bool announced_is_reached(const size_t phones[ANNOUNCED_STATES], unsigned percent);

#endif
