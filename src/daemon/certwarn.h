/*
 * certwarn: certificates of the cluster and of its trust stores that expire soon, or have expired.
 */
#ifndef DAEMON_CERTWARN_H
#define DAEMON_CERTWARN_H

#include "daemon/core.h"

#include <jansson.h>

/*
 * Appends to all, an array, one {"event", "where", "subject", "sha256", "days_left", "expires",
 * "text"} for each certificate that ends within [certificates] warn-days; event is "cert-expires"
 * or "cert-expired", where names its purpose and each trust store that holds it. The one that signs
 * LSCs is left out when issuerjson_warnings warns of it, earlier and with more to say.
 */
must_use bool certwarn_add(struct core *c, json_t *all, struct err *e);

/* The same to the log, at the start and every day for as long as it is so; to be called often. */
void certwarn_step(struct core *c);

#endif
