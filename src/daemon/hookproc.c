#include "daemon/hookproc.h"

#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"
#include "cluster/conf.h"
#include "daemon/hookchild.h"
#include "daemon/logline.h"
#include "daemon/sandbox.h"
#include "daemon/worker.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK   4096
#define GRACE_S 5 /* from SIGTERM to SIGKILL: a hook may have a port to bring up again */

struct hookproc;

struct run {
	struct hookproc *proc;
	uint32_t id;
	pid_t pid; /* 0: this place is free */
	int fd;
	struct event *output, *limit;
	struct hookchild_tail tail;
	bool late;
};

struct hookproc {
	const struct conf *conf;
	struct event_base *base;
	struct event *child;
	struct chan *core;
	worker_gone *gone;
	void *arg;
	struct run run[HOOKPROC_RUNS_MAX];
	struct wr out; /* reused for every answer */
};

static void
answer(struct hookproc *h, const struct hook_ran *ran)
{
	struct err e = { 0 };

	wr_reset(&h->out);
	if (!hook_ran_encode(ran, &h->out, &e) ||
	    !chan_send(h->core, CHAN_HOOK_RAN, wr_view(&h->out), -1, &e))
		log_event(LOG_ERROR, "hook-answer-lost reason=\"%s\"", e.text);
}

static void
answer_not_run(struct hookproc *h, uint32_t id, const char *why)
{
	const struct hook_ran ran = { .id = id, .outcome = HOOK_NOT_RUN, .text = span_str(why) };

	answer(h, &ran);
}

/* Takes what is there; the end of the pipe is no end of the run, nor the other way round. */
static void
take_output(struct run *r)
{
	char chunk[CHUNK];
	ssize_t n;

	while ((n = read(r->fd, chunk, sizeof chunk)) > 0)
		hookchild_tail_add(&r->tail, span_of(chunk, (size_t)n));
	if (n == 0)
		event_del(r->output);
}

static void
on_output(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	take_output(arg);
}

static void
on_limit(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval grace = { GRACE_S, 0 };
	struct run *r = arg;

	(void)fd, (void)what;
	hookchild_signal(r->pid, r->late ? SIGKILL : SIGTERM);
	r->late = true;
	event_add(r->limit, &grace);
}

static void
run_free(struct run *r)
{
	event_free(r->output);
	event_free(r->limit);
	close(r->fd);
	*r = (struct run){ .proc = r->proc };
}

static void
run_ended(struct run *r, int status)
{
	char text[HOOKCHILD_LINE_MAX];
	struct hook_ran ran = { .id = r->id };

	take_output(r);
	if (r->late) {
		ran.outcome = HOOK_TIMED_OUT;
	} else if (WIFEXITED(status)) {
		ran.outcome = HOOK_EXITED;
		ran.status = (uint32_t)WEXITSTATUS(status);
	} else {
		ran.outcome = HOOK_KILLED;
		ran.status = (uint32_t)WTERMSIG(status);
	}
	ran.text = span_str(hookchild_tail_text(&r->tail, text));
	answer(r->proc, &ran);
	run_free(r);
}

static void
on_child(evutil_socket_t fd, short what, void *arg)
{
	struct hookproc *h = arg;
	int status;

	(void)fd, (void)what;
	for (size_t i = 0; i < HOOKPROC_RUNS_MAX; i++)
		if (h->run[i].pid > 0 && waitpid(h->run[i].pid, &status, WNOHANG) > 0)
			run_ended(&h->run[i], status);
}

static struct run *
free_run(struct hookproc *h)
{
	for (size_t i = 0; i < HOOKPROC_RUNS_MAX; i++)
		if (h->run[i].pid == 0)
			return &h->run[i];
	return NULL;
}

static void
start_run(struct hookproc *h, const struct hook_run *ask)
{
	const struct timeval limit = { ask->timeout_s, 0 };
	struct run *r = free_run(h);
	struct err e = { 0 };

	if (r == NULL) {
		answer_not_run(h, ask->id, "too many hooks run already");
		return;
	}
	if (!hookchild_start(h->conf->reset_hook, h->conf->dir, ask, &r->pid, &r->fd, &e)) {
		r->pid = 0;
		answer_not_run(h, ask->id, e.text);
		return;
	}
	r->id = ask->id;
	r->output = event_new(h->base, r->fd, EV_READ | EV_PERSIST, on_output, r);
	r->limit = evtimer_new(h->base, on_limit, r);
	event_add(r->output, NULL);
	event_add(r->limit, &limit);
}

static void
from_core(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct hookproc *h = arg;
	struct hook_run ask;
	struct err e = { 0 };

	if (fd >= 0)
		close(fd);
	if (kind != CHAN_HOOK_RUN)
		log_event(LOG_ERROR, "hook-asked-otherwise kind=%d", (int)kind);
	else if (!hook_run_parse(payload, &ask, &e))
		log_event(LOG_ERROR, "hook-malformed reason=\"%s\"", e.text);
	else
		start_run(h, &ask);
}

static void
core_gone(void *arg, const char *why)
{
	struct hookproc *h = arg;

	h->gone(h->arg, why);
}

static void *
start(const void *plan, struct event_base *base, int fd, worker_gone *gone, void *arg)
{
	struct hookproc *h = mem_new(1, sizeof *h);

	*h = (struct hookproc){
		.conf = plan, .base = base, .gone = gone, .arg = arg, .out = wr_new(HOOKMSG_MAX)
	};
	for (size_t i = 0; i < HOOKPROC_RUNS_MAX; i++)
		h->run[i].proc = h;
	h->child = evsignal_new(base, SIGCHLD, on_child, h);
	event_add(h->child, NULL);
	h->core = chan_new(base, fd, from_core, core_gone, h);
	return h;
}

static void
stop(void *part)
{
	struct hookproc *h = part;

	for (size_t i = 0; i < HOOKPROC_RUNS_MAX; i++)
		if (h->run[i].pid > 0) {
			hookchild_signal(h->run[i].pid, SIGTERM);
			run_free(&h->run[i]);
		}
	chan_free(h->core);
	event_free(h->child);
	wr_free(&h->out);
	free(h);
}

bool
hookproc_run(const struct options *o, struct err *e)
{
	struct conf conf;
	const struct worker_part part = { start, stop, &conf };

	logline_open("hook", LOG_INFO);
	if (!conf_read(o->dir, &conf, e) || !sandbox_hook(conf.reset_user, e))
		return false;
	logline_open("hook", conf.log_level);
	if (access(conf.reset_hook, X_OK) != 0)
		log_event(LOG_WARNING, "hook-cannot-be-run path=%s reason=\"%m\"",
		    log_quote(span_str(conf.reset_hook)));
	return worker_run(o, &part, e);
}
