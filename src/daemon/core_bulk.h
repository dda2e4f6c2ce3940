/*
 * core_bulk: gives an operation to many phones, so many a minute, and keeps what became of each.
 *
 * Jobs are in the store (store_bulk.h) and go on after a restart. Core takes a small step of each
 * every second. doc/guide/capf-bulk.md is what administrators read.
 */
#ifndef DAEMON_CORE_BULK_H
#define DAEMON_CORE_BULK_H

#include "daemon/core.h"
#include "rules/phone.h"

#include <jansson.h>

/* Sets on the record what the job says, after asking whether the phone can have it: nothing pending
 * that would be lost, its profile, its authentication mode, and what its model is documented to be
 * able to do. Errors: ERR_REFUSED with the reason for an administrator; those of
 * phonesettings_apply. */
must_use bool core_bulk_apply(
    struct core *c, struct phone *p, const json_t *settings, struct err *e);

/* One step of every job that is not done; a stopped one only hears how its phones fare. */
void core_bulk_step(struct core *c);

#endif
