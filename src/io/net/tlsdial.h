/*
 * tlsdial: TLS as a phone speaks it, blocking with a deadline, on a socket of the caller's. With
 * tlspump the only one that knows OpenSSL's SSL. Certificates are not judged here: the phone does
 * that itself with what tlsdial_leaf gives.
 */
#ifndef NET_TLSDIAL_H
#define NET_TLSDIAL_H

#include "base/bytes.h"
#include "base/err.h"

struct bufferevent;
struct event_base;
struct tlsdial;

/* What the phone can at most: doc/protocols/tls.md, section 9. */
enum tlsdial_version {
	TLSDIAL_1_3, /* the best there is */
	TLSDIAL_1_2, /* 7800, 8800: ECDHE and RSA key exchange */
	TLSDIAL_1_0, /* 7900: AES256-SHA and AES128-SHA, RSA key exchange */
};

struct tlsdial_config {
	enum tlsdial_version version;
	struct span certificate; /* DER, shown when the server asks; p NULL: none */
	struct span key;         /* its PKCS#8 DER */
};

/* Judges the server's certificate (DER, a loan) during the handshake; false: the connection is
 * given up. */
struct tlsdial_judge {
	bool (*verify)(void *arg, struct span leaf, struct err *e);
	void *arg;
};

/* A client for those who wait for events, on a connection that is made later (by evhttp). Freed
 * with bufferevent_free; judge is a loan until then. Errors: ERR_CRYPTO. */
must_use bool tlsdial_bufferevent(const struct tlsdial_config *config,
    const struct tlsdial_judge *judge, struct event_base *base, struct bufferevent **out,
    struct err *e);

/* A client on a connected socket, made non-blocking here and closed by the caller after
 * tlsdial_free. Errors: ERR_CRYPTO. */
must_use bool tlsdial_new(
    const struct tlsdial_config *config, int fd, struct tlsdial **out, struct err *e);

/* Deadlines are milliseconds of CLOCK_MONOTONIC. Errors of all three: ERR_IO; ERR_AGAIN when the
 * deadline has passed. */
must_use bool tlsdial_handshake(struct tlsdial *t, uint64_t deadline, struct err *e);
must_use bool tlsdial_send(struct tlsdial *t, struct span s, uint64_t deadline, struct err *e);
/* At least one byte, at most max; *n 0: the server has closed. */
must_use bool tlsdial_receive(
    struct tlsdial *t, uint8_t *p, size_t max, size_t *n, uint64_t deadline, struct err *e);

/* The server's own certificate, owned by the caller. */
must_use bool tlsdial_leaf(struct tlsdial *t, struct bytes *der, struct err *e);

/* Says goodbye without waiting. Safe with NULL. */
void tlsdial_free(struct tlsdial *t);

#endif
