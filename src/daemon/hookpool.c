#include "daemon/hookpool.h"

#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"
#include "daemon/hookproc.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* One that runs. */
struct running {
	uint32_t id; /* 0: this place is free */
	int64_t job;
	char device[DEVICE_NAME_MAX];
};

struct hookpool {
	struct event_base *base;
	struct chan *chan; /* NULL: no such process now */
	struct running running[HOOKPROC_RUNS_MAX];
	hookpool_done *done;
	void *arg;
	uint32_t last_id;
};

static void
finish(struct hookpool *p, struct running *r, const struct hook_ran *answer)
{
	const struct running was = *r;

	*r = (struct running){ 0 };
	p->done(p->arg, was.job, was.device, answer);
}

static void
drop(struct hookpool *p, const char *why)
{
	log_event(LOG_WARNING, "hook-gone why=\"%s\"", why);
	chan_free(p->chan);
	p->chan = NULL;
	for (size_t i = 0; i < HOOKPROC_RUNS_MAX; i++)
		if (p->running[i].id != 0)
			finish(p, &p->running[i], NULL);
}

static void
process_gone(void *arg, const char *why)
{
	drop(arg, why);
}

static struct running *
find(struct hookpool *p, uint32_t id)
{
	for (size_t i = 0; i < HOOKPROC_RUNS_MAX; i++)
		if (p->running[i].id == id)
			return &p->running[i];
	return NULL;
}

static void
from_process(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct hookpool *p = arg;
	struct hook_ran answer;
	struct running *r;
	struct err e = { 0 };

	if (fd >= 0)
		close(fd);
	if (kind != CHAN_HOOK_RAN || !hook_ran_parse(payload, &answer, &e) || answer.id == 0 ||
	    (r = find(p, answer.id)) == NULL)
		drop(p, e.code != ERR_NONE ? e.text : "it answered what was not asked");
	else
		finish(p, r, &answer);
}

struct hookpool *
hookpool_new(struct event_base *base, hookpool_done *done, void *arg)
{
	struct hookpool *p = mem_new(1, sizeof *p);

	*p = (struct hookpool){ .base = base, .done = done, .arg = arg };
	return p;
}

void
hookpool_free(struct hookpool *p)
{
	if (p == NULL)
		return;
	chan_free(p->chan);
	free(p);
}

void
hookpool_process(struct hookpool *p, int fd)
{
	if (p->chan != NULL)
		drop(p, "replaced");
	p->chan = chan_new(p->base, fd, from_process, process_gone, p);
}

bool
hookpool_is_there(const struct hookpool *p)
{
	return p->chan != NULL;
}

size_t
hookpool_room(const struct hookpool *p, size_t at_once)
{
	size_t runs = 0;

	if (p->chan == NULL)
		return 0;
	for (size_t i = 0; i < HOOKPROC_RUNS_MAX; i++)
		runs += p->running[i].id != 0;
	at_once = at_once < HOOKPROC_RUNS_MAX ? at_once : HOOKPROC_RUNS_MAX;
	return runs < at_once ? at_once - runs : 0;
}

bool
hookpool_has(const struct hookpool *p, const char *device)
{
	for (size_t i = 0; i < HOOKPROC_RUNS_MAX; i++)
		if (p->running[i].id != 0 && strcmp(p->running[i].device, device) == 0)
			return true;
	return false;
}

bool
hookpool_ask(struct hookpool *p, int64_t job, const struct hook_run *ask, struct err *e)
{
	struct running *r = find(p, 0);
	struct wr w = wr_new(HOOKMSG_MAX);
	struct hook_run numbered = *ask;
	bool ok;

	numbered.id = p->last_id + 1 != 0 ? p->last_id + 1 : 1;
	if (p->chan == NULL || r == NULL)
		ok = err_set(e, ERR_UNKNOWN, "no process can run a hook now");
	else
		ok = hook_run_encode(&numbered, &w, e) &&
		     chan_send(p->chan, CHAN_HOOK_RUN, wr_view(&w), -1, e);
	wr_free(&w);
	if (!ok)
		return false;
	p->last_id = numbered.id;
	r->id = numbered.id;
	r->job = job;
	snprintf(r->device, sizeof r->device, "%.*s", (int)ask->text[HOOK_NAME].n,
	    (const char *)ask->text[HOOK_NAME].p);
	return true;
}
