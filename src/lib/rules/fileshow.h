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

#endif
