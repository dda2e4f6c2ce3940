/*
 * watch_names: what the events of an inotify instance are about; shared by watch.c and
 * watch_events.c.
 *
 * Each watch has a number and a name: the path of a folder below the provisioning folder, "" for
 * that itself; or "/a/b" for a folder on the way to it, of which only the entries a and b matter,
 * and "/" for one of which every entry does.
 */
#ifndef FILES_WATCH_NAMES_H
#define FILES_WATCH_NAMES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/inotify.h>

struct watch_names {
	struct watch_name {
		int number;
		char *name;
	} * row; /* by number */
	size_t count, room;
};

/* Names a watch, or names it anew. */
void watch_names_put(struct watch_names *n, int number, const char *name);
void watch_names_drop(struct watch_names *n, int number);
void watch_names_clear(struct watch_names *n);

/* NULL when there is no such watch; a loan until names change. */
const char *watch_names_find(const struct watch_names *n, int number);

/* The path is a folder or lies below it. */
bool watch_names_is_below(const char *path, const char *folder);

enum watch_news {
	WATCH_NOTHING,    /* that matters */
	WATCH_FILE,       /* something at path that is no folder */
	WATCH_FOLDER,     /* a folder at path came, went, or has other rights */
	WATCH_GONE,       /* the watched folder itself went, or its watch did; path is its name */
	WATCH_UNKNOWN,    /* of a watch without a name */
	WATCH_EVERYTHING, /* the way to the folder changed, or events were lost */
};

enum watch_news watch_names_judge(
    const struct watch_names *n, const struct inotify_event *ev, char path[PATH_MAX]);

/* Reads what is queued, one system call when nothing is. False: more was queued than is read at
 * once, or it cannot be read. */
bool watch_names_read(int fd, void (*each)(void *arg, const struct inotify_event *ev), void *arg);

#endif
