/*
 * capf_peers: what went wrong at CAPF before a phone said its name, by address.
 *
 * The last few hundred, in memory: a handshake that fails must not cost a transaction. It is
 * matched with phones by the address that they were last heard from.
 */
#ifndef DAEMON_CAPF_PEERS_H
#define DAEMON_CAPF_PEERS_H

#include "base/span.h"

#include <stdbool.h>
#include <time.h>

#define CAPF_PEERS_TEXT 160

struct capf_peers;

struct capf_peer {
	time_t at;
	bool tls; /* it began a handshake; else it only connected */
	char text[CAPF_PEERS_TEXT];
};

struct capf_peers *capf_peers_new(void);
void capf_peers_free(struct capf_peers *s); /* safe with NULL */

/* address: printable, with port or without (which is cut off). */
void capf_peers_note(
    struct capf_peers *s, struct span address, bool tls, struct span text, time_t now);

/* The last of this address, without port; NULL: nothing is known. A loan until the next note. */
const struct capf_peer *capf_peers_find(const struct capf_peers *s, const char *address);

#endif
