/*
 * core_served: what fronts report about files that they sent.
 */
#ifndef DAEMON_CORE_SERVED_H
#define DAEMON_CORE_SERVED_H

#include "daemon/core.h"

/* Takes a CHAN_SERVED message: what follows is collected and written later (sightings.h). */
void core_served_take(struct core *c, struct span payload);

#endif
