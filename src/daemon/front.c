#include "daemon/front.h"

#include "base/log.h"
#include "chan/chan.h"
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

struct front {
	const struct options *options;
	struct event_base *base;
	struct chan *main, *core;
	struct event *on_term, *status_timer;
	struct drive *tvs, *capf;
	struct tftpd *tftp;
	struct front_counters sent; /* what core was told last */
	bool has_tvs, has_capf;     /* certificate and key */
	bool draining;
	struct wr out; /* reused for every message to core */
};

static void
end(struct front *f, const char *why)
{
	log_event(LOG_DEBUG, "front-ends why=\"%s\"", why);
	event_base_loopbreak(f->base);
}

/* Questions of all services go to core as they come. */
static void
ask_core(void *arg, const struct ask *ask)
{
	struct front *f = arg;
	struct err e = { 0 };

	wr_reset(&f->out);
	if (!ask_encode(ask, &f->out, &e) ||
	    !chan_send(f->core, CHAN_ASK, wr_view(&f->out), -1, &e))
		log_event(LOG_ERROR, "ask-lost reason=\"%s\"", e.text);
}

static void
take_file(struct front *f, const struct answer *a, int fd)
{
	struct body *body = NULL;
	struct err e = { 0 };

	if (!a->ok) {
		tftpd_answer(f->tftp, a->id, NULL, a->code, a->text);
	} else if (!body_from_answer(a, fd, &body, &e)) {
		log_event(LOG_ERROR, "answer-unusable reason=\"%s\"", e.text);
		tftpd_answer(f->tftp, a->id, NULL, 0, span_str("file cannot be read now"));
	} else {
		tftpd_answer(f->tftp, a->id, body, 0, (struct span){ 0 });
		body_unref(body);
	}
}

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
		take_file(f, &a, fd);
		break;
	case ASK_TVS_VERIFY:
	case ASK_TVS_QUERY:
		drive_answer(f->tvs, &a);
		break;
	default:
		drive_answer(f->capf, &a);
		break;
	}
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
		.ask = ask_core,
		.arg = f };
	struct drive_config capf = tvs;
	const struct tftpd_config tftp = { .transfers = s.tftp_transfers,
		.transfers_per_address = s.tftp_transfers_per_address,
		.port_first = (uint16_t)s.tftp_port_first,
		.port_last = (uint16_t)s.tftp_port_last,
		.ask = ask_core,
		.arg = f };

	capf.kind = &capf_server;
	capf.idle_s = s.capf_answer_s;
	capf.long_idle_s = s.capf_keygen_s;
	f->tvs = drive_new(f->base, &tvs);
	f->capf = drive_new(f->base, &capf);
	drive_session_base(f->capf, s.session_base);
	f->tftp = tftpd_new(f->base, &tftp);
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
	if (id.service == FRONT_HTTPS)
		return;
	const struct tlspump_identity settings = { .chain = id.chain,
		.chain_count = id.chain_count,
		.key = id.key,
		.old_tls = id.old_tls,
		.ticket_key = id.ticket_key };

	if (!tlspump_server(&settings, &pump, &e)) {
		log_event(LOG_ERROR, "identity-unusable service=%s reason=\"%s\"",
		    id.service == FRONT_TVS ? "tvs" : "capf", e.text);
		return;
	}
	drive_identity(id.service == FRONT_TVS ? f->tvs : f->capf, pump);
	*(id.service == FRONT_TVS ? &f->has_tvs : &f->has_capf) = true;
}

static bool
listen_on(struct front *f, enum listen_service service, int fd, struct err *e)
{
	switch (service) {
	case LISTEN_TFTP:
		return tftpd_listen(f->tftp, fd, e);
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

static void
from_core(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct front *f = arg;

	if (kind == CHAN_ANSWER && f->tftp != NULL)
		take_answer(f, payload, fd);
	if (fd >= 0)
		close(fd);
	if (kind == CHAN_HELLO && f->tftp == NULL)
		take_settings(f, payload);
	else if (kind == CHAN_IDENTITY && f->tftp != NULL)
		take_identity(f, payload);
	else if (kind == CHAN_READY && f->tftp != NULL)
		begin_serving(f);
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
	if (f->tftp == NULL) {
		end(f, "stopped before it began");
		return;
	}
	drive_drain(f->tvs);
	drive_drain(f->capf);
	tftpd_drain(f->tftp);
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

/* Twice a second: tell core what changed, and when draining see whether the last one is gone. */
static void
tell_status(evutil_socket_t fd, short what, void *arg)
{
	struct front *f = arg;
	struct front_counters now = { 0 };
	struct tftpd_stats tftp;

	(void)fd;
	(void)what;
	if (f->tftp == NULL)
		return;
	copy_counters(&now.tvs, f->tvs);
	copy_counters(&now.capf, f->capf);
	tftp = tftpd_stats(f->tftp);
	now.tftp_sent = tftp.sent;
	now.tftp_failed = tftp.failed;
	now.tftp_running = (uint64_t)tftp.open;
	if (f->draining && now.tvs.open + now.capf.open + now.tftp_running == 0) {
		end(f, "drained");
		return;
	}
	if (memcmp(&now, &f->sent, sizeof now) == 0)
		return;
	f->sent = now;
	wr_reset(&f->out);
	if (front_counters_encode(&now, &f->out, NULL) &&
	    !chan_send(f->core, CHAN_STATUS, wr_view(&f->out), -1, NULL))
		log_event(LOG_WARNING, "status-lost");
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
	chan_free(f->main);
	chan_free(f->core);
	if (f->on_term != NULL)
		event_free(f->on_term);
	if (f->status_timer != NULL)
		event_free(f->status_timer);
	event_base_free(f->base);
	wr_free(&f->out);
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
	f.base = event_base_new();
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
