/*
 * phonecfg_build: a configuration before it gets its versionStamp. Internal to phonecfg.
 */
#ifndef RULES_PHONECFG_BUILD_H
#define RULES_PHONECFG_BUILD_H

#include "rules/phonecfg.h"

/* What phonecfg_build gives, with PHONECFG_STAMP_HOLDER in the stamp's place. in_attributes: how
 * many attributes had placeholders. False: it cannot be built. */
must_use bool phonecfg_build_unstamped(
    struct span xml, const struct phonecfg_wish *w, struct bytes *out, size_t *in_attributes);

#endif
