/*
 * core_prepare: configurations are made and signed before phones ask for them: all of them when the
 * daemon starts and after a change that concerns all (a CallManager key, a profile, a template),
 * one when its file changes. In small steps, behind everything that a phone waits for.
 */
#ifndef DAEMON_CORE_PREPARE_H
#define DAEMON_CORE_PREPARE_H

#include "daemon/core.h"

struct core_prepare;

struct core_prepare *core_prepare_new(struct core *c);
void core_prepare_free(struct core_prepare *p); /* safe with NULL */

/* Begins anew with the first phone. */
void core_prepare_all(struct core_prepare *p);

/* A file of the provisioning folder has changed; "": any of them may have. */
void core_prepare_path(struct core_prepare *p, const char *path);

struct core_prepare_progress {
	size_t total;   /* phones when it began */
	size_t done;    /* of them looked at */
	size_t waiting; /* files that wait for a signature in advance */
};
struct core_prepare_progress core_prepare_progress(const struct core_prepare *p);

#endif
