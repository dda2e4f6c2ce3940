/*
 * phonedetail: what is shown of one phone that was named, and not of each in a list.
 */
#ifndef DAEMON_PHONEDETAIL_H
#define DAEMON_PHONEDETAIL_H

#include "daemon/core.h"
#include "rules/phone.h"

#include <jansson.h>

/* Adds "config" (how its configuration is made) and "served" (what it fetched last) to a phone's
 * object; with values also "values", which may hold passwords. */
must_use bool phonedetail_add(
    struct core *c, const struct phone *p, bool values, json_t *phone, struct err *e);

#endif
