#include "daemon/backupproc.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "chan/chan.h"
#include "cluster/backup_rotate.h"
#include "daemon/logline.h"
#include "daemon/sandbox.h"
#include "daemon/worker.h"
#include "wire/backupmsg.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NICE 10 /* phones come first */

struct backupproc {
	const char *dir;
	struct chan *core;
	worker_gone *gone;
	void *arg;
};

static void
answer(struct backupproc *b, const struct backup_ran *ran)
{
	struct wr w = wr_new(BACKUPMSG_MAX);
	struct err e = { 0 };

	if (!backup_ran_encode(ran, &w, &e) ||
	    !chan_send(b->core, CHAN_BACKUP_RAN, wr_view(&w), -1, &e))
		log_event(LOG_ERROR, "backup-answer-lost reason=\"%s\"", e.text);
	wr_free(&w);
}

static void
make(struct backupproc *b)
{
	struct backup_rotation *r = mem_new(1, sizeof *r);
	char text[ERR_TEXT_MAX];
	const time_t now = time(NULL);
	struct backup_ran ran = { .at = (uint64_t)now };
	struct err e = { 0 };

	ran.ok = backup_rotate(b->dir, now, r, &e);
	if (ran.ok) {
		ran.saw = r->info.saw;
		ran.bytes = r->info.bytes;
		ran.keys = (uint32_t)r->info.keys;
		ran.deleted = (uint32_t)r->deleted;
		ran.file = span_str(r->file);
	}
	ran.trouble =
	    span_str(text_printable(span_str(ran.ok ? r->stays : e.text), text, sizeof text));
	answer(b, &ran);
	free(r);
}

static void
from_core(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	if (fd >= 0)
		close(fd);
	if (kind == CHAN_BACKUP_RUN && payload.n == 0)
		make(arg);
	else
		log_event(LOG_ERROR, "backup-asked-otherwise kind=%d", (int)kind);
}

static void
core_gone(void *arg, const char *why)
{
	struct backupproc *b = arg;

	b->gone(b->arg, why);
}

static void *
start(const void *plan, struct event_base *base, int fd, worker_gone *gone, void *arg)
{
	struct backupproc *b = mem_new(1, sizeof *b);

	*b = (struct backupproc){ .dir = plan, .gone = gone, .arg = arg };
	b->core = chan_new(base, fd, from_core, core_gone, b);
	return b;
}

static void
stop(void *part)
{
	struct backupproc *b = part;

	chan_free(b->core);
	free(b);
}

bool
backupproc_run(const struct options *o, struct err *e)
{
	struct conf conf;
	const struct worker_part part = { start, stop, conf.dir };

	logline_open("backup", LOG_INFO);
	if (!conf_read(o->dir, &conf, e) || !sandbox_keeper(NICE, e))
		return false;
	logline_open("backup", conf.log_level);
	return worker_run(o, &part, e);
}
