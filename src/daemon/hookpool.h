/*
 * hookpool: phones' resets on their way to the process that runs hooks, while core goes on.
 */
#ifndef DAEMON_HOOKPOOL_H
#define DAEMON_HOOKPOOL_H

#include "base/device.h"
#include "wire/hookmsg.h"

struct event_base;
struct hookpool;

/* What became of a phone's reset for that job; answer NULL: nobody knows, the process has ended before
 * it could say. From the loop, never from hookpool_ask. */
typedef void hookpool_done(
    void *arg, int64_t job, const char *device, const struct hook_ran *answer);

struct hookpool *hookpool_new(struct event_base *base, hookpool_done *done, void *arg);
void hookpool_free(struct hookpool *p); /* safe with NULL; nobody is called any more */

/* The process's channel; taken over. */
void hookpool_process(struct hookpool *p, int fd);

/* There is such a process now. */
bool hookpool_is_there(const struct hookpool *p);

/* How many more may be asked now, when at_once may run. */
size_t hookpool_room(const struct hookpool *p, size_t at_once);

/* A hook runs for that phone. */
bool hookpool_has(const struct hookpool *p, const char *device);

/* Takes a copy of the question, whose id does not matter; one for each phone at a time. Errors:
 * ERR_UNKNOWN (there is no process), ERR_LIMIT, ERR_MALFORMED, ERR_IO. */
must_use bool hookpool_ask(
    struct hookpool *p, int64_t job, const struct hook_run *ask, struct err *e);

#endif
