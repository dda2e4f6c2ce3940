/*
 * store_held: what phones may hold, taken as a whole from one store to another that is told of its
 * phones what came later (cluster/backup_held.h).
 *
 * Phones that were deleted are among them: they have lost their record and not their list, and it
 * comes back with the record (schema step 18).
 */
#ifndef STORE_STORE_HELD_H
#define STORE_STORE_HELD_H

#include "store/store.h"

struct store_held {
	const char *phone; /* a loan */
	struct store_belief belief;
	time_t gone; /* it went by a guess then (store_belief_guess), and may come back; 0: it did
		      * not */
};

/* Phone after phone; of each those without doubt first, then the doubted ones, then those that went
 * by a guess; the newest first. What was proven not to be held is not told. */
must_use bool store_held_each(
    struct store *s, bool (*each)(void *arg, const struct store_held *h), void *arg, struct err *e);

/* None of the lists of this sort (ITLs of any kind, or CTLs) that this store knows of the phone,
 * deleted or not, is one that it may hold: known since at. */
must_use bool store_held_end(
    struct store *s, const char *phone, bool is_ctl, time_t at, struct err *e);

/* From now on it is as h says, of a phone that has a record or of one that has none and may come
 * back. ERR_UNKNOWN: no such list. */
must_use bool store_held_put(struct store *s, const struct store_held *h, struct err *e);

#endif
