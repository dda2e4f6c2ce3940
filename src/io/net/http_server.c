#include "net/http_server.h"

#include "base/mem.h"

#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>

#define HEADERS_MAX 16384
#define BACKLOG     64

struct http_server {
	struct evhttp *http;
	struct event_base *base;
	struct http_server_config config;
};

struct http_request {
	struct evhttp_request *req;
	char *path;
	struct span body;
};

static void
on_request(struct evhttp_request *req, void *arg)
{
	struct http_server *s = arg;
	struct http_request *r = mem_new(1, sizeof *r);
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));

	r->req = req;
	r->path = evhttp_uridecode(path != NULL ? path : "", 0, NULL);
	r->body = span_of(evbuffer_pullup(in, -1), evbuffer_get_length(in));
	s->config.request(s->config.arg, r);
}

struct http_server *
http_server_new(struct event_base *base, const struct http_server_config *config)
{
	struct http_server *s = mem_new(1, sizeof *s);

	s->base = base;
	s->config = *config;
	s->http = evhttp_new(base);
	if (s->http == NULL) {
		free(s);
		return NULL;
	}
	evhttp_set_max_headers_size(s->http, HEADERS_MAX);
	evhttp_set_max_body_size(s->http, (ev_ssize_t)config->body_max);
	evhttp_set_timeout(s->http, (int)config->timeout_s);
	evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
	evhttp_set_gencb(s->http, on_request, s);
	return s;
}

bool
http_server_listen(struct http_server *s, int fd, struct err *e)
{
	struct evconnlistener *listener = evconnlistener_new(
	    s->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, fd);

	if (listener == NULL)
		return err_sys(e, "cannot listen for HTTP");
	if (evhttp_bind_listener(s->http, listener) == NULL) {
		evconnlistener_free(listener);
		return err_set(e, ERR_IO, "cannot serve HTTP on the socket");
	}
	return true;
}

const char *
http_request_method(const struct http_request *r)
{
	switch (evhttp_request_get_command(r->req)) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_POST:
		return "POST";
	default:
		return "";
	}
}

const char *
http_request_path(const struct http_request *r)
{
	return r->path != NULL ? r->path : "";
}

struct span
http_request_body(const struct http_request *r)
{
	return r->body;
}

void
http_reply(struct http_request *r, int status, const char *content_type, struct span body)
{
	struct evbuffer *out = evbuffer_new();

	if (out != NULL) {
		evbuffer_add(out, body.p, body.n);
		evhttp_add_header(
		    evhttp_request_get_output_headers(r->req), "Content-Type", content_type);
	}
	evhttp_send_reply(r->req, out != NULL ? status : HTTP_INTERNAL, NULL, out);
	if (out != NULL)
		evbuffer_free(out);
	free(r->path);
	free(r);
}

void
http_server_free(struct http_server *s)
{
	if (s == NULL)
		return;
	evhttp_free(s->http);
	free(s);
}
