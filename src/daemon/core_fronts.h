/*
 * core_fronts: the fronts that core serves: what they are given when they come, which question of
 * theirs goes where, and what is left when they go.
 */
#ifndef DAEMON_CORE_FRONTS_H
#define DAEMON_CORE_FRONTS_H

#include "daemon/core.h"
#include "daemon/core_batch.h"

/* A new front: fd is its channel, taken over. It gets everything that it needs to begin. */
void core_fronts_add(struct core *c, unsigned index, int fd);

/* Who answers what comes in batches. */
extern const struct core_batch_calls core_fronts_batch;

#endif
