/*
 * tftp_netascii: the text form of RFC 1350 (RFC 764): LF travels as CR LF, CR as CR NUL.
 */
#ifndef TALK_TFTP_NETASCII_H
#define TALK_TFTP_NETASCII_H

#include "base/span.h"
#include "base/wr.h"

/* A place in the converted form of a body, cheap to copy and to come back to. */
struct tftp_netascii {
	size_t offset; /* in the body */
	bool half;     /* the CR of the pair at offset is already given */
};

/* Converts on from at, at most n bytes; out may be NULL to only move on. Returns how many bytes
 * came; fewer than n: the body has ended. */
size_t tftp_netascii_encode(struct span body, struct tftp_netascii *at, size_t n, struct wr *out);

/* The way back, block by block; *cr is kept between blocks and false at the start. A CR before
 * anything but LF and NUL is kept as it is. */
void tftp_netascii_decode(struct span block, bool *cr, struct wr *out);

#endif
