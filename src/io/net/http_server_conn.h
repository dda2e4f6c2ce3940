/*
 * http_server_conn: the inside of http_server. One connection, with the one request that it can
 * have at a time; evhttp owns it and says when it ends.
 */
#ifndef NET_HTTP_SERVER_CONN_H
#define NET_HTTP_SERVER_CONN_H

#include "net/http_server.h"

#include "base/wr.h"
#include "wire/httpfield.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <sys/queue.h>

#define HTTP_HEAD_MAX     8192          /* bytes of a request line and fields */
#define HTTP_WRITE_MAX    (1024 * 1024) /* in one call; firmware costs twice as much with 16 kB */
#define HTTP_FIELDS_MAX   100 /* evhttp spends a hundred bytes on each, however short it is */
#define HTTP_ACCEPT_BATCH 64
#define HTTP_LISTENERS    8
#define HTTP_PEER_MAX     64
#define HTTP_ANSWER_MAX   4096 /* bytes of the head of an answer */

struct evhttp_connection;
struct evhttp_request;
struct http_conn;

/* What a connection waits for; each has its deadline, but for the handler. */
enum http_wait {
	HTTP_IDLE,    /* the first byte of another request */
	HTTP_HEAD,    /* the rest of a request */
	HTTP_HANDLER, /* the answer */
	HTTP_SENDING, /* the peer to take it */
	HTTP_WAITS,
};

struct http_request {
	struct http_conn *conn;
	struct evhttp_request *req;
	bool is_waiting; /* not answered yet */
	bool is_new;     /* its handler is being called */
	bool is_last;    /* its connection ends with the answer */
	bool has_path;
	struct span body;
	void *data;
};

/* What came of a request's head. */
struct http_head {
	unsigned lines;
	bool is_line_empty; /* the last one, so far */
	bool is_whole;
};

struct http_conn {
	TAILQ_ENTRY(http_conn) next; /* among those that wait for the same */
	struct http_server *server;
	struct evhttp_connection *evcon;
	struct bufferevent *bev;
	uint64_t due; /* clock_ms; 0: ends at once, for what was sent */
	int unsent;   /* bytes of an answer in the kernel, when its time was over last; -1 before */
	enum http_wait wait;
	bool is_tls, is_counted; /* by address */
	bool is_timed_out;
	bool has_spoken;       /* a byte of the request is here */
	size_t nuls;           /* among all that came behind the last request */
	struct http_head head; /* of the request so far */
	int status;            /* of the answer that is being sent */
	struct http_request request;
	struct wr path;
	char peer[HTTP_PEER_MAX];
};

TAILQ_HEAD(http_queue, http_conn);

struct http_server {
	struct event_base *base;
	struct evhttp *http;
	struct http_server_config config;
	struct http_server_stats stats;
	struct http_queue waiting[HTTP_WAITS];
	uint64_t wait_ms[HTTP_WAITS]; /* 0: for good */
	struct http_conn **by_fd;
	size_t by_fd_count;
	struct hostcount *hosts;
	struct tlspump *identity;
	struct evhttp_bound_socket *listeners[HTTP_LISTENERS];
	size_t listener_count;
	struct bufferevent *accepted[HTTP_ACCEPT_BATCH]; /* not adopted yet */
	size_t accepted_count;
	struct event *adopt, *tick;
	bufferevent_data_cb evhttp_write; /* evhttp's own, the same for all connections */
	bufferevent_event_cb evhttp_event;
	struct wr head; /* of the answer that is being made */
	bool is_draining;
	uint64_t report_second;
	unsigned report_count;
	time_t date_at;
	char date[HTTPFIELD_DATE]; /* of date_at */
};

/* Accepts, or not for now; while it drains there is nothing to accept on. */
void http_server_doors(struct http_server *s, bool open);

/* The bufferevent of a connection that evhttp is about to make. */
struct bufferevent *http_conn_accept(struct event_base *base, void *server);

/* Takes the accepted ones into account, or closes them for a limit. */
void http_conn_adopt(struct http_server *s);

/* The connection of a request that evhttp hands over. */
struct http_conn *http_conn_find(struct http_server *s, struct evhttp_request *req);

void http_conn_wait(struct http_conn *c, enum http_wait wait);

/* While a handler has the request, learns that the peer is gone. */
void http_conn_watch(struct http_conn *c);

/* The answer has left: for the next request, or, draining, to the end. */
void http_conn_sent(struct http_conn *c, struct evhttp_request *req);

/* An answer is made of its status, then fields, its length unless it is 304, and is sent; nothing
 * else is answered meanwhile. */
void http_answer_begin(struct http_request *r, int status);
void http_answer_field(struct http_request *r, const char *name, const char *value);
void http_answer_length(struct http_request *r, uint64_t length);

/* owner is referred to until the content has left; NULL: what does not leave now is copied. Unless
 * the request is new it is gone after this. */
void http_answer_send(struct http_request *r, struct span content, struct body *owner);

/* Tells evhttp that a new request was answered; it is gone after this. */
void http_answer_end(struct http_request *r);

/* The connection ends with the answer, which is to begin. */
void http_answer_last(struct http_request *r);

/* What a status is called. */
const char *http_answer_phrase(int status);

/* Ends those whose time is over. */
void http_conn_expire(struct http_server *s);

/* A NUL stood in the head of the request that evhttp hands over, which reads a line only up to
 * there. Once for each request. */
bool http_conn_head_has_nul(struct http_conn *c, struct evhttp_request *req);

/* What is wrong with a request, as the status to answer; 0: nothing. Its version and method become
 * such as evhttp answers well. */
int http_request_fault(struct http_conn *c, struct evhttp_request *req);

/* evhttp's callback for a request. */
void http_request_begin(struct evhttp_request *req, void *server);

#endif
