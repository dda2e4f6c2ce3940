/*
 * certbrief: a certificate in the few words by which people compare one with another.
 */
#ifndef ADMIN_CERTBRIEF_H
#define ADMIN_CERTBRIEF_H

#include "pki/cert.h"

#include <jansson.h>

/* "subject", "issuer" (Unified CM's form), "serial" ("2E:3E:1A"), "sha256" (lower-case hex) and
 * "expires". A new reference. */
json_t *certbrief(const struct cert *c);

#endif
