/*
 * core_refused: a phone that refuses the list that it was handed (refusals.h) cannot hold one that
 * takes it. What was taken out of what it may hold by a boot, as files show it, and refuses that
 * list too, may be held again; what takes it is doubted. So a boot that somebody imitates at a
 * phone's own address costs that phone a boot, and not its trust.
 */
#ifndef DAEMON_CORE_REFUSED_H
#define DAEMON_CORE_REFUSED_H

#include "daemon/refusals.h"

struct core;

/* Looks at what refusals can be concluded. */
void core_refused_step(struct core *c);

#endif
