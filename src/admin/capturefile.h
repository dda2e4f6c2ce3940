/*
 * capturefile: a packet capture (pcap, pcapng), read to its end.
 */
#ifndef ADMIN_CAPTUREFILE_H
#define ADMIN_CAPTUREFILE_H

#include "rules/captured.h"

struct capturefile {
	struct captured *facts;
	size_t packets, malformed, first_malformed;
	struct err why; /* of the first malformed one */
};

/* path "-" is standard input. On failure (no capture, a link that is not known, a file that was
 * cut) what came before has been taken. Freed with capturefile_free, also after failure. */
must_use bool capturefile_read(
    const char *path, const struct captured_setup *setup, struct capturefile *out, struct err *e);
void capturefile_free(struct capturefile *f);

#endif
