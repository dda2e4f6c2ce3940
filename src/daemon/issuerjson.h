/*
 * issuerjson: how the issuers of LSCs stand, as status shows it.
 */
#ifndef DAEMON_ISSUERJSON_H
#define DAEMON_ISSUERJSON_H

#include "daemon/core.h"

#include <jansson.h>

/* LSCs end with their issuer, so that a new one is needed long before: from then on it is said. */
#define ISSUERJSON_WARN_DAYS 180

/* The purpose of the certificate whose key signs LSCs now: capf or capf-issuer. */
enum purpose issuerjson_purpose(const struct core *c);

/*
 * The certificate that signs LSCs now, and earlier ones that live LSCs need or that capf-trust
 * still holds. An array of {"subject", "sha256", "expires", "signs", "live_lscs", "needed_until"};
 * the last is null when no phone needs it. A new reference.
 */
must_use bool issuerjson_of(struct core *c, json_t **out, struct err *e);

/* What an administrator should see to: an array of {"event", "purpose", "subject", "days_left",
 * "expires", "lscs_cut_short_from", "text"}. A new reference. */
json_t *issuerjson_warnings(const struct core *c);

#endif
