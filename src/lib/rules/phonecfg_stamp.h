/*
 * phonecfg_stamp: the versionStamp of what we build. Internal to phonecfg.
 */
#ifndef RULES_PHONECFG_STAMP_H
#define RULES_PHONECFG_STAMP_H

#include "rules/phonecfg.h"

/* What stands in versionStamp while the rest is written. As long as a stamp. */
#define PHONECFG_STAMP_HOLDER "00000000-0000-0000-0000-000000000000"

/* The stamp of a document that holds PHONECFG_STAMP_HOLDER in its place: it follows from the
 * content, so that what is built twice is the same. It is put there, unless its holder stands in
 * several places (*is_put false). Errors: ERR_CRYPTO. */
must_use bool phonecfg_stamp_put(
    struct bytes *document, char stamp[PHONECFG_STAMP_MAX], bool *is_put, struct err *e);

/* phonecfg_build for a mould: the holder stays. in_attributes: how many placeholders stood in
 * attributes. False: it cannot be built. */
must_use bool phonecfg_build_unstamped(
    struct span xml, const struct phonecfg_wish *w, struct bytes *out, size_t *in_attributes);

#endif
