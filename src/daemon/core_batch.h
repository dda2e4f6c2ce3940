/*
 * core_batch: questions whose answers must be stored before they leave, answered many at a time
 * with one transaction, because a commit costs as much as several signatures (doc/decisions/0006).
 *
 * What came in during one turn of the event loop is one batch. Each question is a part of its own
 * in the transaction: one that fails undoes nothing of the others. The answers leave after the
 * commit; when it fails, each phone is told so.
 */
#ifndef DAEMON_CORE_BATCH_H
#define DAEMON_CORE_BATCH_H

#include "daemon/core.h"
#include "rules/fname.h"

struct core_batch;

/* answer: gives one question its answer with core_reply; name is what was added with it. fail: the
 * same when nothing could be stored. may_be_lost: after a power failure whoever asked does it
 * again, so the answer need not wait for the disk; a batch waits when one of it must. */
struct core_batch_calls {
	bool (*may_be_lost)(const struct ask *ask);
	void (*answer)(struct core_front *from, const struct ask *ask, const struct fname *name);
	void (*fail)(struct core_front *from, const struct ask *ask, const struct err *e);
};

struct core_batch *core_batch_new(struct core *c, const struct core_batch_calls *calls);
void core_batch_free(struct core_batch *b); /* safe with NULL; open questions stay unanswered */

/* Adds a question, as it came (ask_parse takes it), and for a file what its name was judged to mean
 * (else NULL); both are copied. */
void core_batch_add(
    struct core_batch *b, struct core_front *from, struct span ask, const struct fname *name);

/* A front is gone: its questions are dropped. */
void core_batch_drop(struct core_batch *b, const struct core_front *from);

/* While a batch is being answered, keeps an answer until the commit; false: it is none, send it
 * now. */
bool core_batch_hold(struct core_batch *b, struct core_front *to, struct span answer);

#endif
