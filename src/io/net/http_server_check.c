/* What evhttp takes for a request and nobody should: above all one whose end others may see
 * elsewhere, so that a part of its body becomes the next request (RFC 9112 11.2). */
#include "net/http_server_conn.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <strings.h>

/* What the fields say of a body. */
struct said {
	bool has_length, has_coding, has_host;
	uint64_t length;
};

/* False when it may not stand beside the others. */
static bool
field_take(struct said *s, const struct evkeyval *field)
{
	bool again = false;

	if (!httpfield_is_name(span_str(field->key)))
		return false;
	if (strcasecmp(field->key, "Content-Length") == 0) {
		again = s->has_length;
		s->has_length = true;
		return !again && httpfield_length(span_str(field->value), &s->length);
	}
	if (strcasecmp(field->key, "Host") == 0) {
		again = s->has_host;
		s->has_host = true;
	} else if (strcasecmp(field->key, "Transfer-Encoding") == 0) {
		s->has_coding = true;
	}
	return !again;
}

static int
fields_fault(const struct evkeyvalq *fields, struct said *s)
{
	const struct evkeyval *field;
	unsigned count = 0;

	TAILQ_FOREACH(field, fields, next)
	{
		if (++count > HTTP_FIELDS_MAX)
			return 431;
		if (!field_take(s, field))
			return 400;
	}
	return 0;
}

/* The answer bears the version that evhttp has read, and evhttp reads any numbers. */
static bool
version_is_ours(struct evhttp_request *req)
{
	bool ours = req->major == 1 && req->minor >= 0;

	if (!ours || req->minor > 1) {
		req->major = 1;
		req->minor = 1;
	}
	return ours;
}

int
http_request_fault(struct http_conn *c, struct evhttp_request *req)
{
	size_t body = evbuffer_get_length(evhttp_request_get_input_buffer(req));
	struct said s = { 0 };
	int fault = fields_fault(evhttp_request_get_input_headers(req), &s);
	bool has_nul = c->server->config.files && http_conn_head_has_nul(c, req);

	/* evhttp closes no connection behind a CONNECT, whatever the answer says. */
	if (req->type == EVHTTP_REQ_CONNECT)
		req->type = EVHTTP_REQ_TRACE;
	if (!version_is_ours(req) || has_nul)
		return 400;
	if (fault != 0)
		return fault;
	if (s.has_coding && (s.has_length || c->server->config.files))
		return 400;
	/* Of most methods evhttp reads no body, whatever its length. */
	return s.has_length && s.length != body ? 413 : 0;
}
