#include "http_rig.h"

#include "base/mem.h"
#include "net/tlspump.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 10000

static void
reply_file(struct http_request *r, struct body *body)
{
	const struct http_file file = { .body = body,
		.content_type = "text/xml",
		.etag = span_str(HTTP_RIG_TAG),
		.modified = HTTP_RIG_TIME };

	http_reply_file(r, &file);
}

static void
on_request(void *arg, struct http_request *r)
{
	struct http_rig *f = arg;
	const char *path = http_request_path(r);

	f->requests++;
	snprintf(f->method, sizeof f->method, "%s", http_request_method(r));
	snprintf(f->peer, sizeof f->peer, "%s", http_request_peer(r));
	if (strcmp(f->method, "POST") == 0) {
		http_reply(r, 200, "text/plain", http_request_body(r));
	} else if (path == NULL) {
		http_reply(r, 404, "text/plain", span_str("no path"));
	} else if (strcmp(path, "/file") == 0) {
		reply_file(r, f->file);
	} else if (strcmp(path, "/big") == 0) {
		reply_file(r, f->big);
	} else if (strcmp(path, "/empty") == 0) {
		reply_file(r, f->empty);
	} else if (strcmp(path, "/later") == 0 && f->late_count < HTTP_RIG_LATE) {
		http_request_set(r, f);
		f->late[f->late_count++] = r;
	} else {
		http_reply(r, 200, "text/plain", span_str(path));
	}
}

static void
on_gone(void *arg, struct http_request *r)
{
	struct http_rig *f = arg;

	assert_ptr_equal(http_request_get(r), f);
	f->gone++;
	for (unsigned i = 0; i < f->late_count; i++)
		if (f->late[i] == r)
			f->late[i] = NULL;
}

static void
on_handshake_failed(void *arg, const char *peer, bool old, const char *text)
{
	struct http_rig *f = arg;

	f->handshakes_failed++;
	f->last_old = old;
	snprintf(f->peer, sizeof f->peer, "%s", peer);
	snprintf(f->handshake, sizeof f->handshake, "%s", text);
}

const struct http_server_config http_rig_usual = {
	.timeout_s = 1,
	.request_s = 1,
	.connections = 200,
	.files = true,
	.request = on_request,
	.gone = on_gone,
	.handshake_failed = on_handshake_failed,
};

static int
listener(struct sockaddr_in *a)
{
	socklen_t n = sizeof *a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	*a = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(fd, (struct sockaddr *)a, n), 0);
	assert_int_equal(listen(fd, 1000), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)a, &n), 0);
	return fd;
}

static struct body *
letters(size_t n)
{
	uint8_t *p = mem_new(n + 1, 1);
	struct body *b;

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)('a' + i % 26);
	b = body_copy(span_of(p, n));
	free(p);
	return b;
}

static struct http_rig *
rig_new(struct http_server_config config, struct tlspump *identity)
{
	struct http_rig *f = mem_new(1, sizeof *f);
	struct err e;

	signal(SIGPIPE, SIG_IGN);
	f->base = event_base_new();
	config.arg = f;
	f->server = http_server_new(f->base, &config);
	if (identity != NULL)
		http_server_identity(f->server, identity);
	assert_ok(http_server_listen(f->server, listener(&f->address), &e), e);
	f->file = letters(HTTP_RIG_SIZE);
	f->big = letters(HTTP_RIG_BIG);
	f->empty = letters(0);
	return f;
}

int
http_rig_set_up(void **state)
{
	*state = rig_new(http_rig_usual, NULL);
	return 0;
}

int
http_rig_tear_down(void **state)
{
	struct http_rig *f = *state;

	http_server_free(f->server);
	event_base_loop(f->base, EVLOOP_NONBLOCK); /* what libevent frees late */
	event_base_free(f->base);
	body_unref(f->file);
	body_unref(f->big);
	body_unref(f->empty);
	free(f);
	return 0;
}

struct http_rig *
http_rig_with(void **state, struct http_server_config config, struct tlspump *identity)
{
	http_rig_tear_down(state);
	*state = rig_new(config, identity);
	return *state;
}

int
http_rig_connect(struct http_rig *f)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&f->address, sizeof f->address), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

void
http_rig_send(int fd, const void *p, size_t n)
{
	assert_int_equal(send(fd, p, n, MSG_NOSIGNAL), n);
}

void
http_rig_say(int fd, const char *text)
{
	http_rig_send(fd, text, strlen(text));
}

unsigned
http_rig_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static void
turn(struct http_rig *f)
{
	const struct timespec nap = { .tv_nsec = 300000 };

	event_base_loop(f->base, EVLOOP_NONBLOCK);
	nanosleep(&nap, NULL);
}

void
http_rig_run(struct http_rig *f, unsigned ms)
{
	unsigned from = http_rig_clock();

	do
		turn(f);
	while (http_rig_clock() - from < ms);
}

/* Up to n bytes; fewer when the server closes. */
static size_t
take(struct http_rig *f, int fd, void *p, size_t n)
{
	unsigned from = http_rig_clock();
	size_t got = 0;
	ssize_t r;

	while (got < n && http_rig_clock() - from < PATIENCE_MS) {
		r = recv(fd, (uint8_t *)p + got, n - got, 0);
		if (r == 0 || (r < 0 && errno != EAGAIN))
			return got;
		if (r > 0)
			got += (size_t)r;
		else
			turn(f);
	}
	if (got < n)
		fail_msg("nothing came from the server");
	return got;
}

const char *
http_heard_field(const struct http_heard *h, const char *name)
{
	static char value[256];
	const char *line = h->head;
	size_t n = strlen(name);

	while ((line = strstr(line, "\r\n")) != NULL) {
		line += 2;
		if (strncasecmp(line, name, n) == 0 && line[n] == ':') {
			snprintf(value, sizeof value, "%.*s", (int)strcspn(line + n + 2, "\r"),
			    line + n + 2);
			return value;
		}
	}
	return NULL;
}

struct http_heard
http_rig_hear(struct http_rig *f, int fd, bool has_body)
{
	struct http_heard h = { 0 };
	const char *length;
	size_t n = 0;

	while (strstr(h.head, "\r\n\r\n") == NULL) {
		assert_true(n < sizeof h.head - 1);
		if (take(f, fd, h.head + n, 1) == 0) {
			assert_int_equal(n, 0); /* closed, and not in the middle */
			h.is_closed = true;
			return h;
		}
		n++;
	}
	assert_int_equal(sscanf(h.head, "HTTP/1.%*d %d ", &h.status), 1);
	length = http_heard_field(&h, "Content-Length");
	if (has_body && length != NULL) {
		h.n = strtoul(length, NULL, 10);
		h.body = mem_new(h.n + 1, 1);
		assert_int_equal(take(f, fd, h.body, h.n), h.n);
	}
	length = http_heard_field(&h, "Connection");
	h.is_closed = length != NULL && strcasecmp(length, "close") == 0;
	return h;
}

void
http_heard_free(struct http_heard *h)
{
	free(h->body);
	h->body = NULL;
}

struct http_heard
http_rig_ask(struct http_rig *f, const char *method, const char *target, const char *lines)
{
	int fd = http_rig_connect(f);
	struct http_heard h;
	char text[2048];

	snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n",
	    method, target, lines != NULL ? lines : "");
	http_rig_say(fd, text);
	h = http_rig_hear(f, fd, strcmp(method, "HEAD") != 0);
	if (h.status != 0)
		http_rig_hear_end(f, fd, PATIENCE_MS);
	else
		close(fd);
	return h;
}

void
http_rig_hear_end(struct http_rig *f, int fd, unsigned ms)
{
	unsigned from = http_rig_clock();
	uint8_t byte;

	assert_int_equal(take(f, fd, &byte, 1), 0);
	if (http_rig_clock() - from > ms)
		fail_msg("closed after %u ms", http_rig_clock() - from);
	close(fd);
}

void
http_rig_answer(struct http_rig *f, unsigned at)
{
	http_reply(f->late[at], 200, "text/plain", span_str("late"));
	f->late[at] = NULL;
}
