/*
 * packet: a frame as a network carries it: link layer, IPv4 or IPv6, UDP or TCP.
 *
 * For captures: what is not understood is no error but a packet of another kind. Facts:
 * doc/protocols/capture.md, section 1.
 */
#ifndef WIRE_PACKET_H
#define WIRE_PACKET_H

#include "base/err.h"
#include "base/rd.h"

/* How a frame begins: numbers of the capture formats (capture.md 1). */
enum packet_link {
	PACKET_ETHERNET = 1, /* with any 802.1Q and 802.1ad tags */
	PACKET_RAW_DLT = 12, /* IPv4 or IPv6, by its version; Linux' number of it */
	PACKET_RAW = 101,    /* the same in files */
	PACKET_SLL = 113,    /* Linux cooked capture */
	PACKET_IPV4 = 228,
	PACKET_IPV6 = 229,
	PACKET_SLL2 = 276, /* Linux cooked capture, version 2 */
};

/* A link type that packet_parse knows. */
bool packet_knows(int link);

struct packet_address {
	uint8_t byte[16]; /* what IPv4 leaves is 0 */
	uint8_t size;     /* 4 or 16 */
};

bool packet_address_eq(const struct packet_address *a, const struct packet_address *b);

/* "192.0.2.1" or "2001:db8::1" (RFC 5952). Returns out. */
#define PACKET_ADDRESS_TEXT 46
char *packet_address_text(const struct packet_address *a, char out[PACKET_ADDRESS_TEXT]);

/* The reverse. Errors: ERR_MALFORMED. */
must_use bool packet_address_parse(const char *text, struct packet_address *out, struct err *e);

enum packet_kind {
	PACKET_OTHER,    /* no IP; only kind is set */
	PACKET_IP,       /* another protocol above IP; addresses are set */
	PACKET_FRAGMENT, /* a part of an IP packet, which is not put together; addresses are set */
	PACKET_UDP,
	PACKET_TCP,
};

/* TCP's flags, RFC 9293 3.1. */
enum packet_flag {
	PACKET_FIN = 0x01,
	PACKET_SYN = 0x02,
	PACKET_RST = 0x04,
	PACKET_ACK = 0x10,
};

struct packet {
	enum packet_kind kind;
	struct packet_address from, to;
	uint16_t from_port, to_port;
	uint32_t seq;        /* TCP */
	uint8_t flags;       /* TCP */
	struct span payload; /* UDP, TCP: a loan from the frame */
	size_t missing;      /* bytes at the end of payload that were sent and not captured */
};

/* Reads a frame. Errors: ERR_MALFORMED with the layer: a header that is cut or contradicts itself.
 * Checksums are not judged: captures on the sender have none yet. */
must_use bool packet_parse(int link, struct span frame, struct packet *out, struct err *e);

#endif
