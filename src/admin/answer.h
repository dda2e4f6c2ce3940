/*
 * answer: a command of the control API, called and its result printed.
 */
#ifndef ADMIN_ANSWER_H
#define ADMIN_ANSWER_H

#include "admin/client.h"
#include "admin/output.h"

/* args as in client_call, which takes them over. With --json the result as it is; else an array as
 * a table, an object as "key: value" lines, or nothing. */
must_use bool answer_table(struct invocation *in, const char *command, json_t *args,
    const struct output_column *columns, struct err *e);
must_use bool answer_fields(struct invocation *in, const char *command, json_t *args,
    const char *const *keys, struct err *e);
must_use bool answer_quiet(struct invocation *in, const char *command, json_t *args, struct err *e);

/* Arguments with the command line's only word, when there is one. A new reference. */
json_t *answer_word(const struct invocation *in, const char *name);

#endif
