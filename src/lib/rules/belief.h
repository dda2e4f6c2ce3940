/*
 * belief: what a phone may believe is a set of lists, not a value, and a read proves nothing
 * (doc/architecture.md, "What a phone believes").
 */
#ifndef RULES_BELIEF_H
#define RULES_BELIEF_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* The lists handed out under a phone's name, summed up. Starts zeroed. */
struct belief {
	size_t current, other;           /* members that are, and are not, the current list */
	time_t current_last, other_last; /* when one was handed out last */
};

/* One member of the set. */
void belief_add(struct belief *b, bool is_current, time_t last);

/* "current": every list it may hold is the current one and it has proven (at that time; 0: never)
 * that it took a list of ours; "behind": the last one it was handed is not the current one;
 * "unknown": neither can be said. */
const char *belief_verdict(const struct belief *b, time_t proof);

#endif
