#include "daemon/hookchild.h"

#include "base/mem.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define FIRST_FD     3
#define CANNOT_RUN   127 /* as shells have it */
#define VARIABLE_MAX (HOOKMSG_TEXT_MAX + 64)
#define PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* --- what it is given --- */

/* Of our own environment it gets these. */
static const char *const inherited[] = { "PATH", "HOME", "LANG", "LC_ALL", "TZ" };

/* Of the question, these. */
static const struct {
	enum hook_text text;
	const char *name;
} variables[] = {
	{ HOOK_NAME, "SEALTONE_PHONE" },
	{ HOOK_MODEL, "SEALTONE_MODEL" },
	{ HOOK_VERSION, "SEALTONE_CONFIG_VERSION" },
	{ HOOK_VERSION_NOW, "SEALTONE_CONFIG_VERSION_NOW" },
	{ HOOK_CLUSTER, "SEALTONE_CLUSTER" },
};

#define INHERITED (sizeof inherited / sizeof inherited[0])
#define VARIABLES (sizeof variables / sizeof variables[0])
#define ENV_MAX   (INHERITED + VARIABLES + 2)
#define ARGS      3

struct given {
	char *arg[ARGS + 2];
	char *env[ENV_MAX];
	size_t envs;
};

static void
add_variable(struct given *g, const char *name, struct span value)
{
	char text[VARIABLE_MAX];
	int n = snprintf(text, sizeof text, "%s=%.*s", name, (int)value.n,
	    value.n > 0 ? (const char *)value.p : "");

	if (n > 0 && n < VARIABLE_MAX)
		g->env[g->envs++] = mem_text(text, (size_t)n);
}

static void
given_fill(struct given *g, const char *program, const char *dir, const struct hook_run *r)
{
	*g = (struct given){ 0 };
	g->arg[0] = mem_text(program, strlen(program));
	for (int i = 0; i < ARGS; i++)
		g->arg[i + 1] = mem_text(r->text[i].p, r->text[i].n);
	for (size_t i = 0; i < INHERITED; i++) {
		const char *value = getenv(inherited[i]);

		if (value == NULL && i == 0)
			value = PATH_DEFAULT;
		if (value != NULL)
			add_variable(g, inherited[i], span_str(value));
	}
	for (size_t i = 0; i < VARIABLES; i++)
		add_variable(g, variables[i].name, r->text[variables[i].text]);
	add_variable(g, "SEALTONE_DIR", span_str(dir));
}

static void
given_free(struct given *g)
{
	for (int i = 0; i <= ARGS; i++)
		free(g->arg[i]);
	for (size_t i = 0; i < g->envs; i++)
		free(g->env[i]);
}

/* --- the child --- */

static void
default_signals(void)
{
	static const int ours[] = { SIGTERM, SIGCHLD, SIGINT, SIGHUP, SIGPIPE };
	sigset_t none;

	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		signal(ours[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void
become(const struct given *g, int output)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	default_signals();
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(output, STDERR_FILENO) < 0)
		_exit(CANNOT_RUN);
	close_range(FIRST_FD, ~0U, CLOSE_RANGE_CLOEXEC);
	execve(g->arg[0], g->arg, g->env);
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", g->arg[0], strerror(errno));
	_exit(CANNOT_RUN);
}

bool
hookchild_start(const char *program, const char *dir, const struct hook_run *r, pid_t *pid,
    int *output, struct err *e)
{
	struct given g;
	sigset_t all, before;
	int ends[2];

	*pid = 0;
	*output = -1;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_sys(e, "cannot make a pipe");
	given_fill(&g, program, dir, r);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	*pid = fork();
	if (*pid == 0)
		become(&g, ends[1]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	given_free(&g);
	close(ends[1]);
	if (*pid > 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0) {
		*output = ends[0];
		return true;
	}
	err_sys(e, "cannot start a process");
	close(ends[0]);
	if (*pid > 0)
		hookchild_signal(*pid, SIGKILL);
	return false;
}

void
hookchild_signal(pid_t pid, int signal_number)
{
	/* before it has its own session there is no such group */
	if (kill(-pid, signal_number) != 0)
		kill(pid, signal_number);
}

/* --- what it prints --- */

void
hookchild_tail_add(struct hookchild_tail *t, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n') {
			if (t->n > 0)
				memcpy(t->last, t->line, sizeof t->last);
			memset(t->line, 0, sizeof t->line);
			t->n = 0;
		} else if (t->n + 1 < sizeof t->line && (t->n > 0 || s.p[i] > ' ')) {
			t->line[t->n++] = (char)s.p[i];
		}
	}
}

char *
hookchild_tail_text(const struct hookchild_tail *t, char *out)
{
	const char *line = t->n > 0 ? t->line : t->last;
	size_t n = strlen(line);

	while (n > 0 && (uint8_t)line[n - 1] <= ' ')
		n--;
	if (!text_is_utf8(span_of(line, n)))
		return text_printable(span_of(line, n), out, HOOKCHILD_LINE_MAX);
	memcpy(out, line, n);
	out[n] = '\0';
	for (char *p = out; *p != '\0'; p++)
		if ((uint8_t)*p < ' ' || *p == '\x7f')
			*p = '?';
	return out;
}
