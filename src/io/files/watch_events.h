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

/* The folder that events name by this number, as watch_client_new told it. */
void watch_events_folder(struct watch_events *w, int number, const char *path);

/* Reads what has happened since the last call, one system call when nothing has. changed is called
 * for each path, "" for everything. An answer that was asked for before and comes after this call
 * may be of the file as it was: what is told of must not be kept from such an answer either. */
void watch_events_read(
    struct watch_events *w, void (*changed)(void *arg, const char *path), void *arg);

#endif
