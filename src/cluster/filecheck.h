/*
 * filecheck: the provisioning folder as it lies there, judged by rules/findings.h.
 */
#ifndef CLUSTER_FILECHECK_H
#define CLUSTER_FILECHECK_H

#include "files/folder.h"
#include "rules/findings.h"

#define FILECHECK_PATH_MAX 4096

struct filecheck {
	struct folder *folder; /* a loan */
	uint64_t max_size;     /* of a file that is served */
	void (*found)(void *arg, const char *path, const struct finding *f);
	void *arg;
};

/* One entry, and none that is below it. One that is not there, or is hidden, has no findings. */
void filecheck_path(const struct filecheck *check, const char *path);

/* Everything that comes after a path ("": all), for about budget_ms; *next is the path to go on
 * after, "" at the end. Errors: ERR_IO (the folder itself). */
must_use bool filecheck_walk(const struct filecheck *check, const char *after, unsigned budget_ms,
    char next[FILECHECK_PATH_MAX], struct err *e);

#endif
