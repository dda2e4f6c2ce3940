/*
 * boots: who was sent a list that announces keys and then, to the same address, its signed
 * configuration: a phone that boots with it, as far as files can tell. Kept in memory until it is
 * written; a boot that a restart cuts in two is seen the next time.
 */
#ifndef DAEMON_BOOTS_H
#define DAEMON_BOOTS_H

#include "base/device.h"
#include "base/span.h"
#include "store/store_stage.h"

struct boots;

/* Fronts tell what they have sent in parcels, each in its own time: a configuration that is told so
 * many seconds before the list counts as well. */
#define BOOTS_EARLY_S 2

struct boots *boots_new(void);
void boots_free(struct boots *b); /* safe with NULL */

/* That was sent whole. address: printable, with or without a port. */
void boots_list(
    struct boots *b, const struct device *d, int64_t list, struct span address, time_t now);
void boots_config(struct boots *b, const struct device *d, struct span address, time_t now);

/* Writes those that were seen whole. *count: how many. Errors: ERR_STORE; then they stay. */
must_use bool boots_write(struct boots *b, struct store *store, size_t *count, struct err *e);

/* Nothing is announced (any more). */
void boots_forget(struct boots *b);

#endif
