/*
 * core_folder: the provisioning folder as core sees it: its files, and who is told of changes.
 *
 * Core watches the folder's tree for itself and for each front (files/watch.h). What is not watched
 * (no inotify to be had, a folder too deep, a network file system) is served all the same, and
 * fronts keep no copies of it.
 */
#ifndef DAEMON_CORE_FOLDER_H
#define DAEMON_CORE_FOLDER_H

#include "daemon/core.h"
#include "files/folder.h"

struct core_folder;

struct core_folder *core_folder_new(struct core *c);
void core_folder_free(struct core_folder *f); /* safe with NULL */

/* The files themselves. */
struct folder *core_folder_files(const struct core_folder *f);

/* Every change of this file, or of its not being there, is told to those who watch. */
bool core_folder_tells(
    const struct core_folder *f, const char *path, const struct folder_file *file);
/* This front does. */
bool core_folder_tells_front(const struct core_folder *f, const struct core_front *front);

/* Hands a front its watches. A front without any keeps no copies of files. */
void core_folder_front(struct core_folder *f, struct core_front *front);

/* The front is gone. */
void core_folder_drop(struct core_folder *f, const struct core_front *front);

/* The settings were read again: the folder may be another one. true: it is. */
bool core_folder_reload(struct core_folder *f);

#endif
