/*
 * plansum: a plan summed up: groups of phones that meet the same for the same reason, and for whom
 * the same helps, are one row.
 *
 * Hundreds of sets of lists come to a handful of reasons.
 */
#ifndef RULES_PLANSUM_H
#define RULES_PLANSUM_H

#include "rules/handout.h"

struct plansum_row {
	enum handout_outcome outcome;
	char *reason,
	    *away; /* what they meet, and when they are away meanwhile (rules/absence.h) */
	size_t phones, groups;
};

/* Starts zeroed. Freed with plansum_free. */
struct plansum {
	struct plansum_row *row;
	size_t count;
};

/* One more group. */
void plansum_add(struct plansum *s, enum handout_outcome outcome, const char *reason,
    const char *away, size_t phones);

/* By outcome, as in enum handout_outcome; of one the row with most phones first, then by reason. */
void plansum_sort(struct plansum *s);

void plansum_free(struct plansum *s);

#endif
