/*
 * core_files: what a phone that asks for a file is given (journey (a) of doc/architecture.md).
 */
#ifndef DAEMON_CORE_FILES_H
#define DAEMON_CORE_FILES_H

#include "daemon/core_source.h"

/* Answers ASK_FILE: judges the name, once. What is handed out and must be remembered first joins a
 * batch (core_batch.h), with payload, which is the question as it came. */
void core_files_ask(struct core_front *from, const struct ask *ask, struct span payload);

/* Answers for a phone's trust list, which is remembered as handed out before the answer leaves. */
void core_files_list(struct core_front *from, const struct ask *ask, const struct fname *name);

/* The same when it could not be stored. */
void core_files_fail(struct core_front *from, const struct ask *ask, const struct err *e);

/* The ends that a question for a file of the folder may come to; keep: the front may give the same
 * answer again until it is told otherwise. Broken: our own trouble, of which the phone is told
 * nothing. */
void core_files_send(
    struct core_front *to, uint32_t id, const struct filecache_copy *copy, bool keep);
void core_files_absent(
    struct core_front *to, uint32_t id, const struct core_wanted *wanted, bool keep);
void core_files_broken(struct core_front *to, uint32_t id);

/* Who is handed trust lists (the setting "serve-lists"): known phones, every phone that asks,
 * nobody. */
enum serve_lists { SERVE_LISTS_KNOWN, SERVE_LISTS_ALL, SERVE_LISTS_NONE };

const char *serve_lists_name(enum serve_lists s);
bool serve_lists_from_name(const char *name, enum serve_lists *out);
must_use bool core_files_serve_lists(struct core *c, enum serve_lists *out, struct err *e);

#endif
