/*
 * resetwave: which phones of many are reset together, and when the next ones may follow.
 *
 * A canary share goes first, then waves. A wave follows when so many phones of the one before are
 * back that the rest of it could be lost within the tolerance; more losses stop everything.
 */
#ifndef RULES_RESETWAVE_H
#define RULES_RESETWAVE_H

#include <stdbool.h>
#include <stddef.h>

/* What a phone is asked to do: boot anew, start its software anew, or fetch its configuration when
 * that has changed (doc/protocols/reset.md, section 1). */
enum reset_kind { RESET_RESET, RESET_RESTART, RESET_APPLY, RESET_KINDS };

const char *reset_kind_name(enum reset_kind k); /* "reset", "restart", "apply" */
bool reset_kind_from_name(const char *name, enum reset_kind *out);

struct resetwave_plan {
	unsigned canary;    /* percent of all phones that go first; 0: there is no canary */
	unsigned wave;      /* phones of each wave after it; 0: all of them */
	unsigned tolerance; /* percent of a wave that may stay away */
};

/* The wave of phone i of total, from 1. Canaries are spread evenly over all; a canary share that is
 * not 0 is at least one phone. */
unsigned resetwave_of(const struct resetwave_plan *p, size_t i, size_t total);

/* How many waves total phones make. */
unsigned resetwave_count(const struct resetwave_plan *p, size_t total);

/* The phones of one wave. */
struct resetwave_tally {
	size_t waiting; /* not asked yet */
	size_t open;    /* asked, and neither back nor given up */
	size_t back;
	size_t bad; /* not back in time, or never reached */
};

enum resetwave_verdict {
	RESETWAVE_WAIT,
	RESETWAVE_NEXT, /* the next wave may follow */
	RESETWAVE_STOP, /* more are lost than the tolerance takes */
};

/* accepted: an administrator has said to go on in spite of what this wave has lost. */
enum resetwave_verdict resetwave_judge(
    const struct resetwave_tally *t, unsigned tolerance, bool accepted);

#endif
