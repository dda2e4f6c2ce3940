/*
 * phonepage: phones that fit a filter, in steps.
 *
 * The arguments of a call are "filter" (rules/phonefilter.h), "names" (a list: only these) and
 * "after" (where to go on). Other phones wait while core looks, so that each call looks at some.
 */
#ifndef DAEMON_PHONEPAGE_H
#define DAEMON_PHONEPAGE_H

#include "daemon/core.h"
#include "rules/phonefilter.h"

#include <jansson.h>

#define PHONEPAGE_NAMES_MAX 100000

/* The filter that the arguments describe. Owned by the caller: phonefilter_free. Errors: those of
 * phonefilter_parse; ERR_MALFORMED, ERR_LIMIT for the names. */
must_use bool phonepage_filter(const json_t *args, struct phonefilter **out, struct err *e);

/* One phone as this list shows it, a new reference; *out NULL leaves it out. */
typedef bool phonepage_show(
    struct core *c, const json_t *args, const struct phone *p, json_t **out, struct err *e);

/* {"phones": [...], "next": where to go on, or null}. *result: a new reference. */
must_use bool phonepage_run(
    struct core *c, const json_t *args, phonepage_show *show, json_t **result, struct err *e);

#endif
