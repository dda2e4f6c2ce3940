/*
 * wr: the one writer of bytes.
 *
 * Grows up to a limit given at the start and remembers the first overflow, so
 * twenty writes need one check at the end (wr_ok or wr_done). A value behind a
 * length is written between wr_len16_open and wr_len16_close. Integers are
 * big-endian.
 */
#ifndef BASE_WR_H
#define BASE_WR_H

#include "base/bytes.h"
#include "base/err.h"

struct wr {
	uint8_t *p;
	size_t n;   /* bytes written */
	size_t cap; /* bytes allocated */
	size_t max; /* bytes allowed */
	bool bad;   /* something did not fit */
};

/* An empty writer that takes at most max bytes. Freed with wr_free or wr_done. */
struct wr wr_new(size_t max);

void wr_u8(struct wr *w, uint8_t v);
void wr_u16(struct wr *w, uint16_t v);
void wr_u32(struct wr *w, uint32_t v);
void wr_u64(struct wr *w, uint64_t v);
void wr_span(struct wr *w, struct span s);
void wr_sized(struct wr *w, struct span s);          /* its length as u32, then it */
void wr_text(struct wr *w, const char *s);           /* the characters, no NUL */
void wr_fill(struct wr *w, uint8_t v, size_t count); /* count times v */

/* Reserves two bytes for a length; the mark goes to wr_len16_close, which fills
 * in the number of bytes written since. More than 65,535 is an overflow. */
size_t wr_len16_open(struct wr *w);
void wr_len16_close(struct wr *w, size_t mark);

/* Overwrites bytes already written. Outside of them is an overflow. */
void wr_patch(struct wr *w, size_t offset, struct span s);
void wr_patch16(struct wr *w, size_t offset, uint16_t v);

/* Everything fitted so far. */
must_use bool wr_ok(const struct wr *w);

/* What was written, as a loan good until the next write. */
struct span wr_view(const struct wr *w);

/* Forgets what was written and any overflow; keeps the memory. */
void wr_reset(struct wr *w);

/* Hands the bytes over and empties the writer; false (nothing to free) after an overflow. */
must_use bool wr_done(struct wr *w, struct bytes *out, struct err *e);

void wr_free(struct wr *w);

#endif
