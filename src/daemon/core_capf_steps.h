/*
 * core_capf_steps: core's part in a CAPF session, step by step. For the core_capf_*.c files.
 */
#ifndef DAEMON_CORE_CAPF_STEPS_H
#define DAEMON_CORE_CAPF_STEPS_H

#include "daemon/capf_sessions.h"
#include "daemon/core.h"

/* The session that a question belongs to; NULL: it has not been let in. */
struct capf_session *core_capf_session(const struct core_front *from, const struct ask *ask);

/* The session is to end with this reason. ok false: something of ours failed. */
void core_capf_reply_end(struct core_front *to, const struct ask *ask, bool ok, uint8_t reason);

/* Something of ours failed: the phone is refused, nothing has changed. */
void core_capf_failed(struct core_front *to, const struct ask *ask, const struct err *e);

/* The phone is to come again later: what it wants cannot be had now, and nothing has changed. To
 * ASK_CAPF_START or ASK_CAPF_ISSUE; a session that was let in ends. */
void core_capf_reply_retry(struct core_front *to, const struct ask *ask);

/* --- who the phone is --- */

/* It is who it says, as its record's mode wants it proved. Else the answer has gone, the attempt is
 * on record, and the operation stays open (doc/decisions/0005). */
must_use bool core_capf_let_in(struct core_front *from, const struct ask *ask, struct phone *p);

/* --- issue: the first transaction, before the phone gets its certificate --- */

void core_capf_issue(struct core_front *from, const struct ask *ask);

/* --- finish: the second one, before END_SESSION leaves --- */

void core_capf_finish(struct core_front *from, const struct ask *ask);

/* --- operations that were not carried out in time --- */

bool core_capf_is_late(const struct phone *p, time_t now);

/* The deadline is past: the operation is over. */
must_use bool core_capf_end_late(struct core *c, struct phone *p, struct err *e);

#endif
