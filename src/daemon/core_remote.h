/*
 * core_remote: which other clusters' servers may have a file that is not here (centralised TFTP,
 * doc/protocols/phone.md 1.3). Fronts ask them (front_remote.h).
 *
 * A phone that is added here is served here alone. Every other phone belongs to another cluster
 * while there are any: its trust lists come from there, so does its configuration unless a file for
 * it lies here, and neither ITLFile.tlv nor CTLFile.tlv is served at all, for that is what a phone
 * takes in place of a list that was not found.
 */
#ifndef DAEMON_CORE_REMOTE_H
#define DAEMON_CORE_REMOTE_H

#include "daemon/core_source.h"

#define CORE_REMOTE_MAX 8192

/* There are other clusters to ask. */
must_use bool core_remote_any(struct core *c, bool *any, struct err *e);

/* Where a file that is not here is asked for: answer.elsewhere, "" nowhere. */
must_use bool core_remote_elsewhere(
    struct core *c, const struct core_wanted *wanted, char out[CORE_REMOTE_MAX], struct err *e);

#endif
