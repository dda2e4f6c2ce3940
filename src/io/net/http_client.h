/*
 * http_client: one GET, answered later, as libevent's evhttp speaks it. For phones' files: no
 * redirections, no cookies, no proxies.
 */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include "base/bytes.h"
#include "base/err.h"
#include "net/tlsdial.h"

struct event_base;
struct http_client;

/* All are loans until http_client_start returns, but tls.arg until the end. */
struct http_client_wish {
	const char *host; /* an address; a name is looked up, which waits */
	uint16_t port;
	const char *name;    /* of the file, without the first slash; escaped here */
	const char *via;     /* added as header Via; NULL: none */
	size_t size_max;     /* a larger body is refused */
	unsigned timeout_ms; /* from the start to the last byte */
	unsigned silence_ms; /* to connect, and from one part to the next; 0: timeout_ms */
	/* HTTPS when not NULL; the certificate is judged before anything is sent. */
	const struct tlsdial_config *tls;
	struct tlsdial_judge judge;
};

/*
 * What came. e NULL: the body, the callee's (bytes_free). Otherwise: ERR_UNKNOWN (404 or 410),
 * ERR_AGAIN (no answer in time), ERR_REFUSED (another status), ERR_LIMIT (size_max), ERR_MALFORMED
 * (no HTTP, or half an answer), ERR_IO (not reached, line lost), and what the judge said.
 */
typedef void http_client_done(void *arg, const struct err *e, struct bytes body);

/* done is called later, once, never before this returns. Errors: ERR_IO, ERR_CRYPTO, ERR_MALFORMED
 * (the name). */
must_use bool http_client_start(struct event_base *base, const struct http_client_wish *w,
    http_client_done *done, void *arg, struct http_client **out, struct err *e);

/* done is not called any more. Not after done was called. */
void http_client_cancel(struct http_client *c);

#endif
