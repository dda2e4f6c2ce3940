/*
 * sgn: signed files (.sgn), an envelope of version 1.0 before an unchanged payload.
 *
 * Facts: doc/protocols/files.md, section 3.
 */
#ifndef WIRE_SGN_H
#define WIRE_SGN_H

#include "wire/envelope.h"

struct sgn {
	struct envelope env;
	struct span payload;
};

/* Reads a signed file: T1 to T9 and S1. Spans are loans from the file. */
must_use bool sgn_parse(struct span file, struct sgn *out, struct err *e);

/* Header and payload. */
must_use bool sgn_encode(const struct sgn *s, struct bytes *out, struct err *e);

#endif
