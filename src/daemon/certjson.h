/*
 * certjson: certificates as the control API shows them.
 */
#ifndef DAEMON_CERTJSON_H
#define DAEMON_CERTJSON_H

#include "pki/cert.h"

#include <jansson.h>

/* Names, serial, validity, key, hashes and PEM: {"subject", "common_name", "issuer", "issued_by",
 * "self_signed", "serial", "not_before", "not_after", "days_left", "key", "sha1", "sha256",
 * "pem"}. A new reference. */
json_t *certjson(const struct cert *c, time_t now);

/* Adds what only one certificate's page shows: "version", "signature_algorithm", "key_algorithm",
 * "key_bits" and "extensions", an array of {"name", "critical", "value"}. */
void certjson_add_details(json_t *to, const struct cert *c);

#endif
