/*
 * phoneprogress: one clear reason instead of "Operation Pending": how far a phone's last attempt at
 * CAPF came, and since when nothing was heard.
 */
#ifndef DAEMON_PHONEPROGRESS_H
#define DAEMON_PHONEPROGRESS_H

#include "daemon/core.h"

#include <jansson.h>

/* "progress", one sentence, and "attempt": {step, reason, at, address, keygen_failures, broken}.
 * step: none (never seen), file (it fetched a file, CAPF heard nothing), tcp, tls, authentication,
 * key-generation, phone, ca, store, done. Errors: ERR_STORE. */
must_use bool phoneprogress_add(
    struct core *c, const struct phone *p, json_t *phone, struct err *e);

/* "operations": each status that the phone's operations had, newest first. Errors: ERR_STORE. */
must_use bool phoneprogress_history(
    struct core *c, const struct phone *p, json_t *phone, struct err *e);

#endif
