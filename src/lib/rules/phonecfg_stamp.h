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

#endif
