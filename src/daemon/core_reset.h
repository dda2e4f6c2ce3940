/*
 * core_reset: resets phones by the hook, a canary share first and then in waves, and keeps which of
 * them came back.
 *
 * Jobs are in the store (cluster/reset_job.h) and go on after a restart. Core takes a small step of
 * each every second. doc/guide/reset.md is what administrators read.
 */
#ifndef DAEMON_CORE_RESET_H
#define DAEMON_CORE_RESET_H

#include "daemon/core.h"

struct core_reset;

struct core_reset *core_reset_new(struct core *c);
void core_reset_free(struct core_reset *r); /* safe with NULL */

/* The channel of the process that runs hooks; taken over. */
void core_reset_process(struct core *c, int fd);

/* When core starts: hooks that ran when it ended are run again. */
void core_reset_begin(struct core *c);

/* One step of every job that is not done; a stopped one only hears how its phones fare. */
void core_reset_step(struct core *c);

#endif
