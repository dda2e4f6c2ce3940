/*
 * capf_sessions: who has passed authentication at CAPF and has not ended.
 *
 * A session is known by its front and its CAPF session id. A phone has one at a time: when it comes
 * again it has given up the one before, whatever became of that connection.
 */
#ifndef DAEMON_CAPF_SESSIONS_H
#define DAEMON_CAPF_SESSIONS_H

#include "base/device.h"
#include "store/store_capf.h"
#include "wire/ask.h"

#include <stdint.h>
#include <time.h>

struct capf_sessions;

struct capf_session {
	struct device device;
	unsigned front; /* and its number there, as it was begun */
	uint32_t session;
	/* How far it came, and when it was let in (core_capf_notes_write). */
	enum store_capf_step step;
	time_t begun;
	bool is_noted; /* the store has this or what came after it */
	int64_t lsc;   /* store_lsc.id of what was issued; 0: nothing yet */
	bool fetches;  /* it made the key for that in an earlier session */
	char peer[ASK_ADDRESS_MAX];
	/* The key that it was asked for, and when; bits 0: none. */
	bool asked_ec;
	unsigned asked_bits;
	time_t asked_at;
	/* The question that is answered when the CA has answered; 0: none. */
	uint32_t waiting_ask;
	uint8_t waiting_kind; /* enum ask_kind */
	time_t waiting_since;
	/* Why no certificate was issued. */
	enum capf_fault { CAPF_FAULT_NONE, CAPF_FAULT_KEY, CAPF_FAULT_OURS } fault;
	char why[ERR_TEXT_MAX];
};

struct capf_sessions *capf_sessions_new(void);
void capf_sessions_free(struct capf_sessions *s); /* safe with NULL */

/* Begins one; another with the same number, or of the same device, is forgotten. A loan until it
 * ends. */
struct capf_session *capf_sessions_begin(
    struct capf_sessions *s, unsigned front, uint32_t session, const struct device *d);

/* That of the device; NULL: there is none. A loan until it ends. */
struct capf_session *capf_sessions_of(struct capf_sessions *s, const char *device);

/* NULL: there is none. A loan until it ends. */
struct capf_session *capf_sessions_find(struct capf_sessions *s, unsigned front, uint32_t session);

/* Each that has a question waiting since then or longer; each may end the one that it is given. */
void capf_sessions_waiting(struct capf_sessions *s, time_t since,
    void (*each)(void *arg, struct capf_session *one), void *arg);

/* All of them, until each returns false; then it is false. */
bool capf_sessions_each(
    struct capf_sessions *s, bool (*each)(void *arg, struct capf_session *one), void *arg);

/* Safe when there is none. */
void capf_sessions_end(struct capf_sessions *s, unsigned front, uint32_t session);

/* Forgets all of a front that is gone. */
void capf_sessions_drop(struct capf_sessions *s, unsigned front);

#endif
