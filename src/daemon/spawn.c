#include "daemon/spawn.h"

#include "base/mem.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_FD  3
#define FD_MAX    (LISTEN_FDS_MAX + 2)
#define ARG_MAX_N (FD_MAX + 8)

/* What the child is handed, in the order of its descriptor numbers from FIRST_FD on. */
struct handover {
	int fd[FD_MAX];
	size_t fd_count;
	char *arg[ARG_MAX_N + 1];
	size_t arg_count;
};

static void
add_role(struct handover *h, enum role role)
{
	char text[64];

	snprintf(text, sizeof text, "--role=%s", role_name(role));
	h->arg[h->arg_count++] = mem_text(text, strlen(text));
}

static void
add_number(struct handover *h, const char *name, const char *suffix, long value)
{
	char text[64];

	snprintf(text, sizeof text, "--%s%s=%ld", name, suffix, value);
	h->arg[h->arg_count++] = mem_text(text, strlen(text));
}

static void
add_fd(struct handover *h, const char *name, int fd)
{
	if (fd < 0)
		return;
	add_number(h, name, "-fd", (long)(FIRST_FD + h->fd_count));
	h->fd[h->fd_count++] = fd;
}

static void
handover_fill(struct handover *h, const char *program, const struct options *o)
{
	*h = (struct handover){ 0 };
	h->arg[h->arg_count++] = mem_text(program, strlen(program));
	h->arg[h->arg_count++] = mem_text("--dir", 5);
	h->arg[h->arg_count++] = mem_text(o->dir, strlen(o->dir));
	add_role(h, o->role);
	add_number(h, "index", "", (long)o->index);
	add_fd(h, "main", o->main_fd);
	add_fd(h, "core", o->core_fd);
	for (size_t i = 0; i < o->sockets.count; i++)
		add_fd(
		    h, listen_service_name(o->sockets.socket[i].service), o->sockets.socket[i].fd);
}

static void
handover_free(struct handover *h)
{
	for (size_t i = 0; i < h->arg_count; i++)
		free(h->arg[i]);
}

/* Our handlers write into a pipe that the child still shares with us: it gets rid of them before it
 * takes a signal. Ctrl-C and a closed terminal reach the whole group; main says what is to be done.
 */
static void
reset_signals(void)
{
	sigset_t none;

	signal(SIGTERM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: moves the descriptors to their numbers and becomes the role. */
static _Noreturn void
become(const struct handover *h)
{
	int high[FD_MAX];

	reset_signals();
	for (size_t i = 0; i < h->fd_count; i++)
		if ((high[i] = fcntl(h->fd[i], F_DUPFD, FIRST_FD + FD_MAX)) < 0)
			_exit(127);
	for (size_t i = 0; i < h->fd_count; i++)
		if (dup2(high[i], FIRST_FD + (int)i) < 0)
			_exit(127);
	close_range(FIRST_FD + (unsigned)h->fd_count, ~0U, CLOSE_RANGE_CLOEXEC);
	execv("/proc/self/exe", h->arg);
	_exit(127);
}

bool
spawn_role(const char *program, const struct options *o, pid_t *pid, struct err *e)
{
	struct handover h;
	sigset_t all, before;
	bool ok;

	handover_fill(&h, program, o);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	*pid = fork();
	if (*pid == 0)
		become(&h);
	ok = *pid > 0 || err_sys(e, "cannot start a process");
	sigprocmask(SIG_SETMASK, &before, NULL);
	handover_free(&h);
	if (!ok)
		*pid = 0;
	return ok;
}
