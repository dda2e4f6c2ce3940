/*
 * core_reset_again: phones that were reset and took a bridge by that (decision 0018) are reset once
 * more, for the list that everybody has.
 */
#ifndef DAEMON_CORE_RESET_AGAIN_H
#define DAEMON_CORE_RESET_AGAIN_H

#include "daemon/core.h"
#include "store/store_reset.h"

/* Nobody is waited for any more in that job. *over false: it may be asked again in a moment, when
 * those who came last have fetched what they came for. Else the job that follows, if one does, is
 * in the store, with what waves and waits this one had. */
must_use bool core_reset_again(struct core *c, struct store *s, const struct store_reset *job,
    time_t now, bool *over, struct err *e);

#endif
