/*
 * tftp: one transfer, at both ends, without socket or clock.
 *
 * TFTP has an interface of its own instead of struct session_kind: one datagram may be answered by
 * a window of them, and data is lent to the socket from the file, never copied. io/net/tftpd drives
 * many servers; the simulated phone and the tests drive the client.
 */
#ifndef TALK_TFTP_H
#define TALK_TFTP_H

#include "talk/session.h"
#include "talk/tftp_netascii.h"
#include "talk/tftp_timer.h"
#include "wire/tftp.h"

/* Converted text is copied into the packet, so its blocks are kept to what fits a frame. */
#define TFTP_NETASCII_BLOCK_MAX 1428
/* The longest packet that tftp_server_next writes, without the data lent beside it. */
#define TFTP_SERVER_PACKET_MAX (4 + TFTP_NETASCII_BLOCK_MAX)

/* What a server grants. */
struct tftp_policy {
	uint16_t blksize_max, windowsize_max;
	uint32_t retry_ms;     /* first wait; the timeout option replaces it */
	uint32_t retry_max_ms; /* longest wait; a longer timeout option is not granted */
	unsigned tries;        /* repeats before a client counts as gone */
};

struct tftp_server {
	struct span body;
	enum tftp_mode mode;
	struct tftp_options granted;
	bool has_oack;            /* something was granted */
	bool oack_due, oack_open; /* to be sent; not yet acknowledged */
	uint16_t blksize, windowsize;
	uint64_t acked, sent; /* blocks, counted from 1 without rolling over */
	uint64_t last;        /* the last block; UINT64_MAX while netascii has not met it */
	struct tftp_netascii base, at; /* where blocks acked + 1 and sent + 1 begin */
	struct tftp_timer timer;
};

/* Begins to send body as mode and options of a request want. body is a loan until the transfer
 * ends. tsize is answered for octet alone (the length of the converted form would cost a walk over
 * the file). What there is to send is then taken with tftp_server_next. */
void tftp_server_start(struct tftp_server *t, enum tftp_mode mode, const struct tftp_options *asked,
    struct span body, const struct tftp_policy *policy, uint64_t now_ms);

/* The next packet to send: header (for netascii the whole) into packet, which is emptied first,
 * and the data to follow it as a loan from body. false: nothing to send now. */
must_use bool tftp_server_next(struct tftp_server *t, struct wr *packet, struct span *data);

/* A packet of the client. TURN_DONE: it has everything; TURN_FAIL: it gave up, *e says why;
 * TURN_GO_ON: look at tftp_server_next. An acknowledgement seen before is never answered with data
 * (RFC 1123, 4.2.3.1); one from inside the window is where the next window begins (RFC 7440). */
enum turn tftp_server_receive(
    struct tftp_server *t, const struct tftp_packet *p, uint64_t now_ms, struct err *e);

/* The same request came again: the first packet is due again if the client cannot have it, else
 * nothing changes. */
void tftp_server_repeat(struct tftp_server *t);

/* timer.deadline_ms has passed. TURN_GO_ON: look at tftp_server_next; TURN_FAIL: tries used up. */
enum turn tftp_server_tick(struct tftp_server *t, uint64_t now_ms, struct err *e);

/* What a client wants. A loan that outlives the transfer. */
struct tftp_client_plan {
	const char *name;
	enum tftp_mode mode;
	struct tftp_options options;
	size_t size_max; /* a larger file is refused */
	uint32_t retry_ms, retry_max_ms;
	unsigned tries;
};

struct tftp_client {
	const struct tftp_client_plan *plan;
	struct wr body;      /* what has come */
	bool answered, over; /* the server has spoken; the last block is here */
	uint16_t blksize, windowsize;
	uint64_t got;   /* blocks that came in order */
	uint64_t acked; /* of these acknowledged */
	bool gap_told, cr;
	bool has_tsize;
	uint64_t tsize; /* as the server said */
	uint16_t error; /* TURN_FAIL by an ERROR of the server: its code */
	bool has_error;
	struct tftp_timer timer;
};

/* Writes the request. The first answer's port is the server's for the rest of the transfer; the
 * driver drops what comes from another one. Errors: ERR_MALFORMED (the name). */
must_use bool tftp_client_start(struct tftp_client *c, const struct tftp_client_plan *plan,
    uint64_t now_ms, struct wr *out, struct err *e);

/* A packet of the server. Writes what is to be sent now, perhaps nothing. TURN_DONE: the file is in
 * body; until the driver closes, give repeated packets to this call, so that a lost last
 * acknowledgement is said again. TURN_FAIL: *e says why. */
enum turn tftp_client_receive(struct tftp_client *c, const struct tftp_packet *p, uint64_t now_ms,
    struct wr *out, struct err *e);

/* timer.deadline_ms has passed: says the last word again, or fails. */
enum turn tftp_client_tick(struct tftp_client *c, uint64_t now_ms, struct wr *out, struct err *e);

void tftp_client_free(struct tftp_client *c);

#endif
