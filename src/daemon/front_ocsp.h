/*
 * front_ocsp: OCSP over HTTP (RFC 6960, appendix A): POST to /ocsp, and GET of /ocsp/ and the
 * request in base64. What strangers send is read here; core is asked about what was understood.
 */
#ifndef DAEMON_FRONT_OCSP_H
#define DAEMON_FRONT_OCSP_H

#include "net/http_server.h"
#include "wire/ask.h"

struct event_base;
struct front_ocsp;

struct front_ocsp_config {
	/* Puts a question to core; false when it cannot be put. */
	bool (*ask)(void *arg, const struct ask *ask);
	void *arg;
};

struct front_ocsp *front_ocsp_new(struct event_base *base, const struct front_ocsp_config *config);
void front_ocsp_free(struct front_ocsp *o); /* safe with NULL; who waits is not told */

/* A POST to this path is for OCSP. */
bool front_ocsp_may_post(const char *path);

/* This request is: a POST, or a GET or HEAD of a path under /ocsp/. */
bool front_ocsp_takes(const struct http_request *r);

/* Answers it, before it returns or later; until then it has the request's data. */
void front_ocsp_request(struct front_ocsp *o, struct http_request *r);

/* The asker is gone before that. */
void front_ocsp_gone(struct front_ocsp *o, struct http_request *r);

/* What core says. */
void front_ocsp_answer(struct front_ocsp *o, const struct answer *a);

#endif
