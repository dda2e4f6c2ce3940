/*
 * span: bytes that belong to somebody else.
 *
 * A span is a loan from a buffer that outlives it; whoever hands one out says
 * in a comment which buffer. Copy (bytes.h) what you keep.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const uint8_t *p;
	size_t n;
};

/* The n bytes at p. */
static inline struct span
span_of(const void *p, size_t n)
{
	return (struct span){ p, n };
}

/* The characters of a C string, without its NUL. */
static inline struct span
span_str(const char *s)
{
	return (struct span){ (const uint8_t *)s, strlen(s) };
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equal to the characters of a C string. */
static inline bool
span_is(struct span a, const char *s)
{
	return span_eq(a, span_str(s));
}

#endif
