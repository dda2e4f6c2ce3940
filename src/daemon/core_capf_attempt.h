/*
 * core_capf_attempt: what is kept of a phone's attempts: how far the last one came, how often it
 * failed, and each status that its operation had.
 */
#ifndef DAEMON_CORE_CAPF_ATTEMPT_H
#define DAEMON_CORE_CAPF_ATTEMPT_H

#include "daemon/core.h"

/* The phone's attempt came to this step; reason: why it goes no further, "" when it goes on. Counts
 * stay what they were. Errors: ERR_STORE. */
must_use bool core_capf_reached(struct core *c, const struct ask *ask, const char *device,
    enum store_capf_step step, const char *reason, struct err *e);

/*
 * A phone that was let in is on its way to the next step, which is written anyway: how far it came
 * until then is kept with its session, and written here when the session lasts or is lost. Whoever
 * shows it asks core_capf_attempt, which knows both. A core that is killed may forget that a phone
 * began within the last second, and nothing else.
 */
must_use bool core_capf_notes_write(struct core *c, struct err *e);
must_use bool core_capf_attempt(
    struct core *c, const char *device, struct store_attempt *out, struct err *e);

/* The operation has its status now; goes into the history with its cause. Errors: ERR_STORE. */
must_use bool core_capf_history(
    struct core *c, const struct phone *p, const char *cause, struct err *e);

/* The operation ends badly: into the store, the history with its cause, and the audit log. Errors:
 * ERR_STORE. */
must_use bool core_capf_operation_failed(
    struct core *c, struct phone *p, enum phone_failure why, const char *cause, struct err *e);

/* An attempt failed and the operation stays open: the phone or its user tries again. Into the
 * history, with what the status would be, and the audit log. Errors: ERR_STORE. */
must_use bool core_capf_attempt_failed(struct core *c, const struct phone *p,
    enum phone_failure why, const char *cause, struct err *e);

/* An administrator has set an operation, or taken it back: into the history, the counts begin
 * again, and a key that waits for another CA does so no more. Errors: ERR_STORE. */
must_use bool core_capf_operation_set(struct store *s, const struct phone *p, struct err *e);

#endif
