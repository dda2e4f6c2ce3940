#include "../check.h"

#include "wire/tftp.h"

/* The bytes of a string literal without its last NUL. */
#define BYTES(s) span_of(s, sizeof(s) - 1)

static struct tftp_packet
parse_well(struct span in)
{
	struct tftp_packet p;
	struct err e = { 0 };

	assert_ok(tftp_parse(in, &p, &e), e);
	return p;
}

static void
assert_round_trip(struct span in)
{
	struct tftp_packet p = parse_well(in);
	struct wr out = wr_new(TFTP_PACKET_MAX);
	struct err e = { 0 };

	assert_ok(tftp_encode(&p, &out, &e), e);
	assert_span_equal(wr_view(&out), in);
	wr_free(&out);
}

static void
tftp_parse_then_encode_gives_the_same_bytes(void **state)
{
	(void)state;
	assert_round_trip(BYTES("\0\1ITLFile.tlv\0octet\0"));
	assert_round_trip(BYTES("\0\2x\0netascii\0"));
	assert_round_trip(
	    BYTES("\0\1a\0octet\0blksize\0001428\0timeout\0003\0tsize\0000\0windowsize\00016\0"));
	assert_round_trip(BYTES("\0\3\377\376data"));
	assert_round_trip(BYTES("\0\3\0\1"));
	assert_round_trip(BYTES("\0\4\0\0"));
	assert_round_trip(BYTES("\0\5\0\1File not found\0"));
	assert_round_trip(BYTES("\0\6tsize\00018446744073709551615\0"));
	assert_round_trip(BYTES("\0\6"));
}

static void
tftp_parse_reads_every_part_of_a_request(void **state)
{
	struct tftp_packet p = parse_well(BYTES("\0\1SEP001122334455.cnf.xml\0OcTeT\0"
						"BLKSIZE\0008192\0tsize\0000\0windowSize\0004\0"));

	(void)state;
	assert_int_equal(p.opcode, TFTP_RRQ);
	assert_span_equal(p.name, span_str("SEP001122334455.cnf.xml"));
	assert_int_equal(p.mode, TFTP_OCTET);
	assert_true(p.options.has_blksize && p.options.has_tsize && p.options.has_windowsize);
	assert_false(p.options.has_timeout);
	assert_int_equal(p.options.blksize, 8192);
	assert_int_equal(p.options.windowsize, 4);
}

static void
tftp_parse_ignores_values_out_of_range_in_a_request(void **state)
{
	const struct {
		struct span in;
		uint16_t blksize, timeout, windowsize; /* 0: not there */
	} cases[] = {
		{ BYTES("\0\1a\0octet\0blksize\0007\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\0008\0"), 8, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\00065464\0"), 65464, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\00065465\0"), 65464, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\00099999999999999999999999\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\0-512\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\0\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0timeout\0000\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0timeout\000255\0"), 0, 255, 0 },
		{ BYTES("\0\1a\0octet\0timeout\000256\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0windowsize\0000\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0windowsize\00065535\0"), 0, 0, 65535 },
		{ BYTES("\0\1a\0octet\0windowsize\00065536\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0multicast\0\0blksize\00016\0"), 16, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\00016\0blksize\00032\0"), 16, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\0000000512\0"), 512, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\0+512\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\0 512\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\000512 \0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\0000x200\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize\000512.0\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0blksize \000512\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0TimeOut\0002\0WINDOWSIZE\00016\0"), 0, 2, 16 },
		{ BYTES("\0\1a\0octet\0timeout\00018446744073709551617\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0windowsize\0-1\0"), 0, 0, 0 },
		{ BYTES("\0\1a\0octet\0\0\0blksize\00016\0"), 16, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct tftp_options o = parse_well(cases[i].in).options;

		assert_int_equal(o.has_blksize ? o.blksize : 0, cases[i].blksize);
		assert_int_equal(o.has_timeout ? o.timeout : 0, cases[i].timeout);
		assert_int_equal(o.has_windowsize ? o.windowsize : 0, cases[i].windowsize);
	}
}

static void
tftp_parse_lets_nuls_behind_a_request_pass(void **state)
{
	static const uint8_t request[600] = "\0\1a\0octet\0tsize\0000";

	(void)state;
	for (size_t n = 10; n <= 13; n++) /* behind the mode */
		parse_well(span_of("\0\1a\0octet\0\0\0", n));
	for (size_t n = 18; n < sizeof request; n++) {
		struct tftp_packet p = parse_well(span_of(request, n));

		assert_span_equal(p.name, span_str("a"));
		assert_true(p.options.has_tsize);
	}
}

static void
tftp_parse_reads_modes_of_any_case_and_no_others(void **state)
{
	static const struct {
		const char *mode;
		int is; /* -1: none that we know */
	} rows[] = { { "octet", TFTP_OCTET }, { "OCTET", TFTP_OCTET }, { "oCtEt", TFTP_OCTET },
		{ "netascii", TFTP_NETASCII }, { "NETASCII", TFTP_NETASCII },
		{ "NetAscii", TFTP_NETASCII }, { "mail", -1 }, { "MAIL", -1 }, { "", -1 },
		{ "octe", -1 }, { "octet ", -1 }, { " octet", -1 }, { "binary", -1 },
		{ "\xef\xbb\xbfoctet", -1 }, { "0", -1 } };
	struct wr w = wr_new(64);
	struct tftp_packet p;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		wr_reset(&w);
		wr_u16(&w, TFTP_RRQ);
		wr_span(&w, BYTES("a\0"));
		wr_span(&w, span_of(rows[i].mode, strlen(rows[i].mode) + 1));
		if (tftp_parse(wr_view(&w), &p, &e) != (rows[i].is >= 0))
			fail_msg("%s", rows[i].mode);
		if (rows[i].is >= 0)
			assert_int_equal(p.mode, rows[i].is);
	}
	wr_free(&w);
}

static void
tftp_parse_refuses_what_breaks_the_format(void **state)
{
	const struct {
		struct span in;
		const char *why;
	} cases[] = {
		{ BYTES(""), "datagram of 0 bytes" },
		{ BYTES("\0"), "datagram of 1 bytes" },
		{ BYTES("\0\0x"), "opcode 0" },
		{ BYTES("\0\7x"), "opcode 7" },
		{ BYTES("\1\1a\0octet\0"), "opcode 257" },
		{ BYTES("\0\1"), "file name has no end" },
		{ BYTES("\0\1abc"), "file name has no end" },
		{ BYTES("\0\1\0octet\0"), "file name is empty" },
		{ BYTES("\0\1abc\0"), "mode at offset 6 has no end" },
		{ BYTES("\0\1abc\0octet"), "mode at offset 6 has no end" },
		{ BYTES("\0\1abc\0mail\0"), "neither octet nor netascii" },
		{ BYTES("\0\1abc\0octets\0"), "neither octet nor netascii" },
		{ BYTES("\0\1abc\0octet\0blksize\0"), "option at offset 12 has no end" },
		{ BYTES("\0\1abc\0octet\0blksize\00012"), "option at offset 12 has no end" },
		{ BYTES("\0\1abc\0octet\0x"), "option at offset 12 has no end" },
		{ BYTES("\0\1abc\0octet\0\0x"), "option at offset 12 has no end" },
		{ BYTES("\0\6\0"), "option at offset 2 has no end" },
		{ BYTES("\0\3\0"), "DATA of 3 bytes" },
		{ BYTES("\0\4\0"), "ACK is not 4 bytes" },
		{ BYTES("\0\4\0\1\0"), "ACK is not 4 bytes" },
		{ BYTES("\0\5\0"), "ERROR of 3 bytes" },
		{ BYTES("\0\6blksize\0007\0"), "option blksize at offset 2 is out of range" },
		{ BYTES("\0\6blksize\00065465\0"), "option blksize" },
		{ BYTES("\0\6windowsize\0x\0"), "option windowsize" },
	};
	struct tftp_packet p;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_fails(tftp_parse(cases[i].in, &p, &e), e, ERR_MALFORMED, cases[i].why);
}

static void
tftp_parse_takes_a_name_of_255_bytes_and_no_longer(void **state)
{
	char name[TFTP_NAME_MAX + 2];
	struct wr w = wr_new(1024);
	struct tftp_packet p;
	struct err e;

	(void)state;
	memset(name, 'n', sizeof name);
	for (size_t n = TFTP_NAME_MAX; n <= TFTP_NAME_MAX + 1; n++) {
		wr_reset(&w);
		wr_u16(&w, TFTP_RRQ);
		wr_span(&w, span_of(name, n));
		wr_u8(&w, 0);
		wr_span(&w, BYTES("octet\0"));
		if (n == TFTP_NAME_MAX)
			assert_int_equal(parse_well(wr_view(&w)).name.n, n);
		else
			assert_fails(tftp_parse(wr_view(&w), &p, &e), e, ERR_MALFORMED,
			    "file name of 256 bytes");
	}
	wr_free(&w);
}

static void
tftp_parse_takes_an_error_without_its_nul_or_with_more_behind(void **state)
{
	(void)state;
	assert_span_equal(parse_well(BYTES("\0\5\0\4why")).message, span_str("why"));
	assert_span_equal(parse_well(BYTES("\0\5\0\4why\0x")).message, span_str("why"));
	assert_int_equal(parse_well(BYTES("\0\5\0\4")).error, TFTP_ERR_ILLEGAL);
}

static void
tftp_encode_refuses_what_has_no_form_on_the_wire(void **state)
{
	struct tftp_packet p = { .opcode = TFTP_RRQ, .name = BYTES("a\0b") };
	struct wr out = wr_new(TFTP_PACKET_MAX), small = wr_new(3);
	struct err e;

	(void)state;
	assert_fails(tftp_encode(&p, &out, &e), e, ERR_MALFORMED, "no NUL");
	p.name = BYTES("");
	assert_fails(tftp_encode(&p, &out, &e), e, ERR_MALFORMED, "1 to 255 bytes");
	p = (struct tftp_packet){ .opcode = TFTP_ERROR, .message = BYTES("a\0b") };
	assert_fails(tftp_encode(&p, &out, &e), e, ERR_MALFORMED, "no NUL");
	p = (struct tftp_packet){ .opcode = TFTP_ACK };
	assert_fails(tftp_encode(&p, &small, &e), e, ERR_LIMIT, "longer than 3 bytes");
	wr_free(&out);
	wr_free(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tftp_parse_then_encode_gives_the_same_bytes),
		cmocka_unit_test(tftp_parse_reads_every_part_of_a_request),
		cmocka_unit_test(tftp_parse_ignores_values_out_of_range_in_a_request),
		cmocka_unit_test(tftp_parse_lets_nuls_behind_a_request_pass),
		cmocka_unit_test(tftp_parse_reads_modes_of_any_case_and_no_others),
		cmocka_unit_test(tftp_parse_refuses_what_breaks_the_format),
		cmocka_unit_test(tftp_parse_takes_a_name_of_255_bytes_and_no_longer),
		cmocka_unit_test(tftp_parse_takes_an_error_without_its_nul_or_with_more_behind),
		cmocka_unit_test(tftp_encode_refuses_what_has_no_form_on_the_wire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
