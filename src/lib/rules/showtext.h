/*
 * showtext: lines of the listings that Unified CM prints of signed files.
 *
 * Columns are tab stops: BYTEPOS at 0, TAG at 8, LENGTH at 24, VALUE at 32 (doc/protocols/phone.md,
 * section 7.1). BYTEPOS is the number of the tag.
 */
#ifndef RULES_SHOWTEXT_H
#define RULES_SHOWTEXT_H

#include "base/wr.h"
#include "wire/envelope.h"

/* printf into the writer, at most SHOWTEXT_LINE_MAX characters. */
#define SHOWTEXT_LINE_MAX 512
void showtext_line(struct wr *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The two lines over a table. */
void showtext_columns(struct wr *out);

/* A row up to its length; then a value and the end of the line, in one of several forms. */
void showtext_row(struct wr *out, unsigned tag, const char *name, size_t length);
void showtext_end(struct wr *out);
void showtext_end_name(struct wr *out, struct span name);    /* nothing when empty */
void showtext_end_serial(struct wr *out, struct span bytes); /* 21:00:2D */
void showtext_end_text(struct wr *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A stranger's string: UTF-8 as it is, control characters and broken bytes as \xNN. */
void showtext_name(struct wr *out, struct span s);

/* Bytes in rows of 8, four characters each: lower-case hex without leading zero, then blanks. */
void showtext_hex_rows(struct wr *out, struct span bytes);

/* "Version:" and "HeaderLength:". */
void showtext_version(struct wr *out, const struct envelope *env);

/* Length of the value of tag 3: its three elements with their heads, and the NULs of the names. */
size_t showtext_signer_length(const struct envelope *env);

/* Lengths of the values of tags 7 and 9, which never vary (files.md 1.2). */
#define SHOWTEXT_SIGNATURE_INFO 15
#define SHOWTEXT_ALGORITHM_INFO 8

#endif
