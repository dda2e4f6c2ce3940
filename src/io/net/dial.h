/*
 * dial: one conversation of a phone with a server over TLS, blocking, from connect to the end.
 *
 * A session (talk/session.h) holds the conversation; dial gives it messages and deadlines. Ignore
 * SIGPIPE.
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "net/tlsdial.h"
#include "talk/session.h"

struct dial {
	const char *host; /* address or name; a name is looked up without a deadline */
	uint16_t port;
	unsigned connect_s;     /* to connect and shake hands */
	unsigned answer_s;      /* from one message to the next */
	unsigned long_answer_s; /* the same while session_kind.patience says 1; 0: answer_s */
	struct tlsdial_config tls;
	/* Judges the server's certificate (DER, a loan) before anything is sent; NULL: any. */
	bool (*verify)(void *arg, struct span leaf, struct err *e);
	void *arg;
};

/* How far a conversation came. */
enum dial_stage {
	DIAL_CONNECT, /* no connection */
	DIAL_TLS,     /* no handshake */
	DIAL_VERIFY,  /* the certificate was refused */
	DIAL_TALK,    /* the conversation broke off */
	DIAL_DONE
};

/* Runs one session of kind with plan to its TURN_DONE. *stage (may be NULL) says where it ended.
 * Errors: ERR_IO, ERR_AGAIN (a deadline passed), what verify and the session say. */
must_use bool dial_run(const struct dial *d, const struct session_kind *kind, const void *plan,
    enum dial_stage *stage, struct err *e);

#endif
