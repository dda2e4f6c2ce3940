/*
 * backupjson: what an administrator is told about backups.
 */
#ifndef DAEMON_BACKUPJSON_H
#define DAEMON_BACKUPJSON_H

#include "daemon/core.h"

#include <jansson.h>

/* schedule: null, or folder, made, next, failed, trouble of those by [backup]. made and
 * keys_changed: times or null; alarm: a line while no good backup has the keys as they are, else
 * null. A new reference. */
must_use bool backupjson_of(const struct core *c, json_t **out, struct err *e);

#endif
