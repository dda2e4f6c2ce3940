/*
 * drive_rig: a drive on a loop and a port of its own, a protocol for it to serve, and clients, for
 * the tests of drive.
 *
 * The protocol: a length of four bytes and so many more, of which the first says what happens: 'q'
 * is a question whose answer comes back, 'd' comes back and ends the session, 'x' comes back as a
 * failure, 's' makes the peer slow, 'b' is answered with much and 't' with too much; any other
 * comes back.
 */
#ifndef TESTS_NET_DRIVE_RIG_H
#define TESTS_NET_DRIVE_RIG_H

#include <netinet/in.h>
#include <openssl/ssl.h>

#include "net/drive.h"

struct event_base;

#define RIG_MESSAGE_MAX 4096
#define RIG_BIG_REPLY   100000
#define RIG_QUESTIONS   32

/* What all sessions of a test came to. */
struct rig_seen {
	unsigned started, stopped, broken;
	uint32_t last_session;
	char why[64];
	char peer[64];
};

extern struct rig_seen seen;

struct rig {
	struct event_base *base;
	struct drive *drive;
	struct sockaddr_in address;
	bool answer_inside; /* questions are answered at once, from inside */
	uint32_t questions[RIG_QUESTIONS];
	unsigned question_count, last_wishes, reports;
	uint8_t last_report;
	char report_text[200], asked_by[64];
};

/* Short deadlines, high limits. */
extern const struct drive_config rig_usual;

/* The same kind of session with nothing to lose between messages. */
extern const struct session_kind rig_carefree;

/* Fixtures: a rig with the usual settings; after it every session must have been stopped. */
int rig_set_up(void **state);
int rig_tear_down(void **state);

/* A rig with other settings in place of the one at hand. */
struct rig *rig_with(void **state, struct drive_config config);

/* A listening socket; *a gets its port. -1: no such address here. */
int rig_listener(struct sockaddr *a, socklen_t n);

/* Milliseconds of a clock that only goes forward. */
unsigned rig_clock(void);

/* Runs the loop for so long. */
void rig_run(struct rig *f, unsigned ms);

int rig_connect_raw(struct rig *f);
SSL *rig_connect(struct rig *f);

void rig_put(SSL *client, const void *p, size_t n);
void rig_say(SSL *client, const char *text);                 /* one message */
void rig_hear(struct rig *f, SSL *client, const char *text); /* the next message is text */
void rig_hear_end(struct rig *f, SSL *client);

/* Milliseconds until the server closes a connection, by its socket. */
unsigned rig_close_time(struct rig *f, int fd);

void rig_answer(struct rig *f, uint32_t id, const char *data);

#endif
