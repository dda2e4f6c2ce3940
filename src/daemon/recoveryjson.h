/*
 * recoveryjson: states that are meant to end, as status shows them: a reset of the trust list,
 * rollback.
 */
#ifndef DAEMON_RECOVERYJSON_H
#define DAEMON_RECOVERYJSON_H

#include "daemon/core.h"

#include <jansson.h>

/* "reset_since" and "rollback_since" (null: not so) into status, and a line on each that is so into
 * warnings: {"event", "since", "days", "text"}. */
void recoveryjson_add(const struct core *c, json_t *status, json_t *warnings);

/* Who signs lists: "generation", "signer" (a purpose), "subject" of its certificate, "other_signer"
 * (the purpose that a reset would take, null without), "reset_since". A new reference. */
json_t *recoveryjson_signer(const struct core *c);

#endif
