/*
 * resetjson: reset jobs, and the last reset of a phone, as JSON.
 */
#ifndef DAEMON_RESETJSON_H
#define DAEMON_RESETJSON_H

#include "daemon/core.h"

#include <jansson.h>

/* A job with its phones by state. *out: a new reference. Errors: ERR_STORE. */
must_use bool resetjson_job(
    struct core *c, const struct store_reset *r, json_t **out, struct err *e);

/* One phone's place in a job. A new reference. */
json_t *resetjson_place(const struct store_reset_phone *p);

/* The last reset of that phone, null when there was none. *out: a new reference. Errors: ERR_STORE.
 */
must_use bool resetjson_phone(struct core *c, const char *name, json_t **out, struct err *e);

#endif
