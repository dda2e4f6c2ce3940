#include "daemon/front.h"

#include "base/log.h"
#include "chan/chan.h"
#include "daemon/front_http.h"
#include "daemon/logline.h"
#include "daemon/sandbox.h"
#include "net/drive.h"
#include "net/tftpd.h"
#include "net/tlspump.h"
#include "talk/capf.h"
#include "talk/tvs.h"
#include "wire/frontmsg.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_MS 500
#define MB        (1024 * 1024)

struct front {
	const struct options *options;
	struct event_base *base;
	struct chan *main, *core;
	struct event *on_term, *status_timer;
	struct drive *tvs, *capf;
	struct tftpd *tftp;
	struct front_http *http, *https;
	struct front_ocsp *ocsp;
	struct front_files *files;         /* NULL: core has not sent the settings yet */
	struct front_counters sent;        /* what core was told last */
	bool has_tvs, has_capf, has_https; /* certificate and key */
	bool draining;
	struct wr out; /* reused for every message to core */
};

static void
end(struct front *f, const char *why)
{
	log_event(LOG_DEBUG, "front-ends why=\"%s\"", why);
	event_base_loopbreak(f->base);
}

static bool
send_to_core(struct front *f, enum chan_kind kind, struct span message)
{
	struct err e = { 0 };

	if (chan_send(f->core, kind, message, -1, &e))
		return true;
	log_event(LOG_ERROR, "not-sent-to-core kind=%d reason=\"%s\"", (int)kind, e.text);
	return false;
}

static bool
ask_core(void *arg, const struct ask *ask)
{
	struct front *f = arg;
	struct err e = { 0 };

	wr_reset(&f->out);
	if (ask_encode(ask, &f->out, &e))
		return send_to_core(f, CHAN_ASK, wr_view(&f->out));
	log_event(LOG_ERROR, "ask-lost reason=\"%s\"", e.text);
	return false;
}

/* Questions of TVS and CAPF go to core as they come. */
static void
from_drive(void *arg, const struct ask *ask)
{
	(void)ask_core(arg, ask);
}

/* --- files --- */

static void
poll_core(void *arg)
{
	struct front *f = arg;

	chan_poll(f->core);
}

static void
tell_served(void *arg, struct span message)
{
	(void)send_to_core(arg, CHAN_SERVED, message);
}

static void
before_tftp(void *arg)
{
	struct front *f = arg;

	front_files_hear(f->files);
}

static void
to_tftp(void *arg, uint32_t id, const struct frontcopy *copy)
{
	struct front *f = arg;

	tftpd_answer(f->tftp, id, copy->body, copy->code, copy->text);
}

static void
from_tftp(void *arg, const struct ask *ask)
{
	struct front *f = arg;

	if (ask->kind == ASK_FILE)
		front_files_get(f->files, &(struct front_wish){ .via = ASK_VIA_TFTP,
					      .peer = ask->peer,
					      .name = ask->name,
					      .done = to_tftp,
					      .arg = f,
					      .id = ask->id });
	else if (ask->report == REPORT_FILE_SENT || ask->report == REPORT_FILE_FAILED)
		front_files_ended(
		    f->files, ask->report == REPORT_FILE_SENT, ask->peer, ask->name, ask->text);
	else
		(void)ask_core(f, ask);
}

/* --- what core says --- */

static void
take_answer(struct front *f, struct span payload, int fd)
{
	struct answer a;
	struct err e = { 0 };

	if (!answer_parse(payload, &a, &e)) {
		log_event(LOG_ERROR, "answer-malformed reason=\"%s\"", e.text);
		return;
	}
	switch (a.kind) {
	case ASK_FILE:
		front_files_answer(f->files, &a, fd);
		break;
	case ASK_TVS_VERIFY:
	case ASK_TVS_QUERY:
		drive_answer(f->tvs, &a);
		break;
	case ASK_OCSP:
		front_ocsp_answer(f->ocsp, &a);
		break;
	default:
		drive_answer(f->capf, &a);
		break;
	}
}

static void
start_http(struct front *f, const struct front_settings *s)
{
	const struct front_ocsp_config ocsp = { ask_core, f };
	struct front_http_config http = { .files = f->files,
		.connections = s->http_connections,
		.connections_per_address = s->http_connections_per_address,
		.idle_s = s->http_idle_s,
		.request_s = s->handshake_s,
		.report = ask_core,
		.arg = f };

	f->ocsp = http.ocsp = front_ocsp_new(f->base, &ocsp);
	f->http = front_http_new(f->base, &http);
	http.tls = true;
	http.ocsp = NULL;
	f->https = front_http_new(f->base, &http);
}

static void
take_settings(struct front *f, struct span payload)
{
	struct front_settings s;
	struct err e = { 0 };

	if (!front_settings_parse(payload, &s, &e)) {
		end(f, e.text);
		return;
	}
	const struct drive_config tvs = { .kind = &tvs_server,
		.handshake_s = s.handshake_s,
		.idle_s = s.tvs_idle_s,
		.connections = s.connections,
		.connections_per_address = s.connections_per_address,
		.half_open = s.half_open,
		.ask = from_drive,
		.arg = f };
	struct drive_config capf = tvs;
	const struct tftpd_config tftp = { .transfers = s.tftp_transfers,
		.transfers_per_address = s.tftp_transfers_per_address,
		.port_first = (uint16_t)s.tftp_port_first,
		.port_last = (uint16_t)s.tftp_port_last,
		.ask = from_tftp,
		.before = before_tftp,
		.arg = f };
	const struct front_files_config files = { .cache_bytes = (uint64_t)s.cache_mb * MB,
		.file_max = (uint64_t)s.file_max_mb * MB,
		.ask = ask_core,
		.poll = poll_core,
		.served = tell_served,
		.arg = f };

	capf.kind = &capf_server;
	capf.idle_s = s.capf_answer_s;
	capf.long_idle_s = s.capf_keygen_s;
	f->tvs = drive_new(f->base, &tvs);
	f->capf = drive_new(f->base, &capf);
	drive_session_base(f->capf, s.session_base);
	f->tftp = tftpd_new(f->base, &tftp);
	f->files = front_files_new(f->base, &files);
	start_http(f, &s);
}

static const char *
service_name(enum front_service s)
{
	return s == FRONT_TVS ? "tvs" : s == FRONT_CAPF ? "capf" : "https";
}

/* pump is taken over. */
static void
show_identity(struct front *f, enum front_service service, struct tlspump *pump)
{
	switch (service) {
	case FRONT_TVS:
		drive_identity(f->tvs, pump);
		f->has_tvs = true;
		break;
	case FRONT_CAPF:
		drive_identity(f->capf, pump);
		f->has_capf = true;
		break;
	case FRONT_HTTPS:
		http_server_identity(front_http_server(f->https), pump);
		f->has_https = true;
		break;
	}
}

static void
take_identity(struct front *f, struct span payload)
{
	struct front_identity id;
	struct tlspump *pump;
	struct err e = { 0 };

	if (!front_identity_parse(payload, &id, &e)) {
		end(f, e.text);
		return;
	}
	const struct tlspump_identity settings = { .chain = id.chain,
		.chain_count = id.chain_count,
		.key = id.key,
		.old_tls = id.old_tls,
		.ticket_key = id.ticket_key };

	if (!tlspump_server(&settings, &pump, &e)) {
		log_event(LOG_ERROR, "identity-unusable service=%s reason=\"%s\"",
		    service_name(id.service), e.text);
		return;
	}
	show_identity(f, id.service, pump);
}

static bool
listen_on(struct front *f, enum listen_service service, int fd, struct err *e)
{
	switch (service) {
	case LISTEN_TFTP:
		return tftpd_listen(f->tftp, fd, e);
	case LISTEN_HTTP:
		return http_server_listen(front_http_server(f->http), fd, e);
	case LISTEN_HTTPS:
		return f->has_https
			   ? http_server_listen(front_http_server(f->https), fd, e)
			   : err_set(e, ERR_CRYPTO, "it has no certificate that can be used");
	case LISTEN_TVS:
		return drive_listen(f->tvs, fd, e);
	default:
		return drive_listen(f->capf, fd, e);
	}
}

/* Core has sent all it has to send: open the doors and tell main. */
static void
begin_serving(struct front *f)
{
	const struct listen_share *sockets = &f->options->sockets;
	struct err e = { 0 };

	if (f->draining)
		return;
	if (!f->has_tvs || !f->has_capf) {
		end(f, "a service has no certificate that can be used");
		return;
	}
	for (size_t i = 0; i < sockets->count; i++)
		if (!listen_on(f, sockets->socket[i].service, sockets->socket[i].fd, &e)) {
			log_event(LOG_ERROR, "listen-failed service=%s reason=\"%s\"",
			    listen_service_name(sockets->socket[i].service), e.text);
			end(f, "a socket cannot be used");
			return;
		}
	if (!chan_send(f->main, CHAN_READY, (struct span){ 0 }, -1, &e))
		end(f, e.text);
}

/* What core has to say to one that has its settings. fd is taken over. */
static void
take_message(struct front *f, enum chan_kind kind, struct span payload, int fd)
{
	struct front_forget forget;
	struct front_folder folder;
	struct err e = { 0 };

	if (kind == CHAN_ANSWER)
		take_answer(f, payload, fd);
	else if (kind == CHAN_IDENTITY)
		take_identity(f, payload);
	else if (kind == CHAN_READY)
		begin_serving(f);
	else if (kind == CHAN_FORGET && front_forget_parse(payload, &forget, &e))
		front_files_forget(f->files, &forget);
	else if (kind == CHAN_FOLDER && front_folder_parse(payload, &folder, &e)) {
		front_files_folder(f->files, &folder, fd);
		fd = -1;
	}
	if (e.code != ERR_NONE) /* better to begin anew than to serve what is old */
		end(f, e.text);
	if (fd >= 0)
		close(fd);
}

static void
from_core(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct front *f = arg;

	if (f->files != NULL) {
		take_message(f, kind, payload, fd);
		return;
	}
	if (fd >= 0)
		close(fd);
	if (kind == CHAN_HELLO)
		take_settings(f, payload);
	else
		end(f, "core said something before the settings");
}

static void
from_main(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct front *f = arg;

	(void)payload;
	if (fd >= 0)
		close(fd);
	if (kind != CHAN_DRAIN || f->draining)
		return;
	f->draining = true;
	if (f->files == NULL) {
		end(f, "stopped before it began");
		return;
	}
	drive_drain(f->tvs);
	drive_drain(f->capf);
	tftpd_drain(f->tftp);
	http_server_drain(front_http_server(f->http));
	http_server_drain(front_http_server(f->https));
}

static void
channel_closed(void *arg, const char *why)
{
	end(arg, why);
}

static void
copy_counters(struct front_service_counters *to, const struct drive *d)
{
	const struct drive_stats s = drive_stats(d);

	*to = (struct front_service_counters){
		.accepted = s.accepted,
		.served = s.served,
		.handshake_failed = s.handshake_failed,
		.old_refused = s.old_refused,
		.over_limit = s.over_limit,
		.timed_out = s.timed_out,
		.broken = s.broken,
		.open = s.open + s.half_open,
	};
}

static void
copy_http_counters(struct front_service_counters *to, struct front_http *h)
{
	const struct http_server_stats s = http_server_stats(front_http_server(h));

	*to = (struct front_service_counters){
		.accepted = s.accepted,
		.served = s.served,
		.handshake_failed = s.handshake_failed,
		.old_refused = s.old_refused,
		.over_limit = s.over_limit,
		.timed_out = s.timed_out,
		.broken = s.failed,
		.open = s.open,
	};
}

static struct front_counters
count(struct front *f)
{
	const struct tftpd_stats tftp = tftpd_stats(f->tftp);
	const struct frontcache_stats cache = front_files_stats(f->files);
	struct front_counters now = { .tftp_sent = tftp.sent,
		.tftp_failed = tftp.failed,
		.tftp_running = (uint64_t)tftp.open,
		.cache_hits = cache.hits,
		.cache_misses = cache.misses,
		.cache_bytes = cache.bytes };

	copy_counters(&now.tvs, f->tvs);
	copy_counters(&now.capf, f->capf);
	copy_http_counters(&now.http, f->http);
	copy_http_counters(&now.https, f->https);
	return now;
}

/* Twice a second: tell core what changed, and when draining see whether the last one is gone. */
static void
tell_status(evutil_socket_t fd, short what, void *arg)
{
	struct front *f = arg;
	struct front_counters now;

	(void)fd;
	(void)what;
	if (f->files == NULL)
		return;
	now = count(f);
	if (f->draining &&
	    now.tvs.open + now.capf.open + now.tftp_running + now.http.open + now.https.open == 0) {
		end(f, "drained");
		return;
	}
	if (memcmp(&now, &f->sent, sizeof now) == 0)
		return;
	f->sent = now;
	wr_reset(&f->out);
	if (front_counters_encode(&now, &f->out, NULL))
		(void)send_to_core(f, CHAN_STATUS, wr_view(&f->out));
}

static void
on_term(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	end(arg, "terminated");
}

static void
front_free(struct front *f)
{
	drive_free(f->tvs);
	drive_free(f->capf);
	tftpd_free(f->tftp);
	front_http_free(f->http);
	front_http_free(f->https);
	front_files_free(f->files);
	front_ocsp_free(f->ocsp);
	chan_free(f->main);
	chan_free(f->core);
	if (f->on_term != NULL)
		event_free(f->on_term);
	if (f->status_timer != NULL)
		event_free(f->status_timer);
	/* connections whose callback was put off are freed by it, and not with the loop */
	event_base_loop(f->base, EVLOOP_NONBLOCK);
	event_base_free(f->base);
	wr_free(&f->out);
}

/* What is switched off and on again in one turn, as evhttp does around each answer, the kernel need
 * not be told: 6 % of a small file's time. No descriptor of a front is a copy of another one. */
static struct event_base *
loop_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	if (config == NULL ||
	    event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) != 0)
		abort();
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

bool
front_run(const struct options *o, struct err *e)
{
	const struct timeval often = { 0, STATUS_MS * 1000 };
	struct front f = { .options = o, .out = wr_new(ASK_MESSAGE_MAX) };
	char name[16];

	snprintf(name, sizeof name, "front%u", o->index);
	logline_open(name, LOG_INFO);
	if (!sandbox_front(e))
		return false;
	f.base = loop_new();
	if (f.base == NULL)
		return err_set(e, ERR_IO, "cannot make an event loop");
	f.main = chan_new(f.base, o->main_fd, from_main, channel_closed, &f);
	f.core = chan_new(f.base, o->core_fd, from_core, channel_closed, &f);
	f.on_term = evsignal_new(f.base, SIGTERM, on_term, &f);
	f.status_timer = event_new(f.base, -1, EV_PERSIST, tell_status, &f);
	event_add(f.on_term, NULL);
	event_add(f.status_timer, &often);
	event_base_dispatch(f.base);
	front_free(&f);
	return true;
}
