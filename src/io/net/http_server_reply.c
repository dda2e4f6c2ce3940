#include "net/http_server_conn.h"

#include "net/hostcount.h"
#include "wire/httpfield.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define ETAG_MAX 130 /* with the quotes */

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

static bool
is_head(const struct http_request *r)
{
	return evhttp_request_get_command(r->req) == EVHTTP_REQ_HEAD;
}

void
http_reply(struct http_request *r, int status, const char *content_type, struct span body)
{
	http_answer_begin(r, status);
	if (content_type != NULL)
		http_answer_field(r, "Content-Type", content_type);
	http_answer_length(r, body.n);
	http_answer_send(r, is_head(r) ? (struct span){ 0 } : body, NULL);
}

void
http_reply_cached(
    struct http_request *r, const char *content_type, struct span body, uint32_t max_age_s)
{
	char text[80] = "no-store";

	if (max_age_s > 0)
		snprintf(text, sizeof text,
		    "max-age=%" PRIu32 ", public, no-transform, must-revalidate", max_age_s);
	http_answer_begin(r, 200);
	http_answer_field(r, "Content-Type", content_type);
	http_answer_field(r, "Cache-Control", text);
	http_answer_length(r, body.n);
	http_answer_send(r, is_head(r) ? (struct span){ 0 } : body, NULL);
}

/* An answer without the handler's help, with one field more or NULL. */
static void
reply_phrase(struct http_request *r, int status, const char *name, const char *value)
{
	char text[64];
	int n = snprintf(text, sizeof text, "%s\n", http_answer_phrase(status));

	http_answer_begin(r, status);
	if (name != NULL)
		http_answer_field(r, name, value);
	http_answer_field(r, "Content-Type", "text/plain");
	http_answer_length(r, (uint64_t)n);
	http_answer_send(r, span_of(text, is_head(r) ? 0 : (size_t)n), NULL);
}

static void
add_validators(struct http_request *r, const struct http_file *file)
{
	char text[ETAG_MAX];

	if (file->etag.n > 0 && file->etag.n <= ETAG_MAX - 3) {
		memcpy(text + 1, file->etag.p, file->etag.n);
		text[0] = text[1 + file->etag.n] = '"';
		text[2 + file->etag.n] = '\0';
		http_answer_field(r, "ETag", text);
	}
	if (file->modified != 0) {
		httpfield_date_print(file->modified, text);
		http_answer_field(r, "Last-Modified", text);
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

/* The file, the part of it that was asked for, or word that the asker's copy is good. */
static void
send_file(struct http_request *r, const struct http_file *file, const struct httpfield_part *part)
{
	const struct span all = body_span(file->body);
	struct span content = { 0 };
	char text[80];

	http_answer_begin(r, part->status);
	http_answer_field(r, "Accept-Ranges", "bytes");
	add_validators(r, file);
	if (part->status == 206) {
		snprintf(text, sizeof text, "bytes %" PRIu64 "-%" PRIu64 "/%zu", part->first,
		    part->first + part->length - 1, all.n);
		http_answer_field(r, "Content-Range", text);
	}
	if (part->status != 304) {
		http_answer_field(r, "Content-Type", file->content_type);
		http_answer_length(r, part->length);
		if (!is_head(r))
			content = span_of(all.p + part->first, (size_t)part->length);
	}
	http_answer_send(r, content, file->body);
}

bool
http_reply_file(struct http_request *r, const struct http_file *file)
{
	struct httpfield_part part = weigh(r, file);
	bool is_whole = part.status == 200 && !is_head(r);
	char text[80];

	if (part.status == 412) {
		reply_phrase(r, part.status, NULL, NULL);
	} else if (part.status == 416) {
		snprintf(text, sizeof text, "bytes */%zu", body_span(file->body).n);
		reply_phrase(r, part.status, "Content-Range", text);
	} else {
		send_file(r, file, &part);
	}
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
	http_answer_last(r);
	reply_phrase(r, status, NULL, NULL);
	return false;
}

static bool
may_post(const struct http_request *r)
{
	const struct http_server_config *config = &r->conn->server->config;

	return r->has_path && config->may_post != NULL &&
	       config->may_post(config->arg, http_request_path(r));
}

/* The method is one that this server answers; else it has answered, and closes: a body, which
 * evhttp does not read of most methods, may follow. */
static bool
method_check(struct http_request *r)
{
	int method = (int)evhttp_request_get_command(r->req);
	bool files = r->conn->server->config.files;

	r->has_path = httpfield_path(span_str(evhttp_request_get_uri(r->req)), &r->conn->path);
	if (method == EVHTTP_REQ_GET || method == (files ? EVHTTP_REQ_HEAD : EVHTTP_REQ_POST) ||
	    (method == EVHTTP_REQ_POST && may_post(r)))
		return true;
	http_answer_last(r);
	reply_phrase(r, 405, "Allow", files ? "GET, HEAD" : "GET, POST");
	return false;
}

/* Hands a request that may be answered to the handler. */
static void
handle(struct http_request *r)
{
	const struct http_server_config *config = &r->conn->server->config;
	struct evbuffer *in = evhttp_request_get_input_buffer(r->req);
	size_t n = evbuffer_get_length(in);

	if (n > 0)
		r->body = span_of(evbuffer_pullup(in, -1), n);
	config->request(config->arg, r);
}

void
http_request_begin(struct evhttp_request *req, void *server)
{
	struct http_server *s = server;
	struct http_conn *c = http_conn_find(s, req);
	struct http_request *r = &c->request;

	*r = (struct http_request){ .conn = c, .req = req, .is_waiting = true, .is_new = true };
	c->head = (struct http_head){ 0 };
	s->stats.busy++;
	http_conn_wait(c, HTTP_HANDLER);
	if (request_check(r) && method_check(r))
		handle(r);
	r->is_new = false;
	if (r->is_waiting)
		http_conn_watch(c);
	else
		http_answer_end(r);
}
