/*
 * core_capf: who may enrol, what is issued, and what is remembered of it (journey (c) of
 * doc/architecture.md).
 */
#ifndef DAEMON_CORE_CAPF_H
#define DAEMON_CORE_CAPF_H

#include "daemon/core.h"

/* Answers ASK_CAPF_START, ASK_CAPF_ISSUE and ASK_CAPF_FINISH. What a session did is stored before
 * the answer leaves. */
void core_capf_ask(struct core_front *from, const struct ask *ask);

/* The same when nothing could be stored: the phone is refused. */
void core_capf_fail(struct core_front *from, const struct ask *ask, const struct err *e);

/* Ends operations whose deadline is past: "... Failed: User Initiated Request Late/Timedout". */
void core_capf_deadlines(struct core *c);

#endif
