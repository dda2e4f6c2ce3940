/*
 * absence: what a phone meets that sleeps through a change, and comes back.
 *
 * It holds then what it held before, whenever that is: so what it meets follows from the same
 * verdict (rules/handout.h), as long as nothing else is changed. What must stay until it is back
 * is named.
 */
#ifndef RULES_ABSENCE_H
#define RULES_ABSENCE_H

#include "rules/handout.h"

/* What must be there when it comes back. */
enum absence_needs {
	ABSENCE_NOTHING,
	ABSENCE_TVS,   /* that it can ask, with the certificate of its record */
	ABSENCE_KEYS,  /* that sign its bridge, and its files until it has taken that */
	ABSENCE_HANDS, /* somebody who erases its lists */
	ABSENCE_UNKNOWN,
};

struct absence {
	unsigned boots; /* until it has the list of everybody; 0: it never has by itself, or nothing
			   can be said */
	enum absence_needs needs;
	char text[ERR_TEXT_MAX]; /* one line */
};

/* signer: of its bridge, NULL: none; tftp: whose key signs its files until it has taken that, NULL:
 * the current one (struct handout). */
void absence_of(enum handout_outcome outcome, const struct cert *signer, const struct cert *tftp,
    struct absence *out);

/* "nothing", "tvs", "keys", "hands", "unknown". */
const char *absence_needs_name(enum absence_needs n);

#endif
