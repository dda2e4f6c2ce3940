#include "net/http_server_conn.h"

#include "base/mem.h"
#include "net/clock.h"
#include "net/hostcount.h"
#include "net/tlspump.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define PATH_KEPT          512 /* memory of an idle connection */
#define REPORTS_PER_SECOND 10

void
http_conn_wait(struct http_conn *c, enum http_wait wait)
{
	struct http_server *s = c->server;

	TAILQ_REMOVE(&s->waiting[c->wait], c, next);
	TAILQ_INSERT_TAIL(&s->waiting[wait], c, next);
	c->wait = wait;
	c->due = clock_ms() + s->wait_ms[wait];
	c->unsent = -1;
}

/* Takes note of the lines from there on, to the end of the head. */
static void
count_lines(struct http_head *head, struct evbuffer *in, size_t from)
{
	struct evbuffer_iovec part;
	struct evbuffer_ptr at;

	for (; evbuffer_ptr_set(in, &at, from, EVBUFFER_PTR_SET) == 0 &&
	       evbuffer_peek(in, -1, &at, &part, 1) > 0 && part.iov_len > 0;
	     from += part.iov_len) {
		const char *p = part.iov_base;

		for (size_t i = 0; i < part.iov_len; i++) {
			if (p[i] == '\n' && head->is_line_empty) {
				head->is_whole = true;
				return;
			}
			head->lines += p[i] == '\n';
			head->is_line_empty = p[i] == '\n' || (head->is_line_empty && p[i] == '\r');
		}
	}
}

/* Ends the connection as soon as evhttp lets go of it. */
static void
end_soon(struct http_conn *c)
{
	struct http_server *s = c->server;

	TAILQ_REMOVE(&s->waiting[c->wait], c, next);
	TAILQ_INSERT_HEAD(&s->waiting[c->wait], c, next);
	c->due = 0;
	event_active(s->tick, EV_TIMEOUT, 0);
}

static size_t
count_nuls(struct evbuffer *in, size_t from)
{
	struct evbuffer_ptr at;
	size_t count = 0;

	while (evbuffer_ptr_set(in, &at, from, EVBUFFER_PTR_SET) == 0) {
		at = evbuffer_search(in, "", 1, &at);
		if (at.pos < 0)
			break;
		count++;
		from = (size_t)at.pos + 1;
	}
	return count;
}

bool
http_conn_head_has_nul(struct http_conn *c, struct evhttp_request *req)
{
	size_t unread = count_nuls(bufferevent_get_input(c->bev), 0);
	size_t body = count_nuls(evhttp_request_get_input_buffer(req), 0);
	bool has = c->nuls > unread + body;

	c->nuls = unread;
	return has;
}

static void
on_input(struct evbuffer *in, const struct evbuffer_cb_info *info, void *arg)
{
	struct http_conn *c = arg;

	if (info->n_added == 0)
		return;
	if (c->server->config.files)
		c->nuls += count_nuls(in, info->orig_size);
	if (c->wait > HTTP_HEAD)
		return;
	if (c->wait == HTTP_IDLE)
		http_conn_wait(c, HTTP_HEAD);
	c->has_spoken = true;
	if (!c->server->config.files || c->head.is_whole) /* a body has as many as it likes */
		return;
	count_lines(&c->head, in, info->orig_size);
	if (c->head.lines > HTTP_FIELDS_MAX + 1)
		end_soon(c);
}

static void
on_output(struct evbuffer *out, const struct evbuffer_cb_info *info, void *arg)
{
	struct http_conn *c = arg;

	(void)out;
	if (info->n_deleted > 0 && c->wait == HTTP_SENDING)
		http_conn_wait(c, HTTP_SENDING);
}

static void
report_handshake(struct http_conn *c)
{
	struct http_server *s = c->server;
	uint64_t second = clock_ms() / 1000;
	char text[200];
	bool old = tlspump_failure(c->bev, text, sizeof text) == TLSPUMP_FAIL_OLD;

	if (old)
		s->stats.old_refused++;
	else
		s->stats.handshake_failed++;
	if (second != s->report_second) {
		s->report_second = second;
		s->report_count = 0;
	}
	if (s->config.handshake_failed != NULL && s->report_count++ < REPORTS_PER_SECOND)
		s->config.handshake_failed(
		    s->config.arg, http_request_peer(&c->request), old, text);
}

/* What a connection that ends now leaves unfinished. */
static void
account(struct http_conn *c)
{
	struct http_server *s = c->server;

	if (c->request.is_waiting) {
		c->request.is_waiting = false;
		s->stats.busy--;
		s->stats.failed++;
		if (s->config.gone != NULL)
			s->config.gone(s->config.arg, &c->request);
	} else if (c->due == 0 || c->wait == HTTP_SENDING) {
		s->stats.failed++;
	} else if (c->wait == HTTP_HEAD && c->is_tls && !tlspump_is_up(c->bev)) {
		report_handshake(c);
	} else if (c->wait == HTTP_HEAD && c->has_spoken) {
		s->stats.failed++;
	}
}

/* evhttp frees the connection, whatever the reason. */
static void
on_close(struct evhttp_connection *evcon, void *arg)
{
	struct http_conn *c = arg;
	struct http_server *s = c->server;

	if (!c->is_timed_out)
		account(c);
	if (c->is_tls && tlspump_is_up(c->bev))
		tlspump_goodbye(c->bev);
	evbuffer_remove_cb(bufferevent_get_input(c->bev), on_input, c);
	evbuffer_remove_cb(bufferevent_get_output(c->bev), on_output, c);
	if (c->is_counted)
		hostcount_drop(s->hosts, evhttp_connection_get_addr(evcon));
	TAILQ_REMOVE(&s->waiting[c->wait], c, next);
	s->by_fd[bufferevent_getfd(c->bev)] = NULL;
	s->stats.open--;
	wr_free(&c->path);
	free(c);
}

struct bufferevent *
http_conn_accept(struct event_base *base, void *server)
{
	struct http_server *s = server;
	struct bufferevent *bev = s->identity != NULL ? tlspump_accept(s->identity, base, -1)
						      : bufferevent_socket_new(base, -1, 0);

	if (bev == NULL) /* with none evhttp would go on, without TLS */
		abort();
	bufferevent_incref(bev);
	if (s->accepted_count == 0)
		event_active(s->adopt, EV_TIMEOUT, 0);
	s->accepted[s->accepted_count++] = bev;
	if (s->accepted_count == HTTP_ACCEPT_BATCH)
		http_server_doors(s, false);
	return bev;
}

/* False when the limit of the address, or of all, is reached. */
static bool
admit(struct http_server *s, const struct sockaddr *address, bool *is_counted)
{
	*is_counted = s->hosts != NULL && address != NULL && address->sa_family != AF_UNIX;
	if (s->stats.open >= s->config.connections)
		return false;
	return !*is_counted || hostcount_take(s->hosts, address, s->config.connections_per_address);
}

static void
remember(struct http_server *s, struct http_conn *c)
{
	size_t fd = (size_t)bufferevent_getfd(c->bev);

	if (fd >= s->by_fd_count) {
		s->by_fd = mem_grow(s->by_fd, fd * 2 + 64, sizeof(struct http_conn *));
		memset(s->by_fd + s->by_fd_count, 0,
		    (fd * 2 + 64 - s->by_fd_count) * sizeof(struct http_conn *));
		s->by_fd_count = fd * 2 + 64;
	}
	s->by_fd[fd] = c;
}

static void
adopt(struct http_server *s, struct evhttp_connection *evcon, struct bufferevent *bev)
{
	struct http_conn *c;
	bool is_counted;

	if (!admit(s, evhttp_connection_get_addr(evcon), &is_counted)) {
		s->stats.over_limit++;
		evhttp_connection_free(evcon);
		return;
	}
	c = mem_new(1, sizeof *c);
	c->server = s;
	c->evcon = evcon;
	c->bev = bev;
	c->is_tls = s->identity != NULL;
	c->is_counted = is_counted;
	c->request.conn = c;
	c->path = wr_new(HTTP_HEAD_MAX);
	remember(s, c);
	TAILQ_INSERT_TAIL(&s->waiting[HTTP_IDLE], c, next);
	http_conn_wait(c, HTTP_HEAD);
	s->stats.accepted++;
	s->stats.open++;
	evhttp_connection_set_closecb(evcon, on_close, c);
	/* While an answer is sent evhttp reads on, without end if nobody stops it. */
	bufferevent_setwatermark(bev, EV_READ, 0, 2 * HTTP_HEAD_MAX + s->config.body_max);
	bufferevent_set_max_single_write(bev, HTTP_WRITE_MAX);
	evbuffer_add_cb(bufferevent_get_input(bev), on_input, c);
	evbuffer_add_cb(bufferevent_get_output(bev), on_output, c);
}

void
http_conn_adopt(struct http_server *s)
{
	for (size_t i = 0; i < s->accepted_count; i++) {
		void *evcon = NULL; /* NULL again when it came to nothing */

		bufferevent_getcb(s->accepted[i], NULL, &s->evhttp_write, &s->evhttp_event, &evcon);
		if (evcon != NULL)
			adopt(s, evcon, s->accepted[i]);
		bufferevent_decref(s->accepted[i]);
	}
	s->accepted_count = 0;
}

struct http_conn *
http_conn_find(struct http_server *s, struct evhttp_request *req)
{
	struct evhttp_connection *evcon = evhttp_request_get_connection(req);
	struct http_conn *c = s->by_fd[bufferevent_getfd(evhttp_connection_get_bufferevent(evcon))];

	assert(c != NULL && c->evcon == evcon);
	return c;
}

static void
on_peer(struct bufferevent *bev, short what, void *arg)
{
	struct http_conn *c = arg;

	(void)bev, (void)what;
	evhttp_connection_free(c->evcon);
}

void
http_conn_watch(struct http_conn *c)
{
	/* evhttp ends the process when bytes come now and its own callback is there; it sets it
	 * again with the answer. */
	bufferevent_setcb(c->bev, NULL, NULL, on_peer, c);
	bufferevent_enable(c->bev, EV_READ);
}

void
http_conn_sent(struct http_conn *c, struct evhttp_request *req)
{
	struct http_server *s = c->server;
	struct evbuffer *in = bufferevent_get_input(c->bev);

	if (c->status < 400)
		s->stats.served++;
	else if (c->status == 404)
		s->stats.not_found++;
	else
		s->stats.failed++;
	if (c->path.cap > PATH_KEPT)
		wr_free(&c->path);
	if (s->is_draining)
		evhttp_add_header(evhttp_request_get_output_headers(req), "Connection", "close");
	c->has_spoken = evbuffer_get_length(in) > 0;
	c->head = (struct http_head){ 0 };
	if (c->has_spoken && s->config.files)
		count_lines(&c->head, in, 0);
	http_conn_wait(c, c->has_spoken ? HTTP_HEAD : HTTP_IDLE);
	/* One that is whole is read at once, and weighed then. */
	if (c->head.lines > HTTP_FIELDS_MAX + 1 && !c->head.is_whole)
		end_soon(c);
}

/* The peer has taken something of an answer that lies in the kernel, where we do not see it leave:
 * megabytes, with a large socket buffer. */
static bool
is_taken(struct http_conn *c)
{
	int unsent;

	if (c->wait != HTTP_SENDING || c->due == 0 ||
	    ioctl(bufferevent_getfd(c->bev), SIOCOUTQ, &unsent) != 0 || unsent == c->unsent)
		return false;
	http_conn_wait(c, HTTP_SENDING);
	c->unsent = unsent;
	return true;
}

void
http_conn_expire(struct http_server *s)
{
	uint64_t now = clock_ms();
	struct http_conn *c;

	for (int wait = 0; wait < HTTP_WAITS; wait++) {
		if (s->wait_ms[wait] == 0)
			continue;
		while ((c = TAILQ_FIRST(&s->waiting[wait])) != NULL && c->due <= now) {
			if (is_taken(c))
				continue;
			if (c->due > 0) {
				c->is_timed_out = true;
				s->stats.timed_out++;
			}
			evhttp_connection_free(c->evcon);
		}
	}
}
