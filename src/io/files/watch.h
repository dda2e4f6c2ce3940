/*
 * watch: tells of every change in the provisioning folder, through inotify.
 *
 * Core keeps the watches and reads the folder; each front gets an inotify instance of its own,
 * whose events the kernel queues before the change is visible as done. So a front that reads its
 * events before it serves a copy never serves an old one, whoever else is slow.
 */
#ifndef FILES_WATCH_H
#define FILES_WATCH_H

#include "base/err.h"

struct event_base;
struct watch;
struct watch_client;

struct watch_calls {
	/* Something was changed: path relative to the folder, "" for everything (a folder came,
	 * went or moved, or events were lost). */
	void (*changed)(void *arg, const char *path);
	void *arg;
};

/* Watches the whole tree below path, and folders that appear in it. A folder that is not there is
 * watched as soon as watch_refresh finds it. Errors: ERR_IO (no inotify at all). */
must_use bool watch_new(struct event_base *base, const char *path, const struct watch_calls *calls,
    struct watch **out, struct err *e);
void watch_free(struct watch *w); /* safe with NULL */

/* Another instance on the same tree, for a front. told is called for each folder with the number
 * that events of this instance name it by, now and as folders come; path "" is the folder itself.
 * Freed by watch_free or watch_client_free. Errors: ERR_IO. */
must_use bool watch_client_new(struct watch *w,
    void (*told)(void *arg, int number, const char *path), void *arg, struct watch_client **out,
    struct err *e);
void watch_client_free(struct watch_client *c);    /* safe with NULL */
int watch_client_fd(const struct watch_client *c); /* stays its own; to be handed over */

/* Every folder on the way to path is watched by this client: changes of it will be told. NULL: by
 * everybody. */
bool watch_covers(const struct watch *w, const char *path);

/* Looks for the folder again when it was not there. */
void watch_refresh(struct watch *w);

#endif
