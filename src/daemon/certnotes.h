/*
 * certnotes: what an administrator should know after certificates were replaced, beside what
 * follows in any case (rules/impact.h).
 */
#ifndef DAEMON_CERTNOTES_H
#define DAEMON_CERTNOTES_H

#include "daemon/core.h"

#include <jansson.h>

/* What the certificate of a purpose is now: "purpose", "subject", "issuer", "not_after", "sha256"
 * and "notes", an empty array. */
json_t *certnotes_replaced(const struct core *c, enum purpose p);

/* Which active certificates another CA has signed; to be asked before they are replaced. */
void certnotes_signed(const struct core *c, bool signed_by_ca[PURPOSE_COUNT]);

/* Appends a text to all, an array, when that of a purpose was one and is none any more. */
void certnotes_add_lost(
    const struct core *c, enum purpose p, const bool was_signed[PURPOSE_COUNT], json_t *all);

/* Appends what is not as Unified CM's table of usages, or the node, has it, of one that was
 * imported, and does no harm to phones. */
void certnotes_add_imported(const struct core *c, enum purpose p, json_t *all);

#endif
