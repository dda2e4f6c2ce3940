/*
 * core_digest: with which digest a file is signed: the one that the cluster wishes, as far as those
 * who ask for it take it.
 */
#ifndef DAEMON_CORE_DIGEST_H
#define DAEMON_CORE_DIGEST_H

#include "daemon/core.h"

/* What only phones of this model ("" or unknown: SHA-1) ask for. */
enum envelope_digest core_digest_of_model(const struct core *c, const char *model);

/* What everybody asks for: SHA-512 when each model among the added phones takes it. */
enum envelope_digest core_digest_shared(struct core *c);

/* The phones have changed: whether core_digest_shared says something else than the last time. */
bool core_digest_changed(struct core *c);

/* The settings have changed: it is found out anew. */
void core_digest_forget(struct core *c);

#endif
