#include "daemon/supervise.h"

#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"
#include "daemon/listen.h"
#include "daemon/rapool.h"
#include "daemon/spawn.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRONTS_MAX    64
#define KEEPERS_MAX   64
#define HELPERS_MAX   (KEEPERS_MAX + RAPOOL_PROCESSES + 2)
#define STOP_WAIT_S   10 /* fronts finish what runs; then core has as long */
#define RESTART_MIN_S 1  /* between two starts of everything */

struct supervisor;

struct child {
	struct supervisor *sup;
	enum role role;
	unsigned index;
	pid_t pid; /* 0: not running */
	struct chan *chan;
	bool ready;
};

struct supervisor {
	const char *program;
	const struct conf *conf;
	struct event_base *base;
	struct event *on_term, *on_int, *on_hup, *on_child, *restart, *stop_deadline;
	struct child core;
	struct child front[FRONTS_MAX];
	struct child
	    helper[HELPERS_MAX]; /* keepers, RA, hook and backup process: they end with core */
	size_t fronts, helpers, keepers;
	struct listen_share shares[FRONTS_MAX];
	bool announced; /* "ready" was printed */
	bool reload;    /* SIGHUP came before core could take it */
	bool stopping, failed;
	bool late; /* the fronts had their time to stop */
};

static void core_is_ready(struct supervisor *s);

static bool
all_ready(const struct child *children, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!children[i].ready)
			return false;
	return true;
}

static bool
all_ended(const struct child *children, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (children[i].pid != 0)
			return false;
	return true;
}

static void
announce_when_ready(struct supervisor *s)
{
	if (s->announced || !s->core.ready || !all_ready(s->front, s->fronts) ||
	    !all_ready(s->helper, s->helpers))
		return;
	s->announced = true;
	log_event(LOG_INFO, "ready fronts=%zu keepers=%zu", s->fronts, s->keepers);
	puts("ready");
	fflush(stdout);
}

static void
child_message(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct child *c = arg;

	(void)payload;
	if (fd >= 0)
		close(fd);
	if (kind != CHAN_READY || c->ready || c->sup->stopping)
		return;
	c->ready = true;
	if (c->role == ROLE_CORE)
		core_is_ready(c->sup);
	announce_when_ready(c->sup);
}

/* The exit of the process tells the same a moment later. */
static void
child_closed(void *arg, const char *why)
{
	struct child *c = arg;

	log_event(LOG_DEBUG, "child-channel role=%s index=%u closed=%s", role_name(c->role),
	    c->index, why);
}

static bool
start_child(struct child *c, struct options *o, struct err *e)
{
	int pair[2];

	if (!chan_pair(pair, e))
		return false;
	o->dir = c->sup->conf->dir;
	o->role = c->role;
	o->index = c->index;
	o->main_fd = pair[1];
	c->ready = false;
	if (!spawn_role(c->sup->program, o, &c->pid, e)) {
		close(pair[0]);
		close(pair[1]);
		return false;
	}
	close(pair[1]);
	c->chan = chan_new(c->sup->base, pair[0], child_message, child_closed, c);
	return true;
}

/* A child with a channel to core. */
static bool
start_beside_core(struct child *c, struct options *o, enum chan_kind kind, struct err *e)
{
	const uint8_t index = (uint8_t)c->index;
	int pair[2];
	bool ok;

	if (!chan_pair(pair, e))
		return false;
	o->core_fd = pair[1];
	ok = start_child(c, o, e) &&
	     chan_send(c->sup->core.chan, kind, span_of(&index, 1), pair[0], e);
	close(pair[0]);
	close(pair[1]);
	return ok;
}

static bool
start_front(struct child *c, struct err *e)
{
	struct options o = { .sockets = c->sup->shares[c->index] };

	return start_beside_core(c, &o, CHAN_FRONT, e);
}

static bool
start_helper(struct child *c, struct err *e)
{
	static const enum chan_kind kind_of[] = {
		[ROLE_KEEPER] = CHAN_KEEPER,
		[ROLE_RA] = CHAN_RA,
		[ROLE_HOOK] = CHAN_HOOK,
		[ROLE_BACKUP] = CHAN_BACKUP,
	};
	struct options o = { 0 };

	return start_beside_core(c, &o, kind_of[c->role], e);
}

static void
signal_child(const struct child *c, int signal_number)
{
	if (c->pid > 0)
		kill(c->pid, signal_number);
}

/* Fronts drain first; core follows when the last of them is gone, and its helpers end without it.
 */
static void
stop_step(struct supervisor *s)
{
	if (!all_ended(s->front, s->fronts))
		return;
	signal_child(&s->core, SIGTERM);
	if (s->core.pid == 0 && all_ended(s->helper, s->helpers))
		event_base_loopbreak(s->base);
}

static void
stop(struct supervisor *s)
{
	const struct timeval wait = { STOP_WAIT_S, 0 };

	if (s->stopping)
		return;
	s->stopping = true;
	event_add(s->stop_deadline, &wait);
	for (size_t i = 0; i < s->fronts; i++)
		if (s->front[i].pid != 0 &&
		    !chan_send(s->front[i].chan, CHAN_DRAIN, (struct span){ 0 }, -1, NULL))
			signal_child(&s->front[i], SIGTERM);
	stop_step(s);
}

/* Before everything has served once a failure ends us; later it is tried again. */
static void
cannot_start(struct supervisor *s, const struct err *e)
{
	const struct timeval pause = { RESTART_MIN_S, 0 };

	if (s->announced) {
		log_event(LOG_ERROR, "start-failed reason=\"%s\"", e->text);
		event_add(s->restart, &pause);
		return;
	}
	fprintf(stderr, "sealtoned: %s\n", e->text);
	s->failed = true;
	stop(s);
}

static void
start_fronts(struct supervisor *s)
{
	struct err e = { 0 };

	for (size_t i = 0; i < s->fronts && !s->stopping; i++)
		if (s->front[i].pid == 0 && !start_front(&s->front[i], &e))
			cannot_start(s, &e);
}

static void
start_helpers(struct supervisor *s)
{
	struct err e = { 0 };

	for (size_t i = 0; i < s->helpers && !s->stopping; i++)
		if (s->helper[i].pid == 0 && !start_helper(&s->helper[i], &e))
			cannot_start(s, &e);
}

static void
core_is_ready(struct supervisor *s)
{
	if (s->reload)
		signal_child(&s->core, SIGHUP);
	s->reload = false;
	start_helpers(s);
	start_fronts(s);
}

static bool
start_core(struct supervisor *s, struct err *e)
{
	struct options o = { .core_fd = -1 };

	return start_child(&s->core, &o, e);
}

static void
begin_stop(evutil_socket_t signal_number, short what, void *arg)
{
	struct supervisor *s = arg;

	(void)what;
	if (!s->stopping)
		log_event(LOG_INFO, "stopping signal=%d", (int)signal_number);
	stop(s);
}

static void
stop_is_late(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval wait = { STOP_WAIT_S, 0 };
	struct supervisor *s = arg;

	(void)fd;
	(void)what;
	log_event(
	    LOG_WARNING, "stop-late role=%s seconds=%d", s->late ? "core" : "front", STOP_WAIT_S);
	if (s->late) {
		signal_child(&s->core, SIGKILL);
		for (size_t i = 0; i < s->helpers; i++)
			signal_child(&s->helper[i], SIGKILL);
	}
	for (size_t i = 0; i < s->fronts; i++)
		signal_child(&s->front[i], SIGKILL);
	s->late = true;
	event_add(s->stop_deadline, &wait);
}

static void
reload(evutil_socket_t signal_number, short what, void *arg)
{
	struct supervisor *s = arg;

	(void)signal_number;
	(void)what;
	if (s->core.ready)
		signal_child(&s->core, SIGHUP);
	else
		s->reload = true;
}

static struct child *
child_of(struct supervisor *s, pid_t pid)
{
	if (s->core.pid == pid)
		return &s->core;
	for (size_t i = 0; i < s->fronts; i++)
		if (s->front[i].pid == pid)
			return &s->front[i];
	for (size_t i = 0; i < s->helpers; i++)
		if (s->helper[i].pid == pid)
			return &s->helper[i];
	return NULL;
}

/* A child that fails says why itself and ends with EXIT_FAILURE; any other end is news. */
static void
log_end(const struct child *c, int status)
{
	if (!c->sup->announced && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE)
		return;
	log_event(LOG_ERROR, "child-ended role=%s index=%u status=%d signal=%d", role_name(c->role),
	    c->index, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
	    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* Without core the fronts and helpers have nobody to talk to: they end too, and everything starts
 * again. */
static void
child_ended(struct supervisor *s, struct child *c, int status)
{
	const struct timeval pause = { RESTART_MIN_S, 0 };

	c->pid = 0;
	c->ready = false;
	chan_free(c->chan);
	c->chan = NULL;
	if (s->stopping) {
		stop_step(s);
		return;
	}
	log_end(c, status);
	if (!s->announced) {
		s->failed = true;
		stop(s);
		return;
	}
	if (c->role == ROLE_CORE)
		for (size_t i = 0; i < s->fronts; i++)
			signal_child(&s->front[i], SIGTERM);
	event_add(s->restart, &pause);
}

static void
reap(evutil_socket_t signal_number, short what, void *arg)
{
	struct supervisor *s = arg;
	int status;
	pid_t pid;

	(void)signal_number;
	(void)what;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *c = child_of(s, pid);

		if (c != NULL)
			child_ended(s, c, status);
	}
}

static void
restart_ended(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *s = arg;
	struct err e = { 0 };

	(void)fd;
	(void)what;
	if (s->stopping)
		return;
	if (s->core.pid == 0) {
		if (!start_core(s, &e))
			cannot_start(s, &e);
	} else if (s->core.ready) {
		start_helpers(s);
		start_fronts(s);
	}
}

static bool
make_events(struct supervisor *s, struct err *e)
{
	s->base = event_base_new();
	if (s->base == NULL)
		return err_set(e, ERR_IO, "cannot make an event loop");
	s->on_term = evsignal_new(s->base, SIGTERM, begin_stop, s);
	s->on_int = evsignal_new(s->base, SIGINT, begin_stop, s);
	s->on_hup = evsignal_new(s->base, SIGHUP, reload, s);
	s->on_child = evsignal_new(s->base, SIGCHLD, reap, s);
	s->restart = evtimer_new(s->base, restart_ended, s);
	s->stop_deadline = evtimer_new(s->base, stop_is_late, s);
	event_add(s->on_term, NULL);
	event_add(s->on_int, NULL);
	event_add(s->on_hup, NULL);
	event_add(s->on_child, NULL);
	return true;
}

static void
end_all(struct supervisor *s)
{
	struct event *events[] = { s->on_term, s->on_int, s->on_hup, s->on_child, s->restart,
		s->stop_deadline };

	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (s->base != NULL)
		event_base_free(s->base);
	listen_close(s->shares, s->fronts);
}

/* 0: one per processor. */
static size_t
process_count(unsigned setting, size_t max)
{
	long n = setting > 0 ? (long)setting : sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 1)
		return 1;
	return (size_t)n > max ? max : (size_t)n;
}

static struct supervisor *
supervisor_new(const char *program, const struct conf *conf)
{
	struct supervisor *s = mem_new(1, sizeof *s);

	s->program = program;
	s->conf = conf;
	s->core = (struct child){ .sup = s, .role = ROLE_CORE };
	for (unsigned i = 0; i < FRONTS_MAX; i++)
		s->front[i] = (struct child){ .sup = s, .role = ROLE_FRONT, .index = i };
	return s;
}

static void
add_helpers(struct supervisor *s, enum role role, size_t count)
{
	for (unsigned i = 0; i < count; i++)
		s->helper[s->helpers++] = (struct child){ .sup = s, .role = role, .index = i };
}

bool
supervise_run(const char *program, const struct conf *conf, struct err *e)
{
	const size_t fronts = process_count(conf->workers, FRONTS_MAX);
	struct supervisor *s = supervisor_new(program, conf);
	bool ok = listen_open(conf, s->shares, fronts, e);

	if (ok) {
		s->fronts = fronts;
		s->keepers = process_count(conf->keepers, KEEPERS_MAX);
		add_helpers(s, ROLE_KEEPER, s->keepers);
		if (conf->lsc_issuer == CONF_ISSUER_ONLINE)
			add_helpers(s, ROLE_RA, RAPOOL_PROCESSES);
		if (conf->reset_hook[0] != '\0')
			add_helpers(s, ROLE_HOOK, 1);
		if (conf->backup_folder[0] != '\0')
			add_helpers(s, ROLE_BACKUP, 1);
		ok = make_events(s, e) && start_core(s, e);
	}
	if (ok) {
		event_base_dispatch(s->base);
		ok = !s->failed;
	}
	end_all(s);
	free(s);
	return ok;
}
