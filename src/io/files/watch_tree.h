/*
 * watch_tree: which folders are watched, by every instance of a watch: those on the way to the
 * provisioning folder, and its whole tree. Only watch.c uses it.
 */
#ifndef FILES_WATCH_TREE_H
#define FILES_WATCH_TREE_H

#include "files/watch.h"
#include "files/watch_names.h"

#include <sys/types.h>

struct event;

/* One inotify instance. */
struct watch_client {
	struct watch *watch;
	struct watch_client *next;
	int fd;
	struct watch_names names;
	void (*told)(void *arg, int number, const char *path); /* NULL: core's own */
	void *arg;
};

struct watch_folder {
	char *path;
	dev_t dev;
	ino_t ino;
};

struct watch {
	char *path;
	struct watch_calls calls;
	struct watch_client own;     /* core's, and the first of the list of all */
	int root;                    /* the folder; -1: it is not there */
	struct watch_folder *folder; /* those that every instance watches, by path */
	size_t count, room;
	bool failed, failure_told; /* a watch could not be added */
	/* What was found while reading events. */
	bool reading, everything, rebuild;
	char last[PATH_MAX];
	struct event *event, *mounts_event;
	int mounts, mounts_poll; /* -1: none */
};

/* Begins anew: drops every watch, looks for the folder, watches the way to it and its tree. */
void watch_tree_build(struct watch *w);

/* A further instance, already in the list, gets the watches that the others have. What it cannot
 * watch is watched by nobody any more. */
void watch_tree_join(struct watch *w, struct watch_client *c);

/* The folder at path, when it is one, and those below it. */
void watch_tree_add(struct watch *w, const char *path);
void watch_tree_drop(struct watch *w, const char *path);

/* Every instance watches the folder whose path is the first n characters. */
bool watch_tree_has(const struct watch *w, const char *path, size_t n);

/* The folders found by their paths are still the ones that are watched: nothing was mounted. */
bool watch_tree_is_same(const struct watch *w);

/* Frees what is remembered; the instances stay. */
void watch_tree_clear(struct watch *w);

#endif
