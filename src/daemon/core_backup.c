#include "daemon/core_backup.h"

#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"
#include "daemon/core_renew.h"
#include "rules/backuprota.h"
#include "wire/backupmsg.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY_S 86400

struct core_backup {
	struct core *core;
	struct chan *chan; /* NULL: no such process now */
	bool running;
	bool at_once;     /* who failed need not wait */
	time_t warned_at; /* that keys are in no backup */
};

/* --- what became of one --- */

struct ended {
	struct core *core;
	const struct backup_ran *ran;
};

static bool
ended_stored(struct store *s, void *arg, struct err *e)
{
	const struct ended *end = arg;
	const struct backup_ran *r = end->ran;
	struct backup_schedule b;
	char text[ERR_TEXT_MAX];
	const struct store_event ev = { .at = core_now(),
		.actor = "schedule",
		.event = r->ok ? "backup-made" : "backup-failed",
		.object = cluster_name(end->core->cluster),
		.text = text };

	snprintf(text, sizeof text, "%.*s", (int)(r->ok ? r->file.n : r->trouble.n),
	    (const char *)(r->ok ? r->file.p : r->trouble.p));
	if (!backup_schedule_get(s, &b, e))
		return false;
	if (r->ok)
		b = (struct backup_schedule){ .made = (time_t)r->at };
	else {
		b.failed = (time_t)r->at;
		snprintf(b.reason, sizeof b.reason, "%s", text);
	}
	return backup_schedule_set(s, &b, e) && store_event_add(s, &ev, e) &&
	       (!r->ok || backup_state_note(s, (time_t)r->at, r->saw, e));
}

static void
ended(struct core *c, const struct backup_ran *r)
{
	struct ended end = { c, r };
	struct err e = { 0 };

	if (!r->ok)
		log_event(LOG_ERROR, "backup-failed reason=%s", log_quote(r->trouble));
	else
		log_event(LOG_INFO,
		    "backup-made file=%s bytes=%" PRIu64 " keys=%" PRIu32 " deleted=%" PRIu32,
		    log_quote(r->file), r->bytes, r->keys, r->deleted);
	if (r->ok && r->trouble.n > 0)
		log_event(LOG_WARNING, "backup-not-deleted reason=%s", log_quote(r->trouble));
	if (!store_change(cluster_store(c->cluster), ended_stored, &end, &e))
		log_event(LOG_ERROR, "backup-not-noted reason=\"%s\"", e.text);
}

static void
drop(struct core_backup *b, const char *why)
{
	const struct backup_ran lost = { .at = (uint64_t)core_now(),
		.trouble = span_str("the process that makes backups has ended") };

	log_event(LOG_WARNING, "backup-process-gone why=\"%s\"", why);
	chan_free(b->chan);
	b->chan = NULL;
	if (b->running)
		ended(b->core, &lost);
	b->running = false;
}

static void
process_gone(void *arg, const char *why)
{
	drop(arg, why);
}

static void
from_process(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct core_backup *b = arg;
	struct backup_ran ran;
	struct err e = { 0 };

	if (fd >= 0)
		close(fd);
	if (kind != CHAN_BACKUP_RAN || !b->running || !backup_ran_parse(payload, &ran, &e)) {
		drop(b, e.code != ERR_NONE ? e.text : "it answered what was not asked");
		return;
	}
	b->running = false;
	ended(b->core, &ran);
}

/* --- when --- */

static time_t
slot(const struct core *c, time_t now, time_t *next)
{
	unsigned at = cluster_conf(c->cluster)->backup_at;
	time_t last;

	core_renew_window(now, at, at, &last, next);
	return last;
}

time_t
core_backup_next(const struct core *c, time_t now)
{
	time_t next;

	slot(c, now, &next);
	return next;
}

static bool
is_due(const struct core *c, const struct backup_state *state, bool *due, struct err *e)
{
	struct backup_schedule b;
	time_t now = core_now(), next;

	if (!backup_schedule_get(cluster_store(c->cluster), &b, e))
		return false;
	*due =
	    backuprota_is_due(&(struct backuprota){ .slot = slot(c, now, &next),
				  .after_changes = cluster_conf(c->cluster)->backup_after_changes,
				  .made = b.made,
				  .failed = c->backup->at_once ? 0 : b.failed,
				  .behind = backup_state_is_alarm(state),
				  .keys_changed = state->keys_changed },
		now);
	return true;
}

/* A new cluster has a day's time, and so has a change. */
static void
warn(struct core_backup *b, const struct backup_state *state)
{
	time_t now = core_now();

	if (!backup_state_is_alarm(state) || now - state->keys_changed < DAY_S ||
	    (b->warned_at <= now && now - b->warned_at < DAY_S))
		return;
	b->warned_at = now;
	log_event(LOG_WARNING, "backup-behind text=\"no good backup has the keys as they are\"");
}

static void
begin(struct core_backup *b, struct err *e)
{
	b->running = chan_send(b->chan, CHAN_BACKUP_RUN, (struct span){ 0 }, -1, e);
	b->at_once = false;
}

void
core_backup_step(struct core *c)
{
	struct core_backup *b = c->backup;
	struct backup_state state;
	struct err e = { 0 };
	bool due = false;

	if (b->running)
		return;
	if (backup_state_get(cluster_store(c->cluster), &state, &e)) {
		warn(b, &state);
		if (b->chan == NULL || cluster_conf(c->cluster)->backup_folder[0] == '\0')
			return;
		if (is_due(c, &state, &due, &e) && due)
			begin(b, &e);
	}
	if (e.code != ERR_NONE)
		log_event(LOG_ERROR, "backup-step-failed reason=\"%s\"", e.text);
}

void
core_backup_reload(struct core *c)
{
	c->backup->at_once = true;
}

bool
core_backup_is_there(const struct core *c)
{
	return c->backup->chan != NULL;
}

struct core_backup *
core_backup_new(struct core *c)
{
	struct core_backup *b = mem_new(1, sizeof *b);

	b->core = c;
	return b;
}

void
core_backup_free(struct core_backup *b)
{
	if (b == NULL)
		return;
	chan_free(b->chan);
	free(b);
}

void
core_backup_process(struct core *c, int fd)
{
	struct core_backup *b = c->backup;

	if (b->chan != NULL)
		drop(b, "replaced");
	b->chan = chan_new(c->base, fd, from_process, process_gone, b);
}
