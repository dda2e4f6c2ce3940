/*
 * command_profiles: what the commands of profiles and their plan share.
 */
#ifndef DAEMON_COMMAND_PROFILES_H
#define DAEMON_COMMAND_PROFILES_H

#include "rules/profile.h"

#include <jansson.h>

struct store;

/* Gives a profile that must be there, or with fresh must not, these settings. Inside a transaction.
 * Errors: ERR_UNKNOWN, ERR_CONFLICT, and those of the settings. */
must_use bool command_profile_change(struct store *s, const char *name, const json_t *settings,
    bool fresh, struct profile *before, struct profile *after, struct err *e);

#endif
