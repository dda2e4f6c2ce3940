/*
 * tftpd_transfer: what a TFTP engine does with one transfer, whatever made it act: a packet, an
 * answer, or time. Inside of tftpd only.
 */
#ifndef NET_TFTPD_TRANSFER_H
#define NET_TFTPD_TRANSFER_H

#include "net/tftpd.h"
#include "net/tftpd_pool.h"
#include "net/tftpd_table.h"
#include "wire/ask.h"

struct tftpd {
	struct tftpd_config config;
	struct tftp_policy policy;
	struct tftpd_table *table;
	struct tftpd_pool_plan plan;
	struct tftpd_pool *pools;
	struct udp_in *in;
	struct udp_out *out;
	struct event *tick, *flush;
	uint64_t report_second;
	unsigned reports;
	struct tftpd_stats stats;
};

struct span tftpd_transfer_name(const struct tftpd_transfer *x);

/* The client has acknowledged something, be it the options. */
bool tftpd_transfer_has_begun(const struct tftpd_transfer *x);

/* Queues what the transfer has to send. */
void tftpd_transfer_send(struct tftpd *t, struct tftpd_transfer *x);

/* What follows from a turn of the transfer's talk: more to send, or its end with a report. */
void tftpd_transfer_turn(
    struct tftpd *t, struct tftpd_transfer *x, enum turn turn, const struct err *e);

/* Ends it without a report, and with a failure and its report. */
void tftpd_transfer_finish(struct tftpd *t, struct tftpd_transfer *x);
void tftpd_transfer_fail(struct tftpd *t, struct tftpd_transfer *x, const char *why);

/* Counts a datagram that breaks the rules, and tells of the first few in a second. */
void tftpd_report_bad(struct tftpd *t, const union udp_address *peer, const char *why);

/* Queues an ERROR. */
void tftpd_error_send(struct tftpd *t, const struct tftpd_port *port, const union udp_address *peer,
    const struct udp_local *local, uint16_t code, const char *text);

#endif
