/*
 * fetch: one file from another server, over HTTP or TFTP, without waiting: for the fronts of a
 * cluster that stands in for others (doc/protocols/phone.md 1.3, centralised TFTP).
 */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "base/bytes.h"
#include "base/err.h"

struct event_base;
struct fetch;

/* All are loans until fetch_start returns. */
struct fetch_wish {
	const char *url; /* "http://192.0.2.1:6970", "tftp://[2001:db8::1]:69"; no names */
	const char *name;
	const char *via; /* header Via of HTTP; NULL: none */
	size_t size_max;
	unsigned timeout_ms; /* from the start to the last byte */
	unsigned silence_ms; /* from one sign of life to the next */
};

/* What came. e NULL: the body, the callee's (bytes_free). Otherwise: ERR_UNKNOWN (the server has no
 * such file), ERR_REFUSED (it says no otherwise), ERR_AGAIN (no answer), ERR_LIMIT (size_max),
 * ERR_MALFORMED (it breaks its protocol, or hangs up before the end), ERR_IO (not reached, line
 * lost). */
typedef void fetch_done(void *arg, const struct err *e, struct bytes body);

/* done is called later, once, never before this returns. Errors: ERR_MALFORMED (URL or name),
 * ERR_IO. */
must_use bool fetch_start(struct event_base *base, const struct fetch_wish *w, fetch_done *done,
    void *arg, struct fetch **out, struct err *e);

/* done is not called any more. Not after done was called. */
void fetch_cancel(struct fetch *f);

#endif
