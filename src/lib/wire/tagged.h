/*
 * tagged: one element of a CAPF or TVS message: a tag of one byte, a 16-bit length and a value.
 *
 * Internal to wire: the two protocols are one encoding with two tables (doc/protocols/capf.md,
 * section 5.1; tvs.md, section 6). What a tag means, and whether it may stand there, is for
 * capfmsg.c and tvsmsg.c.
 */
#ifndef WIRE_TAGGED_H
#define WIRE_TAGGED_H

#include "base/err.h"
#include "base/rd.h"

struct tagged {
	size_t at; /* where it starts in the message, for errors */
	uint8_t tag;
	uint16_t length;
	struct rd value; /* exactly length bytes of the message */
};

/*
 * Takes the next element off in. Errors: ERR_MALFORMED, with the name of the rule broken and the
 * offset (cut before its value; longer than what is left).
 */
must_use bool tagged_read(struct rd *in, const char *rule, struct tagged *out, struct err *e);

#endif
