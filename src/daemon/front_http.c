#include "daemon/front_http.h"

#include "base/mem.h"
#include "daemon/front_remote.h"
#include "pki/ocspreq.h"
#include "rules/fname.h"
#include "wire/tftp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct front_http {
	struct front_http_config config;
	struct http_server *server;
};

/* A refusal has the number that TFTP has for it. */
static int
status_of(uint16_t code)
{
	switch (code) {
	case TFTP_ERR_NOT_FOUND:
		return 404;
	case TFTP_ERR_ACCESS:
		return 403;
	default:
		return 500;
	}
}

static void
refuse(struct http_request *r, int status, struct span text)
{
	char line[200];
	int n = snprintf(line, sizeof line, "%.*s\n", (int)text.n, (const char *)text.p);

	http_reply(r, status, "text/plain",
	    span_of(line, n < (int)sizeof line ? (size_t)n : sizeof line - 1));
}

static const char *
type_of(const char *path)
{
	const char *ending = strrchr(path, '.');

	return ending != NULL && strcmp(ending, ".xml") == 0 ? "text/xml"
							     : "application/octet-stream";
}

/* As much of a text as there is room for, without its NUL. */
static struct span
copy_text(char *out, size_t room, const char *text)
{
	size_t n = strnlen(text, room);

	memcpy(out, text, n);
	return span_of(out, n);
}

/* Tells of a whole file; the request is gone by then, and what it was with it. */
static void
hand_out(struct front_http *h, struct http_request *r, const struct frontcopy *copy)
{
	const char *path = http_request_path(r);
	const struct http_file file = { .body = copy->body,
		.content_type = type_of(path),
		.etag = copy->etag,
		.modified = (time_t)copy->modified };
	char peer[ASK_ADDRESS_MAX], name[FNAME_MAX];

	if (copy->version.n == 0) {
		(void)http_reply_file(r, &file);
		return;
	}
	const struct span to = copy_text(peer, sizeof peer, http_request_peer(r)),
			  what = copy_text(name, sizeof name, path + 1);

	if (http_reply_file(r, &file))
		front_files_served(h->config.files, to, what, copy->version);
}

static void
on_done(void *arg, uint32_t id, const struct frontcopy *copy)
{
	struct http_request *r = arg;

	(void)id;
	if (copy->body != NULL)
		hand_out(http_request_owner(r), r, copy);
	else
		refuse(r, status_of(copy->code), copy->text);
}

static bool
is_ocsp(const struct front_http *h, const struct http_request *r)
{
	return h->config.ocsp != NULL && front_ocsp_takes(r);
}

static void
ask_for_file(struct front_http *h, struct http_request *r)
{
	const char *path = http_request_path(r);
	struct front_asker *a;

	if (path == NULL) {
		refuse(r, 400, span_str("Bad request"));
		return;
	}
	const struct front_wish wish = { .via = h->config.tls ? ASK_VIA_HTTPS : ASK_VIA_HTTP,
		.passed_on = http_request_says(r, "Via", FRONT_REMOTE_VIA),
		.peer = span_str(http_request_peer(r)),
		.name = span_str(path + 1),
		.done = on_done,
		.arg = r };

	front_files_hear(h->config.files);
	a = front_files_get(h->config.files, &wish);
	if (a != NULL)
		http_request_set(r, a);
}

static void
on_request(void *arg, struct http_request *r)
{
	struct front_http *h = arg;

	if (is_ocsp(h, r))
		front_ocsp_request(h->config.ocsp, r);
	else
		ask_for_file(h, r);
}

static bool
may_post(void *arg, const char *path)
{
	struct front_http *h = arg;

	return h->config.ocsp != NULL && front_ocsp_may_post(path);
}

static void
on_gone(void *arg, struct http_request *r)
{
	struct front_http *h = arg;
	struct front_asker *a = http_request_get(r);

	if (is_ocsp(h, r))
		front_ocsp_gone(h->config.ocsp, r);
	else if (a != NULL)
		front_files_cancel(a);
}

static void
on_handshake_failed(void *arg, const char *peer, bool old, const char *text)
{
	struct front_http *h = arg;
	const struct ask ask = { .kind = ASK_REPORT,
		.report = REPORT_TLS_FAILED,
		.peer = span_str(peer),
		.name = span_str("https"),
		.text = span_str(text) };

	(void)old; /* phones that speak no newer TLS are told of no HTTPS */
	(void)h->config.report(h->config.arg, &ask);
}

struct front_http *
front_http_new(struct event_base *base, const struct front_http_config *config)
{
	struct front_http *h = mem_new(1, sizeof *h);
	const struct http_server_config server = { .timeout_s = config->idle_s,
		.request_s = config->request_s,
		.connections = config->connections,
		.connections_per_address = config->connections_per_address,
		.files = true,
		.may_post = may_post,
		.body_max = config->ocsp != NULL ? OCSPREQ_MAX : 0,
		.request = on_request,
		.gone = on_gone,
		.handshake_failed = on_handshake_failed,
		.arg = h };

	h->config = *config;
	h->server = http_server_new(base, &server);
	return h;
}

struct http_server *
front_http_server(struct front_http *h)
{
	return h->server;
}

void
front_http_free(struct front_http *h)
{
	if (h == NULL)
		return;
	http_server_free(h->server);
	free(h);
}
