/*
 * drive_conn: what the two halves of drive share. drive.c accepts, counts and keeps deadlines;
 * drive_session.c holds the conversation of one connection.
 */
#ifndef NET_DRIVE_CONN_H
#define NET_DRIVE_CONN_H

#include "net/drive.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <sys/queue.h>

/* What a connection waits for; each has its own fixed time, so that the first in its queue is the
 * first that is due. */
enum drive_wait {
	WAIT_HANDSHAKE,
	WAIT_MESSAGE,
	WAIT_SLOW_MESSAGE, /* the session is patient */
	WAIT_ANSWER,       /* to a question */
	WAIT_END,          /* everything is said; the peer may hang up */
	WAIT_COUNT
};

TAILQ_HEAD(drive_queue, drive_conn);

struct drive_conn {
	TAILQ_ENTRY(drive_conn) next; /* in the queue of wait, or among the unused */
	struct drive *drive;
	struct bufferevent *bev;
	enum drive_wait wait;
	uint64_t due; /* milliseconds */
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} address;
	char text[ASK_ADDRESS_MAX]; /* the address, printable */
	uint32_t ask_id;            /* of its latest question */
	uint16_t slot;
	uint16_t questions;
	size_t need;   /* length of the message under way; 0: not known yet */
	bool running;  /* a step of it is on the stack */
	bool gone;     /* noticed during that step */
	bool started;  /* the session was started and not yet stopped */
	bool spoke;    /* a whole message came */
	bool farewell; /* goodbye was said */
	_Alignas(max_align_t) uint8_t session[];
};

struct drive_listener {
	LIST_ENTRY(drive_listener) next;
	struct drive *drive;
	struct event *event;
	int fd;
};

struct drive {
	struct event_base *base;
	struct drive_config config;
	struct tlspump *pump;
	LIST_HEAD(, drive_listener) listeners;
	struct event *pause; /* of accepting, while descriptors are short */
	struct drive_queue queues[WAIT_COUNT];
	uint64_t wait_ms[WAIT_COUNT];
	struct event *tick;
	uint64_t tick_at; /* when tick is due; 0: not armed */
	struct drive_queue unused;
	struct drive_conn **slots;
	size_t slot_count;
	struct hostcount *hosts;
	struct wr out;    /* what the step at hand writes */
	uint8_t *message; /* the message at hand */
	uint32_t session_next;
	uint64_t report_second;
	unsigned report_count;
	bool draining;
	struct drive_stats stats;
};

/* Puts the connection in a queue, with a new deadline. */
void drive_wait_for(struct drive_conn *c, enum drive_wait wait);

/* The connection is over: closes and recycles it. */
void drive_release(struct drive_conn *c);

/* Tells core, at most so many times in a second. */
void drive_report(struct drive_conn *c, enum ask_report report, const char *text);

/* Sets the callbacks of an accepted connection. */
void drive_session_watch(struct drive_conn *c);

/* Ends the session because of a deadline or the like, counts that, and closes at once. */
void drive_session_break(struct drive_conn *c, const char *why, uint64_t *count);

/* Ends the session if a message was served, none is under way, and nothing is lost by it. */
void drive_session_retire(struct drive_conn *c);

/* Hands the answer to the session, if that is what it waits for. */
void drive_session_answer(struct drive_conn *c, const struct answer *a);

#endif
