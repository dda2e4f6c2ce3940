#include "net/http_server_conn.h"

#include "net/hostcount.h"
#include "wire/httpfield.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define ETAG_MAX 130 /* with the quotes */

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 200, "OK" },
	{ 404, "Not Found" },
	{ 304, "Not Modified" },
	{ 206, "Partial Content" },
	{ 400, "Bad Request" },
	{ 403, "Forbidden" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 416, "Range Not Satisfiable" },
	{ 431, "Request Header Fields Too Large" },
	{ 503, "Service Unavailable" },
};

static const char *
phrase_of(int status)
{
	for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return status < 500 ? "Error" : "Internal Server Error";
}

const char *
http_request_method(const struct http_request *r)
{
	switch (evhttp_request_get_command(r->req)) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_HEAD:
		return "HEAD";
	case EVHTTP_REQ_POST:
		return "POST";
	default:
		return "";
	}
}

const char *
http_request_path(const struct http_request *r)
{
	return r->has_path ? (const char *)r->conn->path.p : NULL;
}

struct span
http_request_body(const struct http_request *r)
{
	return r->body;
}

const char *
http_request_peer(const struct http_request *r)
{
	struct http_conn *c = r->conn;
	const struct sockaddr *a = evhttp_connection_get_addr(c->evcon);

	if (c->peer[0] == '\0' && a != NULL &&
	    (a->sa_family == AF_INET || a->sa_family == AF_INET6))
		hostcount_print(a, c->peer, sizeof c->peer);
	return c->peer;
}

bool
http_request_says(const struct http_request *r, const char *name, const char *text)
{
	const struct evkeyval *field;

	TAILQ_FOREACH(field, evhttp_request_get_input_headers(r->req), next)
	{
		if (strcasecmp(field->key, name) == 0 && strstr(field->value, text) != NULL)
			return true;
	}
	return false;
}

void *
http_request_owner(const struct http_request *r)
{
	return r->conn->server->config.arg;
}

void
http_request_set(struct http_request *r, void *data)
{
	r->data = data;
}

void *
http_request_get(const struct http_request *r)
{
	return r->data;
}

static void
add(struct http_request *r, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(r->req), name, value);
}

static void
on_sent(struct evhttp_request *req, void *conn)
{
	http_conn_sent(conn, req);
}

/* The date of this second, made once for all who get it. */
static const char *
date_now(struct http_server *s)
{
	time_t now = time(NULL);

	if (now != s->date_at) {
		s->date_at = now;
		httpfield_date_print(now, s->date);
	}
	return s->date;
}

/* What every answer has; what it sends is in the request's output buffer. */
static void
send_answer(struct http_request *r, int status, uint64_t length)
{
	struct http_conn *c = r->conn;
	char text[24];

	assert(r->is_waiting);
	r->is_waiting = false;
	c->server->stats.busy--;
	c->status = status;
	if (status != 304) {
		snprintf(text, sizeof text, "%" PRIu64, length);
		add(r, "Content-Length", text);
	}
	add(r, "Date", date_now(c->server));
	if (c->server->is_draining) {
		/* or evhttp would promise an old client to keep it */
		evhttp_remove_header(evhttp_request_get_input_headers(r->req), "Connection");
		add(r, "Connection", "close");
	}
	http_conn_wait(c, HTTP_SENDING);
	evhttp_request_set_on_complete_cb(r->req, on_sent, c);
	evhttp_send_reply(r->req, status, phrase_of(status), NULL);
}

static bool
is_head(const struct http_request *r)
{
	return evhttp_request_get_command(r->req) == EVHTTP_REQ_HEAD;
}

void
http_reply(struct http_request *r, int status, const char *content_type, struct span body)
{
	if (content_type != NULL)
		add(r, "Content-Type", content_type);
	if (!is_head(r) && body.n > 0 &&
	    evbuffer_add(evhttp_request_get_output_buffer(r->req), body.p, body.n) != 0)
		abort();
	send_answer(r, status, body.n);
}

/* An answer without the handler's help. */
static void
reply_phrase(struct http_request *r, int status)
{
	char text[64];

	snprintf(text, sizeof text, "%s\n", phrase_of(status));
	http_reply(r, status, "text/plain", span_str(text));
}

static void
on_body_sent(const void *data, size_t n, void *body)
{
	(void)data, (void)n;
	body_unref(body);
}

/* Bytes of the body, not copied. */
static void
add_part(struct http_request *r, struct body *b, size_t first, size_t n)
{
	if (n == 0 || is_head(r))
		return;
	if (evbuffer_add_reference(evhttp_request_get_output_buffer(r->req), body_span(b).p + first,
		n, on_body_sent, body_ref(b)) != 0)
		abort();
}

static void
add_validators(struct http_request *r, const struct http_file *file)
{
	char text[ETAG_MAX];

	if (file->etag.n > 0 && file->etag.n <= ETAG_MAX - 3) {
		snprintf(
		    text, sizeof text, "\"%.*s\"", (int)file->etag.n, (const char *)file->etag.p);
		add(r, "ETag", text);
	}
	if (file->modified != 0) {
		httpfield_date_print(file->modified, text);
		add(r, "Last-Modified", text);
	}
}

static struct httpfield_part
weigh(const struct http_request *r, const struct http_file *file)
{
	const struct httpfield_file what = { file->etag, file->modified, body_span(file->body).n };
	struct httpfield_wish wish = { 0 };
	const struct evkeyval *field;

	TAILQ_FOREACH(field, evhttp_request_get_input_headers(r->req), next)
	httpfield_note(&wish, field->key, field->value);
	return httpfield_weigh(&wish, &what, !is_head(r));
}

bool
http_reply_file(struct http_request *r, const struct http_file *file)
{
	struct httpfield_part part = weigh(r, file);
	size_t size = body_span(file->body).n;
	bool is_whole = part.status == 200 && !is_head(r);
	char text[80];

	if (part.status == 412) {
		reply_phrase(r, part.status);
		return false;
	}
	add(r, "Accept-Ranges", "bytes");
	if (part.status == 416) {
		snprintf(text, sizeof text, "bytes */%zu", size);
		add(r, "Content-Range", text);
		reply_phrase(r, part.status);
		return false;
	}
	add_validators(r, file);
	if (part.status == 206) {
		snprintf(text, sizeof text, "bytes %" PRIu64 "-%" PRIu64 "/%zu", part.first,
		    part.first + part.length - 1, size);
		add(r, "Content-Range", text);
	}
	if (part.status != 304) {
		add(r, "Content-Type", file->content_type);
		add_part(r, file->body, part.first, part.length);
	}
	send_answer(r, part.status, part.length);
	return is_whole;
}

/* Answers what is no request, and lets its fields go at once. */
static bool
request_check(struct http_request *r)
{
	int status = http_request_fault(r->conn, r->req);

	if (status == 0)
		return true;
	evhttp_clear_headers(evhttp_request_get_input_headers(r->req));
	add(r, "Connection", "close");
	reply_phrase(r, status);
	return false;
}

/* The method is one that this server answers; else it has answered, and closes: a body, which
 * evhttp does not read of most methods, may follow. */
static bool
method_check(struct http_request *r)
{
	int method = (int)evhttp_request_get_command(r->req);
	bool files = r->conn->server->config.files;

	if (method == EVHTTP_REQ_GET || method == (files ? EVHTTP_REQ_HEAD : EVHTTP_REQ_POST))
		return true;
	add(r, "Allow", files ? "GET, HEAD" : "GET, POST");
	add(r, "Connection", "close");
	reply_phrase(r, 405);
	return false;
}

void
http_request_begin(struct evhttp_request *req, void *server)
{
	struct http_server *s = server;
	struct http_conn *c = http_conn_find(s, req);
	struct http_request *r = &c->request;
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	size_t n = evbuffer_get_length(in);

	*r = (struct http_request){ .conn = c, .req = req, .is_waiting = true };
	c->lines = 0;
	s->stats.busy++;
	http_conn_wait(c, HTTP_HANDLER);
	if (!request_check(r) || !method_check(r))
		return;
	r->has_path = httpfield_path(span_str(evhttp_request_get_uri(req)), &c->path);
	if (n > 0)
		r->body = span_of(evbuffer_pullup(in, -1), n);
	s->config.request(s->config.arg, r);
	if (r->is_waiting)
		http_conn_watch(c);
}
