/*
 * drive: ties sessions (talk/session.h) to accepted TLS sockets: deadlines, limits, questions,
 * closing.
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
	unsigned long_idle_s; /* the same once a session has shown it is at slow work (CAPF:
				 IN_PROGRESS); 0: idle_s */
	unsigned connections; /* at once */
	unsigned connections_per_address;
	unsigned half_open; /* handshakes not finished, at once; the oldest makes room */
	/* A session asks; the answer comes back through drive_answer with the id that is in it. */
	void (*ask)(void *arg, const struct ask *ask);
	void *arg;
};

struct drive_stats {
	uint64_t accepted, served, handshake_failed, old_refused, over_limit, timed_out, broken;
	size_t open, half_open;
};

struct drive *drive_new(struct event_base *base, const struct drive_config *config);

/* Replaces the certificate and key for new connections. Takes the pump over. */
void drive_identity(struct drive *d, struct tlspump *pump);

/* Accepts on an already bound and listening socket. Takes the fd over. */
must_use bool drive_listen(struct drive *d, int fd, struct err *e);

/* Gives an answer to the session that asked; ids of connections that are gone are ignored. */
void drive_answer(struct drive *d, const struct answer *a);

/* Session ids (CAPF) count from here; each front gets its own range. */
void drive_session_base(struct drive *d, uint32_t first);

/* Takes nothing new, finishes what runs. */
void drive_drain(struct drive *d);

struct drive_stats drive_stats(const struct drive *d);
void drive_free(struct drive *d); /* safe with NULL */

#endif
