/*
 * tftp_fetch: one file over TFTP, answered later (RFC 1350, octet mode, blocks of 512 bytes and no
 * options, as phones ask). The conversation is talk/tftp.h.
 */
#ifndef NET_TFTP_FETCH_H
#define NET_TFTP_FETCH_H

#include "base/bytes.h"
#include "base/err.h"

#include <sys/socket.h>

struct event_base;
struct tftp_fetch;

/* All are loans until tftp_fetch_start returns, but name until the end. */
struct tftp_fetch_wish {
	const struct sockaddr *server;
	socklen_t server_n;
	const char *name;
	size_t size_max;
	unsigned retry_ms; /* first wait for an answer; doubles up to retry_max_ms */
	unsigned retry_max_ms;
	unsigned tries; /* repeats before the server counts as gone */
};

/* What came. e NULL: the body, the callee's (bytes_free). Otherwise: ERR_UNKNOWN (the server has no
 * such file), ERR_REFUSED (another error of the server), ERR_AGAIN (no answer), ERR_LIMIT
 * (size_max), ERR_MALFORMED, ERR_IO. */
typedef void tftp_fetch_done(void *arg, const struct err *e, struct bytes body);

/* done is called later, once, never before this returns. Errors: ERR_IO, ERR_MALFORMED (the name).
 */
must_use bool tftp_fetch_start(struct event_base *base, const struct tftp_fetch_wish *w,
    tftp_fetch_done *done, void *arg, struct tftp_fetch **out, struct err *e);

/* done is not called any more. Not after done was called. */
void tftp_fetch_cancel(struct tftp_fetch *f);

#endif
