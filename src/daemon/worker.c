#include "daemon/worker.h"

#include "base/log.h"
#include "chan/chan.h"

#include <event2/event.h>
#include <signal.h>
#include <unistd.h>

static void
end(void *arg, const char *why)
{
	log_event(LOG_DEBUG, "worker-ends why=\"%s\"", why);
	event_base_loopbreak(arg);
}

static void
from_main(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	(void)arg, (void)kind, (void)payload;
	if (fd >= 0)
		close(fd);
}

static void
on_term(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	end(arg, "terminated");
}

bool
worker_run(const struct options *o, const struct worker_part *part, struct err *e)
{
	struct event_base *base = event_base_new();
	struct event *term = base != NULL ? evsignal_new(base, SIGTERM, on_term, base) : NULL;
	struct chan *main;
	void *work;
	bool ok;

	if (term == NULL) {
		if (base != NULL)
			event_base_free(base);
		return err_set(e, ERR_IO, "cannot make an event loop");
	}
	event_add(term, NULL);
	main = chan_new(base, o->main_fd, from_main, end, base);
	work = part->start(part->plan, base, o->core_fd, end, base);
	ok = chan_send(main, CHAN_READY, (struct span){ 0 }, -1, e);
	if (ok)
		event_base_dispatch(base);
	part->stop(work);
	chan_free(main);
	event_free(term);
	event_base_free(base);
	return ok;
}
