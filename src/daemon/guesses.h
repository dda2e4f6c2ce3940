/*
 * guesses: wrong authentication strings by the address that they came from, so that nobody tries
 * one string on many phones.
 *
 * So many wrong ones within GUESSES_WITHIN_S seconds, and the address is blocked for
 * GUESSES_BLOCKED_S. An IPv6 /64 counts as one address, as for connections (net/hostcount.h). In
 * memory, for GUESSES_ADDRESSES_MAX addresses: the one that guessed longest ago makes room.
 */
#ifndef DAEMON_GUESSES_H
#define DAEMON_GUESSES_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define GUESSES_WITHIN_S      600
#define GUESSES_BLOCKED_S     600
#define GUESSES_ADDRESSES_MAX 4096

struct guesses;

struct guesses *guesses_new(void);
void guesses_free(struct guesses *g); /* safe with NULL */

/* One more wrong string of this host (ask_host). max: so many block it. Whether this one did. */
bool guesses_wrong(struct guesses *g, struct span host, unsigned max, time_t now);

/* Seconds until the host may try again; 0: it may now. */
unsigned guesses_wait(const struct guesses *g, struct span host, time_t now);

/* Addresses that are remembered. */
size_t guesses_count(const struct guesses *g);

#endif
