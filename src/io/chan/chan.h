/*
 * chan: framed messages and descriptors between two of our processes, over a SOCK_SEQPACKET pair.
 *
 * A message is a kind byte and a payload that wire/ encodes. Never a struct by sizeof.
 */
#ifndef CHAN_CHAN_H
#define CHAN_CHAN_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>

struct event_base;
struct chan;

#define CHAN_MESSAGE_MAX (256 * 1024)

enum chan_kind {
	CHAN_HELLO = 1,  /* core -> front: the settings it works with */
	CHAN_IDENTITY,   /* core -> front: certificate, key and ticket keys of a TLS service */
	CHAN_ASK,        /* front -> core: struct ask */
	CHAN_ANSWER,     /* core -> front: struct answer, with a descriptor for large files */
	CHAN_READY,      /* front -> core, core -> main: serving */
	CHAN_DRAIN,      /* main -> front: take nothing new, finish, exit */
	CHAN_STATUS,     /* front -> core: counters */
	CHAN_FRONT,      /* main -> core: the channel of a front, as a descriptor */
	CHAN_KEEPER,     /* main -> core: the channel of a keeper, as a descriptor */
	CHAN_SIGN,       /* core -> keeper: wire/keymsg.h */
	CHAN_SIGNED,     /* keeper -> core */
	CHAN_FORGET,     /* core -> front: answers that are not good any more */
	CHAN_FOLDER,     /* core -> front: a watched folder, the first with the inotify instance */
	CHAN_SERVED,     /* front -> core: what was sent to whom */
	CHAN_RA,         /* main -> core: the channel of an RA process, as a descriptor */
	CHAN_CERTIFY,    /* core -> RA: wire/ramsg.h */
	CHAN_CERTIFIED,  /* RA -> core */
	CHAN_HOOK,       /* main -> core: the channel of the hook process, as a descriptor */
	CHAN_HOOK_RUN,   /* core -> hook process: wire/hookmsg.h */
	CHAN_HOOK_RAN,   /* hook process -> core */
	CHAN_BACKUP,     /* main -> core: the channel of the backup process, as a descriptor */
	CHAN_BACKUP_RUN, /* core -> backup process: make one now */
	CHAN_BACKUP_RAN, /* backup process -> core: wire/backupmsg.h */
};

/* Called for each message; payload is a loan for the call, fd is -1 or the receiver's to close. */
typedef void chan_receive(void *arg, enum chan_kind kind, struct span payload, int fd);

/* Called once when the other end is gone or broke the framing. */
typedef void chan_closed(void *arg, const char *why);

/* A connected pair of descriptors, close-on-exec, with buffers for whole messages. Errors: ERR_IO;
 * ERR_LIMIT when net.core.wmem_max is under 140,000, so that a message of CHAN_MESSAGE_MAX would
 * not fit (the kernel's default is 212,992). */
must_use bool chan_pair(int fds[2], struct err *e);

/* Takes over fd (non-blocking) on the loop. */
struct chan *chan_new(
    struct event_base *base, int fd, chan_receive *receive, chan_closed *closed, void *arg);

/* Sends now or, when the socket is full, as soon as it takes it, in order. fd -1: none; it is
 * duplicated, the caller keeps its own. Errors: ERR_LIMIT (over CHAN_MESSAGE_MAX, or more than 64
 * MB are waiting), ERR_IO (the other end is gone; closed is called by the loop, not from here). */
must_use bool chan_send(
    struct chan *c, enum chan_kind kind, struct span payload, int fd, struct err *e);

/* Takes what has already arrived, now rather than in its turn of the loop: one system call when
 * nothing has. Not from inside receive. */
void chan_poll(struct chan *c);

/* Waits until everything is sent; false when the other end has not taken it within that time. */
bool chan_flush(struct chan *c, unsigned timeout_ms);

/* Bytes waiting to be sent. */
size_t chan_waiting(const struct chan *c);

void chan_free(struct chan *c); /* safe with NULL, also from inside a callback */

#endif
