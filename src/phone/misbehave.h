/*
 * misbehave: how the phone breaks the rules of CAPF when it is told to; for tests.
 *
 * It happens once, in one session: what the phone does afterwards is for the next boot.
 */
#ifndef PHONE_MISBEHAVE_H
#define PHONE_MISBEHAVE_H

#include "talk/capf.h"

enum misbehave_how {
	MISBEHAVE_NOT,
	/* When it proves who it is (phone_prove.h). */
	MISBEHAVE_BAD_PROOF,      /* the SHA-2 signature does not fit */
	MISBEHAVE_NO_CERTIFICATE, /* signatures alone */
	MISBEHAVE_NO_SHA2,        /* the SHA-1 signature alone */
	MISBEHAVE_OTHER_SESSION,  /* SUDI data of another session */
	/* In place of one message. */
	MISBEHAVE_LYING_KEY,     /* a public key that says it is one of another kind */
	MISBEHAVE_VANISH_BEFORE, /* closes the connection */
	MISBEHAVE_VANISH_AFTER,  /* sends it first */
	MISBEHAVE_OUT_OF_ORDER,  /* sends one that belongs elsewhere */
	MISBEHAVE_ABORT,         /* sends an abort request */
	MISBEHAVE_UNPARSABLE,    /* sends one whose elements do not fit it */
	MISBEHAVE_SILENT,        /* sends nothing, and waits */
};

struct misbehaviour {
	enum misbehave_how how;
	enum capfmsg_command at; /* the message; 0 for the proofs */
};

/* "bad-proof", "vanish-before-key" ... False: no such word. */
bool misbehave_from_word(const char *word, struct misbehaviour *out);

/* What the words are, for a help text: a loan until the next call. */
const char *misbehave_words(void);

/* Whether it is for the conversation, and not for the proof. */
bool misbehave_is_talk(const struct misbehaviour *m);

/* The phone's side of CAPF with one of those in it. */
struct misbehave_plan {
	const struct capf_client_plan *client;
	struct misbehaviour what;
	bool *done; /* set when it has happened */
};

extern const struct session_kind misbehave_client; /* plan: struct misbehave_plan */

#endif
