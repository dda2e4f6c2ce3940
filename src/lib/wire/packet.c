#include "wire/packet.h"

#include <arpa/inet.h>

#define ETHERTYPE_IPV4   0x0800
#define ETHERTYPE_IPV6   0x86dd
#define ETHERTYPE_8021Q  0x8100
#define ETHERTYPE_8021AD 0x88a8
#define TAGS_MAX         4

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

/* IPv6 extension headers that may stand before a UDP or TCP header (RFC 8200 4). */
#define NEXT_HOP_BY_HOP  0
#define NEXT_ROUTING     43
#define NEXT_FRAGMENT    44
#define NEXT_DESTINATION 60
#define EXTENSIONS_MAX   8

#define IPV4_MIN      20
#define FRAGMENT_MASK 0x3fff /* more fragments, and the offset */
#define TCP_MIN       20

bool
packet_knows(int link)
{
	switch (link) {
	case PACKET_ETHERNET:
	case PACKET_RAW_DLT:
	case PACKET_RAW:
	case PACKET_SLL:
	case PACKET_IPV4:
	case PACKET_IPV6:
	case PACKET_SLL2:
		return true;
	default:
		return false;
	}
}

bool
packet_address_eq(const struct packet_address *a, const struct packet_address *b)
{
	return a->size == b->size && memcmp(a->byte, b->byte, sizeof a->byte) == 0;
}

char *
packet_address_text(const struct packet_address *a, char out[PACKET_ADDRESS_TEXT])
{
	if (inet_ntop(a->size == 4 ? AF_INET : AF_INET6, a->byte, out, PACKET_ADDRESS_TEXT) == NULL)
		out[0] = '\0';
	return out;
}

bool
packet_address_parse(const char *text, struct packet_address *out, struct err *e)
{
	*out = (struct packet_address){ 0 };
	if (inet_pton(AF_INET, text, out->byte) == 1)
		out->size = 4;
	else if (inet_pton(AF_INET6, text, out->byte) == 1)
		out->size = 16;
	else
		return err_set(e, ERR_MALFORMED, "%.60s is no IP address", text);
	return true;
}

static bool
take_address(struct rd *r, uint8_t size, struct packet_address *out)
{
	struct span s;

	if (!rd_span(r, size, &s))
		return false;
	memcpy(out->byte, s.p, size);
	out->size = size;
	return true;
}

/* What a length field says of the rest: shorter takes off padding, longer is a frame that was
 * captured in part. */
static void
limit(struct rd *r, size_t length, size_t *missing)
{
	if (length <= r->n)
		r->n = length;
	else
		*missing += length - r->n;
}

static bool
parse_udp(struct rd r, struct packet *p, struct err *e)
{
	uint16_t length, sum;

	if (!rd_u16(&r, &p->from_port) || !rd_u16(&r, &p->to_port) || !rd_u16(&r, &length) ||
	    !rd_u16(&r, &sum))
		return err_set(e, ERR_MALFORMED, "UDP header is cut");
	if (length != 0 && length < 8)
		return err_set(e, ERR_MALFORMED, "UDP length is %u", (unsigned)length);
	p->kind = PACKET_UDP;
	p->payload = rd_rest(&r);
	return true;
}

static bool
parse_tcp(struct rd r, struct packet *p, struct err *e)
{
	struct span skipped;
	uint32_t ack;
	uint8_t offset;

	if (!rd_u16(&r, &p->from_port) || !rd_u16(&r, &p->to_port) || !rd_u32(&r, &p->seq) ||
	    !rd_u32(&r, &ack) || !rd_u8(&r, &offset) || !rd_u8(&r, &p->flags) ||
	    !rd_span(&r, 6, &skipped))
		return err_set(e, ERR_MALFORMED, "TCP header is cut");
	offset = (uint8_t)(offset >> 4);
	if (offset * 4 < TCP_MIN || !rd_span(&r, (size_t)offset * 4 - TCP_MIN, &skipped))
		return err_set(e, ERR_MALFORMED, "TCP header length is %u", offset * 4u);
	p->kind = PACKET_TCP;
	p->payload = rd_rest(&r);
	return true;
}

static bool
parse_above(uint8_t protocol, struct rd r, struct packet *p, struct err *e)
{
	if (protocol == PROTOCOL_UDP)
		return parse_udp(r, p, e);
	if (protocol == PROTOCOL_TCP)
		return parse_tcp(r, p, e);
	p->kind = PACKET_IP;
	return true;
}

static bool
parse_ipv4(struct rd r, struct packet *p, struct err *e)
{
	uint16_t length, id, fragment, sum;
	uint8_t first, tos, ttl, protocol;
	struct span options;
	size_t header;

	if (!rd_u8(&r, &first) || !rd_u8(&r, &tos) || !rd_u16(&r, &length) || !rd_u16(&r, &id) ||
	    !rd_u16(&r, &fragment) || !rd_u8(&r, &ttl) || !rd_u8(&r, &protocol) ||
	    !rd_u16(&r, &sum) || !take_address(&r, 4, &p->from) || !take_address(&r, 4, &p->to))
		return err_set(e, ERR_MALFORMED, "IPv4 header is cut");
	header = (size_t)(first & 0x0f) * 4;
	/* Length 0: the network card was to cut it, and the capture was before that. */
	if (first >> 4 != 4 || header < IPV4_MIN || (length != 0 && length < header))
		return err_set(e, ERR_MALFORMED, "IPv4 version, header length or length is wrong");
	if (!rd_span(&r, header - IPV4_MIN, &options))
		return err_set(e, ERR_MALFORMED, "IPv4 options are cut");
	if (length != 0)
		limit(&r, length - header, &p->missing);
	if ((fragment & FRAGMENT_MASK) != 0) {
		p->kind = PACKET_FRAGMENT;
		return true;
	}
	return parse_above(protocol, r, p, e);
}

/* *next: the protocol after the extension headers; *fragment: it is a part only. */
static bool
skip_extensions(struct rd *r, uint8_t *next, bool *fragment)
{
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		uint8_t here = *next, length;
		struct span skipped;

		if (here == NEXT_FRAGMENT) {
			*fragment = true;
			return true;
		}
		if (here != NEXT_HOP_BY_HOP && here != NEXT_ROUTING && here != NEXT_DESTINATION)
			return true;
		if (!rd_u8(r, next) || !rd_u8(r, &length) ||
		    !rd_span(r, 6 + (size_t)length * 8, &skipped))
			return false;
	}
	return false;
}

static bool
parse_ipv6(struct rd r, struct packet *p, struct err *e)
{
	uint32_t first;
	uint16_t length;
	uint8_t next, hops;
	bool fragment = false;

	if (!rd_u32(&r, &first) || !rd_u16(&r, &length) || !rd_u8(&r, &next) || !rd_u8(&r, &hops) ||
	    !take_address(&r, 16, &p->from) || !take_address(&r, 16, &p->to))
		return err_set(e, ERR_MALFORMED, "IPv6 header is cut");
	if (first >> 28 != 6)
		return err_set(e, ERR_MALFORMED, "IPv6 version is %u", (unsigned)(first >> 28));
	if (length != 0)
		limit(&r, length, &p->missing);
	if (!skip_extensions(&r, &next, &fragment))
		return err_set(e, ERR_MALFORMED, "IPv6 extension headers are cut or too many");
	if (fragment) {
		p->kind = PACKET_FRAGMENT;
		return true;
	}
	return parse_above(next, r, p, e);
}

static bool
parse_ip(struct rd r, struct packet *p, struct err *e)
{
	uint8_t first;

	if (!rd_peek(&r, &first))
		return err_set(e, ERR_MALFORMED, "no IP header");
	return first >> 4 == 6 ? parse_ipv6(r, p, e) : parse_ipv4(r, p, e);
}

static bool
parse_type(uint16_t type, struct rd r, struct packet *p, struct err *e)
{
	if (type == ETHERTYPE_IPV4)
		return parse_ipv4(r, p, e);
	if (type == ETHERTYPE_IPV6)
		return parse_ipv6(r, p, e);
	return true;
}

/* 802.1Q tags stand before the type. */
static bool
parse_tagged(struct rd r, struct packet *p, struct err *e)
{
	uint16_t type, tag;

	for (int i = 0; i <= TAGS_MAX; i++) {
		if (!rd_u16(&r, &type))
			return err_set(e, ERR_MALFORMED, "link header is cut");
		if (type != ETHERTYPE_8021Q && type != ETHERTYPE_8021AD)
			return parse_type(type, r, p, e);
		if (!rd_u16(&r, &tag))
			return err_set(e, ERR_MALFORMED, "VLAN tag is cut");
	}
	return err_set(e, ERR_MALFORMED, "more than %d VLAN tags", TAGS_MAX);
}

/* Version 1 ends with the type, version 2 begins with it. */
static bool
parse_cooked(struct rd r, bool version_2, struct packet *p, struct err *e)
{
	struct span skipped;
	uint16_t type;

	if (!version_2)
		return rd_span(&r, 14, &skipped) ? parse_tagged(r, p, e)
						 : err_set(e, ERR_MALFORMED, "link header is cut");
	if (!rd_u16(&r, &type) || !rd_span(&r, 18, &skipped))
		return err_set(e, ERR_MALFORMED, "link header is cut");
	return parse_type(type, r, p, e);
}

bool
packet_parse(int link, struct span frame, struct packet *out, struct err *e)
{
	struct rd r = rd_open(frame);
	struct span addresses;

	*out = (struct packet){ .kind = PACKET_OTHER };
	switch (link) {
	case PACKET_ETHERNET:
		return rd_span(&r, 12, &addresses)
			   ? parse_tagged(r, out, e)
			   : err_set(e, ERR_MALFORMED, "Ethernet header is cut");
	case PACKET_SLL:
	case PACKET_SLL2:
		return parse_cooked(r, link == PACKET_SLL2, out, e);
	case PACKET_IPV4:
		return parse_ipv4(r, out, e);
	case PACKET_IPV6:
		return parse_ipv6(r, out, e);
	case PACKET_RAW:
	case PACKET_RAW_DLT:
		return parse_ip(r, out, e);
	default:
		return true;
	}
}
