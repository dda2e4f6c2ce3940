#include "net/http_server_conn.h"

#include "base/mem.h"
#include "net/hostcount.h"
#include "net/tlspump.h"

#include <event2/bufferevent.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#define CONNECTIONS 10000
#define TICK_MS     500
#define METHODS_ALL 0xffff /* unknown ones too, so that their answer is ours */

static void
on_adopt(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;

	(void)fd, (void)what;
	http_conn_adopt(s);
	http_server_doors(s, true);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;

	(void)fd, (void)what;
	http_conn_expire(s);
	http_server_doors(s, true);
}

/* No descriptor is left, or no memory in the kernel: on_tick tries again. */
static void
on_accept_error(struct evconnlistener *listener, void *http)
{
	(void)http;
	evconnlistener_disable(listener);
}

struct http_server *
http_server_new(struct event_base *base, const struct http_server_config *config)
{
	const struct timeval every = { .tv_usec = TICK_MS * 1000 };
	struct http_server *s = mem_new(1, sizeof *s);

	s->base = base;
	s->config = *config;
	if (s->config.connections == 0)
		s->config.connections = CONNECTIONS;
	if (s->config.request_s == 0)
		s->config.request_s = s->config.timeout_s;
	s->wait_ms[HTTP_IDLE] = s->wait_ms[HTTP_SENDING] = (uint64_t)s->config.timeout_s * 1000;
	s->wait_ms[HTTP_HEAD] = (uint64_t)s->config.request_s * 1000;
	for (int wait = 0; wait < HTTP_WAITS; wait++)
		TAILQ_INIT(&s->waiting[wait]);
	if (s->config.connections_per_address > 0)
		s->hosts = hostcount_new(s->config.connections);
	s->head = wr_new(HTTP_ANSWER_MAX);
	s->http = evhttp_new(base);
	s->adopt = evtimer_new(base, on_adopt, s);
	s->tick = event_new(base, -1, EV_PERSIST, on_tick, s);
	if (s->http == NULL || s->adopt == NULL || s->tick == NULL)
		abort();
	event_add(s->tick, &every);
	evhttp_set_max_headers_size(s->http, HTTP_HEAD_MAX);
	evhttp_set_max_body_size(s->http, (ev_ssize_t)config->body_max);
	evhttp_set_allowed_methods(s->http, METHODS_ALL);
	evhttp_set_default_content_type(s->http, NULL);
	evhttp_set_bevcb(s->http, http_conn_accept, s);
	evhttp_set_gencb(s->http, http_request_begin, s);
	return s;
}

void
http_server_doors(struct http_server *s, bool open)
{
	for (size_t i = 0; i < s->listener_count; i++) {
		struct evconnlistener *l = evhttp_bound_socket_get_listener(s->listeners[i]);

		if (open)
			evconnlistener_enable(l);
		else
			evconnlistener_disable(l);
	}
}

bool
http_server_listen(struct http_server *s, int fd, struct err *e)
{
	struct evconnlistener *l;
	const int on = 1;

	if (s->listener_count == HTTP_LISTENERS)
		return err_set(e, ERR_LIMIT, "more than %d sockets for HTTP", HTTP_LISTENERS);
	l = evconnlistener_new(
	    s->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (l == NULL)
		return err_sys(e, "cannot listen for HTTP");
	s->listeners[s->listener_count] = evhttp_bind_listener(s->http, l);
	if (s->listeners[s->listener_count] == NULL)
		abort();
	s->listener_count++;
	evconnlistener_set_error_cb(l, on_accept_error);
	/* Those that are accepted inherit it; a UNIX socket has none. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return true;
}

void
http_server_identity(struct http_server *s, struct tlspump *identity)
{
	tlspump_free(s->identity);
	s->identity = identity;
}

void
http_server_drain(struct http_server *s)
{
	struct http_conn *c;

	s->is_draining = true;
	while (s->listener_count > 0)
		evhttp_del_accept_socket(s->http, s->listeners[--s->listener_count]);
	while ((c = TAILQ_FIRST(&s->waiting[HTTP_IDLE])) != NULL)
		evhttp_connection_free(c->evcon);
}

struct http_server_stats
http_server_stats(const struct http_server *s)
{
	return s->stats;
}

void
http_server_free(struct http_server *s)
{
	if (s == NULL)
		return;
	evhttp_free(s->http);
	for (size_t i = 0; i < s->accepted_count; i++)
		bufferevent_decref(s->accepted[i]);
	event_free(s->adopt);
	event_free(s->tick);
	hostcount_free(s->hosts);
	tlspump_free(s->identity);
	wr_free(&s->head);
	free(s->by_fd);
	free(s);
}
