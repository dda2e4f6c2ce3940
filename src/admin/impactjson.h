/*
 * impactjson: what follows when a certificate is replaced, as JSON and as text.
 */
#ifndef ADMIN_IMPACTJSON_H
#define ADMIN_IMPACTJSON_H

#include "base/purpose.h"

#include <jansson.h>

/* {"purpose", "services", "itl_records", "ctl_records", "ctl_update", "phones_reset", "then"}. A
 * new reference. */
json_t *impactjson(enum purpose p);

/* The same for people, in the order in which it is done. */
void impactjson_print(const json_t *impact);

#endif
