/*
 * session: the one shape of a conversation, for TFTP, TVS and CAPF, at both ends.
 *
 * A session owns no socket and no clock. It is given whole messages, answers to its questions and
 * the time, and gives back bytes, questions and verdicts. io/net drives it in production,
 * tests/lib/pair.c face to face in tests.
 */
#ifndef TALK_SESSION_H
#define TALK_SESSION_H

#include "base/err.h"
#include "base/span.h"
#include "base/wr.h"
#include "wire/ask.h"

enum turn {
	TURN_GO_ON, /* wait for the next message */
	TURN_ASK,   /* *ask is filled; wait for its answer, take no message until then */
	TURN_DONE,  /* over: send what was written, then close */
	TURN_FAIL,  /* over: send what was written (if anything), then close; *e says why */
};

/* Whom a session talks to, told at its start. */
struct peer {
	const char *text; /* printable address and port */
	uint32_t session; /* a number that grows by one with every connection: CAPF's session id */
};

struct session_kind {
	const char *name; /* "tvs", "capf", "tftp" */
	size_t size;      /* bytes of session state; the driver hands in zeroed memory */
	size_t message_max;

	/* The length of the message at the start of in; *whole 0: more bytes needed. */
	bool (*frame)(struct span in, size_t *whole, struct err *e);

	/* plan: what a client wants (its own struct); NULL for servers without settings. A
	 * loan that outlives the session. */
	enum turn (*start)(void *s, const struct peer *peer, const void *plan, struct wr *out,
	    struct ask *ask, struct err *e);
	/* in: exactly one message. */
	enum turn (*message)(
	    void *s, struct span in, struct wr *out, struct ask *ask, struct err *e);
	enum turn (*answer)(
	    void *s, const struct answer *a, struct wr *out, struct ask *ask, struct err *e);
	/* The connection is gone or a deadline of the driver has passed; why is a short text. May
	 * ask a last question (CAPF: how it ended), which nobody waits for; else TURN_DONE. May be
	 * NULL. */
	enum turn (*broken)(void *s, const char *why, struct ask *ask);
	/* Lets go of what the session holds. Always called, once. */
	void (*stop)(void *s);
	/* How long its peer may take for the next message: 0 the usual time, 1 the long one, while
	 * the peer is at slow work (CAPF: it makes a key). NULL: always the usual time. */
	unsigned (*patience)(const void *s);
};

#endif
