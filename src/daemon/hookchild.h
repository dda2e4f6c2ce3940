/*
 * hookchild: one run of the reset hook, as a child process in a session of its own.
 */
#ifndef DAEMON_HOOKCHILD_H
#define DAEMON_HOOKCHILD_H

#include "wire/hookmsg.h"

#include <sys/types.h>

#define HOOKCHILD_LINE_MAX 240 /* of what it prints, with the NUL */

/* Starts program with name, address and kind as arguments, the rest of the question and dir (the
 * cluster's folder) in its environment, and nothing else of ours: doc/guide/reset.md. *output gets
 * what it prints on either stream; the caller's to close, non-blocking. A program that cannot be
 * run says so there and ends with status 127. Errors: ERR_IO. */
must_use bool hookchild_start(const char *program, const char *dir, const struct hook_run *r,
    pid_t *pid, int *output, struct err *e);

/* Sends a signal to it and to what it has started. */
void hookchild_signal(pid_t pid, int signal_number);

/* The last line of what is printed that is not empty; starts zeroed. */
struct hookchild_tail {
	char line[HOOKCHILD_LINE_MAX], last[HOOKCHILD_LINE_MAX];
	size_t n; /* of line */
};
void hookchild_tail_add(struct hookchild_tail *t, struct span s);

/* That line, as UTF-8 without control characters, cut to fit; "" when there was none. out holds
 * HOOKCHILD_LINE_MAX. Returns out. */
char *hookchild_tail_text(const struct hookchild_tail *t, char *out);

#endif
