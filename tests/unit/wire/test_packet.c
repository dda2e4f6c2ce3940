#include "../check.h"

#include "wire/packet.h"

/* Frames of one UDP datagram "hi" from 192.0.2.1:1000 to 192.0.2.2:69, and what stands before it.
 */
#define UDP_HEADER 0x03, 0xe8, 0x00, 0x45, 0x00, 0x0a, 0x00, 0x00
#define UDP        UDP_HEADER, 'h', 'i'
#define IPV4(length, fragment, protocol) \
	0x45, 0, 0, length, 0, 1, fragment, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2
#define MACS               1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2
#define A6                 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define IPV6(length, next) 0x60, 0, 0, 0, 0, length, next, 64, A6, 1, A6, 2
#define TCP(offset, flags) \
	0x09, 0x8d, 0x80, 0x00, 1, 2, 3, 4, 0, 0, 0, 0, offset, flags, 0, 0, 0, 0, 0, 0

#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

struct frame {
	int link;
	const uint8_t *bytes;
	size_t n;
	enum packet_kind kind;
	const char *payload;
	size_t missing;
};

static void
every_link_layer_leads_to_the_datagram(void **state)
{
	const struct frame frames[] = {
		{ PACKET_ETHERNET, BYTES(MACS, 8, 0, IPV4(30, 0, 17), UDP), PACKET_UDP, "hi" },
		{ PACKET_ETHERNET, BYTES(MACS, 8, 0, IPV4(30, 0, 17), UDP, 0, 0, 0), PACKET_UDP,
		    "hi" }, /* padded */
		{ PACKET_ETHERNET, BYTES(MACS, 0x81, 0, 0, 9, 8, 0, IPV4(30, 0, 17), UDP),
		    PACKET_UDP, "hi" },
		{ PACKET_ETHERNET,
		    BYTES(MACS, 0x88, 0xa8, 0, 9, 0x81, 0, 0, 9, 8, 0, IPV4(30, 0, 17), UDP),
		    PACKET_UDP, "hi" },
		{ PACKET_SLL,
		    BYTES(0, 0, 0, 1, 0, 6, 1, 1, 1, 1, 1, 1, 0, 0, 8, 0, IPV4(30, 0, 17), UDP),
		    PACKET_UDP, "hi" },
		{ PACKET_SLL2,
		    BYTES(8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 1, 1, 1, 1, 1, 1, 0, 0,
			IPV4(30, 0, 17), UDP),
		    PACKET_UDP, "hi" },
		{ PACKET_RAW, BYTES(IPV4(30, 0, 17), UDP), PACKET_UDP, "hi" },
		{ PACKET_RAW_DLT, BYTES(IPV6(10, 17), UDP), PACKET_UDP, "hi" },
		{ PACKET_IPV4, BYTES(IPV4(30, 0, 17), UDP), PACKET_UDP, "hi" },
		{ PACKET_IPV6, BYTES(IPV6(10, 17), UDP), PACKET_UDP, "hi" },
		{ PACKET_IPV6, BYTES(IPV6(18, 0), 17, 0, 0, 0, 0, 0, 0, 0, UDP), PACKET_UDP, "hi" },
		{ PACKET_RAW, BYTES(IPV4(0, 0, 17), UDP), PACKET_UDP, "hi" }, /* offloaded */
		{ PACKET_RAW, BYTES(IPV4(40, 0, 17), UDP), PACKET_UDP, "hi", 10 },
		{ PACKET_RAW, BYTES(IPV4(42, 0, 6), TCP(0x50, 2), 'h', 'i'), PACKET_TCP, "hi" },
		{ PACKET_RAW, BYTES(IPV4(46, 0, 6), TCP(0x60, 2), 1, 1, 1, 1, 'h', 'i'), PACKET_TCP,
		    "hi" },
		{ PACKET_RAW, BYTES(IPV4(30, 0x20, 17), UDP), PACKET_FRAGMENT, "" },
		{ PACKET_IPV6, BYTES(IPV6(18, 44), 17, 0, 0, 1, 0, 0, 0, 0, UDP), PACKET_FRAGMENT,
		    "" },
		{ PACKET_RAW, BYTES(IPV4(30, 0, 1), UDP), PACKET_IP, "" },
		{ PACKET_ETHERNET, BYTES(MACS, 8, 6, 1, 2, 3), PACKET_OTHER, "" },
		{ 147, BYTES(1), PACKET_OTHER, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		struct packet p;
		struct err e;

		assert_ok(
		    packet_parse(frames[i].link, span_of(frames[i].bytes, frames[i].n), &p, &e), e);
		assert_int_equal(p.kind, frames[i].kind);
		assert_span_equal(p.payload, span_str(frames[i].payload));
		assert_int_equal(p.missing, frames[i].missing);
		if (p.kind == PACKET_UDP)
			assert_true(p.from_port == 1000 && p.to_port == 69);
		if (p.kind == PACKET_TCP)
			assert_true(p.seq == 0x01020304 && p.flags == PACKET_SYN);
	}
}

static void
headers_that_are_cut_or_wrong_are_named(void **state)
{
	const struct {
		int link;
		const uint8_t *bytes;
		size_t n;
		const char *want;
	} bad[] = {
		{ PACKET_ETHERNET, BYTES(1, 2, 3), "Ethernet header" },
		{ PACKET_ETHERNET, BYTES(MACS, 8), "link header" },
		{ PACKET_ETHERNET, BYTES(MACS, 0x81, 0, 0), "VLAN tag" },
		{ PACKET_ETHERNET,
		    BYTES(MACS, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0,
			0, 1),
		    "VLAN tags" },
		{ PACKET_SLL, BYTES(0, 0), "link header" },
		{ PACKET_SLL2, BYTES(8, 0, 0), "link header" },
		{ PACKET_RAW, BYTES(0x45, 0), "IPv4 header" },
		{ PACKET_RAW, BYTES(0x65, 0), "IPv6 header" },
		{ PACKET_IPV4, BYTES(IPV6(10, 17), UDP), "IPv4 version" },
		{ PACKET_IPV6, BYTES(IPV4(30, 0, 17), UDP, UDP), "IPv6 version" },
		{ PACKET_RAW, BYTES(IPV4(8, 0, 17), UDP), "IPv4 version" },
		{ PACKET_RAW, BYTES(IPV4(24, 0, 17), UDP), "UDP header" },
		{ PACKET_RAW, BYTES(IPV4(28, 0, 17), 1, 2, 3, 4, 0, 7, 0, 0), "UDP length" },
		{ PACKET_RAW, BYTES(IPV4(30, 0, 6), UDP), "TCP header is cut" },
		{ PACKET_RAW, BYTES(IPV4(40, 0, 6), TCP(0x40, 2)), "TCP header length" },
		{ PACKET_RAW, BYTES(IPV4(40, 0, 6), TCP(0x60, 2)), "TCP header length" },
		{ PACKET_IPV6, BYTES(IPV6(2, 0), 17, 9), "IPv6 extension" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct packet p;
		struct err e;

		assert_fails(packet_parse(bad[i].link, span_of(bad[i].bytes, bad[i].n), &p, &e), e,
		    ERR_MALFORMED, bad[i].want);
	}
}

static void
addresses_are_read_written_and_compared(void **state)
{
	static const char *const good[] = { "192.0.2.1", "2001:db8::1", "::" };
	char text[PACKET_ADDRESS_TEXT];
	struct packet_address a, b;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_ok(packet_address_parse(good[i], &a, &e), e);
		assert_string_equal(packet_address_text(&a, text), good[i]);
		assert_ok(packet_address_parse(good[(i + 1) % 3], &b, &e), e);
		assert_true(packet_address_eq(&a, &a));
		assert_false(packet_address_eq(&a, &b));
	}
	assert_fails(packet_address_parse("phone", &a, &e), e, ERR_MALFORMED, "phone");
}

static void
only_these_links_are_known(void **state)
{
	static const int known[] = { 1, 12, 101, 113, 228, 229, 276 };

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		assert_true(packet_knows(known[i]));
	assert_false(packet_knows(0));
	assert_false(packet_knows(105));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_link_layer_leads_to_the_datagram),
		cmocka_unit_test(headers_that_are_cut_or_wrong_are_named),
		cmocka_unit_test(addresses_are_read_written_and_compared),
		cmocka_unit_test(only_these_links_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
