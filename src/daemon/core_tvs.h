/*
 * core_tvs: what a phone that asks about a certificate is told (journey (b) of
 * doc/architecture.md).
 */
#ifndef DAEMON_CORE_TVS_H
#define DAEMON_CORE_TVS_H

#include "daemon/core.h"

/* Answers ASK_TVS_VERIFY and ASK_TVS_QUERY, from memory. */
void core_tvs_ask(struct core_front *from, const struct ask *ask);

#endif
