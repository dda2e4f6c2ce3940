/*
 * core_forget: what was made before a change is not good any more (doc/decisions/0007).
 *
 * Whoever changes something that answers follow from calls this before the administrator is
 * answered: then the fronts have been told, and whoever sees the command end sees its effect.
 */
#ifndef DAEMON_CORE_FORGET_H
#define DAEMON_CORE_FORGET_H

#include "daemon/core.h"

/* After a change of certificates, settings, lists, profiles, groups or templates: finished copies
 * of everything are dropped, and what phones will ask for is signed again in the background. */
void core_forget_all(struct core *c);

/* After a change of one phone's record. */
void core_forget_device(struct core *c, const char *name);

/* Of more phones than this it costs less to forget everything at once. */
#define CORE_FORGET_EACH_MAX 100

/* After a change of some phones' records. */
void core_forget_devices(struct core *c, const struct device *d, size_t count);

#endif
