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

/* Watches the whole tree below path, and folders that appear in it; links are not followed in it,
 * those on the way to it are, and a change of the way (another link, a folder moved, a file system
 * mounted) is a change of everything. What is not there is watched when it comes. A watch that
 * cannot be added is logged. Errors: ERR_IO (no inotify at all). */
must_use bool watch_new(struct event_base *base, const char *path, const struct watch_calls *calls,
    struct watch **out, struct err *e);
void watch_free(struct watch *w); /* safe with NULL */

/* Another instance on the same tree, for a front. told is called for each folder with the number
 * that events of this instance name it by, now and as folders come. Paths are for
 * watch_events_folder: "" is the folder itself, "/..." stands for those on the way to it.
 * Freed by watch_free or watch_client_free. Errors: ERR_IO. */
must_use bool watch_client_new(struct watch *w,
    void (*told)(void *arg, int number, const char *path), void *arg, struct watch_client **out,
    struct err *e);
void watch_client_free(struct watch_client *c);    /* safe with NULL */
int watch_client_fd(const struct watch_client *c); /* stays its own; to be handed over */

/* Every folder on the way to path is watched by core and all clients: whatever changes there from
 * now on will be told to each. To be asked after the file was opened. False while something is
 * still to be read from core's own instance, and for a name below a folder that is not there. */
bool watch_covers(const struct watch *w, const char *path);

/* Looks for the folder again when it is not watched, as when the way to it could not be. changed is
 * called from the loop. */
void watch_refresh(struct watch *w);

#endif
