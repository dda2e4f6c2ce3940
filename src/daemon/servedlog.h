/*
 * servedlog: what a front has sent to whom, collected and told to core in bulk (CHAN_SERVED), so
 * that it costs the serving path nothing.
 */
#ifndef DAEMON_SERVEDLOG_H
#define DAEMON_SERVEDLOG_H

#include "wire/frontmsg.h"

#define SERVEDLOG_COUNT 200 /* reports in a message at most */
#define SERVEDLOG_MS    200 /* a report waits at most */

struct event_base;
struct servedlog;

/* send is given each message. */
struct servedlog *servedlog_new(
    struct event_base *base, void (*send)(void *arg, struct span message), void *arg);
void servedlog_free(struct servedlog *l); /* safe with NULL; what waits is sent */

void servedlog_add(struct servedlog *l, const struct front_served *s);

/* A transfer of this version to this peer begins; how it ends is told with its peer and name only.
 * At most SERVEDLOG_OPEN are remembered, the oldest go. */
#define SERVEDLOG_OPEN 500000
void servedlog_begin(struct servedlog *l, struct span peer, struct span name, struct span version);
void servedlog_end(
    struct servedlog *l, bool ok, struct span peer, struct span name, struct span text);

#endif
