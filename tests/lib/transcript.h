/*
 * transcript: the recorded conversations of tests/vectors (capf/, tvs/): lines "S> hex" and
 * "C> hex", one write of a sender each.
 */
#ifndef TESTS_LIB_TRANSCRIPT_H
#define TESTS_LIB_TRANSCRIPT_H

#include "base/bytes.h"
#include "base/err.h"

#define TRANSCRIPT_LINES_MAX 64

struct transcript {
	char from[TRANSCRIPT_LINES_MAX]; /* 'S' or 'C' */
	struct bytes line[TRANSCRIPT_LINES_MAX];
	size_t count;
};

/* Reads the text of one. Freed with transcript_free, also after a failure. */
must_use bool transcript_parse(struct span text, struct transcript *out, struct err *e);

/* A line as a loan. */
struct span transcript_line(const struct transcript *t, size_t i);

void transcript_free(struct transcript *t);

#endif
