/*
 * drive: ties sessions (talk/session.h) to accepted TLS sockets: deadlines, limits, questions,
 * closing.
 *
 * The program ignores SIGPIPE: a peer that is gone is noticed by the write that fails. What happens
 * outside sessions is told with ASK_REPORT, a few times in a second at most.
 */
#ifndef NET_DRIVE_H
#define NET_DRIVE_H

#include "talk/session.h"

struct event_base;
struct tlspump;
struct drive; /* one service on one loop: "tvs" or "capf" */

struct drive_config {
	const struct session_kind *kind;
	unsigned handshake_s; /* from accept to the end of the handshake */
	unsigned idle_s;      /* waiting for a message */
	unsigned long_idle_s; /* the same while session_kind.patience says 1 (CAPF: IN_PROGRESS);
				 0: idle_s */
	unsigned connections; /* at once, half-open ones included; at most 65,536 */
	unsigned connections_per_address; /* an IPv6 /64 counts as one address */
	unsigned half_open; /* handshakes not finished, at once; the oldest makes room */
	/* A session asks; the answer comes back through drive_answer with the id that is in it,
	 * also from inside this call. Spans are good until it returns or answers. Id 0 wants no
	 * answer. */
	void (*ask)(void *arg, const struct ask *ask);
	void *arg;
};

/* Every accepted connection ends in one of the counters behind it. */
struct drive_stats {
	uint64_t accepted;
	uint64_t served;           /* ended in order */
	uint64_t handshake_failed; /* for other reasons than the next */
	uint64_t old_refused;      /* TLSPUMP_FAIL_OLD */
	uint64_t over_limit; /* closed for a limit, before (not accepted) or in the handshake */
	uint64_t timed_out;
	uint64_t broken; /* the peer, or what it sent, was not as it must be */
	size_t open;     /* now, handshake done */
	size_t half_open;
};

struct drive *drive_new(struct event_base *base, const struct drive_config *config);

/* Replaces the certificate and key for new connections. Takes the pump over. */
void drive_identity(struct drive *d, struct tlspump *pump);

/* Accepts on an already bound and listening socket, once there is an identity. Takes the fd over,
 * also when it fails. Errors: ERR_IO. */
must_use bool drive_listen(struct drive *d, int fd, struct err *e);

/* Gives an answer to the session that asked; ids of connections that are gone are ignored. */
void drive_answer(struct drive *d, const struct answer *a);

/* Session ids (CAPF) count from here; each front gets its own range. */
void drive_session_base(struct drive *d, uint32_t first);

/* Takes nothing new, finishes what runs: drive_stats says when none is open or half open. */
void drive_drain(struct drive *d);

struct drive_stats drive_stats(const struct drive *d);
void drive_free(struct drive *d); /* safe with NULL; not from inside a call of ours */

#endif
