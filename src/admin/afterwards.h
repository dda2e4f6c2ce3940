/*
 * afterwards: the reset of phones that follows a change (--reset of every command that can be
 * planned): checked before it, begun after it, and counted in its plan.
 */
#ifndef ADMIN_AFTERWARDS_H
#define ADMIN_AFTERWARDS_H

#include "admin/command.h"

#include <jansson.h>

/* Before the command: nothing is changed when the reset could not be begun. True without --reset.
 */
must_use bool afterwards_check(struct invocation *in, const struct command *command, struct err *e);

/* After it: begins the reset, and says so; with --json on standard error. */
must_use bool afterwards_begin(struct invocation *in, const struct command *command, struct err *e);

/* Puts "resets" into the answer of a plan: phones, waves, first_wave of the reset; again and
 * again_waves of those that take a bridge, and are reset once more; resets, all of them; hook. */
must_use bool afterwards_plan(struct invocation *in, json_t *plan, struct err *e);

/* The same for people. */
void afterwards_print(const json_t *plan);

#endif
