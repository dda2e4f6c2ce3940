/*
 * keeper: a process with the private keys that sign files, and one thing that it does: this whole
 * file, signed with this key (wire/keymsg.h). Opens no socket, sees no store; reads key files only.
 */
#ifndef DAEMON_KEEPER_H
#define DAEMON_KEEPER_H

#include "daemon/options.h"
#include "pki/signer.h"

struct event_base;
struct keeper;

/* The answering end of a channel (taken over) with a signer's keys (a loan); files of more than
 * file_max bytes are refused. gone is called when the other end is. */
struct keeper *keeper_new(struct event_base *base, int fd, struct signer *signer, uint64_t file_max,
    void (*gone)(void *arg, const char *why), void *arg);
void keeper_free(struct keeper *k); /* safe with NULL */

/* Runs until core or main are gone. */
must_use bool keeper_run(const struct options *o, struct err *e);

#endif
