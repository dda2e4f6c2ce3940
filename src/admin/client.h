/*
 * client: calls of the daemon's control API.
 */
#ifndef ADMIN_CLIENT_H
#define ADMIN_CLIENT_H

#include "admin/command.h"

#include <jansson.h>

/* Runs a command ("phone/add") in the daemon of in->dir. args is taken over. *result: a new
 * reference. Errors: those of the daemon; ERR_IO when none is running. */
must_use bool client_call(
    struct invocation *in, const char *command, json_t *args, json_t **result, struct err *e);

/* The same, whether the command line says plan or --force or not: for a look at something else. */
must_use bool client_ask(
    struct invocation *in, const char *command, json_t *args, json_t **result, struct err *e);

#endif
