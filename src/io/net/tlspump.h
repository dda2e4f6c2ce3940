/*
 * tlspump: TLS as servers speak it to phones, behind a handful of calls, driven through libevent's
 * OpenSSL bufferevents (doc/protocols/tls.md). Only this file and tlsdial, the phone's side, know
 * OpenSSL's SSL. Nothing is left to the settings in openssl.cnf.
 */
#ifndef NET_TLSPUMP_H
#define NET_TLSPUMP_H

#include "base/bytes.h"
#include "base/err.h"

struct event_base;
struct bufferevent;
struct tlspump; /* a service's settings: certificate, key, versions, tickets */

#define TLSPUMP_TICKET_KEY 80

struct tlspump_identity {
	const struct span *chain; /* DER certificates, own first */
	size_t chain_count;
	struct span key;        /* PKCS#8 DER */
	bool old_tls;           /* TLS 1.0 and 1.1, RSA key exchange, security level 0 */
	struct span ticket_key; /* TLSPUMP_TICKET_KEY bytes, the same in all fronts, so that any of
				   them resumes; empty: sessions are not resumed */
};

/* Errors: ERR_CRYPTO (key does not fit the certificate ...). */
must_use bool tlspump_server(
    const struct tlspump_identity *id, struct tlspump **out, struct err *e);
void tlspump_free(struct tlspump *t); /* connections made from it live on */

/* A server connection on an accepted socket, which it takes over, or, with -1, on one that it is
 * given with bufferevent_setfd, as evhttp does; NULL: out of memory, fd is still the caller's. */
struct bufferevent *tlspump_accept(struct tlspump *t, struct event_base *base, int fd);

/* The handshake has ended well. */
bool tlspump_is_up(struct bufferevent *bev);

enum tlspump_failure {
	TLSPUMP_FAIL_OLD, /* the peer offers only versions or suites that are switched off */
	TLSPUMP_FAIL_OTHER,
};
/* Why a handshake on this bufferevent failed; text is one line with OpenSSL's reason or the peer's
 * alert. Asked once. OLD: tlspump_identity.old_tls would have let this peer in. */
enum tlspump_failure tlspump_failure(struct bufferevent *bev, char *text, size_t text_max);

/* Tells the peer that nothing more will be written. Does not wait. */
void tlspump_goodbye(struct bufferevent *bev);

/* "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 resumed" of an established connection. */
void tlspump_describe(struct bufferevent *bev, char *text, size_t text_max);

#endif
