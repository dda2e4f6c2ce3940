/*
 * phone_io: all that a phone reaches of the world outside its flash. The program puts sockets
 * behind it (phone_net.h), the tests their own.
 */
#ifndef PHONE_PHONE_IO_H
#define PHONE_PHONE_IO_H

#include "base/bytes.h"
#include "base/err.h"
#include "pki/cert.h"
#include "pki/key.h"
#include "talk/session.h"

#include <time.h>

/* One TLS connection to a server. */
struct phone_call {
	const char *host; /* name or address */
	uint16_t port;
	/* Judges the server's certificate during the handshake; false: the connection is given up,
	 * with *e as the reason. */
	bool (*judge)(void *arg, const struct cert *c, struct err *e);
	void *judge_arg;
	const struct cert *own; /* offered when the server asks; NULL: none */
	const struct privkey *own_key;
	const struct session_kind *kind; /* NULL: a handshake is all */
	const void *plan;                /* of the session */
};

/* How a file comes. */
enum phone_via { PHONE_VIA_HTTPS, PHONE_VIA_HTTP, PHONE_VIA_TFTP };

/* One file of the server that the phone boots from. */
struct phone_fetch {
	enum phone_via via;
	const char *name;
	size_t size_max;
	/* HTTPS: as in phone_call. */
	bool (*judge)(void *arg, const struct cert *c, struct err *e);
	void *judge_arg;
	const struct cert *own;
	const struct privkey *own_key;
};

struct phone_io {
	/* Freed with bytes_free. Errors: ERR_UNKNOWN (the server has none), ERR_LIMIT (size_max),
	 * ERR_REFUSED (it says no otherwise), ERR_AGAIN and ERR_IO (nobody there, line lost, time
	 * out), those of judge. */
	bool (*get)(void *arg, const struct phone_fetch *f, struct bytes *out, struct err *e);
	/* Holds one conversation to its end. Errors: those of judge; ERR_IO (nobody there, line
	 * lost, time out); of the session. */
	bool (*talk)(void *arg, const struct phone_call *call, struct err *e);
	time_t (*now)(void *arg);
	void (*wait)(void *arg, unsigned seconds);
	void *arg;
};

#endif
