/*
 * hostcount: how many connections each address has, with a limit.
 *
 * IPv4 addresses that come in as ::ffff:a.b.c.d count as what they are. An IPv6 /64 counts as one
 * address: in it hosts choose the rest as they like.
 */
#ifndef NET_HOSTCOUNT_H
#define NET_HOSTCOUNT_H

#include "base/err.h"

#include <stddef.h>

struct sockaddr;
struct hostcount;

/* For at most connections of them at once. */
struct hostcount *hostcount_new(size_t connections);
void hostcount_free(struct hostcount *h); /* safe with NULL */

/* Counts one more connection of the address; false when it has limit already. */
must_use bool hostcount_take(struct hostcount *h, const struct sockaddr *a, unsigned limit);

/* One fewer; the address must have been taken. */
void hostcount_drop(struct hostcount *h, const struct sockaddr *a);

/* Writes "192.0.2.1:50000" or "[2001:db8::1]:50000". */
void hostcount_print(const struct sockaddr *a, char *text, size_t text_max);

#endif
