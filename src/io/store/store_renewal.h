/*
 * store_renewal: phones whose LSC should be renewed. Part of store.h.
 */
#ifndef STORE_STORE_RENEWAL_H
#define STORE_STORE_RENEWAL_H

#include "base/err.h"

#include <stddef.h>
#include <time.h>

struct store;

/* Names of known phones that hold an LSC of which two thirds of its life are over, the oldest
 * first, at most max. None with a pending operation, none whose operation changed at begin or
 * later, none that would have to authenticate by a string that it does not have, and none whose LSC
 * ends at issuer_ends or later: a new one would end no later. */
must_use bool store_renewal_each(struct store *s, time_t now, time_t begin, time_t issuer_ends,
    size_t max, bool (*each)(void *arg, const char *name), void *arg, struct err *e);

/* Phones that have an install operation pending with this deadline. */
must_use bool store_renewal_open(struct store *s, time_t deadline, size_t *out, struct err *e);

#endif
