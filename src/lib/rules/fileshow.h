/*
 * fileshow: the header of a signed or encrypted file as text, with Cisco's names.
 *
 * The rows of listshow.h, and besides what `show itl` leaves out: digest, file name, time and
 * what follows the header.
 */
#ifndef RULES_FILESHOW_H
#define RULES_FILESHOW_H

#include "base/wr.h"
#include "wire/encfile.h"
#include "wire/sgn.h"

/* Of a .sgn. */
void fileshow_sgn(const struct sgn *s, struct wr *out);

/* Of a .enc.sgn. */
void fileshow_enc(const struct encfile *f, struct wr *out);

/* Seconds since 1970 as "2026-11-22T03:58:03Z". out_max >= 21. Returns out. */
char *fileshow_time(uint32_t timestamp, char *out, size_t out_max);

#endif
