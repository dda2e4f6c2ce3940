/*
 * askbudget: how many signatures strangers may cause, in all and from one address.
 */
#ifndef DAEMON_ASKBUDGET_H
#define DAEMON_ASKBUDGET_H

#include "base/span.h"

#include <time.h>

#define ASKBUDGET_ALL   100 /* a second */
#define ASKBUDGET_ONE   50
#define ASKBUDGET_SLOTS 256 /* addresses of one slot share what one may have */

/* Starts zeroed. */
struct askbudget {
	time_t second;
	unsigned all, one[ASKBUDGET_SLOTS];
};

/* Whether host, an address, may cause one more now. */
bool askbudget_take(struct askbudget *b, struct span host, time_t now);

#endif
