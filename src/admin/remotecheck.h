/*
 * remotecheck: whether another cluster signs what it serves, before its phones are served through
 * this one (doc/protocols/phone.md 1.3, centralised TFTP).
 *
 * Phones of a cluster without Security By Default would take this cluster's trust lists and from
 * then on refuse what their own serves unsigned, so all clusters must have it, or none.
 */
#ifndef ADMIN_REMOTECHECK_H
#define ADMIN_REMOTECHECK_H

#include "base/err.h"

#include <stddef.h>

struct remotecheck {
	const char *const *address; /* "192.0.2.1", "192.0.2.1:6970", "[2001:db8::1]:69" */
	size_t count;
	bool tftp;         /* else HTTP */
	unsigned port;     /* of addresses without one */
	const char *phone; /* one of that cluster's; NULL: none was named */
};

/* Asks the servers in turn for a trust list or a signed file; the first one that answers decides.
 * Errors: ERR_REFUSED with the explanation (it answers, and has neither); ERR_IO (none answers). */
must_use bool remotecheck_run(const struct remotecheck *check, struct err *e);

/* The URL of a file on a server. */
#define REMOTECHECK_URL_MAX 512
must_use bool remotecheck_url(const struct remotecheck *check, const char *address,
    const char *name, char out[REMOTECHECK_URL_MAX], struct err *e);

#endif
