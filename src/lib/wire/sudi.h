/*
 * sudi: the parts of a SUDI element, CAPF's tag 16.
 *
 * Facts: doc/protocols/capf.md, section 5.5.
 */
#ifndef WIRE_SUDI_H
#define WIRE_SUDI_H

#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

/* Spans of a parsed one are loans from its bytes. None is empty. */
struct sudi {
	struct span certificate;  /* DER */
	struct span sha1, sha512; /* the signatures over session id and certificate */
};

/* Reads one whole element value: three parts in this order, nothing left over (C12).
 * Errors: ERR_MALFORMED. */
must_use bool sudi_parse(struct span in, struct sudi *out, struct err *e);

/* Errors: ERR_LIMIT (a part over 65535 bytes, or the writer is full). */
must_use bool sudi_encode(const struct sudi *s, struct wr *out, struct err *e);

#endif
