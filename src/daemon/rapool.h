/*
 * rapool: phones' requests on their way to another CA, by the RA processes, while core goes on.
 */
#ifndef DAEMON_RAPOOL_H
#define DAEMON_RAPOOL_H

#include "base/err.h"
#include "wire/ramsg.h"

#include <time.h>

struct event_base;
struct rapool;

#define RAPOOL_PROCESSES 4 /* requests that the CA has at once */

/* What became of a device's request. From the loop, never from rapool_ask. */
typedef void rapool_done(void *arg, const char *device, const struct ra_answer *answer);

struct rapool *rapool_new(struct event_base *base, rapool_done *done, void *arg);
void rapool_free(struct rapool *p); /* safe with NULL; nobody is called any more */

/* A process's channel; taken over. */
void rapool_process(struct rapool *p, unsigned index, int fd);

/* The device's request is on its way, or waits for that. */
bool rapool_has(const struct rapool *p, const char *device);

/* Takes a copy of the question, whose id does not matter; one for each device at a time. Errors:
 * ERR_UNKNOWN (there is no RA process), ERR_LIMIT. */
must_use bool rapool_ask(
    struct rapool *p, const char *device, const struct ra_ask *ask, struct err *e);

#endif
