/*
 * tftp: packets of TFTP (RFC 1350) and its options (RFC 2347, 2348, 2349, 7440).
 */
#ifndef WIRE_TFTP_H
#define WIRE_TFTP_H

#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

#define TFTP_NAME_MAX      255
#define TFTP_BLOCK_DEFAULT 512
#define TFTP_BLOCK_MIN     8
#define TFTP_BLOCK_MAX     65464
#define TFTP_WINDOW_MAX    65535
#define TFTP_PACKET_MAX    (4 + TFTP_BLOCK_MAX)

enum tftp_opcode {
	TFTP_RRQ = 1,
	TFTP_WRQ = 2,
	TFTP_DATA = 3,
	TFTP_ACK = 4,
	TFTP_ERROR = 5,
	TFTP_OACK = 6,
};

enum tftp_error {
	TFTP_ERR_OTHER = 0,
	TFTP_ERR_NOT_FOUND = 1,
	TFTP_ERR_ACCESS = 2,
	TFTP_ERR_DISK_FULL = 3,
	TFTP_ERR_ILLEGAL = 4,
	TFTP_ERR_UNKNOWN_TID = 5,
	TFTP_ERR_EXISTS = 6,
	TFTP_ERR_NO_USER = 7,
	TFTP_ERR_OPTION = 8,
};

enum tftp_mode { TFTP_OCTET, TFTP_NETASCII };

/* Options of a request or an OACK; has_x says whether it was there. Unknown ones are ignored (RFC
 * 2347), as are values out of range and NULs at the end of a request. */
struct tftp_options {
	bool has_blksize, has_timeout, has_tsize, has_windowsize;
	uint16_t blksize;
	uint8_t timeout; /* seconds */
	uint64_t tsize;
	uint16_t windowsize;
};

struct tftp_packet {
	enum tftp_opcode opcode;
	struct span name; /* RRQ, WRQ: file name, NUL cut off */
	enum tftp_mode mode;
	struct tftp_options options; /* RRQ, WRQ, OACK */
	uint16_t block;              /* DATA, ACK */
	struct span data;            /* DATA */
	uint16_t error;              /* ERROR */
	struct span message;         /* ERROR: NUL cut off, may lack one */
};

/* Reads one datagram. Errors: ERR_MALFORMED with what and where. Spans are loans from it. */
must_use bool tftp_parse(struct span in, struct tftp_packet *out, struct err *e);

/* Writes one datagram. */
must_use bool tftp_encode(const struct tftp_packet *p, struct wr *out, struct err *e);

#endif
