/*
 * http_server: HTTP as libevent's evhttp speaks it, behind these few calls, so that another server
 * could take its place without touching a handler (decision 0011). The control API uses it on a
 * UNIX socket, the fronts for files on 6970 and, over TLS, 6971.
 *
 * GET and HEAD of a body that is handed over as a whole: ranges, conditions and HEAD are answered
 * here (RFC 9110), the handler only says what the file is. The program ignores SIGPIPE.
 */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include "base/err.h"
#include "base/span.h"
#include "net/body.h"

#include <stdint.h>
#include <time.h>

struct event_base;
struct http_server;
struct http_request; /* lives until it is answered, or http_server_config.gone says that it is not
			wanted any more */
struct tlspump;      /* certificate, key and versions of a TLS service: tlspump.h */

/* Zero stands for the value in brackets, where there is one. */
struct http_server_config {
	size_t body_max;      /* a larger request body is answered 413 */
	unsigned timeout_s;   /* a connection is idle, or its peer takes nothing of an answer (then
				 up to twice as long) */
	unsigned request_s;   /* a request must be whole within this from its first byte, the first
				 one from accept, TLS handshake included [timeout_s] */
	unsigned connections; /* at once [10000]; one more is closed */
	unsigned connections_per_address; /* at once; 0: not counted. hostcount.h */
	bool files; /* GET and HEAD only, others are answered 405; else GET and POST */
	/* May be NULL. Where files are: a POST is answered for this path too. */
	bool (*may_post)(void *arg, const char *path);
	/* Answers before it returns or later. */
	void (*request)(void *arg, struct http_request *r);
	/* May be NULL: a request that was not answered yet is gone; r is not to be used again. */
	void (*gone)(void *arg, struct http_request *r);
	/* May be NULL: a TLS handshake failed; old: only for versions or suites that are switched
	 * off. A few times in a second at most. */
	void (*handshake_failed)(void *arg, const char *peer, bool old, const char *text);
	void *arg;
};

struct http_server_stats {
	uint64_t accepted;  /* connections */
	uint64_t served;    /* requests answered with 2xx or 3xx, to the last byte */
	uint64_t not_found; /* requests answered 404 */
	uint64_t failed; /* answered with another error, broken, or the peer left before the end */
	uint64_t over_limit, timed_out, handshake_failed, old_refused; /* connections */
	size_t open;                                                   /* connections now */
	size_t busy; /* requests that wait for their answer now */
};

struct http_server *http_server_new(
    struct event_base *base, const struct http_server_config *config);

/* Accepts on a bound, listening, non-blocking socket. Takes the fd over when it succeeds. */
must_use bool http_server_listen(struct http_server *s, int fd, struct err *e);

/* From now on connections speak TLS as this identity says (taken over); may come again. A server
 * that is to speak TLS accepts nobody before it has one: call this before http_server_listen. */
void http_server_identity(struct http_server *s, struct tlspump *identity);

const char *http_request_method(const struct http_request *r); /* "GET", "HEAD", "POST", else "" */
/* Decoded once, without query; NULL when it does not decode, holds a NUL or is no path
 * (wire/httpfield.h). */
const char *http_request_path(const struct http_request *r);
struct span http_request_body(const struct http_request *r); /* a loan until the reply */
const char *http_request_peer(
    const struct http_request *r); /* "192.0.2.1:50000", "" on a UNIX socket */

/* A field of this name, of any case, has text in its value. */
bool http_request_says(const struct http_request *r, const char *name, const char *text);

void http_request_set(struct http_request *r, void *data); /* the handler's own; NULL at first */
void *http_request_get(const struct http_request *r);
void *http_request_owner(const struct http_request *r); /* http_server_config.arg */

/* Answers and ends the request; content_type may be NULL. */
void http_reply(struct http_request *r, int status, const char *content_type, struct span body);

/* Answers 200 with what caches may keep for so many seconds; 0: nobody may. */
void http_reply_cached(
    struct http_request *r, const char *content_type, struct span body, uint32_t max_age_s);

/* Answers with a file, or with the part of it that was asked for, or says that the asker's copy is
 * still good. True: all of it is on its way. */
struct http_file {
	struct body *body; /* a reference is taken */
	const char *content_type;
	struct span etag; /* without quotes; empty: none */
	time_t modified;  /* 0: unknown */
};
bool http_reply_file(struct http_request *r, const struct http_file *file);

/* Accepts nobody any more, ends idle connections, and each other one with its next reply: done when
 * stats say that none is open. Within request_s that is so for all that wait for no handler. */
void http_server_drain(struct http_server *s);

struct http_server_stats http_server_stats(const struct http_server *s);
/* Safe with NULL; not from inside a call of ours. Requests that wait are gone. */
void http_server_free(struct http_server *s);

#endif
