/*
 * signpool: signatures on files, made by the keepers in parallel while core goes on.
 *
 * A keeper is a process that holds keys and answers one thing: the signature of this key on
 * this whole file, or why not. Whoever waits for a phone comes before what is made in advance. What
 * a keeper had in hand when it ended is given to another.
 */
#ifndef DAEMON_SIGNPOOL_H
#define DAEMON_SIGNPOOL_H

#include "base/bytes.h"
#include "base/err.h"

struct event_base;
struct signpool;

/* What became of one: the file as it was given (taken over) and its signature, or nothing and the
 * reason. Called from the loop, never from signpool_sign. */
typedef void signpool_done(
    void *arg, struct bytes *unsigned_file, struct span signature, const struct err *e);

struct signpool *signpool_new(struct event_base *base);
void signpool_free(struct signpool *p); /* safe with NULL; nobody is called any more */

/* A keeper's channel; taken over. */
void signpool_keeper(struct signpool *p, unsigned index, int fd);

/* Has a file signed (unsigned_file is taken over; key_id of 32 bytes is copied). in_advance: when
 * nobody waits. Gives a number for signpool_hurry. */
uint32_t signpool_sign(struct signpool *p, bool in_advance, struct span key_id,
    struct bytes *unsigned_file, signpool_done *done, void *arg);

/* Somebody waits now for one that was begun in advance; nothing when it is done. */
void signpool_hurry(struct signpool *p, uint32_t number);

/* Waiting or in hand; in_advance ones only, or all. */
size_t signpool_waiting(const struct signpool *p, bool in_advance);

#endif
