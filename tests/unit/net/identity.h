/*
 * identity: server identities made from tests/vectors/keys, and a TLS client stepped by hand, for
 * the tests of this folder.
 */
#ifndef TESTS_NET_IDENTITY_H
#define TESTS_NET_IDENTITY_H

#include <openssl/ssl.h>

#include "net/tlspump.h"

struct event_base;

/* A pump with the certificate and key of a file ("tvs.pem"); tickets: the byte that the ticket key
 * is filled with, 0: there is none. Ends the test when it cannot be made. */
struct tlspump *identity_pump(const char *file, bool old_tls, uint8_t tickets);

/* Its certificate and key; both are owned by the caller. */
void identity_read(const char *file, struct bytes *certificate, struct bytes *key);

/* A client on a connected socket, which it takes over; version 0: the best there is. suites NULL:
 * OpenSSL's. */
SSL *identity_client(int fd, int version_max, const char *suites);

/* Runs the loop and the client's handshake until that ends; true: it succeeded. */
bool identity_shake(struct event_base *base, SSL *client);

/* Runs the loop until the client has n bytes (true) or the server has closed (false), for at most
 * seconds. */
bool identity_read_n(struct event_base *base, SSL *client, void *p, size_t n, unsigned seconds);

/* Frees the client and closes its socket. */
void identity_hang_up(SSL *client);

#endif
