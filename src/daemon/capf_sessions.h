/*
 * capf_sessions: who has passed authentication at CAPF and has not ended.
 *
 * A session is known by its front and its CAPF session id. A phone has one at a time: when it comes
 * again it has given up the one before, whatever became of that connection.
 */
#ifndef DAEMON_CAPF_SESSIONS_H
#define DAEMON_CAPF_SESSIONS_H

#include "base/device.h"

#include <stdint.h>

struct capf_sessions;

struct capf_session {
	struct device device;
	int64_t lsc; /* store_lsc.id of what was issued; 0: nothing yet */
};

struct capf_sessions *capf_sessions_new(void);
void capf_sessions_free(struct capf_sessions *s); /* safe with NULL */

/* Begins one; another with the same number, or of the same device, is forgotten. */
void capf_sessions_begin(
    struct capf_sessions *s, unsigned front, uint32_t session, const struct device *d);

/* NULL: there is none. A loan until it ends. */
struct capf_session *capf_sessions_find(struct capf_sessions *s, unsigned front, uint32_t session);

/* Safe when there is none. */
void capf_sessions_end(struct capf_sessions *s, unsigned front, uint32_t session);

/* Forgets all of a front that is gone. */
void capf_sessions_drop(struct capf_sessions *s, unsigned front);

#endif
