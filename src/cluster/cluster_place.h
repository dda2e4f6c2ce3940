/*
 * cluster_place: where the folder of a cluster appears: whole, or not at all.
 *
 * Everything is built in a folder beside the one that is asked for, which it then replaces in one
 * step.
 */
#ifndef CLUSTER_CLUSTER_PLACE_H
#define CLUSTER_CLUSTER_PLACE_H

#include "base/err.h"

#include <limits.h>

struct cluster_place {
	char target[PATH_MAX], beside[PATH_MAX];
};

/* Makes the folder beside dir, which must not exist or be empty: else ERR_CONFLICT, with why. */
must_use bool cluster_place_make(
    const char *dir, const char *why, struct cluster_place *out, struct err *e);

/* Brings it to its place; one that has got content meanwhile stays as it is (ERR_CONFLICT). */
must_use bool cluster_place_take(const struct cluster_place *m, struct err *e);

/* Removes a folder with what is in it, as far as that goes. */
void cluster_folder_remove(const char *path);

#endif
