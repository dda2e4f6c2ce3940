/*
 * watch_events: a front's end of watch.h: reads the events of an inotify instance that was handed
 * over. Opens nothing.
 */
#ifndef FILES_WATCH_EVENTS_H
#define FILES_WATCH_EVENTS_H

#include <stdbool.h>

struct watch_events;

/* Takes over fd (non-blocking). */
struct watch_events *watch_events_new(int fd);
void watch_events_free(struct watch_events *w); /* safe with NULL */

/* The folder that events name by this number. */
void watch_events_folder(struct watch_events *w, int number, const char *path);

/* Reads what has happened since the last call, one system call when nothing has. changed is called
 * for each path, "" for everything. */
void watch_events_read(
    struct watch_events *w, void (*changed)(void *arg, const char *path), void *arg);

#endif
