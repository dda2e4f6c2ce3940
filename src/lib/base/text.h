/*
 * text: hexadecimal, and strangers' strings made fit to be shown.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/bytes.h"
#include "base/err.h"

#include <time.h>

#define TEXT_TIME_MAX 32

/* Lower-case hex of s; NUL-terminated, owned by the caller. */
char *text_hex(struct span s);

/* Upper-case hex with a separator between bytes: "48:F7:D2". Owned by the caller. */
char *text_hex_sep(struct span s, char sep);

/* Bytes from hex of either case; an odd number of digits or another character is refused. */
must_use bool text_unhex(struct span hex, struct bytes *out, struct err *e);

/* Copies a stranger's string into out, every byte outside printable ASCII and the
 * backslash written as \xNN, cut to fit with "..." at the end. out is terminated;
 * out_max >= 8. Returns out. */
char *text_printable(struct span s, char *out, size_t out_max);

/* Every byte is printable ASCII (0x20 to 0x7e). */
bool text_is_printable(struct span s);

/* Well-formed UTF-8, no overlong forms, no surrogates. NUL counts as a character. */
bool text_is_utf8(struct span s);

/* A decimal number without sign, space or leading plus, in [min, max]. */
must_use bool text_number(const char *s, unsigned long min, unsigned long max, unsigned long *out);

/* "2026-11-22T09:30:00Z", in UTC. Returns out. */
char *text_time(time_t t, char out[TEXT_TIME_MAX]);

#endif
