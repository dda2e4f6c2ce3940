/*
 * capture: a file of captured packets, pcap or pcapng, read by libpcap.
 */
#ifndef FILES_CAPTURE_H
#define FILES_CAPTURE_H

#include "base/err.h"
#include "base/span.h"

#include <time.h>

struct capture;

struct capture_frame {
	size_t number; /* from 1 */
	time_t at;
	int link;          /* how it begins: libpcap's number (DLT), as wire/packet.h takes it */
	struct span bytes; /* a loan until the next call */
	size_t sent;       /* bytes that it had; more than bytes: it was captured in part */
};

/* path "-" is standard input. Freed with capture_close. Errors: ERR_IO (not there, not to be read),
 * ERR_MALFORMED (no capture). They name the file. */
must_use bool capture_open(const char *path, struct capture **out, struct err *e);

/* The next frame; *end: there are no more. Errors: ERR_MALFORMED with the number of the packet that
 * is damaged or cut; frames before it were whole. */
must_use bool capture_next(struct capture *c, struct capture_frame *out, bool *end, struct err *e);

/* Safe with NULL. */
void capture_close(struct capture *c);

#endif
