/*
 * udp: sockets for datagrams in batches, answered from the address that was asked.
 */
#ifndef NET_UDP_H
#define NET_UDP_H

#include "base/err.h"
#include "base/span.h"
#include "base/wr.h"

#include <netinet/in.h>
#include <sys/socket.h>

#define UDP_BATCH 64 /* datagrams in one system call */

union udp_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

bool udp_address_equal(const union udp_address *a, const union udp_address *b);

/* The address of ours that a datagram came to; family 0 where the socket has only one. */
struct udp_local {
	sa_family_t family;
	unsigned interface; /* IPv6 */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	} address;
};

/* Makes a bound socket fit for batches: large buffers, fragments allowed, and for a wildcard
 * address the kernel tells where each datagram came to. Errors: ERR_IO. */
must_use bool udp_prepare(int fd, struct err *e);

/* A prepared socket on the address of fd with another port (0: any). Errors: ERR_CONFLICT (port
 * taken), ERR_IO. */
must_use bool udp_sibling(int fd, uint16_t port, int *out, struct err *e);

struct udp_datagram {
	union udp_address peer;
	struct udp_local local;
	struct span data; /* a loan until the next udp_in_receive */
	bool cut;         /* was longer than packet_max */
	bool group;       /* came to a broadcast or multicast address */
};

struct udp_in;

struct udp_in *udp_in_new(size_t packet_max);
void udp_in_free(struct udp_in *in); /* safe with NULL */

/* Takes what waits on fd, at most UDP_BATCH datagrams, without blocking. Returns how many. */
size_t udp_in_receive(struct udp_in *in, int fd);
struct udp_datagram udp_in_get(struct udp_in *in, size_t i);

/* A datagram to be sent: packet is copied memory of the slot, data a loan until the flush. */
struct udp_slot {
	struct wr packet;
	struct span data;
};

struct udp_out;

struct udp_out *udp_out_new(size_t packet_max);
void udp_out_free(struct udp_out *out); /* safe with NULL */

/* The next free slot, to be sent from fd; what waits for another socket is sent first. */
struct udp_slot *udp_out_slot(struct udp_out *out, int fd);

/* Puts the slot that was handed out last into the queue. Returns the number of the flush that will
 * send it: as long as udp_out_round says the same, its data is still on loan. */
uint64_t udp_out_add(
    struct udp_out *out, const union udp_address *peer, const struct udp_local *local);
uint64_t udp_out_round(const struct udp_out *out);

/* Sends all that waits; what the kernel does not take is dropped and counted. */
void udp_out_flush(struct udp_out *out);
uint64_t udp_out_dropped(const struct udp_out *out);

#endif
