/*
 * command_plan: what commands that plan share.
 */
#ifndef DAEMON_COMMAND_PLAN_H
#define DAEMON_COMMAND_PLAN_H

#include <jansson.h>

/* Appends "sealtone COMMAND OBJECT" and the wait for phones behind it; command as in the table of
 * commands, with '/' or blanks. object may be "". */
void command_plan_step(json_t *steps, const char *command, const char *object);

#endif
