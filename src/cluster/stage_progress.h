/*
 * stage_progress: how many phones know the keys that are announced (cluster_stage.h), and who does
 * not yet.
 */
#ifndef CLUSTER_STAGE_PROGRESS_H
#define CLUSTER_STAGE_PROGRESS_H

#include "cluster/cluster.h"
#include "rules/announced.h"

/* Something is announced. */
bool stage_is_any(const struct cluster *c);

struct stage_progress {
	size_t phones[ANNOUNCED_STATES];
	bool reached; /* as [trust] activate-share says */
};

/* Of added phones that were handed a list and not let go. Walks all of them, grouped. */
must_use bool stage_progress(struct cluster *c, struct stage_progress *out, struct err *e);

/* Those that do not know them, by name, at most max of them. */
must_use bool stage_missing_each(struct cluster *c, size_t max,
    void (*each)(void *arg, const char *name, const char *model, enum announced_state s), void *arg,
    struct err *e);

#endif
