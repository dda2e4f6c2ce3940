/*
 * tftp_get: one file over TFTP, blocking (RFC 1350, octet mode, blocks of 512 bytes and no options,
 * as phones ask). The conversation is talk/tftp.h.
 */
#ifndef NET_TFTP_GET_H
#define NET_TFTP_GET_H

#include "base/bytes.h"
#include "base/err.h"

struct tftp_get {
	const char *host; /* address or name; a name is looked up without a deadline */
	uint16_t port;
	const char *name;
	size_t size_max;
	unsigned retry_ms; /* first wait for an answer; doubles up to retry_max_ms */
	unsigned retry_max_ms;
	unsigned tries; /* repeats before the server counts as gone */
};

/* Freed with bytes_free. Errors: ERR_UNKNOWN (the server has no such file), ERR_REFUSED (another
 * error of the server), ERR_AGAIN (no answer), ERR_LIMIT (size_max), ERR_MALFORMED, ERR_IO. */
must_use bool tftp_get(const struct tftp_get *get, struct bytes *out, struct err *e);

#endif
