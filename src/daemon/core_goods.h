/*
 * core_goods: the last version of each configuration that could be built, and which ones cannot be
 * built now (doc/decisions/0010).
 *
 * What was built is collected in memory and written later, when it says something new, so that no
 * answer waits for it. A fault is said once, and once more when it is another one or gone.
 */
#ifndef DAEMON_CORE_GOODS_H
#define DAEMON_CORE_GOODS_H

#include "base/bytes.h"
#include "base/err.h"

#include <time.h>

struct store;
struct core_goods;

struct core_goods *core_goods_new(struct store *store);
void core_goods_free(struct core_goods *g); /* safe with NULL; what was not written is lost */

/* The file of that name was built. When much is collected it is written at once. */
void core_goods_built(struct core_goods *g, const char *name, struct span xml, time_t now);

/* It could not be: why. */
void core_goods_fault(struct core_goods *g, const char *name, const char *why);

/* The last one that could be built. Freed with bytes_free. */
must_use bool core_goods_get(struct core_goods *g, const char *name, struct bytes *xml, time_t *at,
    bool *found, struct err *e);

/* Writes what was collected. Errors: ERR_STORE; then it stays collected. */
must_use bool core_goods_write(struct core_goods *g, struct err *e);

#endif
