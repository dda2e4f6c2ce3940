#include "net/fetch.h"

#include "base/mem.h"
#include "net/http_client.h"
#include "net/tftp_fetch.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A silent server is asked three times: at once, after one part of seven, and after three. */
#define TFTP_TRIES         2
#define TFTP_PARTS         7
#define TFTP_LAST          4
#define ADDRESS_CHARACTERS "0123456789abcdefABCDEF.:[]"
#define HOST_MAX           INET6_ADDRSTRLEN

struct fetch {
	struct http_client *http;
	struct tftp_fetch *tftp;
	struct event *timer;
	unsigned timeout_ms;
	char *name;
	fetch_done *done;
	void *arg;
};

/* Where a URL leads. */
struct target {
	bool is_http;
	char host[HOST_MAX]; /* without brackets */
	uint16_t port;
	struct sockaddr_storage at;
	int at_n;
};

static bool
target_parse(const char *url, struct target *t, struct err *e)
{
	const char *rest = strstr(url, "://");

	*t = (struct target){ .is_http = strncmp(url, "http:", 5) == 0, .at_n = (int)sizeof t->at };
	if (rest == NULL || (!t->is_http && strncmp(url, "tftp:", 5) != 0) ||
	    rest[3 + strspn(rest + 3, ADDRESS_CHARACTERS)] != '\0' ||
	    evutil_parse_sockaddr_port(rest + 3, (struct sockaddr *)&t->at, &t->at_n) != 0)
		return err_set(
		    e, ERR_MALFORMED, "%.80s: expected http:// or tftp://, address, :port", url);
	if (t->at.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)&t->at;

		inet_ntop(AF_INET6, &in6->sin6_addr, t->host, sizeof t->host);
		t->port = ntohs(in6->sin6_port);
	} else {
		const struct sockaddr_in *in = (const void *)&t->at;

		inet_ntop(AF_INET, &in->sin_addr, t->host, sizeof t->host);
		t->port = ntohs(in->sin_port);
	}
	return t->port != 0 || err_set(e, ERR_MALFORMED, "%.80s: has no port", url);
}

static void
fetch_free(struct fetch *f)
{
	event_free(f->timer);
	free(f->name);
	free(f);
}

void
fetch_cancel(struct fetch *f)
{
	if (f->http != NULL)
		http_client_cancel(f->http);
	if (f->tftp != NULL)
		tftp_fetch_cancel(f->tftp);
	fetch_free(f);
}

static void
on_done(void *arg, const struct err *e, struct bytes body)
{
	struct fetch *f = arg;

	f->done(f->arg, e, body);
	fetch_free(f);
}

/* http_client keeps the time itself. */
static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct fetch *f = arg;
	struct err e;

	(void)fd;
	(void)what;
	tftp_fetch_cancel(f->tftp);
	f->tftp = NULL;
	err_set(&e, ERR_AGAIN, "no answer within %u ms", f->timeout_ms);
	on_done(f, &e, (struct bytes){ 0 });
}

static bool
start_http(struct fetch *f, struct event_base *base, const struct fetch_wish *w,
    const struct target *t, struct err *e)
{
	const struct http_client_wish wish = { .host = t->host,
		.port = t->port,
		.name = w->name,
		.via = w->via,
		.size_max = w->size_max,
		.timeout_ms = w->timeout_ms,
		.silence_ms = w->silence_ms };

	return http_client_start(base, &wish, on_done, f, &f->http, e);
}

static bool
start_tftp(struct fetch *f, struct event_base *base, const struct fetch_wish *w,
    const struct target *t, struct err *e)
{
	const struct tftp_fetch_wish wish = { .server = (const struct sockaddr *)&t->at,
		.server_n = (socklen_t)t->at_n,
		.name = f->name,
		.size_max = w->size_max,
		.retry_ms = w->silence_ms / TFTP_PARTS,
		.retry_max_ms = TFTP_LAST * (w->silence_ms / TFTP_PARTS),
		.tries = TFTP_TRIES };
	const struct timeval tv = { .tv_sec = w->timeout_ms / 1000,
		.tv_usec = (suseconds_t)(w->timeout_ms % 1000) * 1000 };

	return tftp_fetch_start(base, &wish, on_done, f, &f->tftp, e) &&
	       (evtimer_add(f->timer, &tv) == 0 || err_set(e, ERR_IO, "no timer"));
}

bool
fetch_start(struct event_base *base, const struct fetch_wish *w, fetch_done *done, void *arg,
    struct fetch **out, struct err *e)
{
	struct target t;
	struct fetch *f;

	if (!target_parse(w->url, &t, e))
		return false;
	f = mem_new(1, sizeof *f);
	*f = (struct fetch){ .timeout_ms = w->timeout_ms,
		.name = mem_text(w->name, strlen(w->name)),
		.done = done,
		.arg = arg };
	f->timer = evtimer_new(base, on_timer, f);
	if (f->timer == NULL)
		abort();
	*out = f;
	if (t.is_http ? start_http(f, base, w, &t, e) : start_tftp(f, base, w, &t, e))
		return true;
	fetch_cancel(f);
	return false;
}
