/*
 * resetargs: what a reset of phones is told on the command line, by phone reset and by the changes
 * that it follows (--reset).
 */
#ifndef ADMIN_RESETARGS_H
#define ADMIN_RESETARGS_H

#include "admin/command.h"

#include <jansson.h>
#include <stdio.h>

/* Puts --canary, --wave, --tolerance and --wait, as far as they are given, into the arguments of
 * phone/reset. */
must_use bool resetargs_pass(struct invocation *in, json_t *args, struct err *e);

/* Some of them are given. */
bool resetargs_are_given(const struct invocation *in);

/* What phone/reset has answered, in one line. */
void resetargs_print(const json_t *answer, FILE *out);

#endif
