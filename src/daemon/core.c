#include "daemon/core.h"

#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"
#include "daemon/capf_peers.h"
#include "daemon/capf_sessions.h"
#include "daemon/certwarn.h"
#include "daemon/control.h"
#include "daemon/core_backup.h"
#include "daemon/core_builds.h"
#include "daemon/core_bulk.h"
#include "daemon/core_capf.h"
#include "daemon/core_capf_attempt.h"
#include "daemon/core_folder.h"
#include "daemon/core_fronts.h"
#include "daemon/core_goods.h"
#include "daemon/core_handout.h"
#include "daemon/core_ocsp.h"
#include "daemon/core_online.h"
#include "daemon/core_prepare.h"
#include "daemon/core_refused.h"
#include "daemon/core_renew.h"
#include "daemon/core_reset.h"
#include "daemon/core_stage.h"
#include "daemon/core_wish.h"
#include "daemon/filecache.h"
#include "daemon/guesses.h"
#include "daemon/logline.h"
#include "daemon/rapool.h"
#include "daemon/sandbox.h"
#include "daemon/sightings.h"
#include "daemon/signatures.h"
#include "daemon/signpool.h"
#include "daemon/tvs_contacts.h"
#include "net/clock.h"
#include "rules/phonecfg_moulds.h"

#include <event2/event.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define NOTES_S     1
#define NOTES_PAUSE 30 /* times as long as writing them took */
#define DEADLINES_S 30
#define MEGABYTE    ((uint64_t)1024 * 1024)

#define MOULDS_BYTES_MAX ((size_t)4 * 1024 * 1024) /* some 300 kinds of configurations */

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

/* --- main --- */

static void
from_main(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	if (kind == CHAN_FRONT && payload.n == 1 && fd >= 0)
		core_fronts_add(arg, payload.p[0], fd);
	else if (kind == CHAN_KEEPER && payload.n == 1 && fd >= 0)
		signpool_keeper(((struct core *)arg)->signpool, payload.p[0], fd);
	else if (kind == CHAN_RA && payload.n == 1 && fd >= 0)
		rapool_process(((struct core *)arg)->rapool, payload.p[0], fd);
	else if (kind == CHAN_HOOK && fd >= 0)
		core_reset_process(arg, fd);
	else if (kind == CHAN_BACKUP && fd >= 0)
		core_backup_process(arg, fd);
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

bool
core_sightings_write(struct core *c, struct err *e)
{
	return sightings_write(
	    c->sightings, cluster_store(c->cluster), cluster_conf(c->cluster)->seen_phones, e);
}

static void
write_notes(struct core *c)
{
	struct err e = { 0 };

	if (!core_sightings_write(c, &e))
		log_event(LOG_ERROR, "sightings-not-written reason=\"%s\"", e.text);
	if (!tvs_contacts_write(c->tvs_contacts, cluster_store(c->cluster), &e))
		log_event(LOG_ERROR, "tvs-contacts-not-written reason=\"%s\"", e.text);
	if (!core_capf_notes_write(c, &e))
		log_event(LOG_ERROR, "attempts-not-written reason=\"%s\"", e.text);
	if (!core_goods_write(c->goods, &e))
		log_event(LOG_ERROR, "last-good-not-written reason=\"%s\"", e.text);
}

/* Once a second; when thousands of phones are served, less often, so that it takes no more than a
 * small share of the time in which core answers. */
static void
on_notes(evutil_socket_t fd, short what, void *arg)
{
	struct core *c = arg;
	uint64_t begin = clock_ms();

	(void)fd;
	(void)what;
	if (begin < c->notes_due_ms)
		return;
	write_notes(c);
	c->notes_due_ms = begin + NOTES_PAUSE * (clock_ms() - begin);
}

static void
check_deadlines(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	core_capf_deadlines(arg);
	core_renew_step(arg);
	certwarn_step(arg);
}

static void
step_often(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	core_bulk_step(arg);
	core_online_step(arg);
	core_reset_step(arg);
	core_backup_step(arg);
	core_stage_step(arg);
	core_refused_step(arg);
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
	filecache_limit(c->files, cluster_conf(c->cluster)->cache_mb * MEGABYTE);
	core_folder_reload(c->folder);
	core_backup_reload(c);
	core_stage_look_again(c);
	core_refresh_fronts(c);
	log_event(LOG_INFO, "reloaded");
}

/* --- start and end --- */

#define EVENT_COUNT 5

static bool
add_events(struct core *c, struct event *events[EVENT_COUNT], struct err *e)
{
	const struct timeval often = { NOTES_S, 0 }, seldom = { DEADLINES_S, 0 };

	events[0] = evsignal_new(c->base, SIGTERM, on_term, c);
	events[1] = evsignal_new(c->base, SIGHUP, on_hup, c);
	events[2] = event_new(c->base, -1, EV_PERSIST, on_notes, c);
	events[3] = event_new(c->base, -1, EV_PERSIST, check_deadlines, c);
	events[4] = event_new(c->base, -1, EV_PERSIST, step_often, c);
	for (size_t i = 0; i < EVENT_COUNT; i++)
		if (events[i] == NULL)
			return err_set(e, ERR_IO, "cannot add an event to the loop");
	event_add(events[0], NULL);
	event_add(events[1], NULL);
	event_add(events[2], &often);
	event_add(events[3], &seldom);
	event_add(events[4], &often);
	return true;
}

void
core_parts_new(struct core *c)
{
	c->files = filecache_new(cluster_conf(c->cluster)->cache_mb * MEGABYTE);
	c->ocsp = core_ocsp_new();
	c->sightings = sightings_new();
	c->tvs_contacts = tvs_contacts_new();
	c->refusals = refusals_new();
	c->capf = capf_sessions_new();
	c->capf_peers = capf_peers_new();
	c->rapool = rapool_new(c->base, core_online_done, c);
	c->reset = core_reset_new(c);
	c->backup = core_backup_new(c);
	c->stage = core_stage_new();
	c->guesses = guesses_new();
	c->signpool = signpool_new(c->base);
	c->signatures = signatures_new(SIGNATURES_BYTES_MAX);
	c->goods = core_goods_new(cluster_store(c->cluster));
	c->handouts = core_handouts_new(c);
	c->moulds = phonecfg_moulds_new(MOULDS_BYTES_MAX);
	c->builds = core_builds_new(c);
	c->prepare = core_prepare_new(c);
	c->folder = core_folder_new(c);
}

void
core_parts_free(struct core *c)
{
	core_folder_free(c->folder);
	core_prepare_free(c->prepare);
	rapool_free(c->rapool);
	core_reset_free(c->reset);
	core_backup_free(c->backup);
	core_stage_free(c->stage);
	signpool_free(c->signpool);
	core_builds_free(c->builds);
	phonecfg_moulds_free(c->moulds);
	core_goods_free(c->goods);
	core_handouts_free(c->handouts);
	signatures_free(c->signatures);
	capf_sessions_free(c->capf);
	guesses_free(c->guesses);
	capf_peers_free(c->capf_peers);
	tvs_contacts_free(c->tvs_contacts);
	refusals_free(c->refusals);
	sightings_free(c->sightings);
	core_ocsp_free(c->ocsp);
	filecache_free(c->files);
	core_wish_forget(c);
}

static void
core_free(struct core *c)
{
	write_notes(c);
	core_batch_free(c->batch);
	core_parts_free(c);
	for (size_t i = 0; i < CORE_FRONTS_MAX; i++)
		if (c->front[i] != NULL) {
			chan_free(c->front[i]->chan);
			free(c->front[i]);
		}
	chan_free(c->main);
	event_base_free(c->base);
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

static bool
run(struct core *c, int main_fd, struct err *e)
{
	if (getrandom(c->ticket_key, sizeof c->ticket_key, 0) != (ssize_t)sizeof c->ticket_key)
		return err_sys(e, "cannot make a ticket key");
	c->batch = core_batch_new(c, &core_fronts_batch);
	if (c->batch == NULL)
		return err_set(e, ERR_IO, "cannot add an event to the loop");
	if (!publish_at_start(c, e))
		return false;
	core_prepare_all(c->prepare);
	core_reset_begin(c);
	core_renew_step(c);
	certwarn_step(c);
	c->main = chan_new(c->base, main_fd, from_main, main_gone, c);
	return serve(c, e);
}

bool
core_run(const struct options *o, struct err *e)
{
	struct core c = { .started = core_now() };
	bool ok;

	logline_open("core", LOG_INFO);
	if (!sandbox_child(e) || !cluster_open(o->dir, &c.cluster, e))
		return false;
	logline_open("core", cluster_conf(c.cluster)->log_level);
	c.base = event_base_new();
	if (c.base == NULL) {
		cluster_close(c.cluster);
		return err_set(e, ERR_IO, "cannot make an event loop");
	}
	core_parts_new(&c);
	ok = run(&c, o->main_fd, e);
	core_free(&c);
	return ok;
}
