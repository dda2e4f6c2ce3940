/*
 * bytes: bytes that we own.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "base/span.h"

struct bytes {
	uint8_t *p;
	size_t n;
};

/* A copy of a span. Freed with bytes_free. */
struct bytes bytes_copy(struct span s);

/* Frees and empties. Safe on an empty one. */
void bytes_free(struct bytes *b);

/* The same, wiped first: for keys and passwords. */
void bytes_wipe(struct bytes *b);

/* A loan of all of it, good until the bytes are freed. */
static inline struct span
bytes_span(const struct bytes *b)
{
	return (struct span){ b->p, b->n };
}

#endif
