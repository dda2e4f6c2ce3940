/*
 * logbudget: how many lines strangers may cause in the log, so that a flood of bad names fills no
 * disk.
 */
#ifndef DAEMON_LOGBUDGET_H
#define DAEMON_LOGBUDGET_H

#include <stdbool.h>
#include <time.h>

#define LOGBUDGET_LINES 100 /* a second */

/* Starts zeroed. */
struct logbudget {
	time_t second;
	unsigned lines;
	unsigned long left_out;
};

/* Whether one more line may be written now. The first one of a second in which some may again says
 * how many were left out. */
bool logbudget_take(struct logbudget *b, time_t now);

#endif
