/*
 * command_plan: what commands that plan share.
 */
#ifndef DAEMON_COMMAND_PLAN_H
#define DAEMON_COMMAND_PLAN_H

#include "daemon/core.h"

#include <jansson.h>

/* Appends "sealtone COMMAND OBJECT" and the wait for phones behind it. object may be "". */
void command_plan_step(json_t *steps, const char *command, const char *object);

/* Adds to the plan of trust/remove whose LSCs would count no more, who are cut off as well, and
 * the steps that keep them. */
must_use bool command_plan_trust(
    struct core *c, const json_t *args, json_t *plan, struct err *e); /* command_plan_trust.c */

#endif
