/*
 * core_files: what a phone that asks for a file is given (journey (a) of doc/architecture.md).
 */
#ifndef DAEMON_CORE_FILES_H
#define DAEMON_CORE_FILES_H

#include "daemon/core.h"

/* Answers ASK_FILE. */
void core_files_ask(struct core_front *from, const struct ask *ask);

/* The same when what it needs could not be stored. */
void core_files_fail(struct core_front *from, const struct ask *ask, const struct err *e);

/* The name is that of a phone's trust list: what is handed out is remembered first. */
bool core_files_is_list(struct span name);

/* Who is handed trust lists (the setting "serve-lists"): known phones, every phone that asks,
 * nobody. */
enum serve_lists { SERVE_LISTS_KNOWN, SERVE_LISTS_ALL, SERVE_LISTS_NONE };

const char *serve_lists_name(enum serve_lists s);
bool serve_lists_from_name(const char *name, enum serve_lists *out);
must_use bool core_files_serve_lists(struct core *c, enum serve_lists *out, struct err *e);

#endif
