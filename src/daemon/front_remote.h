/*
 * front_remote: files that this cluster does not have and other clusters' servers may (centralised
 * TFTP, doc/protocols/phone.md 1.3). Core says which servers are asked, in which order; a front
 * asks them and passes on what comes, unchanged.
 *
 * Nothing here waits. A server that does not answer is left out for a while. What everybody asks
 * for is remembered for a while, and so is that nobody has it; a phone's own files are asked for
 * each time. Who asks the same at the same time shares one answer.
 */
#ifndef DAEMON_FRONT_REMOTE_H
#define DAEMON_FRONT_REMOTE_H

#include "net/body.h"

struct event_base;
struct front_remote;

/* How HTTP servers are told that the request is passed on, and by which they are told apart: one
 * that carries it is never passed on again. */
#define FRONT_REMOTE_VIA "1.1 sealtone"

/* Zero stands for the value in brackets. */
struct front_remote_config {
	unsigned at_once;    /* fetches at once [64]; others wait for their turn */
	unsigned waiting;    /* that may wait [4096]; one more is told that nobody answers */
	unsigned silence_ms; /* a server is given up [3000] */
	unsigned timeout_ms; /* for a whole file of one server [300000] */
	unsigned dead_ms;    /* a silent server is not asked again [30000] */
	unsigned absent_ms;  /* that nobody has such a file is believed [30000] */
	unsigned common_ms;  /* a file without a device in its name is kept [60000] */
	size_t size_max;     /* of a file [32 MiB] */
	size_t kept_bytes;   /* of files that are kept [16 MiB] */
};

enum front_remote_end {
	FRONT_REMOTE_FOUND,
	FRONT_REMOTE_ABSENT,    /* each server says that it has no such file */
	FRONT_REMOTE_UNREACHED, /* one that may have it does not answer, or fails at it */
};

/* body: a loan for the call, NULL unless found. */
typedef void front_remote_done(void *arg, enum front_remote_end end, struct body *body);

struct front_remote *front_remote_new(
    struct event_base *base, const struct front_remote_config *config);

/* Nobody is told any more. Safe with NULL. */
void front_remote_free(struct front_remote *r);

/* Asks for a file. elsewhere: answer.elsewhere. done is called once, perhaps before this returns.
 */
void front_remote_ask(struct front_remote *r, struct span name, struct span elsewhere,
    front_remote_done *done, void *arg);

/* The peer ("192.0.2.1:50000") is one of these servers: what it asks for here is not looked for
 * elsewhere, or two clusters would ask each other in a circle. */
bool front_remote_is_server(struct span elsewhere, struct span peer);

struct front_remote_stats {
	uint64_t found, absent, unreached; /* answers */
	size_t running, waiting;           /* fetches now */
};
struct front_remote_stats front_remote_stats(const struct front_remote *r);

#endif
