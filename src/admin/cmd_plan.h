/*
 * cmd_plan: how a plan is shown: what a command that changes trust would come to for every phone.
 */
#ifndef ADMIN_CMD_PLAN_H
#define ADMIN_CMD_PLAN_H

#include "admin/command.h"

#include <jansson.h>

/* Prints it, and marks the call as planned. false, with one line, when phones would be cut off. */
bool plan_print(struct invocation *in, const json_t *plan, struct err *e);

#endif
