#include "daemon/core.h"

#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"
#include "daemon/capf_sessions.h"
#include "daemon/control.h"
#include "daemon/core_batch.h"
#include "daemon/core_capf.h"
#include "daemon/core_files.h"
#include "daemon/core_tvs.h"
#include "daemon/filecache.h"
#include "daemon/logline.h"
#include "daemon/sandbox.h"
#include "daemon/sightings.h"
#include "daemon/signpool.h"
#include "keys/signer_pem.h"

#include <event2/event.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define SIGHTINGS_MS  1000
#define DEADLINES_S   30
#define HALF_OPEN_MAX 2000
#define SESSION_RANGE (UINT32_MAX / CORE_FRONTS_MAX) /* CAPF session ids of one front */

time_t
core_now(void)
{
	return time(NULL);
}

void
core_audit(
    struct core *c, const char *actor, const char *event, const char *object, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	const struct store_event ev = {
		.at = core_now(), .actor = actor, .event = event, .object = object, .text = text
	};
	struct err e = { 0 };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (!store_event_add(cluster_store(c->cluster), &ev, &e))
		log_event(LOG_ERROR, "audit-lost event=%s object=%s reason=\"%s\"", event, object,
		    e.text);
}

/* --- fronts --- */

void
core_reply(struct core_front *to, const struct answer *a, int fd)
{
	struct wr out = wr_new(ASK_MESSAGE_MAX);
	struct err e = { 0 };

	if (!answer_encode(a, &out, &e) ||
	    (!core_batch_hold(to->core->batch, to, wr_view(&out)) &&
		!chan_send(to->chan, CHAN_ANSWER, wr_view(&out), fd, &e)))
		log_event(LOG_ERROR, "answer-lost front=%u reason=\"%s\"", to->index, e.text);
	wr_free(&out);
}

static void
log_report(const struct ask *ask, enum log_level level, const char *event)
{
	log_event(level, "%s peer=%.*s what=%s reason=%s", event, (int)ask->peer.n,
	    (const char *)ask->peer.p, log_quote(ask->name), log_quote(ask->text));
}

static void
take_report(const struct ask *ask)
{
	switch ((enum ask_report)ask->report) {
	case REPORT_FILE_SENT:
		log_report(ask, LOG_DEBUG, "file-sent");
		break;
	case REPORT_FILE_FAILED:
		log_report(ask, LOG_INFO, "file-not-sent");
		break;
	case REPORT_TLS_OLD:
		log_event(LOG_WARNING,
		    "tls-old-refused peer=%.*s service=%.*s setting=\"[%.*s] old-tls\"",
		    (int)ask->peer.n, (const char *)ask->peer.p, (int)ask->name.n,
		    (const char *)ask->name.p, (int)ask->name.n, (const char *)ask->name.p);
		break;
	case REPORT_TLS_FAILED:
		log_report(ask, LOG_INFO, "tls-failed");
		break;
	default:
		log_report(ask, LOG_WARNING, "bad-message");
		break;
	}
}

/* Lists that are handed out are remembered, and CAPF stores what it does, before the answer leaves.
 */
static bool
stores_first(const struct ask *ask)
{
	return ask->kind == ASK_CAPF_START || ask->kind == ASK_CAPF_ISSUE ||
	       ask->kind == ASK_CAPF_FINISH ||
	       (ask->kind == ASK_FILE && core_files_is_list(ask->name));
}

static void
answer_stored(struct core_front *f, const struct ask *ask)
{
	if (ask->kind == ASK_FILE)
		core_files_ask(f, ask);
	else
		core_capf_ask(f, ask);
}

static void
fail_stored(struct core_front *f, const struct ask *ask, const struct err *e)
{
	if (ask->kind == ASK_FILE)
		core_files_fail(f, ask, e);
	else
		core_capf_fail(f, ask, e);
}

static void
take_ask(struct core_front *f, struct span payload)
{
	struct ask ask;
	struct err e = { 0 };

	if (!ask_parse(payload, &ask, &e)) {
		log_event(LOG_ERROR, "ask-malformed front=%u reason=\"%s\"", f->index, e.text);
		return;
	}
	if (stores_first(&ask))
		core_batch_add(f->core->batch, f, payload);
	else if (ask.kind == ASK_FILE)
		core_files_ask(f, &ask);
	else if (ask.kind == ASK_REPORT)
		take_report(&ask);
	else
		core_tvs_ask(f, &ask);
}

static void
from_front(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct core_front *f = arg;

	if (fd >= 0)
		close(fd);
	if (kind == CHAN_ASK)
		take_ask(f, payload);
	else if (kind == CHAN_STATUS && !front_counters_parse(payload, &f->counters, NULL))
		log_event(LOG_ERROR, "status-malformed front=%u", f->index);
}

static void
front_gone(void *arg, const char *why)
{
	struct core_front *f = arg;
	struct core *c = f->core;

	log_event(LOG_INFO, "front-gone front=%u why=\"%s\"", f->index, why);
	capf_sessions_drop(c->capf, f->index);
	core_batch_drop(c->batch, f);
	f->counters.tvs.open = f->counters.capf.open = f->counters.tftp_running = 0;
	f->counters.http.open = f->counters.https.open = f->counters.cache_bytes = 0;
	front_counters_add(&c->past, &f->counters);
	c->front[f->index] = NULL;
	chan_free(f->chan);
	free(f);
}

static bool
send_identity(struct core_front *f, enum front_service service, enum purpose purpose, bool old_tls,
    struct err *e)
{
	const struct cert *cert = cluster_cert(f->core->cluster, purpose);
	struct front_identity id = { .service = service,
		.old_tls = old_tls,
		.chain_count = 1,
		.ticket_key = span_of(f->core->ticket_key, sizeof f->core->ticket_key) };
	struct wr out = wr_new(FRONTMSG_MAX);
	struct bytes key;
	bool ok;

	if (!signer_pem_tls_key(
		cluster_signer(f->core->cluster), purpose, cert_key_id(cert), &key, e))
		return false;
	id.chain[0] = cert_der(cert);
	id.key = bytes_span(&key);
	ok = front_identity_encode(&id, &out, e) &&
	     chan_send(f->chan, CHAN_IDENTITY, wr_view(&out), -1, e);
	mem_wipe(out.p, out.n);
	wr_free(&out);
	bytes_wipe(&key);
	return ok;
}

static bool
send_identities(struct core_front *f, struct err *e)
{
	const struct conf *conf = cluster_conf(f->core->cluster);

	return send_identity(f, FRONT_TVS, PURPOSE_TVS, conf->tvs_old_tls, e) &&
	       send_identity(f, FRONT_CAPF, PURPOSE_CAPF, conf->capf_old_tls, e) &&
	       (conf->ports.https == 0 ||
		   send_identity(f, FRONT_HTTPS, PURPOSE_CALLMANAGER_EC, false, e));
}

static bool
send_settings(struct core_front *f, struct err *e)
{
	const struct conf *conf = cluster_conf(f->core->cluster);
	const struct front_settings s = { .handshake_s = conf->handshake_s,
		.tvs_idle_s = conf->tvs_idle_s,
		.capf_answer_s = conf->capf_answer_s,
		.capf_keygen_s = conf->capf_keygen_s,
		.connections = conf->connections,
		.connections_per_address = conf->connections_per_address,
		.half_open = HALF_OPEN_MAX,
		.tftp_transfers = conf->tftp_transfers,
		.tftp_transfers_per_address = conf->tftp_transfers_per_address,
		.tftp_port_first = conf->tftp_port_first,
		.tftp_port_last = conf->tftp_port_last,
		.http_connections = conf->http_connections,
		.http_connections_per_address = conf->http_connections_per_address,
		.http_idle_s = conf->http_idle_s,
		.cache_mb = conf->cache_mb,
		.session_base = f->index * SESSION_RANGE + 1 };
	struct wr out = wr_new(FRONTMSG_MAX);
	bool ok = front_settings_encode(&s, &out, e) &&
		  chan_send(f->chan, CHAN_HELLO, wr_view(&out), -1, e);

	wr_free(&out);
	return ok;
}

/* A new front: everything it needs to begin. */
static void
add_front(struct core *c, unsigned index, int fd)
{
	struct core_front *f;
	struct err e = { 0 };

	if (index >= CORE_FRONTS_MAX) {
		close(fd);
		return;
	}
	if (c->front[index] != NULL)
		front_gone(c->front[index], "replaced");
	f = mem_new(1, sizeof *f);
	f->core = c;
	f->index = index;
	f->chan = chan_new(c->base, fd, from_front, front_gone, f);
	c->front[index] = f;
	if (!send_settings(f, &e) || !send_identities(f, &e) ||
	    !chan_send(f->chan, CHAN_READY, (struct span){ 0 }, -1, &e)) {
		log_event(LOG_ERROR, "front-not-started front=%u reason=\"%s\"", index, e.text);
		front_gone(f, "not started"); /* it ends, and main starts another */
	}
}

void
core_refresh_fronts(struct core *c)
{
	struct err e = { 0 };

	filecache_clear(c->files);
	for (size_t i = 0; i < CORE_FRONTS_MAX; i++)
		if (c->front[i] != NULL && !send_identities(c->front[i], &e))
			log_event(
			    LOG_ERROR, "identity-not-sent front=%zu reason=\"%s\"", i, e.text);
}

struct front_counters
core_counters(const struct core *c)
{
	struct front_counters sum = c->past;

	for (size_t i = 0; i < CORE_FRONTS_MAX; i++)
		if (c->front[i] != NULL)
			front_counters_add(&sum, &c->front[i]->counters);
	return sum;
}

/* --- main --- */

static void
from_main(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	if (kind == CHAN_FRONT && payload.n == 1 && fd >= 0)
		add_front(arg, payload.p[0], fd);
	else if (kind == CHAN_KEEPER && payload.n == 1 && fd >= 0)
		signpool_keeper(((struct core *)arg)->signpool, payload.p[0], fd);
	else if (fd >= 0)
		close(fd);
}

static void
main_gone(void *arg, const char *why)
{
	struct core *c = arg;

	log_event(LOG_DEBUG, "core-ends why=\"main is gone: %s\"", why);
	event_base_loopbreak(c->base);
}

/* --- scheduled work --- */

static void
write_sightings(evutil_socket_t fd, short what, void *arg)
{
	struct core *c = arg;
	struct err e = { 0 };

	(void)fd;
	(void)what;
	if (!sightings_write(
		c->sightings, cluster_store(c->cluster), cluster_conf(c->cluster)->seen_phones, &e))
		log_event(LOG_ERROR, "sightings-not-written reason=\"%s\"", e.text);
}

static void
check_deadlines(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	core_capf_deadlines(arg);
}

static void
on_term(evutil_socket_t fd, short what, void *arg)
{
	struct core *c = arg;

	(void)fd;
	(void)what;
	event_base_loopbreak(c->base);
}

static void
on_hup(evutil_socket_t fd, short what, void *arg)
{
	struct core *c = arg;
	struct err e = { 0 };

	(void)fd;
	(void)what;
	if (!cluster_reload(c->cluster, core_now(), &e)) {
		log_event(LOG_ERROR, "reload-failed reason=\"%s\"", e.text);
		return;
	}
	logline_open("core", cluster_conf(c->cluster)->log_level);
	core_refresh_fronts(c);
	log_event(LOG_INFO, "reloaded");
}

/* --- start and end --- */

#define EVENT_COUNT 4

static bool
add_events(struct core *c, struct event *events[EVENT_COUNT], struct err *e)
{
	const struct timeval often = { SIGHTINGS_MS / 1000, 0 }, seldom = { DEADLINES_S, 0 };

	events[0] = evsignal_new(c->base, SIGTERM, on_term, c);
	events[1] = evsignal_new(c->base, SIGHUP, on_hup, c);
	events[2] = event_new(c->base, -1, EV_PERSIST, write_sightings, c);
	events[3] = event_new(c->base, -1, EV_PERSIST, check_deadlines, c);
	for (size_t i = 0; i < EVENT_COUNT; i++)
		if (events[i] == NULL)
			return err_set(e, ERR_IO, "cannot add an event to the loop");
	event_add(events[0], NULL);
	event_add(events[1], NULL);
	event_add(events[2], &often);
	event_add(events[3], &seldom);
	return true;
}

static void
core_free(struct core *c)
{
	write_sightings(-1, 0, c);
	for (size_t i = 0; i < CORE_FRONTS_MAX; i++)
		if (c->front[i] != NULL) {
			chan_free(c->front[i]->chan);
			free(c->front[i]);
		}
	chan_free(c->main);
	core_batch_free(c->batch);
	signpool_free(c->signpool);
	filecache_free(c->files);
	sightings_free(c->sightings);
	capf_sessions_free(c->capf);
	cluster_close(c->cluster);
	mem_wipe(c->ticket_key, sizeof c->ticket_key);
}

static bool
publish_at_start(struct core *c, struct err *e)
{
	char warning[ERR_TEXT_MAX];
	bool changed;

	if (!cluster_publish(c->cluster, core_now(), &changed, warning, e))
		return false;
	if (warning[0] != '\0')
		log_event(LOG_WARNING, "trust-list-large reason=\"%s\"", warning);
	return true;
}

static bool
serve(struct core *c, struct err *e)
{
	struct event *events[EVENT_COUNT] = { 0 };
	struct control *control = control_open(c, e);
	bool ok = control != NULL && add_events(c, events, e) &&
		  chan_send(c->main, CHAN_READY, (struct span){ 0 }, -1, e);

	if (ok)
		event_base_dispatch(c->base);
	for (size_t i = 0; i < EVENT_COUNT; i++)
		if (events[i] != NULL)
			event_free(events[i]);
	control_close(control);
	return ok;
}

bool
core_run(const struct options *o, struct err *e)
{
	struct core c = { .started = core_now() };
	const struct core_batch_calls calls = { answer_stored, fail_stored };
	bool ok;

	logline_open("core", LOG_INFO);
	if (!sandbox_child(e) || !cluster_open(o->dir, &c.cluster, e))
		return false;
	logline_open("core", cluster_conf(c.cluster)->log_level);
	c.base = event_base_new();
	c.files = filecache_new();
	c.sightings = sightings_new();
	c.capf = capf_sessions_new();
	if (c.base == NULL)
		ok = err_set(e, ERR_IO, "cannot make an event loop");
	else if (getrandom(c.ticket_key, sizeof c.ticket_key, 0) != (ssize_t)sizeof c.ticket_key)
		ok = err_sys(e, "cannot make a ticket key");
	else if ((c.batch = core_batch_new(&c, &calls)) == NULL)
		ok = err_set(e, ERR_IO, "cannot add an event to the loop");
	else
		ok = publish_at_start(&c, e);
	if (ok) {
		c.signpool = signpool_new(c.base);
		c.main = chan_new(c.base, o->main_fd, from_main, main_gone, &c);
		ok = serve(&c, e);
	}
	core_free(&c);
	if (c.base != NULL)
		event_base_free(c.base);
	return ok;
}
