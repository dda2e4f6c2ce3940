/*
 * http_server: HTTP as libevent's evhttp speaks it, behind these few calls, so that another server
 * could take its place without touching a handler. The control API uses it on a UNIX socket.
 */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include "base/err.h"
#include "base/span.h"

struct event_base;
struct http_server;
struct http_request; /* lives until http_reply */

struct http_server_config {
	size_t body_max;    /* a larger body is answered 413 */
	unsigned timeout_s; /* per read or write */
	/* Calls http_reply before it returns. */
	void (*request)(void *arg, struct http_request *r);
	void *arg;
};

struct http_server *http_server_new(
    struct event_base *base, const struct http_server_config *config);

/* Accepts on a bound, listening, non-blocking socket. Takes the fd over when it succeeds. */
must_use bool http_server_listen(struct http_server *s, int fd, struct err *e);

const char *http_request_method(const struct http_request *r); /* "GET", "POST", else "" */
const char *http_request_path(const struct http_request *r);   /* decoded, without query */
struct span http_request_body(const struct http_request *r);   /* a loan until the reply */

/* Answers and ends the request. */
void http_reply(struct http_request *r, int status, const char *content_type, struct span body);

void http_server_free(struct http_server *s); /* safe with NULL */

#endif
