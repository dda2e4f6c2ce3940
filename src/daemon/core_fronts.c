#include "daemon/core_fronts.h"

#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"
#include "cluster/cluster_import.h"
#include "daemon/capf_peers.h"
#include "daemon/capf_sessions.h"
#include "daemon/core_batch.h"
#include "daemon/core_builds.h"
#include "daemon/core_capf.h"
#include "daemon/core_capf_attempt.h"
#include "daemon/core_files.h"
#include "daemon/core_folder.h"
#include "daemon/core_forget.h"
#include "daemon/core_ocsp.h"
#include "daemon/core_served.h"
#include "daemon/core_tvs.h"
#include "daemon/refusals.h"
#include "daemon/tvs_contacts.h"
#include "keys/signer_pem.h"

#include <stdlib.h>
#include <unistd.h>

#define HALF_OPEN_MAX 2000
#define SESSION_RANGE (UINT32_MAX / CORE_FRONTS_MAX) /* CAPF session ids of one front */

/* --- questions and answers --- */

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

/* It is kept by address, since no phone has said its name: of CAPF, phone show says that its phone
 * came no further; of TVS and HTTPS, a phone that does not know us ends the handshake, or looks at
 * the certificate after it and hangs up. One that did not begin within its time is a connection and
 * no more. */
static void
note_peer(struct core *c, const struct ask *ask)
{
	static const char silent[] = "no handshake";
	bool is_silent =
	    ask->text.n >= sizeof silent - 1 && memcmp(ask->text.p, silent, sizeof silent - 1) == 0;

	if (span_is(ask->name, "capf"))
		capf_peers_note(c->capf_peers, ask->peer, !is_silent, ask->text, core_now());
	else if (!is_silent) {
		bool is_https = span_is(ask->name, "https");

		tvs_contacts_alert(c->tvs_contacts, ask->peer, is_https, ask->text, core_now());
		if (!is_https && ask->report != REPORT_TLS_OLD)
			refusals_alert(c->refusals, ask->peer, core_now());
	}
}

static void
take_report(struct core *c, const struct ask *ask)
{
	if (ask->report == REPORT_TLS_OLD || ask->report == REPORT_TLS_FAILED ||
	    (ask->report == REPORT_SILENT && span_is(ask->name, "tvs")))
		note_peer(c, ask);
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
	case REPORT_SILENT:
		log_report(ask, LOG_DEBUG, "peer-silent");
		break;
	default:
		log_report(ask, LOG_WARNING, "bad-message");
		break;
	}
}

static bool
is_capf(const struct ask *ask)
{
	return ask->kind == ASK_CAPF_START || ask->kind == ASK_CAPF_ISSUE ||
	       ask->kind == ASK_CAPF_FINISH;
}

/* Lists that are handed out are remembered, and CAPF stores what it does, before the answer leaves.
 */
static void
answer_stored(struct core_front *f, const struct ask *ask, const struct fname *name)
{
	if (ask->kind == ASK_FILE)
		core_files_list(f, ask, name);
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

/* A phone whose confirmation is lost is told to install again, and given the same certificate for
 * the same key (doc/decisions/0006). */
static bool
may_be_lost(const struct ask *ask)
{
	return ask->kind == ASK_CAPF_FINISH;
}

const struct core_batch_calls core_fronts_batch = { may_be_lost, answer_stored, fail_stored };

static void
take_ask(struct core_front *f, struct span payload)
{
	struct ask ask;
	struct err e = { 0 };

	if (!ask_parse(payload, &ask, &e))
		log_event(LOG_ERROR, "ask-malformed front=%u reason=\"%s\"", f->index, e.text);
	else if (ask.kind == ASK_FILE)
		core_files_ask(f, &ask, payload);
	else if (is_capf(&ask))
		core_batch_add(f->core->batch, f, payload, NULL);
	else if (ask.kind == ASK_REPORT)
		take_report(f->core, &ask);
	else if (ask.kind == ASK_OCSP)
		core_ocsp_ask(f, &ask);
	else
		core_tvs_ask(f, &ask);
}

/* --- a front comes and goes --- */

static void
from_front(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct core_front *f = arg;

	if (fd >= 0)
		close(fd);
	if (kind == CHAN_ASK)
		take_ask(f, payload);
	else if (kind == CHAN_SERVED)
		core_served_take(f->core, payload);
	else if (kind == CHAN_STATUS && !front_counters_parse(payload, &f->counters, NULL))
		log_event(LOG_ERROR, "status-malformed front=%u", f->index);
}

static void
front_gone(void *arg, const char *why)
{
	struct core_front *f = arg;
	struct core *c = f->core;
	struct err e = { 0 };

	log_event(LOG_INFO, "front-gone front=%u why=\"%s\"", f->index, why);
	if (!core_capf_notes_write(c, &e))
		log_event(LOG_ERROR, "attempts-not-written reason=\"%s\"", e.text);
	capf_sessions_drop(c->capf, f->index);
	core_batch_drop(c->batch, f);
	core_builds_drop(c->builds, f);
	core_folder_drop(c->folder, f);
	f->counters.tvs.open = f->counters.capf.open = f->counters.tftp_running = 0;
	f->counters.http.open = f->counters.https.open = f->counters.cache_bytes = 0;
	front_counters_add(&c->past, &f->counters);
	c->front[f->index] = NULL;
	chan_free(f->chan);
	free(f);
}

/* Who checks a chain has its root. */
static void
chain_fill(const struct chain *chain, struct front_identity *id)
{
	for (size_t i = 0; i < chain->count && i < FRONTMSG_CHAIN_MAX; i++)
		if (i == 0 || !cert_is_issued_by(chain->cert[i], chain->cert[i], NULL))
			id->chain[id->chain_count++] = cert_der(chain->cert[i]);
}

static bool
send_identity(struct core_front *f, enum front_service service, enum purpose purpose, bool old_tls,
    struct err *e)
{
	const struct cert *cert = cluster_cert(f->core->cluster, purpose);
	struct front_identity id = { .service = service, .old_tls = old_tls };
	struct wr out = wr_new(FRONTMSG_MAX);
	struct chain chain;
	struct bytes key;
	bool ok;

	if (!signer_pem_tls_key(
		cluster_signer(f->core->cluster), purpose, cert_key_id(cert), &key, e))
		return false;
	cluster_chain(f->core->cluster, purpose, &chain);
	chain_fill(&chain, &id);
	/* a phone comes to CAPF once in years */
	if (service != FRONT_CAPF)
		id.ticket_key = span_of(f->core->ticket_key, sizeof f->core->ticket_key);
	id.key = bytes_span(&key);
	ok = front_identity_encode(&id, &out, e) &&
	     chan_send(f->chan, CHAN_IDENTITY, wr_view(&out), -1, e);
	mem_wipe(out.p, out.n);
	wr_free(&out);
	bytes_wipe(&key);
	chain_free(&chain);
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
		.file_max_mb = conf->file_max_mb,
		.session_base = f->index * SESSION_RANGE + 1 };
	struct wr out = wr_new(FRONTMSG_MAX);
	bool ok = front_settings_encode(&s, &out, e) &&
		  chan_send(f->chan, CHAN_HELLO, wr_view(&out), -1, e);

	wr_free(&out);
	return ok;
}

/* What a front takes once it has its settings. */
static bool
send_rest(struct core_front *f, struct err *e)
{
	core_folder_front(f->core->folder, f);
	return send_identities(f, e) && chan_send(f->chan, CHAN_READY, (struct span){ 0 }, -1, e);
}

void
core_fronts_add(struct core *c, unsigned index, int fd)
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
	if (!send_settings(f, &e) || !send_rest(f, &e)) {
		log_event(LOG_ERROR, "front-not-started front=%u reason=\"%s\"", index, e.text);
		front_gone(f, "not started"); /* it ends, and main starts another */
	}
}

void
core_refresh_fronts(struct core *c)
{
	struct err e = { 0 };

	for (size_t i = 0; i < CORE_FRONTS_MAX; i++)
		if (c->front[i] != NULL && !send_identities(c->front[i], &e))
			log_event(
			    LOG_ERROR, "identity-not-sent front=%zu reason=\"%s\"", i, e.text);
	core_forget_all(c);
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
