#include "net/http_client.h"

#include "base/mem.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEADERS_MAX    16384
#define ERROR_PAGE_MAX 4096 /* of the text that comes with a status */
#define PATH_MAX_BYTES 4096
#define HOST_MAX       300 /* "[address]:port" */

struct http_client {
	struct evhttp_connection *line;
	struct event *timer; /* the deadline; after the end: until its caller has returned */
	http_client_done *done;
	void *arg;
	size_t size_max;
	unsigned timeout_ms;
	struct tlsdial_judge judge, caller; /* caller: whom ours asks */
	struct err judged;                  /* what it said */
	bool ended;
	struct err e; /* of the end; ERR_NONE: body is the file */
	struct bytes body;
};

void
http_client_cancel(struct http_client *c)
{
	if (c->line != NULL)
		evhttp_connection_free(c->line);
	event_free(c->timer);
	bytes_free(&c->body);
	free(c);
}

/* evhttp still works with the connection when it tells of the end, so the rest is done later. */
static void
end_soon(struct http_client *c)
{
	c->ended = true;
	event_active(c->timer, EV_TIMEOUT, 0);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct http_client *c = arg;
	struct bytes body = c->body;
	struct err e = c->e;

	(void)fd;
	(void)what;
	if (!c->ended)
		err_set(&e, ERR_AGAIN, "no answer within %u ms", c->timeout_ms);
	c->body = (struct bytes){ 0 };
	c->done(c->arg, e.code != ERR_NONE ? &e : NULL, body);
	bytes_free(&c->body);
	http_client_cancel(c);
}

static void
on_error(enum evhttp_request_error error, void *arg)
{
	struct http_client *c = arg;

	switch (error) {
	case EVREQ_HTTP_TIMEOUT:
		err_set(&c->e, ERR_AGAIN, "no answer");
		break;
	case EVREQ_HTTP_INVALID_HEADER:
		err_set(&c->e, ERR_MALFORMED, "the answer is not HTTP");
		break;
	case EVREQ_HTTP_DATA_TOO_LONG:
		err_set(&c->e, ERR_LIMIT, "more than %zu bytes", c->size_max);
		break;
	case EVREQ_HTTP_EOF:
		err_set(&c->e, ERR_MALFORMED, "it hung up before the end of its answer");
		break;
	default:
		err_set(&c->e, ERR_IO, "the connection was lost");
		break;
	}
}

static void
take_body(struct http_client *c, struct evhttp_request *answer)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(answer);
	size_t n = evbuffer_get_length(in);

	if (n > c->size_max) {
		err_set(&c->e, ERR_LIMIT, "more than %zu bytes", c->size_max);
		return;
	}
	c->body = (struct bytes){ mem_new(n, 1), n };
	evbuffer_remove(in, c->body.p, n);
}

/* answer NULL: on_error has said why; status 0: no connection. */
static void
on_answer(struct evhttp_request *answer, void *arg)
{
	struct http_client *c = arg;
	int status = answer != NULL ? evhttp_request_get_response_code(answer) : 0;

	if (c->ended)
		return;
	if (c->judged.code != ERR_NONE)
		c->e = c->judged;
	else if (status == 0 && c->e.code == ERR_NONE)
		err_set(&c->e, ERR_IO, "no connection");
	else if (status == HTTP_OK)
		take_body(c, answer);
	else if (status == HTTP_NOTFOUND || status == 410)
		err_set(&c->e, ERR_UNKNOWN, "HTTP status %d", status);
	else if (status != 0)
		err_set(&c->e, ERR_REFUSED, "HTTP status %d", status);
	end_soon(c);
}

/* The path with everything escaped that is not plain; slashes separate folders. */
static bool
path_make(const char *name, char *out, size_t max, struct err *e)
{
	size_t used = 0;

	while (*name != '\0') {
		size_t n = strcspn(name, "/");
		char *part = evhttp_uriencode(name, (ev_ssize_t)n, 0);
		int w = part != NULL ? snprintf(out + used, max - used, "/%s", part) : -1;

		free(part);
		if (w < 0 || (size_t)w >= max - used)
			return err_set(e, ERR_MALFORMED, "file name longer than %zu bytes", max);
		used += (size_t)w;
		name += n + (name[n] == '/');
	}
	return used > 0 || err_set(e, ERR_MALFORMED, "empty file name");
}

static bool
judge_leaf(void *arg, struct span leaf, struct err *e)
{
	struct http_client *c = arg;

	(void)e;
	return c->caller.verify(c->caller.arg, leaf, &c->judged);
}

static struct timeval
time_of(unsigned ms)
{
	return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000 };
}

static bool
line_open(
    struct http_client *c, struct event_base *base, const struct http_client_wish *w, struct err *e)
{
	const struct timeval silence =
	    time_of(w->silence_ms != 0 ? w->silence_ms : w->timeout_ms + 1000);
	struct bufferevent *bev = NULL;
	size_t body_max = w->size_max > ERROR_PAGE_MAX ? w->size_max : ERROR_PAGE_MAX;

	if (w->tls != NULL && !tlsdial_bufferevent(w->tls, &c->judge, base, &bev, e))
		return false;
	c->line = evhttp_connection_base_bufferevent_new(base, NULL, bev, w->host, w->port);
	if (c->line == NULL) {
		if (bev != NULL)
			bufferevent_free(bev);
		return err_set(e, ERR_IO, "%s: no HTTP connection can be made", w->host);
	}
	evhttp_connection_set_timeout_tv(c->line, &silence);
	evhttp_connection_set_max_headers_size(c->line, HEADERS_MAX);
	evhttp_connection_set_max_body_size(c->line, (ev_ssize_t)body_max);
	return true;
}

static bool
request_send(struct http_client *c, const struct http_client_wish *w, struct err *e)
{
	struct evhttp_request *r;
	struct evkeyvalq *headers;
	char path[PATH_MAX_BYTES], host[HOST_MAX];

	if (!path_make(w->name, path, sizeof path, e))
		return false;
	snprintf(host, sizeof host, strchr(w->host, ':') != NULL ? "[%s]:%u" : "%s:%u", w->host,
	    (unsigned)w->port);
	r = evhttp_request_new(on_answer, c);
	if (r == NULL)
		return err_set(e, ERR_IO, "no HTTP request can be made");
	evhttp_request_set_error_cb(r, on_error);
	headers = evhttp_request_get_output_headers(r);
	if (evhttp_add_header(headers, "Host", host) != 0 ||
	    evhttp_add_header(headers, "Connection", "close") != 0 ||
	    (w->via != NULL && evhttp_add_header(headers, "Via", w->via) != 0)) {
		evhttp_request_free(r);
		return err_set(e, ERR_MALFORMED, "a header cannot be sent");
	}
	return evhttp_make_request(c->line, r, EVHTTP_REQ_GET, path) == 0 ||
	       err_set(e, ERR_IO, "%s: no connection", w->host);
}

bool
http_client_start(struct event_base *base, const struct http_client_wish *w, http_client_done *done,
    void *arg, struct http_client **out, struct err *e)
{
	struct http_client *c = mem_new(1, sizeof *c);
	const struct timeval wait = time_of(w->timeout_ms);

	*c = (struct http_client){ .done = done,
		.arg = arg,
		.size_max = w->size_max,
		.timeout_ms = w->timeout_ms,
		.judge = { judge_leaf, c },
		.caller = w->judge };
	c->timer = evtimer_new(base, on_timer, c);
	if (c->timer == NULL)
		abort();
	if (evtimer_add(c->timer, &wait) != 0 || !line_open(c, base, w, e)) {
		http_client_cancel(c);
		return false;
	}
	*out = c;
	/* A connection that fails at once has already told of its end. */
	if (request_send(c, w, e) || c->ended)
		return true;
	http_client_cancel(c);
	return false;
}
