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

/* Puts an option, when it is given, into the arguments under the same name; what JSON cannot carry
 * must not be left out silently. */
must_use bool answer_pass(json_t *args, const char *option, const char *value, struct err *e);

/* All values of an option that may be repeated, as an array. NULL: one is not UTF-8. */
json_t *answer_all(const struct invocation *in, const char *option, struct err *e);

/* The options given as an object of names and texts; a --value KEY=VALUE as "value.KEY", the
 * certificate in the file of --mic as PEM. NULL: *e says why. A new reference. */
json_t *answer_settings(struct invocation *in, struct err *e);

#endif
