/*
 * http_get: one file over HTTP or HTTPS, blocking, as phones ask for theirs. http_client.h without
 * an event loop of the caller's.
 */
#ifndef NET_HTTP_GET_H
#define NET_HTTP_GET_H

#include "net/http_client.h"

/* Freed with bytes_free. Errors: those of http_client.h. */
must_use bool http_get(const struct http_client_wish *w, struct bytes *out, struct err *e);

#endif
