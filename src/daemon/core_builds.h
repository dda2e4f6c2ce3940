/*
 * core_builds: files that are being made: many ask for one, and it is made once.
 *
 * What needs a signature waits for a keeper; core goes on meanwhile. Who asks for a file is given
 * what it was at some moment after the question: when a file or record changes while its signature
 * is made, those who asked before it was begun are given that one, those who came later the next.
 */
#ifndef DAEMON_CORE_BUILDS_H
#define DAEMON_CORE_BUILDS_H

#include "daemon/core_source.h"

struct core_builds;

struct core_builds *core_builds_new(struct core *c);
void core_builds_free(struct core_builds *b); /* safe with NULL; open questions stay unanswered */

/* Makes the file, or waits for the one that is being made, and answers (core_files.h). source is
 * what core_source_open found, and is closed. */
void core_builds_ask(struct core_builds *b, struct core_front *from, const struct ask *ask,
    const struct core_wanted *wanted, struct core_source *source);

/* Makes a phone's configuration in advance, so that its signature is known; a signature that still
 * is right is not made again. */
void core_builds_prepare(struct core_builds *b, const char *device);

/* A front is gone: nobody waits for its answers. */
void core_builds_drop(struct core_builds *b, const struct core_front *from);

/* What was read for files that are being made is not good any more; of this device, or of all
 * (NULL). */
void core_builds_stale(struct core_builds *b, const char *device);

/* Files that wait for their turn or their signature. */
size_t core_builds_count(const struct core_builds *b);

#endif
