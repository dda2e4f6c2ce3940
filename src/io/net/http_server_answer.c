/* How an answer leaves. evhttp would allocate and print each of its fields, and send nothing before
 * the loop has said that there is room; here the head is text, and goes out at once with what it
 * announces. evhttp hears of the end, and of what did not fit. */
#include "net/http_server_conn.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>

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

const char *
http_answer_phrase(int status)
{
	for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return status < 500 ? "Error" : "Internal Server Error";
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

void
http_answer_last(struct http_request *r)
{
	r->is_last = true;
	/* evhttp looks here for whether to close. */
	evhttp_add_header(evhttp_request_get_output_headers(r->req), "Connection", "close");
}

void
http_answer_field(struct http_request *r, const char *name, const char *value)
{
	struct wr *head = &r->conn->server->head;

	wr_text(head, name);
	wr_text(head, ": ");
	wr_text(head, value);
	wr_text(head, "\r\n");
}

void
http_answer_length(struct http_request *r, uint64_t length)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, length);
	http_answer_field(r, "Content-Length", text);
}

/* Says what evhttp does with the connection, where that is not what the version says anyway. */
static void
add_connection(struct http_request *r)
{
	const char *said =
	    evhttp_find_header(evhttp_request_get_input_headers(r->req), "Connection");

	if (r->is_last || (r->req->flags & EVHTTP_PROXY_REQUEST) != 0 ||
	    (said != NULL && strcasecmp(said, "close") == 0))
		http_answer_field(r, "Connection", "close");
	else if (said != NULL && r->req->minor == 0 && strncasecmp(said, "keep-alive", 10) == 0)
		http_answer_field(r, "Connection", "keep-alive");
}

static void
add_status(struct http_request *r, int status)
{
	struct wr *head = &r->conn->server->head;

	wr_text(head, r->req->minor == 0 ? "HTTP/1.0 " : "HTTP/1.1 ");
	for (int unit = 100; unit > 0; unit /= 10)
		wr_u8(head, (uint8_t)('0' + status / unit % 10));
	wr_u8(head, ' ');
	wr_text(head, http_answer_phrase(status));
	wr_text(head, "\r\n");
}

void
http_answer_begin(struct http_request *r, int status)
{
	struct http_server *s = r->conn->server;

	assert(r->is_waiting);
	r->conn->status = status;
	if (s->is_draining && !r->is_last)
		http_answer_last(r);
	wr_reset(&s->head);
	add_status(r, status);
	http_answer_field(r, "Date", date_now(s));
	add_connection(r);
}

/* How much of it the kernel takes. What goes wrong here goes wrong again in the loop, where evhttp
 * sees it. */
static size_t
send_now(const struct http_conn *c, struct span head, struct span content)
{
	struct iovec iov[2] = { { .iov_len = head.n }, { .iov_len = content.n } };
	const struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n;

	memcpy(&iov[0].iov_base, &head.p, sizeof head.p); /* iovec knows no const */
	memcpy(&iov[1].iov_base, &content.p, sizeof content.p);
	if (content.n > HTTP_WRITE_MAX)
		iov[1].iov_len = HTTP_WRITE_MAX;
	n = sendmsg(bufferevent_getfd(c->bev), &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	return n > 0 ? (size_t)n : 0;
}

static void
on_body_sent(const void *data, size_t n, void *body)
{
	(void)data, (void)n;
	body_unref(body);
}

/* Content of a body is not copied. */
static bool
add_content(struct evbuffer *out, struct span content, struct body *owner)
{
	if (content.n == 0)
		return true;
	if (owner == NULL)
		return evbuffer_add(out, content.p, content.n) == 0;
	return evbuffer_add_reference(out, content.p, content.n, on_body_sent, body_ref(owner)) ==
	       0;
}

static struct span
without(struct span s, size_t n)
{
	return n < s.n ? span_of(s.p + n, s.n - n) : (struct span){ 0 };
}

static void
send_later(const struct http_conn *c, struct span head, struct span content, struct body *owner)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);

	if ((head.n > 0 && evbuffer_add(out, head.p, head.n) != 0) ||
	    !add_content(out, content, owner))
		abort();
	/* As evhttp does when it sends. */
	bufferevent_setcb(c->bev, NULL, c->server->evhttp_write, c->server->evhttp_event, c->evcon);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

static void
on_sent(struct evhttp_request *req, void *conn)
{
	http_conn_sent(conn, req);
}

void
http_answer_send(struct http_request *r, struct span content, struct body *owner)
{
	struct http_conn *c = r->conn;
	struct span head;
	size_t sent = 0;

	wr_text(&c->server->head, "\r\n");
	assert(wr_ok(&c->server->head));
	head = wr_view(&c->server->head);
	r->is_waiting = false;
	c->server->stats.busy--;
	http_conn_wait(c, HTTP_SENDING);
	evhttp_request_set_on_complete_cb(r->req, on_sent, c);
	/* Before the end of a connection evhttp reads on while it sends: what is closed with bytes
	 * unread is reset, and the answer lost. */
	if (!c->is_tls && !r->is_last && evbuffer_get_length(bufferevent_get_output(c->bev)) == 0)
		sent = send_now(c, head, content);
	if (sent < head.n + content.n)
		send_later(c, without(head, sent),
		    sent < head.n ? content : without(content, sent - head.n), owner);
	if (!r->is_new)
		http_answer_end(r);
}

void
http_answer_end(struct http_request *r)
{
	r->req->chunked = 0; /* the request was; the answer is not */
	evhttp_send_reply_end(r->req);
}
