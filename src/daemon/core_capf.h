/*
 * core_capf: who may enrol, what is issued, and what is remembered of it (journey (c) of
 * doc/architecture.md).
 */
#ifndef DAEMON_CORE_CAPF_H
#define DAEMON_CORE_CAPF_H

#include "daemon/core.h"

/* The sessions that have passed authentication and have not ended. */
struct capf_sessions *capf_sessions_new(void);
void capf_sessions_free(struct capf_sessions *s); /* safe with NULL */

/* Forgets the sessions of a front that is gone. */
void capf_sessions_drop(struct capf_sessions *s, const struct core_front *from);

/* Answers ASK_CAPF_START, ASK_CAPF_ISSUE and ASK_CAPF_FINISH. What a session did is stored before
 * the answer leaves. */
void core_capf_ask(struct core_front *from, const struct ask *ask);

/* Ends operations whose deadline is past: "... Failed: User Initiated Request Late/Timedout". */
void core_capf_deadlines(struct core *c);

#endif
