/*
 * tftpd: serves files over TFTP on one event loop. Requests come to listening sockets, transfers
 * run on a pool of ports beside them, datagrams go in batches. Where a file comes from is a
 * question to somebody else.
 *
 * All state belongs to one engine, so several may share a port with SO_REUSEPORT.
 */
#ifndef NET_TFTPD_H
#define NET_TFTPD_H

#include "net/body.h"

struct event_base;
struct tftpd;

/* Zero stands for the value in brackets. */
struct tftpd_config {
	unsigned transfers;             /* at once [20000], at most 500000 */
	unsigned transfers_per_address; /* at once [10000]; an IPv6 /64 counts as one address */
	unsigned pool_ports;            /* for each listening socket [16] */
	/* The pool's range [any free port]; an engine takes an eighth of it at most, for the sake
	 * of others that share it. */
	uint16_t port_first, port_last;
	unsigned retry_ms;     /* first wait for an acknowledgement [1000], then doubled */
	unsigned retry_max_ms; /* up to this [8000] */
	unsigned tries;        /* repeats before a client counts as gone [6] */
	unsigned ask_ms;       /* wait for an answer to a question [10000] */
	uint16_t blksize_max, windowsize_max; /* granted at most [65464], [64] */
	/* ASK_FILE, answered with tftpd_answer, at once or later; ASK_REPORT with REPORT_FILE_SENT,
	 * REPORT_FILE_FAILED, and at most some REPORT_BAD_MESSAGE per second. A loan for the call.
	 */
	void (*ask)(void *arg, const struct ask *ask);
	/* May be NULL. Called before the requests of each batch of datagrams become questions, so
	 * that whoever keeps answers can first hear what has changed. */
	void (*before)(void *arg);
	void *arg;
};

struct tftpd_stats {
	uint64_t requests; /* read requests that became a question */
	uint64_t sent, failed;
	uint64_t refused;     /* answered with an error: no such file ... */
	uint64_t repeated;    /* requests that came again */
	uint64_t over_limit;  /* requests not taken; the client asks again */
	uint64_t writes;      /* write requests */
	uint64_t bad;         /* datagrams that are no TFTP or not for us */
	uint64_t unknown_tid; /* packets of no transfer */
	uint64_t dropped;     /* datagrams that the kernel did not take */
	size_t open;          /* transfers now */
};

struct tftpd *tftpd_new(struct event_base *base, const struct tftpd_config *config);

/* Serves an already bound UDP socket (IPv4 or IPv6, one address or all) and opens its pool of ports
 * on the same address. Takes the fd over, also on failure. Errors: ERR_CONFLICT (no port of the
 * range is free), ERR_IO. */
must_use bool tftpd_listen(struct tftpd *t, int fd, struct err *e);

/* The answer to an ASK_FILE with this id: the file (the engine takes a reference of its own), or
 * NULL and a TFTP error code and text. An id that is gone is ignored. */
void tftpd_answer(struct tftpd *t, uint32_t id, struct body *body, uint16_t code, struct span text);

/* Closes the listening sockets and finishes what runs: done when stats say that none is open. */
void tftpd_drain(struct tftpd *t);

struct tftpd_stats tftpd_stats(const struct tftpd *t);
void tftpd_free(struct tftpd *t); /* safe with NULL; what runs is dropped without a report */

#endif
