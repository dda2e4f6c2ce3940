/*
 * core_renew: LSCs are renewed before they end, in waves, at night: [capf] renew and what follows
 * it in sealtone.conf. doc/guide/capf-renewal.md is what administrators read.
 */
#ifndef DAEMON_CORE_RENEW_H
#define DAEMON_CORE_RENEW_H

#include "daemon/core.h"

/* The window that now is in, or that ended last: it begins and ends at these minutes of the day in
 * local time (the same one twice: a whole day). *end is after now when now is in it. */
void core_renew_window(
    time_t now, unsigned from_minute, unsigned to_minute, time_t *begin, time_t *end);

/* Gives the next phones their operation when it is time; says once a day that the CAPF certificate
 * will end. */
void core_renew_step(struct core *c);

#endif
