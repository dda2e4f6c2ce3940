/*
 * worker: a process beside core that does one kind of work for it, until core or main are gone.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include "base/err.h"
#include "daemon/options.h"

struct event_base;

/* To be called when the channel to core is lost. */
typedef void worker_gone(void *arg, const char *why);

/* Its part of the work. start takes over core's end of the channel, fd. */
struct worker_part {
	void *(*start)(
	    const void *plan, struct event_base *base, int fd, worker_gone *gone, void *arg);
	void (*stop)(void *part);
	const void *plan;
};

/* Tells main that it is ready and works until it is told to end. */
must_use bool worker_run(const struct options *o, const struct worker_part *part, struct err *e);

#endif
