/*
 * front_files: from a request, over TFTP or HTTP, to its answer: what the front keeps, or core.
 *
 * Whoever asks for the same name while core is asked waits for the same answer. Before anybody is
 * answered from what is kept, front_files_hear finds out what has become old: decision 0007. What
 * core says is elsewhere is asked for there (front_remote.h).
 */
#ifndef DAEMON_FRONT_FILES_H
#define DAEMON_FRONT_FILES_H

#include "daemon/frontcache.h"
#include "wire/frontmsg.h"

struct event_base;
struct front_files;
struct front_asker; /* somebody who waits for an answer */

struct front_files_config {
	uint64_t cache_bytes; /* of answers; and as much again of what other clusters answer */
	uint64_t file_max;    /* of a file of another cluster */
	/* Puts a question to core; false when it cannot be put. */
	bool (*ask)(void *arg, const struct ask *ask);
	/* Takes what core has sent already: front_files_answer, _forget and _folder. */
	void (*poll)(void *arg);
	/* A CHAN_SERVED message for core. */
	void (*served)(void *arg, struct span message);
	void *arg;
};

struct front_files *front_files_new(
    struct event_base *base, const struct front_files_config *config);
void front_files_free(struct front_files *f); /* safe with NULL; who waits is not told */

/* To be called before a batch of requests. */
void front_files_hear(struct front_files *f);

/* A request. done is called once, from inside front_files_get or later; copy is a loan for the
 * call. */
struct front_wish {
	enum ask_via via;
	bool passed_on;         /* by another cluster: it is not looked for elsewhere again */
	struct span peer, name; /* copied */
	void (*done)(void *arg, uint32_t id, const struct frontcopy *copy);
	void *arg;
	uint32_t id;
};

/* Who waits, until done is called or front_files_cancel; NULL: done was called already. */
struct front_asker *front_files_get(struct front_files *f, const struct front_wish *wish);
void front_files_cancel(struct front_asker *a);

/* What core says. fd stays the caller's, except a folder's (-1: none). */
void front_files_answer(struct front_files *f, const struct answer *a, int fd);
void front_files_forget(struct front_files *f, const struct front_forget *forget);
void front_files_folder(struct front_files *f, const struct front_folder *folder, int fd);

/* How a TFTP transfer of what was answered ended; a whole file over HTTP is told when it is
 * answered. */
void front_files_ended(
    struct front_files *f, bool ok, struct span peer, struct span name, struct span text);
void front_files_served(
    struct front_files *f, struct span peer, struct span name, struct span version);

struct frontcache_stats front_files_stats(const struct front_files *f);

#endif
