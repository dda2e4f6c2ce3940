/*
 * rd: the one reader of bytes from outside.
 *
 * A loan that only shrinks. On failure nothing moves and nothing is written.
 * A length-prefixed part is taken as a reader of its own, so an inner parser
 * cannot run past its box. Every parse ends with rd_end: leftovers are an error
 * unless the format says otherwise. Integers are big-endian.
 */
#ifndef BASE_RD_H
#define BASE_RD_H

#include "base/err.h"
#include "base/span.h"

struct rd {
	const uint8_t *p;    /* next byte */
	size_t n;            /* bytes left */
	const uint8_t *base; /* start of the outermost buffer, for offsets in errors */
};

/* A reader of a whole buffer; offsets count from its first byte. */
struct rd rd_open(struct span s);

must_use bool rd_u8(struct rd *r, uint8_t *out);
must_use bool rd_u16(struct rd *r, uint16_t *out);
must_use bool rd_u32(struct rd *r, uint32_t *out);
must_use bool rd_u64(struct rd *r, uint64_t *out);

/* The next n bytes as a loan. */
must_use bool rd_span(struct rd *r, size_t n, struct span *out);

/* What wr_sized wrote, as a loan; an empty span comes back as an absent one. */
must_use bool rd_sized(struct rd *r, struct span *out);

/* The next n bytes as a reader of their own. */
must_use bool rd_take(struct rd *r, size_t n, struct rd *sub);

/* The next byte without taking it. */
must_use bool rd_peek(const struct rd *r, uint8_t *out);

/* Bytes up to the next value of stop, which is taken and not part of out. */
must_use bool rd_until(struct rd *r, uint8_t stop, struct span *out);

/* All that is left, as a loan; the reader is empty afterwards. */
struct span rd_rest(struct rd *r);

/* Nothing is left. */
must_use bool rd_end(const struct rd *r);

/* How far the next byte is from the start of the outermost buffer. */
size_t rd_offset(const struct rd *r);

#endif
