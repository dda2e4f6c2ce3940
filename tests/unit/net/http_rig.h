/*
 * http_rig: an HTTP server on a loop and a port of its own, a handler, and clients that send what
 * they are told to, for the tests of http_server.
 *
 * The handler answers /file with HTTP_RIG_SIZE bytes that have a tag and a time, /big with
 * HTTP_RIG_BIG bytes, /empty with none, /later when the test says so, and anything else with the
 * path it was given, 404 when it was given none. A POST is answered with its body.
 */
#ifndef TESTS_NET_HTTP_RIG_H
#define TESTS_NET_HTTP_RIG_H

#include "../check.h"

#include <netinet/in.h>

#include "net/http_server.h"

struct event_base;

#define HTTP_RIG_SIZE 1000
#define HTTP_RIG_BIG  (8 * 1024 * 1024)
#define HTTP_RIG_TAG  "v1"
#define HTTP_RIG_TIME 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define HTTP_RIG_LATE 32

struct http_rig {
	struct event_base *base;
	struct http_server *server;
	struct sockaddr_in address;
	struct body *file, *big, *empty;
	struct http_request *late[HTTP_RIG_LATE]; /* not answered */
	unsigned late_count, gone, requests, handshakes_failed;
	bool last_old;
	char method[16], peer[64], handshake[200];
};

/* A limit for files that leaves room; short deadlines. */
extern const struct http_server_config http_rig_usual;

/* Fixtures; after each test nothing of it may be open, and no body referenced. */
int http_rig_set_up(void **state);
int http_rig_tear_down(void **state);

/* A server with other settings in place of the one at hand; identity may be NULL. */
struct http_rig *http_rig_with(
    void **state, struct http_server_config config, struct tlspump *identity);

int http_rig_connect(struct http_rig *f);
void http_rig_send(int fd, const void *p, size_t n);
void http_rig_say(int fd, const char *text);
void http_rig_run(struct http_rig *f, unsigned ms);
unsigned http_rig_clock(void);

/* One answer. */
struct http_heard {
	int status;      /* 0: the server closed without one */
	char head[4096]; /* status line and fields */
	uint8_t *body;   /* freed by http_heard_free */
	size_t n;
	bool is_closed; /* behind it */
};

/* Reads one answer; has_body: what its Content-Length says comes behind it. */
struct http_heard http_rig_hear(struct http_rig *f, int fd, bool has_body);
void http_heard_free(struct http_heard *h);

/* The value of a field; NULL: not there. Good until the next call. */
const char *http_heard_field(const struct http_heard *h, const char *name);

/* A connection of its own, a request with "Connection: close" and these lines, the answer. */
struct http_heard http_rig_ask(
    struct http_rig *f, const char *method, const char *target, const char *lines);

/* The server closes the connection within ms without saying anything more. */
void http_rig_hear_end(struct http_rig *f, int fd, unsigned ms);

/* Answers a late request with "late". */
void http_rig_answer(struct http_rig *f, unsigned at);

#endif
