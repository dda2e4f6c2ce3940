/*
 * captured_internal: what the parts of captured share.
 */
#ifndef RULES_CAPTURED_INTERNAL_H
#define RULES_CAPTURED_INTERNAL_H

#include "rules/captured.h"

/* Segments that came before their turn, of each direction, and their bytes. */
#define CAPTURED_PENDING_MAX       8
#define CAPTURED_PENDING_BYTES_MAX 65536

/* One direction of a connection. */
struct captured_flow {
	bool begun, lost;
	uint32_t next; /* sequence number of the next byte */
	struct tlsseen tls;
	size_t alerts_noted;
	size_t pending_bytes;
	struct {
		uint32_t seq;
		struct bytes data; /* p NULL: free */
	} pending[CAPTURED_PENDING_MAX];
};

enum captured_direction { BY_PHONE, BY_SERVER };

struct captured_stream {
	bool used, answered;
	size_t last; /* number of its last packet */
	struct captured_phone *phone;
	struct captured_server *server;
	uint16_t port;  /* the phone's */
	uint32_t syn;   /* sequence number of its SYN */
	size_t file_at; /* HTTP: the last request, index + 1 */
	bool payload[2];
	struct captured_flow flow[2];
};

struct captured {
	struct captured_setup setup;
	struct captured_phone *phone[CAPTURED_PHONES_MAX];
	size_t phones, packets_left_out, fragments;
	struct captured_stream stream[CAPTURED_STREAMS_MAX];
};

/* The phone with this address, made when there is none yet; NULL: it is not wanted or does not fit.
 */
struct captured_phone *captured_phone_at(struct captured *c, const struct packet_address *a);

/* Notes a request; the file, or NULL when it does not fit. */
struct captured_file *captured_ask(struct captured_phone *phone, struct span name, bool http,
    const struct packet *p, size_t number);

/* A TCP packet of one of the services. */
void captured_tcp(struct captured *c, const struct packet *p, size_t number);

/* Ends all connections. */
void captured_tcp_end(struct captured *c);

/* What a connection's TLS has shown so far goes to the facts. */
void captured_tls(struct captured *c, struct captured_stream *s);

/* A DNS message, to or from port 53. */
void captured_dns(struct captured *c, const struct packet *p, size_t number);

#endif
