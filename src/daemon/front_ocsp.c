#include "daemon/front_ocsp.h"

#include "base/log.h"
#include "base/mem.h"
#include "net/clock.h"
#include "pki/base64.h"
#include "pki/ocsp.h"
#include "pki/ocspreq.h"
#include "wire/certquery.h"

#include <event2/event.h>
#include <stdlib.h>

#include <uthash.h>

#define PATIENCE_MS        60000 /* an answer that takes longer is lost */
#define CHECK_S            5
#define REPORTS_PER_SECOND 10

static const char path_post[] = "/ocsp", path_get[] = "/ocsp/",
		  content_type[] = "application/ocsp-response";

/* Somebody who waits for core. */
struct waiting {
	UT_hash_handle hh;
	uint32_t id;
	uint64_t put; /* clock_ms */
	struct http_request *request;
};

struct front_ocsp {
	struct front_ocsp_config config;
	struct waiting *waiting; /* by id, in the order in which they were put */
	uint32_t last_id;
	struct event *check;
	struct wr out; /* reused for every question */
	uint64_t report_second;
	unsigned report_count;
};

/* --- what is asked --- */

bool
front_ocsp_may_post(const char *path)
{
	return strcmp(path, path_post) == 0 || strcmp(path, path_get) == 0;
}

static bool
is_post(const struct http_request *r)
{
	return strcmp(http_request_method(r), "POST") == 0;
}

bool
front_ocsp_takes(const struct http_request *r)
{
	const char *path = http_request_path(r);

	if (path == NULL)
		return false;
	return is_post(r) ? front_ocsp_may_post(path)
			  : strncmp(path, path_get, sizeof path_get - 1) == 0;
}

/* Some join a URL that ends with '/' and the text with one more. */
static bool
read_get(const char *path, struct ocspreq *out, struct err *e)
{
	const char *text = path + sizeof path_get - 1;
	struct bytes der;
	bool ok;

	text += text[0] == '/';
	ok = base64_bytes(span_str(text), &der, e) && ocspreq_parse(bytes_span(&der), out, e);
	bytes_free(&der);
	return ok;
}

static bool
read_request(const struct http_request *r, struct ocspreq *out, struct err *e)
{
	return is_post(r) ? ocspreq_parse(http_request_body(r), out, e)
			  : read_get(http_request_path(r), out, e);
}

/* --- answers --- */

static void
reply_fault(struct http_request *r, enum ocsp_fault fault)
{
	uint8_t der[OCSP_FAULT_SIZE];

	ocsp_fault(fault, der);
	http_reply_cached(r, content_type, span_of(der, sizeof der), 0);
}

/* The handler's data of a request that is not to be looked for any more. */
static struct http_request *
take(struct front_ocsp *o, struct waiting *w)
{
	struct http_request *r = w->request;

	HASH_DEL(o->waiting, w);
	free(w);
	http_request_set(r, NULL);
	return r;
}

static enum ocsp_fault
fault_of(uint16_t code)
{
	switch (code) {
	case OCSP_FAULT_TRY_LATER:
		return OCSP_FAULT_TRY_LATER;
	case OCSP_FAULT_UNAUTHORIZED:
		return OCSP_FAULT_UNAUTHORIZED;
	default:
		return OCSP_FAULT_INTERNAL;
	}
}

void
front_ocsp_answer(struct front_ocsp *o, const struct answer *a)
{
	struct http_request *r;
	struct waiting *w;

	HASH_FIND(hh, o->waiting, &a->id, sizeof a->id, w);
	if (w == NULL) /* the asker is gone, or it came too late */
		return;
	r = take(o, w);
	if (!a->ok)
		reply_fault(r, fault_of(a->code));
	else /* nobody keeps the answer to a POST */
		http_reply_cached(r, content_type, a->data, is_post(r) ? 0 : a->ttl);
}

void
front_ocsp_gone(struct front_ocsp *o, struct http_request *r)
{
	struct waiting *w = http_request_get(r);

	if (w != NULL)
		(void)take(o, w);
}

/* --- questions --- */

static void
report_bad(struct front_ocsp *o, const struct http_request *r, const struct err *why)
{
	const struct ask ask = { .kind = ASK_REPORT,
		.report = REPORT_BAD_MESSAGE,
		.peer = span_str(http_request_peer(r)),
		.name = span_str("ocsp"),
		.text = span_str(why->text) };
	uint64_t second = clock_ms() / 1000;

	if (second != o->report_second) {
		o->report_second = second;
		o->report_count = 0;
	}
	if (o->report_count++ < REPORTS_PER_SECOND)
		(void)o->config.ask(o->config.arg, &ask);
}

static void
wait_for(struct front_ocsp *o, uint32_t id, struct http_request *r)
{
	struct waiting *w = mem_new(1, sizeof *w);

	w->id = id;
	w->put = clock_ms();
	w->request = r;
	HASH_ADD(hh, o->waiting, id, sizeof w->id, w);
	http_request_set(r, w);
}

/* Puts it to core. */
static bool
put(struct front_ocsp *o, const struct http_request *r, const struct certid_query *query)
{
	struct ask ask = { .kind = ASK_OCSP, .peer = span_str(http_request_peer(r)) };
	struct err e = { 0 };

	wr_reset(&o->out);
	if (!certquery_encode(query, &o->out, &e)) {
		log_event(LOG_ERROR, "ask-lost reason=\"%s\"", e.text);
		return false;
	}
	ask.id = ++o->last_id;
	ask.certificate = wr_view(&o->out);
	return o->config.ask(o->config.arg, &ask);
}

void
front_ocsp_request(struct front_ocsp *o, struct http_request *r)
{
	struct ocspreq request;
	struct err e = { 0 };

	if (!read_request(r, &request, &e)) {
		report_bad(o, r, &e);
		reply_fault(
		    r, e.code == ERR_UNKNOWN ? OCSP_FAULT_UNAUTHORIZED : OCSP_FAULT_MALFORMED);
	} else if (put(o, r, &request.query)) {
		wait_for(o, o->last_id, r);
	} else {
		reply_fault(r, OCSP_FAULT_INTERNAL);
	}
}

/* An answer that was lost must not leave its asker waiting for good. */
static void
on_check(evutil_socket_t fd, short what, void *arg)
{
	struct front_ocsp *o = arg;
	const uint64_t now = clock_ms();

	(void)fd, (void)what;
	while (o->waiting != NULL && now - o->waiting->put > PATIENCE_MS) {
		log_event(LOG_ERROR, "answer-missing name=ocsp");
		reply_fault(take(o, o->waiting), OCSP_FAULT_INTERNAL);
	}
}

/* --- start and end --- */

struct front_ocsp *
front_ocsp_new(struct event_base *base, const struct front_ocsp_config *config)
{
	const struct timeval often = { CHECK_S, 0 };
	struct front_ocsp *o = mem_new(1, sizeof *o);

	o->config = *config;
	o->out = wr_new(ASK_MESSAGE_MAX);
	o->check = event_new(base, -1, EV_PERSIST, on_check, o);
	if (o->check == NULL)
		abort();
	event_add(o->check, &often);
	return o;
}

void
front_ocsp_free(struct front_ocsp *o)
{
	struct waiting *w, *next;

	if (o == NULL)
		return;
	HASH_ITER(hh, o->waiting, w, next)
	(void)take(o, w);
	event_free(o->check);
	wr_free(&o->out);
	free(o);
}
