/*
 * control: the control API, JSON over HTTP on the UNIX socket DIR/control.sock.
 *
 * POST /v1/<command>, the words joined by '/', with an object of arguments; the answer is
 * {"ok":true,"result":...} or
 * {"ok":false,"error":{"code":...,"text":...}}. One table of commands (commands.c) serves the
 * command line and later the page. The socket is mode 0600: who may open it may do everything.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "base/err.h"

struct core;
struct control;

/* Errors: ERR_IO, when the socket cannot be made. */
must_use struct control *control_open(struct core *c, struct err *e);
void control_close(struct control *c); /* safe with NULL; removes the socket */

#endif
