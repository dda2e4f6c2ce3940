/*
 * listshow: a trust list as `show itl` and `show ctl` of Unified CM print it.
 *
 * Layout and texts: doc/protocols/phone.md, section 7.1, of the newer releases (checksum lines,
 * ISSUERNAME).
 */
#ifndef RULES_LISTSHOW_H
#define RULES_LISTSHOW_H

#include "base/err.h"
#include "base/wr.h"

enum listshow_kind { LISTSHOW_ITL, LISTSHOW_CTL };

/*
 * Writes the listing of a whole file. modified is its date as the caller wants it shown ("Wed Jul
 * 27 10:16:24 EDT 2011"). A list is verified by its own SAST record: true when it parses and keeps
 * T10, T13 and T14; else the listing ends with Unified CM's texts for that and e has the reason.
 * ERR_LIMIT when the writer is full.
 */
must_use bool listshow_file(
    enum listshow_kind kind, struct span file, const char *modified, struct wr *out, struct err *e);

/* The listing of a file that does not exist. */
void listshow_missing(enum listshow_kind kind, struct wr *out);

/* What a file's own name element calls it: CTL when it says so, else ITL. */
enum listshow_kind listshow_kind_of(struct span file);

#endif
